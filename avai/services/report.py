"""A summary as one HTML file to keep or to send: pictures, curve, chapters, shots, in English and Chinese."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from avai import media, words
from avai.contracts import ClipInfo, Summary
from avai.exchange import clock
from avai.media.writing import written
from avai.services.chapters import named
from avai.services.naming import shown
from avai.services.seeing import timecode

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
SIZES = ((640, 82), (640, 65), (480, 60), (320, 50))
"""Longer side and quality of the pictures, until all of them together are small enough."""
MOST_BYTES = 900_000
POINTS = 500
MARKS = 8
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


def write_report(
    clip: Path, info: ClipInfo, summary: Summary, folder: Path, out: Path, *, language: str = "en"
) -> None:
    """Write ``out``: one page that loads nothing and runs no script, at most 3 MB. ``folder`` has the summary's files.

    It has both languages; ``language`` is the one that it opens in. Whatever a file says is escaped.
    """
    duration = max(summary.duration, 0.001)
    video, sound = info.video, info.audio[0] if info.audio else None
    assert video
    pictures = _pictures([folder / each.file for each in summary.pictures])
    preview = folder / "preview.webp"
    page = TEMPLATES.get_template("report.html").render(
        language=language,
        title=shown(clip),
        picture=f"{video.width} × {video.height}, {video.rate:.4g} fps, {video.codec}",
        sound=sound,
        sound_kind={1: "ui.mono", 2: "ui.stereo"}.get(sound.channels if sound else 0, "ui.channels"),
        sound_line=f"{sound.rate / 1000:.4g} kHz, {sound.codec}" if sound else "",
        size=f"{info.bytes / 1e6:.1f} MB",
        facts=[
            ("ui.head.length", timecode(duration)),
            ("report.skim", timecode(summary.skim.duration)),
            ("report.shots", len(summary.shots)),
            ("report.chapters", len(summary.chapters)),
        ],
        summary=summary,
        upright=video.height > video.width,
        pictures=list(zip(summary.pictures, pictures, strict=True)),
        preview=_inline(preview.read_bytes(), "webp") if preview.is_file() else "",
        curve=_curve(summary.curve),
        axis=_marks(duration),
        share=partial(_share, duration),
        clock=timecode,
        minutes=clock,
        name=named,
        text=words.say,
        tone=_tone,
    )
    with written(out) as part:
        part.write_text(page, encoding="utf-8")


def _pictures(files: Sequence[Path]) -> list[str]:
    made: list[str] = []
    for side, quality in SIZES:
        small = [media.jpeg(media.still(file, side), quality) for file in files]
        made = [_inline(data, "jpeg") for data in small]
        if sum(map(len, small)) <= MOST_BYTES:
            break
    return made


def _inline(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(data).decode()}"


def _curve(values: Sequence[float]) -> str:
    """The curve as points of a path in a box of 1000 by 100, its highest in each of at most ``POINTS`` steps."""
    tops = [float(part.max()) for part in np.array_split(np.array(values or (0.0,)), min(len(values) or 1, POINTS))]
    places = np.linspace(0, 1000, max(len(tops), 2))
    tops = tops * 2 if len(tops) == 1 else tops
    return "L".join(f"{x:.1f} {96 - 90 * top:.1f}" for x, top in zip(places, tops, strict=True))


def _marks(duration: float) -> list[float]:
    """Round times along the video, at most ``MARKS`` where it is no longer than hours."""
    step = next((step for step in STEPS if duration / step < MARKS), STEPS[-1])
    return np.arange(0, duration, step).tolist()


def _share(duration: float, seconds: float) -> float:
    """A time in hundredths of the video."""
    return round(min(max(100 * seconds / duration, 0.0), 100.0), 3)


def _tone(label: str) -> str:
    """The colour of a chapter: that of the layer to which what is in front belongs."""
    front = label.partition("_over_")[0]
    return front if front in ("speech", "music", "silence") else "other"
