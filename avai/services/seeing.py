"""What is seen in a video, analysed once: change between frames, shots, and looks at sampled frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.contracts import ClipInfo, Note, Shot, Transition
from avai.errors import RequestError
from avai.networks import registry
from avai.progress import Progress
from avai.services.ends import SURE, Ends, runs_of
from avai.services.greys import NO_GREYS, Gathering, Greys
from avai.services.recall import recall, remembered
from avai.services.spans import Stretch, closed, long_enough

if TYPE_CHECKING:
    from avai.networks.faces import Found

TINY = (48, 27)
SAMPLE = 320
USUAL = 27.0
"""Frames a second at which the networks judge where shots end; of faster films they see every second, third..."""
ONE_TRANSITION = 0.12
"""Seconds; two reports that are nearer are one, and shots that are mixed for less are not."""
OFTEN, MOST_LOOKS = 2.0, 1800
"""Frames a second that are looked at to find what is liked, and how many at most."""
FEW_LOOKS, APART = 60, 4.0
"""Looks that a film of up to four minutes gets for its first storyboard; seconds between two of a longer one."""
FADES = 0.6
"""A fade leaves less than this of the brightness of the darker shot, or of what the brighter one lacks of white."""
BATCH = 16
BLACK = 30.0
FLAT = 3.0
"""A tiny picture (0..255) without anything brighter is black; with less spread it is one colour."""
TURNED, FRONTAL = 0.6, 0.9
"""Scores of faces that are turned far away and of faces from the front (see the median scores of
``benchmarks/faces.py``)."""
LARGE = 0.25
"""A face of this part of the picture's shorter side is seen as well as any larger one."""


@dataclass(frozen=True)
class Looks:
    """Sampled frames as the networks see them; ``good`` is how good a still each is, ``blank`` whether it is black or
    of one colour, ``face`` how openly a face is seen, 0 to 1."""

    times: NDArray[np.float64]
    embedding: NDArray[np.float32]
    good: NDArray[np.float32]
    blank: NDArray[np.bool_]
    face: NDArray[np.float32]

    def those(self, which: NDArray[np.intp]) -> Looks:
        """Some of them, in the order of their indices ``which`` (m,)."""
        return Looks(self.times[which], self.embedding[which], self.good[which], self.blank[which], self.face[which])


NOTHING = Looks(
    np.zeros(0), np.zeros((0, 1280), np.float32), np.zeros(0, np.float32), np.zeros(0, bool), np.zeros(0, np.float32)
)


@dataclass(frozen=True)
class Change:
    """Per frame: its time, mean absolute change against the frame before, mean brightness; all of 0..255."""

    times: NDArray[np.float64]
    moved: NDArray[np.float32]
    bright: NDArray[np.float32]
    cut: NDArray[np.float32]
    """Probability that a shot ends with the frame."""
    mixed: NDArray[np.float32]
    """Probability that the frame is part of a dissolve, fade or wipe."""
    looks: Looks
    """Looks at about a frame a second."""
    notes: tuple[Note, ...] = ()
    greys: Greys = NO_GREYS
    """Small grey pictures, up to four a second."""

    def motion(self) -> NDArray[np.float32]:
        """``moved``, and 0 where one shot passes into the next."""
        return np.where(np.maximum(self.cut, self.mixed) > 0.1, np.float32(0), self.moved)

    def rate(self) -> float:
        """Frames a second."""
        return 1.0 / float(np.median(np.diff(self.times))) if len(self.times) > 1 else 25.0


def video_of(clip: Path) -> ClipInfo:
    """What the clip is; a ``RequestError`` when it has no moving picture."""
    info = media.probe(clip)
    if info.kind == "picture":
        raise RequestError("media.is_picture")
    if info.video is None:
        raise RequestError("summarize_note.no_picture")
    return info


def picture_span(info: ClipInfo) -> Stretch:
    """Where a video has picture, from the common start; sound may begin before it and end after it."""
    assert info.video
    return info.video.start, info.video.start + info.video.duration


def watch(clip: Path, info: ClipInfo, progress: Progress) -> Change:
    """Decode every frame once, tiny, and find where shots end; remembered. ``media.damaged`` when none is whole."""
    find = partial(_watched, clip, info, progress)
    return recall(clip, ("watch",), find, partial(progress, 0.0, "doing.watching"))


def was_watched(clip: Path, progress: Progress) -> bool:
    """Whether ``watch`` would answer at once."""
    return remembered(clip, ("watch",), partial(progress, 0.0, "doing.watching"))


