"""The head of a taught model: what it makes of features. scikit-learn trains it (``teaching``); judging is numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

OTHER = "other"
MOST_CLASSES = 1000

Floats = npt.NDArray[np.float32]


def features(embedding: Floats, sounding: npt.NDArray[np.bool_]) -> Floats:
    """What the model sees of a clip: mean and maximum (2 x m) of the square root of the embedding (n, m), which is
    never negative, over its sounding windows; over all windows when none sounds."""
    heard = np.sqrt(np.maximum(embedding[sounding] if sounding.any() else embedding, 0))
    return np.concatenate([heard.mean(axis=0), heard.max(axis=0)])


def likeness(means: Floats, centres: Floats) -> Floats:
    """Cosine (..., k) between the mean half of features (..., m) and the centres (k, m) of classes."""
    lengths = np.linalg.norm(means, axis=-1, keepdims=True) * np.linalg.norm(centres, axis=-1)
    return np.asarray(means @ centres.T / np.maximum(lengths, 1e-9), np.float32)


@dataclass(frozen=True)
class Classifier:
    """A trained head. Arrays, for k classes and f = 2 m features: ``mean`` and ``scale`` (f,) that standardise,
    ``coef`` (k, f) and ``intercept`` (k,) of the SVM, one class against the rest, ``temperature`` (1,) that its
    decision values are divided by, ``centres`` (k, m) of the classes, and ``known`` (2,): slope and offset of the
    logistic curve that says, from the largest likeness to a centre, how sure it is that it is of any class."""

    classes: tuple[str, ...]
    mean: Floats
    scale: Floats
    coef: Floats
    intercept: Floats
    temperature: Floats
    centres: Floats
    known: Floats

    def __post_init__(self) -> None:
        k, f = len(self.classes), len(self.mean)
        shapes = {
            "mean": (f,), "scale": (f,), "coef": (k, f), "intercept": (k,), "temperature": (1,),
            "centres": (k, f // 2), "known": (2,),
        }  # fmt: skip
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise ValueError(f"{name} should be finite numbers of shape {shape}")
        if not 2 <= k <= MOST_CLASSES or len(set(self.classes)) != k or OTHER in self.classes:
            raise ValueError("a model needs at least two classes, all of different names, none named other")
        if not (self.scale > 0).all() or self.temperature[0] <= 0:
            raise ValueError("scale and temperature must be positive")

    def decide(self, feature: Floats) -> Floats:
        """Decision values (..., k) of features (..., f): above 0 for, below 0 against each class."""
        return np.asarray((feature - self.mean) / self.scale @ self.coef.T + self.intercept, np.float32)

    def judge(self, feature: Floats) -> list[tuple[str, float]]:
        """Labels and calibrated probabilities, best first, from features (f,). ``other`` is among them: first when
        what is judged is none of the classes."""
        decision = self.decide(feature).astype(np.float64)
        slope, offset = self.known.astype(np.float64)
        nearest = likeness(feature[: self.centres.shape[1]], self.centres).max()
        known = 1 / (1 + np.exp(-(slope * nearest + offset)))
        powers = np.exp((decision - decision.max()) / self.temperature[0])
        shares = known * powers / powers.sum()
        scores = [*zip(self.classes, shares.tolist(), strict=True), (OTHER, float(1 - known))]
        return sorted(scores, key=lambda score: -score[1])


ARRAYS = ("mean", "scale", "coef", "intercept", "temperature", "centres", "known")
