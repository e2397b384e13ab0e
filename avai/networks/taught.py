"""A taught model, in a file that people can exchange.

The file is a zip of exactly two members: ``model.json`` (version, kind, method, classes, settings, figures, date) and
``arrays.safetensors``. Sizes are checked before anything is unpacked; nothing is ever unpickled.
"""

from __future__ import annotations

import io
import json
import math
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from avai.contracts import Kind, Method
from avai.networks import convnet, weights, words
from avai.networks.classifier import ARRAYS, Classifier, features, roots
from avai.networks.excerpt import Excerpt
from avai.networks.view import View, view_of

VERSION = 2
ABOUT, STORED = "model.json", "arrays.safetensors"
LARGEST = {ABOUT: 1_000_000, STORED: weights.LARGEST}
KINDS = {
    "svm": ("sound", "picture"),
    "lda": ("sound", "picture"),
    "words": ("sound",),
    "network": ("sound",),
    "tuned": ("sound",),
}
"""What each method can be taught to know."""
SEEN = {"sound": 2048, "picture": 1280}
OWN = {"network": "scratch", "tuned": "pretrained"}
LOCAL, CENTRAL, END = 30, 46, 22
"""Bytes of a zip's heads, of a member in its directory, and of its end."""
NETWORK = "network."
DEEPEST, LONGEST, LARGEST_NUMBER = 8, 1000, 2**53


class OtherVersion(ValueError):
    """A model's file is whole, but of a version of the format that is not known here."""


@dataclass(frozen=True)
class Taught:
    """A model that somebody taught: of ``kind`` sound or picture, by a ``method`` (``contracts.Method``). ``settings``
    is what it was taught with, ``figures`` how good it is, ``made`` the date (ISO 8601). ``network`` has the arrays of
    a network of its own that sees for the head, where the method is one.

    Raises ``ValueError`` when its parts do not fit together.
    """

    kind: Kind
    method: Method
    head: Classifier
    settings: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    made: str = ""
    network: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS.get(self.method, ()):
            raise ValueError(f"no model is taught {self.kind!r} by {self.method!r}")
        if self.method in OWN:
            convnet.check(self.network, self._view)
            if self._view.start != OWN[self.method] or self.head.coef.shape[1] != convnet.width(self._view):
                raise ValueError("the head does not fit its network")
        elif self.network or self.head.coef.shape[1] != (words.SIZE if self.method == "words" else SEEN[self.kind]):
            raise ValueError("the head does not fit what it would see")
        if self.made:
            datetime.fromisoformat(self.made)

    @property
    def classes(self) -> tuple[str, ...]:
        """What it knows; ``other`` is not among them."""
        return self.head.classes

    @cached_property
    def _view(self) -> View:
        try:
            return view_of(self.settings["view"])
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError("the settings of its network are missing") from error

    @cached_property
    def _network(self) -> convnet.Network:
        """Built when it is first needed: a model without one never starts TensorFlow."""
        return convnet.Network(self._view, self.network)

    def features(self, excerpt: Excerpt) -> npt.NDArray[np.float32]:
        """What the head sees (f,) of a stretch of sound."""
        if self.method == "words":
            return words.picture(excerpt)
        if self.method in OWN:
            return self._network.features(excerpt)
        return features(excerpt.embedding, excerpt.sounding)

    def judge(self, excerpt: Excerpt) -> list[tuple[str, float]]:
        """Labels and probabilities of a stretch of sound, best first, ``other`` among them."""
        return self.head.judge(self.features(excerpt))

    def judge_picture(self, embedding: npt.NDArray[np.float32]) -> list[tuple[str, float]]:
        """Labels and probabilities of a picture from the frame network's embedding (1280,), likewise."""
        return self.head.judge(roots(embedding))