def _watched(clip: Path, info: ClipInfo, progress: Progress) -> Change:
    end = picture_span(info)[1]
    rate = info.video.rate if info.video else USUAL
    step = max(round(rate / USUAL), 1)
    times: list[float] = []
    moved: list[float] = []
    bright: list[float] = []
    before: NDArray[np.int16] | None = None
    check = media.PictureCheck()

    def here() -> None:
        progress(times[-1] / max(end, 0.1), "doing.watching")

    ends, looks, greys = Ends(here), _Looking(), Gathering(end)
    for frame, larger in media.frames_twice(clip, TINY, SAMPLE, look_rate(end), check):
        now = frame.image.astype(np.int16)
        moved.append(0.0 if before is None else float(np.abs(now - before).mean()))
        bright.append(float(now.mean()))
        before = now
        times.append(float(frame.time))
        greys.see(times[-1], frame.image)
        if (len(times) - 1) % step == 0:
            ends.see(frame.image)
        if larger:
            looks.see(larger)
        if len(times) % 25 == 0:
            here()
    seen = looks.all()
    if not len(seen.times):
        raise RequestError("media.damaged")
    change = np.asarray(moved, np.float32)
    judged = np.repeat(ends.all(), step, axis=0)[: len(times)]
    return Change(
        np.asarray(times, np.float64),
        change,
        np.asarray(bright, np.float32),
        _placed(judged[:, 0], change, step),
        judged[:, 1],
        seen,
        check.notes(),
        greys.all(),
    )


