"""The head of a taught model: what it makes of features. ``teaching`` trains it; judging is numpy."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

OTHER = "other"
MOST_CLASSES = 1000
LONGEST_NAME = 100

Floats = npt.NDArray[np.float32]


def features(embedding: Floats, sounding: npt.NDArray[np.bool_]) -> Floats:
    """What the model sees of a clip: mean and maximum (2 x m) of the square root of the embedding (n, m), which is
    never negative, over its sounding windows; over all windows when none sounds."""
    heard = roots(embedding[sounding] if sounding.any() else embedding)
    return np.concatenate([heard.mean(axis=0), heard.max(axis=0)])


def roots(embedding: Floats) -> Floats:
    """The square root of an embedding, which is never negative: its large values count for less."""
    return np.sqrt(np.maximum(embedding, 0))


def cosines(means: Floats, typical: Floats) -> npt.NDArray[np.float64]:
    """The cosine (..., k) of means (..., m) to what is typical (k, m)."""
    lengths = np.linalg.norm(means, axis=-1, keepdims=True) * np.linalg.norm(typical, axis=-1)
    return np.asarray(means.astype(np.float64) @ typical.T / np.maximum(lengths, 1e-9))


@dataclass(frozen=True)
class Likeness:
    """How like the classes something is: the cosine to what each class is like in the middle, where directions in
    which things of one class differ are made shorter (they are whitened).

    Arrays, for k classes and m numbers: ``middle`` (m,) of all that was taught, ``axes`` (r, m), orthonormal, and what
    each of them is shortened by, ``gains`` (r,), and ``centres`` (k, m) of the classes, of length 1.
    """

    middle: Floats
    axes: Floats
    gains: Floats
    centres: Floats

    def white(self, means: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Means (..., m) less the middle, whitened, of length 1."""
        off: npt.NDArray[Any] = means - self.middle
        off = off + (off @ self.axes.T * (self.gains - 1)) @ self.axes
        return np.asarray(off / np.maximum(np.linalg.norm(off, axis=-1, keepdims=True), 1e-9))

    def near(self, means: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Cosine (..., k) of means (..., m) to the classes."""
        return np.asarray(self.white(means) @ self.centres.T)


@dataclass(frozen=True)
class Classifier:
    """A trained head. Arrays, for k classes and f features of which the first m tell what a thing is like: ``coef``
    (k, f) and ``intercept`` (k,) of a linear rule, and ``lean`` (1,), what likeness adds to it; ``temperature`` (1,)
    that this is divided by; ``middle``, ``axes``, ``gains``, ``centres`` of ``Likeness``; what is ``typical`` (k, m) of
    the classes, their means; and ``known`` (2,): slope and offset of the logistic curve that says, from the largest
    cosine to what is typical, how sure it is that it is of any class."""

    classes: tuple[str, ...]
    coef: Floats
    intercept: Floats
    lean: Floats
    temperature: Floats
    middle: Floats
    axes: Floats
    gains: Floats
    centres: Floats
    typical: Floats
    known: Floats

    def __post_init__(self) -> None:
        k, f, m, r = len(self.classes), self.coef.shape[-1], len(self.middle), len(self.gains)
        shapes = {
            "coef": (k, f), "intercept": (k,), "lean": (1,), "temperature": (1,), "middle": (m,), "axes": (r, m),
            "gains": (r,), "centres": (k, m), "typical": (k, m), "known": (2,),
        }  # fmt: skip
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise ValueError(f"{name} should be finite numbers of shape {shape}")
        if not 0 < m <= f or r > m or self.temperature[0] <= 0:
            raise ValueError("the arrays of the head do not fit together")
        if not 2 <= k <= MOST_CLASSES or len(set(self.classes)) != k or OTHER in self.classes:
            raise ValueError("a model needs at least two classes, all of different names, none named other")
        if not all(
            0 < len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip() for name in self.classes
        ):
            raise ValueError("a class has a name that cannot be shown")

    def decide(self, feature: Floats) -> npt.NDArray[np.float64]:
        """Decision values (..., k) of features (..., f), the larger the surer."""
        wide = feature.astype(np.float64)
        like = Likeness(self.middle, self.axes, self.gains, self.centres)
        leaning = float(self.lean[0]) * like.near(wide[..., : len(self.middle)])
        return np.asarray(wide @ self.coef.T + self.intercept + leaning)

    def judge(self, feature: Floats) -> list[tuple[str, float]]:
        """Labels and calibrated probabilities, best first, from features (f,). ``other`` is among them: first when
        what is judged is none of the classes."""
        decision = self.decide(feature)
        near = cosines(feature[: self.typical.shape[1]], self.typical)
        slope, offset = self.known.astype(np.float64)
        known = 1 / (1 + np.exp(-np.clip(slope * near.max() + offset, -500, 500)))
        powers = np.exp((decision - decision.max()) / self.temperature[0])
        shares = known * powers / powers.sum()
        scores = [*zip(self.classes, shares.tolist(), strict=True), (OTHER, float(1 - known))]
        return sorted(scores, key=lambda score: -score[1])


ARRAYS = tuple(field.name for field in fields(Classifier) if field.name != "classes")
