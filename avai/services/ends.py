"""Where shots end, from tiny pictures that come one by one: a quick network sees all, TransNetV2 what is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from avai.networks import registry
from avai.networks.glance import REACH
from avai.networks.shots import NEAR, NEAR_BATCH, NEAR_EDGE
from avai.services.patience import waited
from avai.services.spans import runs

Floats = NDArray[np.float32]

CHUNK = 400
"""Pictures that are judged together."""
AROUND = NEAR // 2 + NEAR_EDGE
SURE = 0.5
CUTS_IN_DOUBT, CUTS_ASKED = (0.02, 0.95), 0.6
MIXES_IN_DOUBT, MIXES_ASKED = (0.3, 0.95), 0.5
"""The chances that are in doubt, and how much of the answer is TransNetV2's then."""
MOST = 0.2
"""Of the pictures, the share that TransNetV2 is given at most: it is forty times slower."""


class Ends:
    """Holds a few hundred pictures, so memory does not grow with the film. ``report`` is called while it works."""

    def __init__(self, report: Callable[[], None]) -> None:
        self._report = report
        self._held: list[NDArray[np.uint8]] = []
        self._old = 0
        self._found: list[Floats] = []

    def see(self, image: NDArray[np.uint8]) -> None:
        """Take the next picture, 48 x 27."""
        self._held.append(image)
        if len(self._held) - self._old >= CHUNK + REACH + AROUND:
            self._judge(len(self._held) - REACH - AROUND)

    def all(self) -> Floats:
        """For each picture (n, 2): the probability that a shot ends with it, and that it is part of a dissolve, fade or
        wipe."""
        if len(self._held) > self._old:
            self._judge(len(self._held))
        return np.concatenate(self._found) if self._found else np.zeros((0, 2), np.float32)

    def _judge(self, until: int) -> None:
        stack = np.stack(self._held)
        self._found.append(judged(stack, self._report)[self._old : until])
        first = max(until - REACH - AROUND, 0)
        self._held = self._held[first:]
        self._old = until - first


@dataclass(frozen=True)
class _Doubt:
    """A run of pictures, and a column of the answers: 0 where it may be cut, 1 where shots may be mixed."""

    start: int
    end: int
    column: int
    chance: float

    def middles(self) -> range:
        """Around which pictures to ask, to have all of the run."""
        count = -(-(self.end - self.start) // NEAR)
        first = (self.start + self.end - (count - 1) * NEAR) // 2
        return range(first, first + count * NEAR, NEAR)


def judged(stack: NDArray[np.uint8], report: Callable[[], None]) -> Floats:
    """Both probabilities (n, 2) for pictures (n, 27, 48, 3) that follow each other.

    What the quick network is not sure of is a mean of what it and TransNetV2 say, the least sure first.
    """
    ends = waited(partial(registry.glance().ends, stack), report)
    doubts = _doubts(ends, 0, *CUTS_IN_DOUBT) + _doubts(ends, 1, *MIXES_IN_DOUBT)
    asked: list[_Doubt] = []
    room = MOST * len(stack)
    for doubt in sorted(doubts, key=lambda doubt: abs(doubt.chance - SURE)):
        room -= len(doubt.middles()) * 2 * AROUND
        if room >= 0:
            asked.append(doubt)
    said = np.zeros(len(stack) + 2 * AROUND, np.float32)
    for middles in _few([middle for doubt in asked for middle in doubt.middles()]):
        for middle, chances in zip(
            middles, waited(partial(registry.shots().near, stack, middles), report), strict=True
        ):
            begin = middle - NEAR // 2 + AROUND
            said[begin : begin + NEAR] = np.maximum(said[begin : begin + NEAR], chances)
    said = said[AROUND:-AROUND]
    for doubt in asked:
        here = ends[doubt.start : doubt.end, doubt.column]
        heard = float(said[max(doubt.start - 2, 0) : doubt.end + 2].max())
        share = (CUTS_ASKED, MIXES_ASKED)[doubt.column]
        here *= ((1 - share) * doubt.chance + share * heard) / doubt.chance
    return np.minimum(ends, 1)


def _doubts(ends: Floats, column: int, low: float, high: float) -> list[_Doubt]:
    """Runs of pictures that may be an end, but of none of which that is sure."""
    chances = ends[:, column]
    found = [_Doubt(a, b, column, float(chances[a:b].max())) for a, b in runs_of(chances >= low)]
    return [doubt for doubt in found if doubt.chance < high]


def _few(middles: list[int]) -> Iterator[list[int]]:
    """A few at a time, so that Stop is heard."""
    for start in range(0, len(middles), NEAR_BATCH):
        yield middles[start : start + NEAR_BATCH]


def runs_of(on: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The runs of a mask, from the first entry of each to the one after its last."""
    return [(int(a), int(b)) for a, b in runs(on, 1)]
