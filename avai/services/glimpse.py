"""A few seconds of a film's pieces in a small picture that moves, for a page or a message."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path

import numpy as np

from avai import media
from avai.media.writing import written
from avai.progress import Progress
from avai.services.spans import Stretch

SIDE = 320
RATE = 6.0
SECONDS = 6.0
MOST_PARTS = 8
LONGEST_PART = 5.0
"""A longer piece is shown at several places."""
MOST_BYTES = 700_000
QUALITIES = (60, 40, 20, 5)


def glimpse(film: Path, pieces: Sequence[Stretch], out: Path, progress: Progress) -> None:
    """Write ``out``, a looping WebP of how the pieces of ``film`` begin: at most 320 pixels on the longer side, six
    pictures a second for six seconds, 0.7 MB.

    Raises ``RequestError`` as ``media.frames`` does.
    """
    parts = _parts(pieces)
    images = []
    for number, (start, end) in enumerate(parts):
        progress(number / len(parts), "doing.writing_preview")
        lasts = min(end - start, SECONDS / len(parts))
        images += [frame.image for frame in media.frames(film, size=SIDE, rate=RATE, start=start, end=start + lasts)]
    if not images:  # a moment between two frames
        images = [media.frame_at(film, pieces[0][0], SIDE).image]
    with written(out) as part:
        for quality in QUALITIES:
            data = media.webp(images[: round(RATE * SECONDS)], RATE, quality)
            if len(data) <= MOST_BYTES:
                break
        part.write_bytes(data)


def _parts(pieces: Sequence[Stretch]) -> list[Stretch]:
    """The pieces, long ones divided, or as many of them, evenly, as can be told apart."""
    parts: list[Stretch] = []
    for start, end in pieces:
        edges = np.linspace(start, end, ceil((end - start) / LONGEST_PART) + 1)
        parts += zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    wanted = np.linspace(0, len(parts) - 1, min(len(parts), MOST_PARTS)).round()
    return [parts[int(number)] for number in wanted]