def _placed(cut: NDArray[np.float32], moved: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """What was said of every ``step``-th frame, put where the picture changes most before the next such frame."""
    placed = np.zeros_like(cut)
    for start in range(0, len(cut), step):
        after = moved[start + 1 : start + step + 1]
        placed[start + (int(after.argmax()) if len(after) else 0)] = cut[start]
    return placed


@dataclass(frozen=True)
class _Edge:
    """The first and the last moment of a transition, the same for a cut."""

    start: float
    end: float
    kind: Transition
    sure: float

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


def shots(change: Change, duration: float) -> tuple[Shot, ...]:
    """Shots that tile [0, duration). The edge of a dissolve, fade or wipe is its middle.

    Frames in which shots are mixed are one transition, whatever cuts are seen among them or just beside.
    """
    times = change.times
    edges: list[_Edge] = []
    slow = [(float(times[a]), float(times[min(b, len(times) - 1)])) for a, b in runs_of(change.mixed >= SURE)]
    for start, end in long_enough(closed(slow, ONE_TRANSITION), ONE_TRANSITION):
        first, last = (int(at) for at in np.searchsorted(times, (start, end)))
        around = float(change.bright[max(first - 1, 0)]), float(change.bright[min(last, len(times) - 1)])
        kind = _kind(around[0], change.bright[first:last], around[1])
        edges.append(_Edge(start, end, kind, float(change.mixed[first:last].max())))
    for at in np.flatnonzero(change.cut[:-1] >= SURE):
        time, sure = float(times[at + 1]), float(change.cut[at])
        near = [edge for edge in edges if edge.start - ONE_TRANSITION < time < edge.end + ONE_TRANSITION]
        if all(edge.kind == "cut" and edge.sure < sure for edge in near):
            edges = [edge for edge in edges if edge not in near]
            edges.append(_Edge(time, time, "cut", sure))
    edges = sorted((edge for edge in edges if 0 < edge.middle < duration), key=lambda edge: edge.middle)
    bounds = [0.0, *(edge.middle for edge in edges), duration]
    return tuple(
        Shot(
            start=round(start, 4),
            end=round(end, 4),
            transition=edge.kind,
            lasts=round(edge.end - edge.start, 4),
            confidence=round(edge.sure, 3),
        )
        for start, end, edge in zip(bounds[:-1], bounds[1:], [_Edge(0.0, 0.0, "start", 1.0), *edges], strict=True)
    )


def _kind(before: float, bright: NDArray[np.float32], after: float) -> Transition:
    """A fade is darker, or brighter, in its midst than both shots; a dissolve is between them."""
    darkest, brightest = float(bright.min()), float(bright.max())
    dark, light = min(before, after), max(before, after)
    return "fade" if darkest < FADES * dark or 255 - brightest < FADES * (255 - light) else "dissolve"


def look(clip: Path, duration: float, progress: Progress) -> Looks:
    """Looks at key frames, a second apart in a short film and ``APART`` in a long one; remembered.

    Key frames alone take a twentieth of a full decode, and encoders put them where shots begin. A film may have few,
    or one alone; of a damaged one none may be whole.
    """
    find = partial(_looks, clip, duration, progress)
    return recall(clip, ("look", duration), find, partial(progress, 0.0, "doing.looking"))


def _looks(clip: Path, duration: float, progress: Progress) -> Looks:
    looks = _Looking()
    try:
        for frame in media.frames(clip, size=SAMPLE, keys_only=True, apart=min(duration / FEW_LOOKS, APART)):
            progress(float(frame.time) / max(duration, 0.1), "doing.looking")
            looks.see(frame)
    except RequestError as error:
        if error.key != "media.damaged":
            raise
        return NOTHING  # what follows a damaged key frame may be readable all the same
    return looks.all()


def look_rate(duration: float) -> float:
    """How many frames a second are looked at while all are watched: one, fewer in a film of more than half an hour."""
    return min(1.0, MOST_LOOKS / max(duration, 1.0))


def look_often(clip: Path, duration: float, progress: Progress) -> Looks:
    """Looks at ``OFTEN`` frames a second, fewer where that would be more than ``MOST_LOOKS``."""
    looks = _Looking()
    for frame in media.frames(clip, size=SAMPLE, rate=min(OFTEN, MOST_LOOKS / max(duration, 1.0))):
        progress(float(frame.time) / max(duration, 0.1), "doing.looking")
        looks.see(frame)
    return looks.all()


class _Looking:
    """Shows frames to the network, a batch at a time."""

    def __init__(self) -> None:
        self._waiting: list[media.Frame] = []
        self._found: list[Looks] = []

    def see(self, frame: media.Frame) -> None:
        self._waiting.append(frame)
        if len(self._waiting) == BATCH:
            self._look()

    def all(self) -> Looks:
        if self._waiting:
            self._look()
        return together(self._found or [NOTHING])

    def _look(self) -> None:
        self._found.append(looked(self._waiting))
        self._waiting = []


def together(looks: Sequence[Looks]) -> Looks:
    """All of the looks, in order of time, each frame once."""
    found = Looks(
        np.concatenate([part.times for part in looks]),
        np.concatenate([part.embedding for part in looks]),
        np.concatenate([part.good for part in looks]),
        np.concatenate([part.blank for part in looks]),
        np.concatenate([part.face for part in looks]),
    )
    return found.those(np.unique(found.times, return_index=True)[1])


def looked(batch: list[media.Frame]) -> Looks:
    """One batch of frames as the networks see it."""
    images = np.stack([frame.image for frame in batch])
    seen = registry.frame().look(images)
    return Looks(
        np.asarray([float(frame.time) for frame in batch]),
        seen.embedding,
        registry.still().good(seen.early),
        np.array([blank(frame.image) for frame in batch]),
        np.array([openness(found, images[0].shape) for found in registry.faces().find(images)], np.float32),
    )


def openness(found: Found, shape: tuple[int, ...]) -> float:
    """How openly a face is seen in a picture of this shape (height, width, ...), 0 to 1: of the best seen one, how much
    it is turned this way, times how large it is."""
    height, width = shape[:2]
    turned = np.clip((found.scores - TURNED) / (FRONTAL - TURNED), 0, 1)
    tall = (found.boxes[:, 3] - found.boxes[:, 1]) * height / min(height, width)
    return float((turned * np.minimum(tall / LARGE, 1)).max(initial=0.0))


def blank(image: NDArray[np.uint8]) -> bool:
    """Whether a picture shows nothing: no part of it is bright, or all of it is alike. A planet in the night is not."""
    tiny = cv2.resize(image, TINY, interpolation=cv2.INTER_AREA)
    return bool(tiny.max() < BLACK or tiny.std(axis=(0, 1)).max() < FLAT)  # by channel: colours are flat too


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of length one, so that a dot product is a cosine."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)


def storyboard(
    pictures: list[tuple[float, NDArray[np.uint8]]], columns: int = 3, width: int = 480
) -> NDArray[np.uint8]:
    """One grid of pictures with their timecodes, to share."""
    columns = min(columns, len(pictures))
    height = round(width * pictures[0][1].shape[0] / pictures[0][1].shape[1])
    gap = 8
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, 3), 24, np.uint8)
    for number, (time, image) in enumerate(pictures):
        y = gap + number // columns * (height + gap)
        x = gap + number % columns * (width + gap)
        tile = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        text = timecode(time)
        (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
        cv2.rectangle(tile, (0, height - tall - 14), (wide + 16, height), (0, 0, 0), cv2.FILLED)
        cv2.putText(tile, text, (8, height - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1, cv2.LINE_AA)
        sheet[y : y + height, x : x + width] = tile
    return sheet


def timecode(time: float) -> str:
    """``1:02:03.4``, hours only when there are any."""
    tenths = round(time * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes:02d}:{rest // 10:02d}.{rest % 10}" if hours else f"{minutes}:{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{clock}" if hours else clock
