"""Small grey pictures of a film, a few a second, kept while it is watched: what a place looks like over time."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

RATE, MOST = 4.0, 14_400
"""Pictures kept a second, and how many at most (19 MB): fewer a second in a film of more than an hour."""


@dataclass(frozen=True)
class Greys:
    """Grey pictures (n, height, width) uint8 and the times (n,) at which they appear, in seconds."""

    times: NDArray[np.float64]
    pictures: NDArray[np.uint8]


NO_GREYS = Greys(np.zeros(0), np.zeros((0, 1, 1), np.uint8))


class Gathering:
    """Keeps the first picture of each quarter of a second, or longer, of a film of ``duration`` seconds."""

    def __init__(self, duration: float) -> None:
        self._rate = min(RATE, MOST / max(duration, 1.0))
        self._times: list[float] = []
        self._pictures: list[NDArray[np.uint8]] = []

    def see(self, time: float, image: NDArray[np.uint8]) -> None:
        """Take one picture (height, width, 3), in order of time; keep it or not."""
        if not self._times or int(time * self._rate) != int(self._times[-1] * self._rate):
            self._times.append(time)
            self._pictures.append(np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8))

    def all(self) -> Greys:
        """What was kept."""
        return Greys(np.asarray(self._times), np.stack(self._pictures)) if self._times else NO_GREYS
