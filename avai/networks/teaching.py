"""Teaches a model in seconds: heads on an embedding, settings and calibration found by cross-validation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from avai.networks.classifier import Classifier, features, likeness
from avai.networks.excerpt import Excerpt
from avai.networks.taught import Taught
from avai.progress import Progress, quiet

STRENGTHS = (0.001, 0.003, 0.01, 0.03)
REFUSED = 0.015


@dataclass(frozen=True)
class Example:
    """Something to learn from, of class number ``target``: a sound in ``parts`` of about five seconds, or the frame
    network's embedding (1280,) of a ``picture``. Those of one ``group`` are never on both sides of a test."""

    target: int
    group: int
    parts: tuple[Excerpt, ...] = ()
    picture: np.ndarray | None = None


@dataclass(frozen=True)
class Lesson:
    """A taught ``model`` and how it did when examples were left out: ``chances`` (n, k) of each of n examples,
    ``tried`` the accuracy of each method, and ``other``, the AUROC of telling what was never taught."""

    model: Taught
    chances: np.ndarray
    tried: dict[str, float]
    other: float | None


def quick(examples: Sequence[Example], classes: tuple[str, ...], seed: int = 0, progress: Progress = quiet) -> Lesson:
    """A model of whichever way wins in cross-validation."""
    rows = np.stack(
        [
            np.sqrt(np.maximum(each.picture, 0))
            if each.picture is not None
            else np.mean([features(part.embedding, part.sounding) for part in each.parts], axis=0)
            for each in examples
        ]
    )
    target = np.array([each.target for each in examples])
    folds = np.array([each.group for each in examples]) % 5
    head = teach(rows, np.array(classes)[target], folds)
    chances = np.zeros((len(rows), len(classes)))
    for fold in np.unique(folds):
        inside = folds != fold
        ((_, (mean, scale, coef, intercept)),) = svms(rows[inside], target[inside], (0.003,))
        decision = (rows[~inside] - mean) / scale @ coef.T + intercept
        chances[~inside] = np.exp(log_softmax(decision / head.temperature[0], axis=1))
    kind = "sound" if examples[0].picture is None else "picture"
    accuracy = float(np.mean(chances.argmax(axis=1) == target))
    return Lesson(Taught(kind, "svm", head), chances, {"svm": accuracy}, None)


def teach(rows: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> Classifier:
    """A calibrated classifier of features ``rows`` (n, f) by labels (n,).

    The strength C is the one of ``STRENGTHS`` that is best over ``folds`` (n,), each left out in turn; temperature and
    the curve for ``other`` come from the same left-out clips.
    """
    classes = np.unique(labels)
    target = np.searchsorted(classes, labels)
    left_out = {strength: np.zeros((len(labels), len(classes))) for strength in STRENGTHS}
    near = np.zeros((len(labels), len(classes)))
    for fold in np.unique(folds):
        inside, outside = folds != fold, folds == fold
        for strength, svm in svms(rows[inside], target[inside], STRENGTHS):
            mean, scale, coef, intercept = svm
            left_out[strength][outside] = (rows[outside] - mean) / scale @ coef.T + intercept
        near[outside] = likeness(halves(rows[outside]), centres(rows[inside], target[inside]))
    best = max(STRENGTHS, key=lambda strength: float(np.mean(left_out[strength].argmax(1) == target)))
    ((_, (mean, scale, coef, intercept)),) = svms(rows, target, (best,))
    return Classifier(
        classes=tuple(str(name) for name in classes),
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        coef=coef.astype(np.float32),
        intercept=intercept.astype(np.float32),
        temperature=np.array([temperature(left_out[best], target)], np.float32),
        centres=centres(rows, target).astype(np.float32),
        known=known_curve(near, target),
    )


def halves(features: np.ndarray) -> np.ndarray:
    """The half of features that holds means."""
    return features[:, : features.shape[1] // 2]


def centres(features: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The mean of each class's means."""
    return np.stack([halves(features)[target == index].mean(axis=0) for index in range(target.max() + 1)])


def strangers(near: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From likeness (n, k) of left-out clips to centres: the largest of each, as it is, and as if its own class had
    never been taught."""
    without = near.copy()
    without[np.arange(len(target)), target] = -1
    return near.max(axis=1), without.max(axis=1)


def known_curve(near: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Slope and offset of the logistic curve of "is one of the classes": the slope that tells clips from strangers,
    moved so that 1.5 % of the classes' own clips fall below a half."""
    known, unknown = strangers(near, target)
    both, is_known = np.concatenate([known, unknown])[:, None], np.repeat([1, 0], len(target))
    slope = float(LogisticRegression(C=1e4).fit(both, is_known).coef_[0, 0])
    return np.array([slope, -slope * np.quantile(known, REFUSED)], np.float32)


def temperature(decisions: np.ndarray, target: np.ndarray) -> float:
    """What decision values of left-out clips are divided by so that their softmax is as likely as can be."""

    def unlikeliness(log_t: float) -> float:
        return -float(log_softmax(decisions / np.exp(log_t), axis=1)[np.arange(len(target)), target].mean())

    return float(np.exp(minimize_scalar(unlikeliness, bounds=(-5, 3), method="bounded").x))


def svms(
    features: np.ndarray, target: np.ndarray, strengths: Iterable[float]
) -> Iterable[tuple[float, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]]:
    """For each strength: what standardises, and the SVMs of each class against the rest, by way of one Gram matrix."""
    scaler = StandardScaler().fit(features)
    rows = scaler.transform(features)
    gram = rows @ rows.T
    for strength in strengths:
        coef, intercept = [], []
        for index in range(target.max() + 1):
            svm = SVC(C=strength, kernel="precomputed").fit(gram, target == index)
            coef.append(svm.dual_coef_[0] @ rows[svm.support_])
            intercept.append(svm.intercept_[0])
        yield strength, (scaler.mean_, scaler.scale_, np.stack(coef), np.array(intercept))
