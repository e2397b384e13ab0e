"""Picture and sound of an hour-long cut: are they together at its end, and is nothing heard of what was dropped?

    python benchmarks/sync.py [RATE ...] [--minutes 60] [--pieces 500]

A film of flashes, a beep with each, is made at 25, 29.97 and 59.94 frames a second and with frames 33 to 167 ms long,
cut into 500 pieces that keep an hour, and rendered. What is kept hums, what is dropped whistles at 5 kHz. Times are the
most of all flashes; ``whistle`` is what is heard of it within 20 ms of a cut, beside what it was; ``jump`` the
largest second difference of samples within 10 ms of a cut, the hum's own being 1 (a click of full scale is 6000).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from flashes import BEATS, cut, measured, plan, write
from report import head

from avai import media


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rates", nargs="*", help=f"of {', '.join(BEATS)}")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--pieces", type=int, default=500)
    asked = parser.parse_args()
    head("Sync", "av", "numpy")
    print(
        "frames  pieces  seconds  flashes  missing  apart, at the end  picture   sound     whistle  jump  rendered in"
    )
    for name in asked.rates or BEATS:
        made = plan(BEATS[name], asked.pieces, 60 * asked.minutes / asked.pieces)
        with tempfile.TemporaryDirectory() as folder:
            source = write(made, Path(folder) / "source.mov")
            track = cut(made, source)
            began = time.perf_counter()
            media.render(media.Timeline(track, track), Path(folder) / "out.mp4")
            took = time.perf_counter() - began
            found = measured(made, track, Path(folder) / "out.mp4")
        print(
            f"{name:6s} {len(made.kept):7d} {float(track.length):8.1f} {found.flashes:8d} {found.missing:8d}"
            f" {found.apart:5.2f}, {found.at_end:5.2f} ms   {found.picture:5.2f} ms {found.sound:5.2f} ms"
            f" {found.left_db:6.0f} dB {found.step:5.1f} {took:8.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
