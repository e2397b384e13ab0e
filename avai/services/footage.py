"""What a clip offers to a film: how good each moment of it is, and which stretch of a given length is the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from avai import media
from avai.contracts import ClipInfo
from avai.progress import Progress, quiet
from avai.services import seeing as eye

Floats = npt.NDArray[np.floating]

RATE = 2.0  # looks a second
MOST = 240  # looks at one clip
LONG = 480.0  # seconds: of longer clips key frames alone are decoded
CUT = 0.45  # 1 - cosine between looks half a second apart: another shot (moving cameras stay below 0.3)
WEIGHTS = {"good": 1.0, "motion": 0.3, "blank": -1.0, "cut": -0.5, "taken": -3.0}


@dataclass(frozen=True)
class Footage:
    """Looks at a clip, in order of time: ``embedding`` (n, 1280), ``worth`` (n,) of each moment, ``changes`` (n,)
    whether another shot begins with it, ``black`` (n,) whether it is black. [start, end) is where it
    has picture, in seconds."""

    clip: Path
    start: float
    end: float
    times: Floats
    embedding: Floats
    worth: Floats
    changes: npt.NDArray[np.bool_]
    black: npt.NDArray[np.bool_]

    @property
    def length(self) -> float:
        return self.end - self.start

    @property
    def blank(self) -> bool:
        """Whether it is black all through."""
        return bool(self.black.all())

    def near(self, time: float) -> Floats:
        """The embedding of the look nearest to a time."""
        return np.asarray(self.embedding[int(np.abs(self.times - time).argmin())])

    def best(self, length: float, taken: Sequence[tuple[float, float]] = ()) -> float:
        """Where the stretch of ``length`` seconds begins that is the best: good stills, at its ends above all,
        something moving, nothing blank, no cut to another shot inside, and little of what is ``taken`` already."""
        latest = max(self.end - length, self.start)
        starts = np.unique(np.clip(np.append(self.times, [self.start, latest]), self.start, latest))
        return float(max(starts, key=lambda start: self._value(float(start), length, taken)))

    def _value(self, start: float, length: float, taken: Sequence[tuple[float, float]]) -> float:
        inside = (self.times >= start - 1e-6) & (self.times < start + length - 1e-6)
        if not inside.any():
            inside = np.abs(self.times - start) == np.abs(self.times - start).min()
        worth = self.worth[inside]
        cuts = int(self.changes[inside][1:].sum()) / len(worth) ** 0.5
        again = sum(max(min(start + length, end) - max(start, begin), 0.0) for begin, end in taken) / length
        return float(worth.mean() + 0.5 * (worth[0] + worth[-1]) + WEIGHTS["cut"] * cuts + WEIGHTS["taken"] * again)


def survey(clip: Path, info: ClipInfo, progress: Progress = quiet) -> Footage:
    """Looks at a video about twice a second with the frame network (Lite0) and the head that knows good stills."""
    assert info.video
    start, duration = info.video.start, info.video.duration
    rate = max(min(RATE, MOST / duration), min(6 / duration, info.video.rate))
    batch: list[media.Frame] = []
    seen: list[eye.Looks] = []
    tiny: list[Floats] = []
    for frame in media.frames(
        clip, size=eye.SAMPLE, rate=Fraction(rate).limit_denominator(10000), keys_only=duration > LONG
    ):
        tiny.append(cv2.resize(frame.image, eye.TINY, interpolation=cv2.INTER_AREA).astype(np.float32))
        batch.append(frame)
        if len(batch) == 8:
            seen.append(eye.looked(batch))
            batch = []
        progress((float(frame.time) - start) / duration, "doing.looking")
    if batch:
        seen.append(eye.looked(batch))
    times = np.concatenate([looks.times for looks in seen])
    embedding = eye.unit(np.concatenate([looks.embedding for looks in seen]))
    good = np.concatenate([looks.good for looks in seen])
    unlike = np.zeros(len(times))
    unlike[1:] = 1.0 - (embedding[1:] * embedding[:-1]).sum(axis=1)
    moved = np.zeros(len(times))
    moved[1:] = [np.abs(now - before).mean() for before, now in pairwise(tiny)]
    motion = np.where(unlike > CUT, 0.0, np.minimum(moved / 16.0, 1.0))
    black = np.array([image.max() < eye.BLACK for image in tiny])
    blank = np.concatenate([looks.blank for looks in seen])
    worth = WEIGHTS["good"] * good + WEIGHTS["motion"] * motion + WEIGHTS["blank"] * blank
    return Footage(clip, start, start + duration, times, embedding, worth, unlike > CUT, black)
