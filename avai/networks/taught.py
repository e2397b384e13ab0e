"""A taught model, in a file that people can exchange.

The file is a zip of exactly two members: ``model.json`` (version, kind, method, classes, settings, figures, date) and
``arrays.safetensors``. Sizes are checked before anything is unpacked; nothing is ever unpickled.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from avai.networks import convnet, weights
from avai.networks.classifier import ARRAYS, Classifier, features
from avai.networks.excerpt import Excerpt
from avai.networks.view import view_of

if TYPE_CHECKING:
    from avai.networks.convnet import Network

VERSION = 2
NETWORKS = ("network", "tuned")
"""Methods whose features come out of a network of the model's own."""
LARGEST = {"model.json": 1_000_000, "arrays.safetensors": weights.LARGEST}


class OtherVersion(ValueError):
    """A model's file is whole, but of a version of the format that is not known here."""


@dataclass(frozen=True)
class Taught:
    """A model that somebody taught: of ``kind`` sound or picture, by a ``method`` (``contracts.Method``). ``settings``
    is what it was taught with, ``figures`` how good it is, ``made`` the date (ISO 8601). ``network`` are the arrays
    of a network of its own, which sees what ``settings["view"]`` says, where its method has one."""

    kind: str
    method: str
    head: Classifier
    settings: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    made: str = ""
    network: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """What it knows; ``other`` is not among them."""
        return self.head.classes

    def judge(self, excerpt: Excerpt) -> list[tuple[str, float]]:
        """Labels and probabilities of a stretch of sound, best first, ``other`` among them."""
        if self.method in NETWORKS:
            return self.head.judge(self._network.features(excerpt))
        return self.head.judge(features(excerpt.embedding, excerpt.sounding))

    def judge_picture(self, embedding: npt.NDArray[np.float32]) -> list[tuple[str, float]]:
        """Labels and probabilities of a picture from the frame network's embedding (1280,), likewise."""
        return self.head.judge(np.sqrt(np.maximum(embedding, 0)))

    @cached_property
    def _network(self) -> Network:
        """Built when it is first asked: a model without one never starts TensorFlow."""
        return convnet.Network(view_of(self.settings["view"]), self.network)


def dumps(model: Taught) -> bytes:
    """The bytes of a file with this model; the same model gives the same bytes."""
    about = {
        "version": VERSION,
        "kind": model.kind,
        "method": model.method,
        "classes": list(model.classes),
        "settings": dict(model.settings),
        "figures": dict(model.figures),
        "made": model.made,
    }
    members = {
        "model.json": json.dumps(about, ensure_ascii=False, indent=2).encode(),
        "arrays.safetensors": weights.pack({name: getattr(model.head, name) for name in ARRAYS} | _stored(model)),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def loads(data: bytes) -> Taught:
    """The model in the bytes of a file. Raises ``ValueError`` that says what is wrong with them,
    ``OtherVersion`` where it is only that."""
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
            raise OtherVersion(f"version {about['version']!r} of the format is not known here")
        stored = weights.unpack(members["arrays.safetensors"])
        settings = dict(about["settings"])
        method = str(about["method"])
        return Taught(
            kind=str(about["kind"]),
            method=method,
            head=Classifier(
                classes=tuple(str(name) for name in about["classes"]), **{name: stored[name] for name in ARRAYS}
            ),
            settings=settings,
            figures=dict(about["figures"]),
            made=str(about["made"]),
            network=_network_in(stored, settings) if method in NETWORKS else {},
        )
    except (KeyError, TypeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("the model's parts do not fit together") from error


def _stored(model: Taught) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a model's own network as a file holds them: a tuned one in half precision, which it has already."""
    kind = np.float16 if model.method == "tuned" else np.float32
    return {f"network.{name}": array.astype(kind) for name, array in model.network.items()}


def _network_in(stored: Mapping[str, npt.NDArray[np.float32]], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays of a model's own network: those that what it sees asks for, and no others."""
    network = {name.partition(".")[2]: array for name, array in stored.items() if name.startswith("network.")}
    view = view_of(settings["view"])
    convnet.check(network, view)
    return network
