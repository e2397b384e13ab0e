"""Where to look: the way of a crop's window that follows the subject of each shot, faces first, without haste."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.contracts import ClipInfo
from avai.networks import registry
from avai.networks.faces import Found
from avai.progress import Progress, quiet
from avai.services.spans import Stretch

Floats = NDArray[np.float64]

RATE = 2.0  # looks a second
SIDE = 320  # pixels of the longer side: faces of a tenth of the picture are found
BATCH = 16
TINY = 64
MOVED = 14.0
"""A pixel of a tiny grey picture that changes by more than this moves: noise changes by less."""
CAMERA = 0.4
"""Where more of the picture changes, the camera moves, or the light does: nothing in it is the subject."""
LEAST = 0.002
"""Where less changes, nothing moves."""
OFTEN = 0.25
"""A shot is of faces, or of what moves, when that is seen in this part of its looks."""
STILL = 0.12
"""A window stays where it is while its subject stays within this part of the picture about the middle of its ways."""
SOFT = 0.8  # seconds: the standard deviation of the smoothing
FASTEST = 0.25  # of the picture a second


@dataclass(frozen=True)
class Aim:
    """Where the subject is in one look: (x, y) in parts of the picture; NaN where it is not known."""

    time: float
    face: tuple[float, float]
    moving: tuple[float, float]


NOWHERE = (float("nan"), float("nan"))


def crop_path(
    clip: Path,
    info: ClipInfo,
    shape: Fraction,
    shots: Sequence[Stretch],
    kept: Sequence[Stretch] | None = None,
    progress: Progress = quiet,
) -> media.CropPath:
    """The way of a window of ``shape`` (width by height) over a video: its middle, in seconds of the clip.

    ``shots`` tile the video; the window jumps from one to the next, and within one moves smoothly, at most a quarter
    of the picture a second. It follows faces; where there are none, what moves before a camera that does not; else it
    stays in the middle. Only ``kept`` is looked at, all where it is None. Raises what ``media.frames`` raises.
    """
    assert info.video
    window = _window(info.video.width / info.video.height, float(shape))
    end = info.video.start + info.video.duration
    aims: list[Aim] = []
    stretches = kept if kept is not None else [(0.0, end)]
    total = sum(b - a for a, b in stretches)
    before = 0.0
    for start, stop in stretches:
        for aim in _aims(clip, start, stop, shots, window):
            aims.append(aim)
            progress((before + aim.time - start) / max(total, 0.1), "doing.framing")
        before += stop - start
    points: list[tuple[float, float, float]] = []
    for start, stop in shots:
        inside = [aim for aim in aims if start <= aim.time < stop]
        if inside or kept is None:
            points += _way(inside, start, stop, window)
    return media.CropPath(tuple(points)) if points else media.CropPath()


def _window(picture: float, shape: float) -> tuple[float, float]:
    """Width and height of the largest window of a shape, in parts of the picture."""
    return min(shape / picture, 1.0), min(picture / shape, 1.0)


def _aims(clip: Path, start: float, end: float, shots: Sequence[Stretch], window: tuple[float, float]) -> Iterator[Aim]:
    """Looks at a stretch."""
    cuts = np.array([shot[0] for shot in shots])
    before: tuple[int, NDArray[np.float32]] | None = None
    batch: list[tuple[float, NDArray[np.uint8], tuple[float, float]]] = []
    for frame in media.frames(clip, size=SIDE, rate=RATE, start=start, end=end):
        time = float(frame.time)
        shot = int(np.searchsorted(cuts, time + 1e-6))
        tiny = _tiny(frame.image)
        moving = moves(before[1], tiny) if before is not None and before[0] == shot else NOWHERE
        before = shot, tiny
        batch.append((time, frame.image, moving))
        if len(batch) == BATCH:
            yield from _looked(batch, window)
            batch = []
    yield from _looked(batch, window)


def _looked(
    batch: list[tuple[float, NDArray[np.uint8], tuple[float, float]]], window: tuple[float, float]
) -> Iterator[Aim]:
    if batch:
        found = registry.faces().find([image for _, image, _ in batch])
        for (time, _, moving), faces in zip(batch, found, strict=True):
            yield Aim(time, seen(faces, window), moving)


def _tiny(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = image.shape[:2]
    scale = TINY / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    grey = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, np.float32)


def seen(found: Found, window: tuple[float, float]) -> tuple[float, float]:
    """The middle of the faces, larger ones counting more; of the largest alone when they do not fit the window."""
    if not len(found.boxes):
        return NOWHERE
    boxes = found.boxes.astype(float)
    sizes = np.maximum(boxes[:, 3] - boxes[:, 1], 1e-3) * found.scores
    large = boxes[sizes > 0.5 * sizes.max()]
    low, high = large[:, :2].min(axis=0), large[:, 2:].max(axis=0)
    if ((high - low) > window).any():
        low, high = boxes[sizes.argmax(), :2], boxes[sizes.argmax(), 2:]
    middle = (low + high) / 2
    return float(middle[0]), float(middle[1])


def moves(one: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[float, float]:
    """The middle (the median along each side) of what differs between two tiny grey pictures; NaN where next to
    nothing does, or so much that it is the camera."""
    changed = np.abs(other - one)
    changed[changed < MOVED] = 0
    if not LEAST <= (changed > 0).mean() <= CAMERA:
        return NOWHERE
    places = []
    for axis in (0, 1):
        along = np.cumsum(changed.sum(axis=axis))
        places.append((int(np.searchsorted(along, along[-1] / 2)) + 0.5) / len(along))
    return places[0], places[1]


def _way(
    aims: Sequence[Aim], start: float, end: float, window: tuple[float, float]
) -> list[tuple[float, float, float]]:
    """The points of a shot: of faces if they are seen in it, else of what moves, else its middle."""
    times = np.array([aim.time for aim in aims])
    middle = [(start, 0.5, 0.5), (end, 0.5, 0.5)]
    for places in (np.array([aim.face for aim in aims]), np.array([aim.moving for aim in aims])):
        known = ~np.isnan(places).any(axis=1) if len(places) else np.zeros(0, bool)
        if known.any() and known.mean() >= OFTEN:
            moments = np.unique(np.clip(np.concatenate(([start], np.arange(start, end, 1 / RATE), [end])), start, end))
            across = _smooth(times[known], places[known, 0], moments, window[0])
            down = _smooth(times[known], places[known, 1], moments, window[1])
            return list(zip(moments.tolist(), across.tolist(), down.tolist(), strict=True))
    return middle


def _smooth(times: Floats, places: Floats, moments: Floats, window: float) -> Floats:
    """Where the middle of the window is at ``moments``: still where the subject keeps near one place, else behind it
    softly, never so near an edge that the window would leave the picture."""
    low, high = window / 2, 1 - window / 2
    if low >= high:
        return np.full(len(moments), 0.5)
    padded = np.pad(places, 1, mode="edge")
    calm = np.clip(np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0), low, high)  # no single false look
    if np.percentile(calm, 95) - np.percentile(calm, 5) <= STILL:
        return np.full(len(moments), float(np.median(calm)))
    weights = np.exp(-0.5 * ((moments[:, None] - times[None, :]) / SOFT) ** 2) + 1e-12
    soft = (weights * calm).sum(axis=1) / weights.sum(axis=1)
    nearest = np.interp(moments, times, calm)
    soft = np.where(weights.sum(axis=1) < 0.1, nearest, soft)  # nothing is known near: the line between what is
    there, back = _limited(soft, moments), _limited(soft[::-1], moments[::-1])[::-1]
    return np.asarray((there + back) / 2, np.float64)  # neither late nor early


def _limited(places: Floats, moments: Floats) -> Floats:
    """The places, none farther from the one before than can be reached."""
    made = places.copy()
    for at in range(1, len(made)):
        reach = FASTEST * abs(float(moments[at] - moments[at - 1]))
        made[at] = min(max(made[at], made[at - 1] - reach), made[at - 1] + reach)
    return made
