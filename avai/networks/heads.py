"""The pieces of a head, found from features: a linear rule, what classes are like, what makes them probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.svm import SVC
from sklearn.utils.extmath import randomized_svd

from avai.networks.classifier import Likeness

Floats = npt.NDArray[Any]
Numbers = npt.NDArray[np.int_]

SHRINKAGE = 0.8
"""Of the within-class covariance toward the same in all directions (``benchmarks/few_shot.py``, folds 1 and 2)."""
AXES = 128
"""Directions in which things of a class differ most, which are kept; the others count as equal."""
REFUSED = 0.015
"""The share of left-out things of the classes that ``other`` may win."""
STEEPEST = 60.0
"""Of the curve of ``other``: with a few clips any slope seems to part them from strangers."""
LEAST_SCALE = 0.05
"""Of a feature that hardly ever varied in what was taught (``benchmarks/few_shot.py``, folds 1 and 2)."""


def linear(rows: Floats, target: Numbers, weight: Floats, strength: float) -> tuple[Floats, Floats]:
    """The linear SVMs of each class against the rest, of strength C, on standardised ``rows`` (n, f) with weights
    (n,), by way of one Gram matrix: ``coef`` (k, f) and ``intercept`` (k,) for rows as they are."""
    middle, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), LEAST_SCALE)
    even = (rows - middle) / scale
    gram = np.asarray(even @ even.T, np.float64)
    coef, intercept = [], []
    for index in range(int(target.max()) + 1):
        svm = SVC(C=strength, kernel="precomputed").fit(gram, target == index, sample_weight=weight)
        coef.append(svm.dual_coef_[0] @ even[svm.support_] / scale)
        intercept.append(svm.intercept_[0] - coef[-1] @ middle)
    return np.stack(coef), np.array(intercept)


def likenesses(
    means: Floats, target: Numbers, weight: Floats | None = None, spread: Floats | None = None, most: int = AXES
) -> Likeness:
    """What each class is like: shrinkage LDA (Ledoit and Wolf 2004, with a fixed share) and a cosine.

    ``means`` (n, m) with their classes, 0 to k - 1, each with at least one, and weights; ``spread`` (q, m) are
    differences within them, of which there may be many more. At most ``most`` axes are whitened.
    """
    weight = np.ones(len(target)) if weight is None else weight
    spread = means[:0] if spread is None else spread
    classes = range(int(target.max()) + 1)
    centres = np.stack(
        [np.average(means[target == index], axis=0, weights=weight[target == index]) for index in classes]
    )
    middle = np.asarray(centres.mean(axis=0), np.float32)
    off = np.concatenate([means - centres[target], spread]).astype(np.float32)
    values, axes = _directions(off, min(most, *off.shape))
    level = float(np.square(off, dtype=np.float64).sum()) / off.size
    shrunk = ((1 - SHRINKAGE) * values + SHRINKAGE * level) / (SHRINKAGE * level or 1.0)
    like = Likeness(middle, _short(axes), np.asarray(shrunk**-0.5, np.float32), np.zeros((0, len(middle)), np.float32))
    white = like.white(means)
    found = np.stack([np.average(white[target == index], axis=0, weights=weight[target == index]) for index in classes])
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return Likeness(like.middle, like.axes, like.gains, _short(found))


def _directions(off: Floats, most: int) -> tuple[Floats, Floats]:
    """Variances (r,) and directions (r, m), at most so many, in which differences (q, m) are largest."""
    if most == 0:
        return np.zeros(0), off[:0]
    if len(off) > off.shape[1]:
        _, values, axes = randomized_svd(off.T @ off / len(off), most, n_iter=3, random_state=0)
        return values, axes
    values, inside = eigh(off @ off.T / len(off), subset_by_index=(len(off) - most, len(off) - 1))
    kept = values > 1e-6 * max(float(values[-1]), 1e-12)
    axes = inside[:, kept].T @ off / np.sqrt(values[kept] * len(off))[:, None]
    return values[kept], axes


def _short(values: Floats) -> npt.NDArray[np.float32]:
    """Rounded to what float16 holds: half the size in a file, and the same in memory."""
    return values.astype(np.float16).astype(np.float32)


def typical(means: Floats, target: Numbers, weight: Floats | None = None) -> npt.NDArray[np.float32]:
    """The mean (k, m) of each class's means (n, m)."""
    weight = np.ones(len(target)) if weight is None else weight
    found = [
        np.average(means[target == each], axis=0, weights=weight[target == each]) for each in range(target.max() + 1)
    ]
    return _short(np.stack(found))


def strangers(near: Floats, target: Numbers) -> tuple[Floats, Floats]:
    """From cosines (n, k) of left-out things to what is typical: the largest of each, as it is, and as if its own class
    had never been taught."""
    without = near.copy()
    without[np.arange(len(target)), target] = -1
    return near.max(axis=1), without.max(axis=1)


def told_apart(near: Floats, target: Numbers) -> float | None:
    """AUROC of telling things of the classes from those of a class that was not taught, each class held out in turn,
    from cosines (n, k) of left-out things; None where one class would be left."""
    count = near.shape[1]
    if count < 3:
        return None
    figures = []
    for held in range(count):
        likely = np.delete(near, held, axis=1).max(axis=1)
        figures.append(roc_auc_score(target != held, likely))
    return float(np.mean(figures))


def known_curve(near: Floats, decisions: Floats, target: Numbers, warmth: float) -> npt.NDArray[np.float32]:
    """Slope and offset of the logistic curve of "is one of the classes", from cosines and decisions (n, k) of
    left-out things: the slope tells them from strangers; moved so that ``other`` wins over 1.5 % of them."""
    known, unknown = strangers(near, target)
    both, is_known = np.concatenate([known, unknown])[:, None], np.repeat([1, 0], len(target))
    slope = float(np.clip(LogisticRegression(C=1e4).fit(both, is_known).coef_[0, 0], 1.0, STEEPEST))
    # other wins where the odds of being known are less than one over the share of the best class
    margin = slope * known + log_softmax(decisions / warmth, axis=1).max(axis=1)
    return np.array([slope, -np.quantile(margin, REFUSED)], np.float32)


def temperature(decisions: Floats, target: Numbers) -> float:
    """What decisions (n, k) of left-out things are divided by so that their softmax is as likely as can be."""

    def unlikeliness(log_t: float) -> float:
        return -float(log_softmax(decisions / np.exp(log_t), axis=1)[np.arange(len(target)), target].mean())

    return float(np.exp(minimize_scalar(unlikeliness, bounds=(-5, 3), method="bounded").x))
