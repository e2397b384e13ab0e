"""A taught model: a standardised linear SVM on top of a network's embedding, in a file that people can exchange.

The file is a zip of exactly two members: ``model.json`` (version, kind, classes, settings, figures) and
``arrays.safetensors``. Sizes are checked before anything is unpacked; nothing is ever unpickled. scikit-learn trains
(``training/train_esc10.py``); judging is the few lines of numpy below.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from avai.networks import weights

VERSION = 1
OTHER = "other"
MOST_CLASSES = 1000
LARGEST = {"model.json": 1_000_000, "arrays.safetensors": weights.LARGEST}

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
    kind: str = "sound"
    settings: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)

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

    def judge(self, embedding: Floats, sounding: npt.NDArray[np.bool_]) -> list[tuple[str, float]]:
        """Labels and calibrated probabilities, best first, of a clip from its windows' embedding (n, m) and whether
        each window sounds (n,). ``other`` is among them: first when the clip is none of the classes."""
        feature = features(embedding, sounding)
        decision = self.decide(feature).astype(np.float64)
        slope, offset = self.known.astype(np.float64)
        nearest = likeness(feature[: self.centres.shape[1]], self.centres).max()
        known = 1 / (1 + np.exp(-(slope * nearest + offset)))
        powers = np.exp((decision - decision.max()) / self.temperature[0])
        shares = known * powers / powers.sum()
        scores = [*zip(self.classes, shares.tolist(), strict=True), (OTHER, float(1 - known))]
        return sorted(scores, key=lambda score: -score[1])


ARRAYS = ("mean", "scale", "coef", "intercept", "temperature", "centres", "known")


def dumps(model: Classifier) -> bytes:
    """The bytes of a file with this model; the same model gives the same bytes."""
    about = {
        "version": VERSION,
        "kind": model.kind,
        "classes": list(model.classes),
        "settings": dict(model.settings),
        "figures": dict(model.figures),
    }
    members = {
        "model.json": json.dumps(about, ensure_ascii=False, indent=2).encode(),
        "arrays.safetensors": weights.pack({name: getattr(model, name) for name in ARRAYS}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def loads(data: bytes) -> Classifier:
    """The model in the bytes of a file. Raises ``ValueError`` that says what is wrong with them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = {info.filename: info for info in archive.infolist()}
            if set(infos) != set(LARGEST) or len(archive.infolist()) != len(LARGEST):
                raise ValueError("a model has exactly model.json and arrays.safetensors")
            if any(infos[name].file_size > most for name, most in LARGEST.items()):
                raise ValueError("a part of the model is too large")
            # The size that a zip states may lie: read no further than the limit.
            members = {name: archive.open(name).read(most + 1) for name, most in LARGEST.items()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ValueError("not a zip file of a model") from error
    if any(len(members[name]) > most for name, most in LARGEST.items()):
        raise ValueError("a part of the model is too large")
    try:
        about = json.loads(members["model.json"])
        if about["version"] != VERSION:
            raise ValueError(f"version {about['version']!r} of the format is not known here")
        stored = weights.unpack(members["arrays.safetensors"])
        return Classifier(
            classes=tuple(str(name) for name in about["classes"]),
            kind=str(about["kind"]),
            settings=dict(about["settings"]),
            figures=dict(about["figures"]),
            **{name: stored[name] for name in ARRAYS},
        )
    except (KeyError, TypeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("the model's parts do not fit together") from error
