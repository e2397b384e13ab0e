"""What is seen in a video, analysed once: change between frames, shots, and looks at sampled frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from avai.services.patience import waited
from avai.services.recall import recall
from avai.services.spans import Stretch, runs

if TYPE_CHECKING:
    from avai.networks.faces import Found

TINY = (48, 27)
SAMPLE = 320
LAG = 6
"""Frames to each side over which a slow change is looked for."""
CONTEXT = 50
"""Frames that are held on each side of those being judged."""
AROUND = 25
"""Frames on each side of a doubtful one that the shot network is given."""
SURE = 0.5
OFTEN, MOST_LOOKS = 2.0, 1800
"""Frames a second that are looked at to find what is liked, and how many at most."""
BLACK = 30.0
FLAT = 3.0
"""A tiny picture (0..255) without anything brighter is black; with less spread it is one colour."""
TURNED, FRONTAL = 0.6, 0.9
"""Scores of faces that are turned far away and of faces from the front (see the median scores of
``benchmarks/faces.py``)."""
LARGE = 0.25
"""A face of this part of the picture's shorter side is seen as well as any larger one."""


@dataclass(frozen=True)
class Change:
    """Per frame: its time, mean absolute change against the frame before, mean brightness; all of 0..255."""

    times: NDArray[np.float64]
    moved: NDArray[np.float32]
    bright: NDArray[np.float32]
    joint: NDArray[np.float32]
    """The shot network's probability that a shot ends at the frame; 0 where it was not asked."""
    notes: tuple[Note, ...] = ()

    def rate(self) -> float:
        """Frames a second."""
        return 1.0 / float(np.median(np.diff(self.times))) if len(self.times) > 1 else 25.0


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


def watch(clip: Path, duration: float, progress: Progress) -> Change:
    """Decode every frame once, tiny, and ask the shot network only where the picture changes; remembered."""
    find = partial(_watched, clip, duration, progress)
    return recall(clip, ("watch", duration), find, partial(progress, 0.0, "doing.watching"))


def _watched(clip: Path, duration: float, progress: Progress) -> Change:
    """Frames are held for a few hundred at a time, so memory does not grow with length."""
    times: list[float] = []
    moved: list[float] = []
    bright: list[float] = []
    joint: list[NDArray[np.float32]] = []
    held: list[NDArray[np.uint8]] = []
    old = 0
    check = media.PictureCheck()

    def here() -> None:
        progress(times[-1] / max(duration, 0.1), "doing.watching")

    for frame in media.frames(clip, size=TINY):
        check.see(frame.image)
        now = frame.image.astype(np.int16)
        moved.append(float(np.abs(now - held[-1]).mean()) if held else 0.0)
        bright.append(float(now.mean()))
        times.append(float(frame.time))
        held.append(frame.image)
        if len(held) - old >= 400 + CONTEXT:
            fresh = len(held) - CONTEXT
            joint.append(_asked(held, here)[old:fresh])
            held = held[fresh - CONTEXT :]
            old = CONTEXT
        if len(times) % 25 == 0:
            here()
    if held:
        joint.append(_asked(held, here)[old:])
    return Change(
        np.asarray(times, np.float64),
        np.asarray(moved, np.float32),
        np.asarray(bright, np.float32),
        np.concatenate(joint) if joint else np.zeros(0, np.float32),
        check.notes(),
    )


def _asked(images: list[NDArray[np.uint8]], report: Callable[[], None]) -> NDArray[np.float32]:
    """Probability that a shot ends at each frame.

    A jump that stands alone and lasts is a cut, and nobody is asked; the shot network sees only the surroundings of
    smaller jumps and of slow changes. Elsewhere it is 0.
    """
    stack = np.stack(images)
    clear, doubtful = jumps(stack)
    answer = np.zeros(len(stack), np.float32)
    for start, end in runs(_widened(doubtful, AROUND), 1):
        a, b = int(start), int(end)
        answer[a:b] = waited(partial(registry.shots().transitions, stack[a:b]), report)
    answer = np.where(_widened(doubtful, 3), answer, 0).astype(np.float32)
    answer[np.flatnonzero(clear) - 1] = 1.0
    return answer


