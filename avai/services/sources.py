"""What a stretch of sound is: for each of the 521 labels, how likely it is that the stretch is one of it.

Two voices are heard. The sound network's own scores, which need not be told apart from the room: the strongest inside,
and by how much it stands above what the network hears there all the time. And, for the labels of ``models/events.csv``,
a head on the network's embedding. Logistic curves turn both into probabilities (``training/train_events.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from avai.networks import registry
from avai.networks.sound import Heard
from avai.services.spans import Stretch

REACH = 0.24
"""A window belongs to a stretch when its centre lies within this of it: half a hop."""
AROUND = 25
"""The network's own floor is taken over so many windows to either side, 12 s, as that of the signal."""
QUANTILE = 0.25
FAINTEST = 1e-3

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Curves:
    """The head (``coef`` (k + 1, 1024) and ``intercept`` on the standardised root of the embedding; the last row is
    none of its labels), and the curves: ``ordinary`` on log score and log rise, ``taught`` on the head's log odds and
    log score."""

    rows: NDArray[np.intp]
    mean: Floats
    scale: Floats
    coef: Floats
    intercept: Floats
    ordinary: Floats
    taught: Floats

    def ordinary_of(self, score: Floats, rise: Floats) -> Floats:
        """Probabilities from the network's scores and how far they stand above their floor."""
        bias, by_score, by_rise = self.ordinary
        return _logistic(bias + by_score * np.log(score + FAINTEST) + by_rise * np.log(rise + FAINTEST))

    def shares(self, root: Floats) -> Floats:
        """The head's probabilities (n, k + 1) from the mean root of the embedding (n, 1024)."""
        decision = (root - self.mean) / self.scale @ self.coef.T + self.intercept
        powers = np.exp(decision - decision.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)

    def taught_of(self, shares: Floats, score: Floats) -> Floats:
        """Probabilities (n, k) of the head's labels from its shares (n, k + 1) and the network's scores (n, k)."""
        bias, by_share, by_score = self.taught
        share = np.clip(shares[:, :-1], 1e-4, 1 - 1e-4)
        return _logistic(bias + by_share * np.log(share / (1 - share)) + by_score * np.log(score + FAINTEST))


@cache
def curves() -> Curves:
    """Those of ``models/events.safetensors``."""
    labels = registry.labels("sound")
    rows = np.array([labels.index(label) for label in registry.labels("events")])
    arrays = registry.arrays("events")
    return Curves(rows=rows, **arrays)


def certainty(heard: Heard, stretches: Sequence[Stretch], by: Curves | None = None) -> Floats:
    """Probabilities (n, 521) that each of n stretches in seconds is what each label says."""
    by = by or curves()
    root, score, rise = described(heard, stretches)
    sure = by.ordinary_of(score, rise)
    sure[:, by.rows] = by.taught_of(by.shares(root), score[:, by.rows])
    return sure


def described(heard: Heard, stretches: Sequence[Stretch]) -> tuple[Floats, Floats, Floats]:
    """What there is to judge of n stretches: the mean root of the embedding (n, 1024), the strongest scores inside
    (n, 521), and the strongest rise of the scores above their floor (n, 521)."""
    count = len(stretches)
    root = np.zeros((count, heard.embedding.shape[1]), np.float32)
    score = np.zeros((count, heard.scores.shape[1]), np.float32)
    rise = np.zeros_like(score)
    floors: dict[int, Floats] = {}
    for number, (start, end) in enumerate(stretches):
        first, last = np.searchsorted(heard.times, (start - REACH, end + REACH))
        if last <= first:
            first = min(int(np.argmin(np.abs(heard.times - (start + end) / 2))), len(heard.times) - 1)
            last = first + 1
        block = int((first + last) // 2 // 10)
        if block not in floors:
            near = heard.scores[max(0, block * 10 + 5 - AROUND) : block * 10 + 5 + AROUND]
            rank = int(QUANTILE * (len(near) - 1))
            floors[block] = np.partition(near, rank, axis=0)[rank]
        inside = heard.scores[first:last].max(axis=0)
        root[number] = np.sqrt(np.maximum(heard.embedding[first:last], 0)).mean(axis=0)
        score[number] = inside
        rise[number] = np.maximum(inside - floors[block], 0)
    return root, score, rise


def steady_certainty(heard: Heard, by: Curves | None = None) -> Floats:
    """Probabilities (n, 521) that what sounds through each window and its neighbours is what each label says."""
    by = by or curves()
    score = uniform_filter1d(heard.scores, 3, axis=0, mode="nearest")
    sure = by.ordinary_of(score, score)
    root = uniform_filter1d(np.sqrt(np.maximum(heard.embedding, 0)), 3, axis=0, mode="nearest")
    sure[:, by.rows] = by.taught_of(by.shares(root), score[:, by.rows])
    return sure


def _logistic(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-value)), np.float32)
