"""What each codec and quality of a rendered file costs and keeps: time, size, and nearness to the source.

    python benchmarks/forms.py [SECONDS] [VIDEO ...]

The first seconds of real videos (of gradio's package, and of the shared films where they are), scaled to 720 lines at
most, in every form. ``dB`` is PSNR over all pixels of all frames against the same frames of the source. ``good`` was
chosen so that all codecs are about as near as H.264 at 20, presets so that none takes more than a few times as long.
"""

from __future__ import annotations

import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import get_args

import numpy as np
from report import head

from avai import media
from avai.media.form import Quality
from training import real

SHARED = ("film_tears_of_steel_battle.webm", "film_sintel_trailer.mp4", "talk_webcam_art_critic.mp4")


def psnr(one: Path, other: Path) -> float:
    """Decibels over all pixels of the frames that both have."""
    errors = [
        float(np.mean((a.image.astype(np.float32) - b.image) ** 2))
        for a, b in zip(media.frames(one), media.frames(other), strict=False)
    ]
    return float(10 * np.log10(255**2 / max(float(np.mean(errors)), 1e-9)))


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    films = [Path(name) for name in sys.argv[2:]] or [real.media() / "videos" / "world.mp4"]
    if not sys.argv[2:] and real.shared().exists():
        films += [real.shared() / "media" / name for name in SHARED]
    head("Forms", "av", "numpy")
    for film in films:
        end = media.snap(film, [seconds])[0]
        print(film.name)
        with tempfile.TemporaryDirectory() as folder:
            clean = Path(folder) / "clean.mp4"
            track = media.joined(film, [(media.frame_times(film).times[0], end)])
            media.render(media.Timeline(track), clean, form=media.Form(side=720), crf=4, preset="ultrafast")
            whole = media.joined(clean, [(Fraction(0), media.frame_times(clean).end)])
            for codec in media.codecs():
                for quality in get_args(Quality):
                    out = Path(folder) / "out.mp4"
                    began = time.perf_counter()
                    media.render(media.Timeline(whole), out, form=media.Form(codec, quality))
                    took = time.perf_counter() - began
                    size = out.stat().st_size / 1e6
                    print(
                        f"  {codec:5s} {quality:6s} {took:6.1f} s  {size:7.2f} MB  {psnr(out, clean):5.2f} dB",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