def jumps(stack: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of tiny pictures (n, h, w, 3): the frames that clearly begin a shot, and those about which there is doubt.

    A jump is clear when it is 3.5 times any neighbouring one and the pictures before and after it stay as different; a
    smaller one is doubtful. So is a slow change in which each picture is the mean of the one before and after, as in
    dissolves and fades and unlike motion. The thresholds were chosen on the films that ``benchmarks/shots.py`` reports.
    """
    flat = stack.reshape(len(stack), -1).astype(np.float32)
    count = len(flat)
    moved = np.concatenate([[0.0], np.abs(np.diff(flat, axis=0)).mean(axis=1)])
    clear, doubtful = np.zeros(count, bool), np.zeros(count, bool)
    for index in np.flatnonzero(moved >= 8):
        around = np.concatenate([moved[max(1, index - 5) : index], moved[index + 1 : index + 6]])
        if not around.size:
            doubtful[index] = True
            continue
        lasting = np.abs(flat[max(0, index - 4) : index].mean(axis=0) - flat[index : index + 4].mean(axis=0)).mean()
        if moved[index] >= 15 and moved[index] >= 3.5 * around.max() and lasting >= 0.7 * moved[index]:
            clear[index] = True
        elif moved[index] >= 1.6 * np.median(around):
            doubtful[index] = True
    before = np.concatenate([np.repeat(flat[:1], LAG, axis=0), flat])[:count]
    after = np.concatenate([flat, np.repeat(flat[-1:], LAG, axis=0)])[-count:]
    change = np.abs(after - before).mean(axis=1)
    bent = np.abs(flat - (before + after) / 2).mean(axis=1)
    slow = (change >= 12) & (bent <= 0.3 * change) & ~_widened(clear, LAG + 1)
    return clear, doubtful | slow


def _widened(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    return (
        np.convolve(mask, np.ones(2 * by + 1), mode="same")[: len(mask)] > 0
        if len(mask) > 2 * by
        else (np.full(len(mask), bool(mask.any())))
    )


def shots(change: Change, duration: float) -> tuple[Shot, ...]:
    """Shots that tile [0, duration). The edge of a dissolve or fade is its midpoint.

    A run of frames at which the network expects an end is one transition; in a short one the edge is the frame that
    differs most from the one before.
    """
    edges: list[tuple[float, Transition, float]] = []
    for start, end in runs(change.joint >= SURE, 1):
        a, b = int(start), int(end)
        last = min(b, len(change.times) - 1)
        sure = float(change.joint[a:b].max())
        if b - a <= 3:
            index = a + int(np.argmax(change.moved[a : last + 1]))
            index = min(max(index, 1), len(change.times) - 1)
            edges.append((float(change.times[index]), "cut", sure))
        else:
            dark = change.bright[max(a - 2, 0) : last + 3]
            kind: Transition = "fade" if dark.min() < 12 or dark.max() > 243 else "dissolve"
            edges.append((float(change.times[a] + change.times[last]) / 2, kind, sure))
    kept: list[tuple[float, Transition, float]] = []
    for edge in edges:
        if kept and edge[0] - kept[-1][0] < 3.5 / change.rate() and edge[1] != "cut":
            continue
        kept.append(edge)
    kept = [edge for edge in kept if 0 < edge[0] < duration]
    bounds = [0.0, *(time for time, _, _ in kept), duration]
    kinds: list[Transition] = ["start", *(kind for _, kind, _ in kept)]
    surenesses = [1.0, *(sure for _, _, sure in kept)]
    return tuple(
        Shot(start=round(a, 4), end=round(b, 4), transition=kind, confidence=round(sure, 3))
        for a, b, kind, sure in zip(bounds[:-1], bounds[1:], kinds, surenesses, strict=True)
    )


def look(clip: Path, duration: float, progress: Progress, must: Iterable[float] = ()) -> Looks:
    """Looks at key frames, and at more frames where those are rare; ``must`` are times that need a look too.

    Key frames alone take a twentieth of a full decode, and encoders put them where shots begin. Remembered.
    """
    find = partial(_looks, clip, duration, progress, must := tuple(must))
    return recall(clip, ("look", duration, must), find, partial(progress, 0.0, "doing.looking"))


def _looks(clip: Path, duration: float, progress: Progress, must: Sequence[float]) -> Looks:
    looks: list[Looks] = []
    for batch in _batches(media.frames(clip, size=SAMPLE, keys_only=True)):
        progress(float(batch[-1].time) / max(duration, 0.1) * 0.6, "doing.looking")
        looks.append(looked(batch))
    times = np.concatenate([part.times for part in looks]) if looks else np.zeros(0)
    wanted = [time for time in must if not np.any(np.abs(times - time) < 0.4)]
    if len(times) < duration / 4:
        rate = 1.0 if duration <= 600 else 0.5
        looks = [looked(batch) for batch in _batches(media.frames(clip, size=SAMPLE, rate=rate), progress, duration)]
        times = np.concatenate([part.times for part in looks])
        wanted = [time for time in must if not np.any(np.abs(times - time) < 0.5)]
    for batch in _batches(_at(clip, wanted, duration, progress)):
        looks.append(looked(batch))
    found = _joined(looks)
    return found.those(np.argsort(found.times, kind="stable"))


def look_often(clip: Path, duration: float, progress: Progress) -> Looks:
    """Looks at ``OFTEN`` frames a second, fewer where that would be more than ``MOST_LOOKS``."""
    rate = min(OFTEN, MOST_LOOKS / max(duration, 1.0))
    batches = _batches(media.frames(clip, size=SAMPLE, rate=rate), progress, duration)
    return _joined([looked(batch) for batch in batches])


def _joined(looks: Sequence[Looks]) -> Looks:
    return Looks(
        np.concatenate([part.times for part in looks]),
        np.concatenate([part.embedding for part in looks]),
        np.concatenate([part.good for part in looks]),
        np.concatenate([part.blank for part in looks]),
        np.concatenate([part.face for part in looks]),
    )


def _at(clip: Path, times: list[float], duration: float, progress: Progress) -> Iterator[media.Frame]:
    for number, time in enumerate(times):
        progress(0.6 + 0.4 * number / len(times), "doing.looking")
        yield media.frame_at(clip, min(time, max(duration - 0.05, 0.0)), size=SAMPLE)


def _batches(
    frames: Iterable[media.Frame], progress: Progress | None = None, duration: float = 0.0, size: int = 16
) -> Iterator[list[media.Frame]]:
    batch: list[media.Frame] = []
    for frame in frames:
        batch.append(frame)
        if len(batch) == size:
            if progress:
                progress(float(frame.time) / max(duration, 0.1), "doing.looking")
            yield batch
            batch = []
    if batch:
        yield batch


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
    return bool(tiny.max() < BLACK or tiny.std() < FLAT)


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
