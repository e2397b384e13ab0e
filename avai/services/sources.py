"""What a stretch of sound is: for each of the 521 labels, how likely it is that the stretch is one of it.

The sound network's own strongest score inside speaks for every label. For those of ``models/events.csv`` a head on the
network's embedding is heard too: it knows what a window that is half silence, or half rain, hides. Logistic curves turn
both into probabilities (``training/train_events.py``).
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
from avai.services.hearing import MUSIC_FAMILY, SPEECH_FAMILY
from avai.services.silences import NAMELESS
from avai.services.spans import Stretch

REACH = 0.24
"""A window belongs to a stretch when its centre lies within this of it: half a hop."""
FAINTEST = 1e-3
WARY, HARDLY = 0.5, 0.01
"""The head is not trusted where the network scores another sound so high, and the head's own so low."""
PART = 4096
"""Windows that are judged at a time, half an hour, so that a long sound takes little more memory than it is."""

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Curves:
    """The head (``coef`` (k + 1, 1024) and ``intercept`` on the standardised root of the embedding; the last row is
    none of its labels), and the curves, a bias and slopes: ``ordinary`` (2,) on the score's log odds, ``taught``
    (3, k), one for each of the head's labels, on its log odds and log score."""

    rows: NDArray[np.intp]
    mean: Floats
    scale: Floats
    coef: Floats
    intercept: Floats
    ordinary: Floats
    taught: Floats

    def ordinary_of(self, score: Floats) -> Floats:
        """Probabilities from the network's own scores."""
        bias, by_score = self.ordinary
        return _logistic(bias + by_score * log_odds(score))

    def shares(self, root: Floats) -> Floats:
        """The head's probabilities (n, k + 1) from the mean root of the embedding (n, 1024)."""
        decision = (root - self.mean) / self.scale @ self.coef.T + self.intercept
        powers = np.exp(decision - decision.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)

    def support(self, score: Floats) -> Floats:
        """Log of the network's own score (n, k) for each of the head's labels or, where that is more, for a label next
        to it in AudioSet's table: they are near of kin (tick and tick-tock, fire and crackle)."""
        near = np.stack([score[:, self.rows + side] for side in (-1, 0, 1)])
        return log(near.max(axis=0))

    def taught_of(self, root: Floats, score: Floats) -> Floats:
        """Probabilities (n, k) of the head's labels from the root of the embedding and the network's scores."""
        bias, by_share, by_score = self.taught
        share = self.shares(root)[:, :-1]
        return _logistic(bias + by_share * log_odds(share) + by_score * self.support(score))


@cache
def curves() -> Curves:
    """Those of ``models/events.safetensors``."""
    labels = registry.labels("sound")
    rows = np.array([labels.index(label) for label in registry.labels("events")])
    arrays = registry.arrays("events")
    return Curves(rows=rows, **arrays)


def certainty(heard: Heard, stretches: Sequence[Stretch], mixed: Mask | None = None) -> Floats:
    """Probabilities (n, 521) that each of n stretches in seconds is what each label says; ``mixed`` (n,) tells those
    that lie in speech or music."""
    return _both(*described(heard, stretches), mixed)


def described(heard: Heard, stretches: Sequence[Stretch]) -> tuple[Floats, Floats]:
    """What there is to judge of n stretches, from the windows that touch them: the mean root of the embedding
    (n, 1024) and the strongest scores (n, 521)."""
    root = np.zeros((len(stretches), heard.embedding.shape[1]), np.float32)
    score = np.zeros((len(stretches), heard.scores.shape[1]), np.float32)
    for number, (start, end) in enumerate(stretches):
        first, last = np.searchsorted(heard.times, (start - REACH, end + REACH))
        if last <= first:
            first = min(int(first), len(heard.times) - 1)
            last = first + 1
        root[number] = np.sqrt(np.maximum(heard.embedding[first:last], 0)).mean(axis=0)
        score[number] = heard.scores[first:last].max(axis=0)
    return root, score


def steady_certainty(heard: Heard, mixed: Mask | None = None) -> Floats:
    """Probabilities (n, 521) that what sounds through each window and its neighbours is what each label says."""
    parts = []
    for start in range(0, len(heard.times), PART):
        near = slice(max(start - 1, 0), start + PART + 1)
        here = slice(start - near.start, start - near.start + PART)
        score = uniform_filter1d(heard.scores[near], 3, axis=0, mode="nearest")[here]
        root = uniform_filter1d(np.sqrt(np.maximum(heard.embedding[near], 0)), 3, axis=0, mode="nearest")[here]
        parts.append(_both(root, score, mixed if mixed is None else mixed[start : start + PART]))
    return np.concatenate(parts)


def _both(root: Floats, score: Floats, mixed: Mask | None) -> Floats:
    """The head is believed no further than the network itself where it was not taught: in speech or music that the
    network hears too, and where the network surely hears another sound and hardly the head's own."""
    by = curves()
    sure = by.ordinary_of(score)
    taught = by.taught_of(root, score)
    others = np.delete(score, np.r_[by.rows, NAMELESS], axis=1).max(axis=1)
    strange = (others >= WARY)[:, None] & (by.support(score) < np.log(HARDLY))
    if mixed is not None:
        wary = mixed & (score[:, np.r_[SPEECH_FAMILY, MUSIC_FAMILY]].max(axis=1) >= WARY)
        strange |= wary[:, None]
    sure[:, by.rows] = np.where(strange, np.minimum(taught, sure[:, by.rows]), taught)
    return sure


def log(score: Floats) -> Floats:
    """The logarithm of scores, those near nothing alike."""
    return np.asarray(np.log(score + FAINTEST), np.float32)


def log_odds(share: Floats) -> Floats:
    """The logarithm of the odds of probabilities, at most 10,000 to one."""
    inside = np.clip(share, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(inside / (1 - inside)), np.float32)


def _logistic(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-value)), np.float32)
