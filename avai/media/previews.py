"""Small things to look at: a copy that every browser plays, the peaks of the sound, a strip of pictures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avai.contracts import ClipInfo
from avai.media.clock import frame_times
from avai.media.geometry import fitted, geometry
from avai.media.picture_track import Clip
from avai.media.pictures import Painter
from avai.media.probing import probe
from avai.media.rendering import render
from avai.media.sound import SoundReader
from avai.media.stills import write_jpeg
from avai.media.timeline import Piece, Timeline, Track
from avai.progress import Progress, quiet

PREVIEW_SIDE = 640
PREVIEW_RATE = 30
NEAR_KEY = 0.5  # of a tile's stretch: a key frame this near to its middle is taken for it, being cheap to decode


def preview(path: Path | str, out: Path, progress: Progress = quiet) -> bool:
    """Write a small copy of a clip to ``out`` that every browser plays; False when there is neither picture nor sound.

    ``out`` is .mp4, or .m4a for a sound. The longer side is at most 640, the rate at most 30 a second.
    Raises ``RequestError`` as ``probe`` and ``render`` do.
    """
    path = Path(path)
    info = probe(path)
    if info.kind == "picture":
        return False
    picture, size, rate = Track(), None, None
    if info.video is not None:
        start = Fraction(info.video.start)
        end = frame_times(path).end
        picture = Track((Piece(path, start, end, start),))
        size = fitted(info.video.width, info.video.height, PREVIEW_SIDE)
        rate = Fraction(PREVIEW_RATE) if info.video.rate > PREVIEW_RATE + 1 else None
    render(Timeline(picture, _whole_sound(path, info), size, rate), out, progress, crf=26, preset="ultrafast")
    return True


def _whole_sound(path: Path, info: ClipInfo) -> Track:
    if not info.audio:
        return Track()
    length = Fraction(info.audio[0].start + info.audio[0].duration)
    return Track((Piece(path, Fraction(0), length, Fraction(0), Fraction(0), Fraction(0)),))


def peaks(path: Path | str, count: int, progress: Progress = quiet) -> list[float]:
    """The largest absolute value of the sound in each of ``count`` equal stretches of the clip's duration, 0 to 1.

    Raises ``RequestError``: ``media.no_sound``, and what ``probe`` raises.
    """
    path = Path(path)
    length = probe(path).duration
    highest = np.zeros(max(count, 1), np.float32)
    with SoundReader(path, mono=True) as reader:
        total = max(1, round(length * reader.rate))
        position = 0
        for block in reader.blocks(0, total):
            place = (position + np.arange(len(block))) * len(highest) // total
            starts = np.flatnonzero(np.diff(place, prepend=-1))
            loudest = np.maximum.reduceat(np.abs(block[:, 0]), starts)
            highest[place[starts]] = np.maximum(highest[place[starts]], loudest)
            position += len(block)
            progress(position / total, "job.drawing")
    return [float(value) for value in highest]


def filmstrip(path: Path | str, out: Path, tiles: int = 24, height: int = 72, progress: Progress = quiet) -> int:
    """Write one JPEG of ``tiles`` equal pictures side by side, each of the middle of its stretch; gives their number.

    A key frame near a middle stands for it. Raises ``RequestError`` as ``frames`` does.
    """
    path = Path(path)
    times = frame_times(path)
    first = times.times[0] if times.times else Fraction(0)
    stretch = (times.end - first) / tiles
    made: list[NDArray[np.uint8]] = []
    painter: Painter | None = None
    with Clip(path, times, side=2 * height) as clip:
        for number in range(tiles):
            progress(number / tiles, "job.drawing")
            middle = first + (number + Fraction(1, 2)) * stretch
            near = times.key_before(middle + stretch * Fraction(NEAR_KEY))
            wanted = near if near is not None and abs(near - middle) <= stretch * Fraction(NEAR_KEY) else middle
            start = max(wanted, Fraction(0))
            _, frame = next(clip.stretch(start, start))
            if painter is None:
                shape = geometry(clip.stream, frame)
                painter = Painter(shape, (max(1, round(height * Fraction(shape.width, shape.height))), height))
            made.append(painter.paint(frame))
    write_jpeg(out, np.concatenate(made, axis=1), quality=80)
    return len(made)
