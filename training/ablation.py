"""Other ways to judge ESC-10's clips, each on the official folds with its settings found inside the training folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.linalg import svd
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from avai.networks import teaching
from training import named
from training.esc10 import Clip

Judge = Callable[[np.ndarray, np.ndarray], Iterator[tuple[object, np.ndarray]]]
"""From the numbers of clips to learn from and of clips to judge: each setting with its decision values (n, 10)."""

SOFTMAX_STRENGTHS = (0.0003, 0.001, 0.003, 0.01)


def told(judge: Judge, target: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """The class (n,) that each clip is taken for when its fold is left out; the setting is the one that is right most
    often over the other folds, each left out in turn. Of equals the first."""
    found = np.zeros(len(target), int)
    for fold in np.unique(folds):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        right: dict[object, int] = {}
        for inner in np.unique(folds[inside]):
            learnt, tried = inside[folds[inside] != inner], inside[folds[inside] == inner]
            for setting, decisions in judge(learnt, tried):
                right[setting] = right.get(setting, 0) + int(np.sum(decisions.argmax(axis=1) == target[tried]))
        best = max(right, key=lambda setting: right[setting])
        found[outside] = next(made for setting, made in judge(inside, outside) if setting == best).argmax(axis=1)
    return found


def by_svm(rows: np.ndarray, target: np.ndarray, more: tuple[np.ndarray, ...] = ()) -> Judge:
    """Linear SVMs on features (n, f); ``more`` are features of changed copies of the same clips, to learn from too."""

    def judge(learnt: np.ndarray, tried: np.ndarray) -> Iterator[tuple[object, np.ndarray]]:
        taught = np.concatenate([rows[learnt], *(copy[learnt] for copy in more)])
        for strength, (mean, scale, coef, intercept) in teaching.svms(
            taught, np.tile(target[learnt], 1 + len(more)), teaching.STRENGTHS
        ):
            yield strength, (rows[tried] - mean) / scale @ coef.T + intercept

    return judge


def by_softmax(rows: np.ndarray, target: np.ndarray) -> Judge:
    """A softmax layer on standardised features, with weight decay; in the space that the clips span, which is exact."""

    def judge(learnt: np.ndarray, tried: np.ndarray) -> Iterator[tuple[object, np.ndarray]]:
        scaler = StandardScaler().fit(rows[learnt])
        across = svd(scaler.transform(rows[learnt]), full_matrices=False)[2].T
        near, far = scaler.transform(rows[learnt]) @ across, scaler.transform(rows[tried]) @ across
        for strength in SOFTMAX_STRENGTHS:
            head = LogisticRegression(C=strength, max_iter=200).fit(near, target[learnt])
            yield strength, head.decision_function(far)

    return judge


def by_name(clips: list[Clip], target: np.ndarray, tuned: bool) -> Judge:
    """The 521 scores by the class map alone; ``tuned`` gives each class a threshold and chooses how to pool."""
    pools = tuple(named.POOLS) if tuned else ("maximum",)
    rows = {pool: np.stack([named.heights(clip.scores, pool) for clip in clips]) for pool in pools}

    def judge(learnt: np.ndarray, tried: np.ndarray) -> Iterator[tuple[object, np.ndarray]]:
        for pool, heights in rows.items():
            off = named.thresholds(heights[learnt], target[learnt]) if tuned else 0.0
            yield pool, heights[tried] - off

    return judge