def dumps(model: Taught) -> bytes:
    """The bytes of a file with this model; the same model gives the same bytes. Raises ``ValueError`` when it is more
    than a file may hold."""
    about = {
        "version": VERSION,
        "kind": model.kind,
        "method": model.method,
        "classes": list(model.classes),
        "settings": dict(model.settings),
        "figures": dict(model.figures),
        "made": model.made,
    }
    arrays = {name: getattr(model.head, name) for name in ARRAYS}
    arrays |= {NETWORK + name: array for name, array in model.network.items()}
    members = {
        ABOUT: json.dumps(about, ensure_ascii=False, indent=2).encode(),
        STORED: weights.pack({name: _compact(array) for name, array in arrays.items()}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            if len(data) > LARGEST[name]:
                raise ValueError(f"{name} is too large")
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _compact(array: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
    """As float16 where that loses nothing."""
    with np.errstate(over="ignore"):
        half = np.asarray(array, np.float16)
    return half if np.array_equal(half.astype(np.float32), array) else np.asarray(array, np.float32)


def loads(data: bytes) -> Taught:
    """The model in the bytes of a file. Raises ``ValueError`` that says what is wrong with them, ``OtherVersion`` where
    it is only that."""
    members = _members(data)
    about = _about(members[ABOUT])
    stored = weights.unpack(members[STORED])
    network = {name.removeprefix(NETWORK): stored.pop(name) for name in list(stored) if name.startswith(NETWORK)}
    if set(stored) != set(ARRAYS):
        raise ValueError(f"the arrays should be {', '.join(ARRAYS)}")
    return Taught(
        kind=about["kind"],
        method=about["method"],
        head=Classifier(classes=tuple(about["classes"]), **stored),
        settings=about["settings"],
        figures=about["figures"],
        made=about["made"],
        network=network,
    )


def _members(data: bytes) -> dict[str, bytes]:
    """The two members, unpacked no further than their limits. The layout is the one that ``dumps`` writes, byte after
    byte: nothing stands before, between or after them."""
    if len(data) > sum(LARGEST.values()):
        raise ValueError("the file is too large")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_layout(data, infos, archive.start_dir)
            # the size that a zip states may lie: read no further than the limit
            members = {info.filename: archive.open(info).read(LARGEST[info.filename] + 1) for info in infos}
    except ValueError:
        raise
    except Exception as error:
        raise ValueError("not a zip file of a model") from error
    if any(len(members[info.filename]) != info.file_size for info in infos):
        raise ValueError("a part of the model is not as long as is said")
    return members


def _check_layout(data: bytes, infos: list[zipfile.ZipInfo], directory: int) -> None:
    if [info.filename for info in infos] != [ABOUT, STORED]:
        raise ValueError("a model has exactly model.json and arrays.safetensors")
    at = 0
    for info in infos:
        if info.file_size > LARGEST[info.filename]:
            raise ValueError("a part of the model is too large")
        if (
            info.flag_bits
            or info.extra
            or info.comment
            or stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG)
        ):
            raise ValueError("a part of the model is encrypted, a link, or says what none says")
        if info.header_offset != at or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("the parts of the model are not where they should be")
        at += LOCAL + len(info.filename) + info.compress_size
    entries = sum(CENTRAL + len(info.filename) for info in infos)
    if directory != at or len(data) != at + entries + END:
        raise ValueError("there is more in the file than a model")


def _about(data: bytes) -> dict[str, Any]:
    """What ``model.json`` says, with all that it should have and nothing else."""
    try:
        about = json.loads(data, object_pairs_hook=_once)
    except RecursionError as error:
        raise ValueError("model.json is nested too deep") from error
    kinds = {
        "version": int,
        "kind": str,
        "method": str,
        "classes": list,
        "settings": dict,
        "figures": dict,
        "made": str,
    }
    version = about.get("version") if isinstance(about, dict) else None
    if type(version) is int and 0 < version < 1000 and version != VERSION:
        raise OtherVersion(f"version {version} of the format is not known here")
    if (
        type(version) is not int
        or version != VERSION
        or set(about) != set(kinds)
        or not all(isinstance(about[name], kind) for name, kind in kinds.items())
    ):
        raise ValueError(f"model.json should have {', '.join(kinds)}")
    if not all(isinstance(name, str) for name in about["classes"]):
        raise ValueError("names of classes are texts")
    _check_plain(about)
    return dict(about)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("model.json says a thing twice")
    return found


def _check_plain(value: Any, depth: int = 0) -> None:
    """Texts and numbers of a size that people read, not nested deep."""
    if depth > DEEPEST:
        raise ValueError("model.json is nested too deep")
    if isinstance(value, dict):
        for key, each in value.items():
            _check_plain(key, depth + 1)
            _check_plain(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check_plain(each, depth + 1)
    elif isinstance(value, str):
        if len(value) > LONGEST:
            raise ValueError("model.json has a text that is too long")
    elif isinstance(value, (int, float)) and not (math.isfinite(value) and abs(value) < LARGEST_NUMBER):
        raise ValueError("model.json has a number that is none")
