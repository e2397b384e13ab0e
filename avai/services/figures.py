"""How good a taught model is, from what it said of clips that were left out."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

NORMAL = 1.959964
"""Standard deviations to each side that hold 95 % of a normal distribution."""


@dataclass(frozen=True)
class Figures:
    """``taken`` (n,) is the number of the class that each clip was taken for, -1 where it was never left out: such
    clips count nowhere. ``confusion`` (k, k) has true classes as rows. ``low`` and ``high`` bound ``accuracy`` as
    ``wilson`` does over ``sources``: clips of one source are right or wrong together, so they are one observation."""

    taken: NDArray[np.int_]
    confusion: NDArray[np.int_]
    accuracy: float
    low: float
    high: float
    judged: int
    sources: int


def figures_of(chances: NDArray[np.float64], target: NDArray[np.int_], groups: NDArray[np.int_]) -> Figures:
    """The figures of chances (n, k) of clips that are of classes ``target`` (n,) and come from ``groups`` (n,)."""
    judged = np.asarray(np.isfinite(chances).all(axis=1))
    taken = np.where(judged, np.nan_to_num(chances).argmax(axis=1), -1)
    confusion = np.zeros((chances.shape[1],) * 2, int)
    np.add.at(confusion, (target[judged], taken[judged]), 1)
    count, sources = int(judged.sum()), len(np.unique(groups[judged]))
    accuracy = float(confusion.trace() / max(count, 1))
    return Figures(taken, confusion, accuracy, *wilson(accuracy, sources), count, sources)


def wilson(share: float, count: int) -> tuple[float, float]:
    """What bounds a share that was seen in ``count`` observations, with 95 % confidence (Wilson 1927)."""
    if count == 0:
        return 0.0, 1.0
    square = NORMAL**2 / count
    middle = (share + square / 2) / (1 + square)
    half = NORMAL * sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share)
