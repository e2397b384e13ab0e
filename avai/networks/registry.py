"""The networks, each loaded once a process, when it is first asked for: ``registry.sound().hear(blocks)``.

A file is read, its size and SHA-256 compared with ``models/manifest.json``, and only then taken apart. Raises
``Fault`` with one sentence when a file is missing or damaged.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from avai.config import MODELS
from avai.errors import Fault
from avai.networks import taught, weights

if TYPE_CHECKING:
    from avai.networks.denoise import Denoise
    from avai.networks.faces import Faces
    from avai.networks.frame import Frame
    from avai.networks.glance import Glance
    from avai.networks.shots import Shots
    from avai.networks.sound import Sound
    from avai.networks.speech import Speech
    from avai.networks.still import Still
    from avai.networks.taught import Taught

T = TypeVar("T")


class Registry:
    """The networks of one folder. TensorFlow is imported when the first network that needs it is asked for."""

    def __init__(self, folder: Path = MODELS) -> None:
        self.folder = folder
        self._loaded: dict[str, Any] = {}
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()

    def sound(self) -> Sound:
        """YAMNet: 521 kinds of sound and a 1024-number embedding, each 0.48 s."""

        def make() -> Sound:
            from avai.networks.sound import Sound

            network = Sound(self.arrays("sound"), self.labels("sound"))
            network.hear([np.zeros(16_000, np.float32)])
            return network

        return self._once("sound", make)

    def speech(self) -> Speech:
        """Silero VAD: the probability of speech each 32 ms."""

        def make() -> Speech:
            from avai.networks.speech import Speech

            network = Speech(self.arrays("speech"))
            network.listen([np.zeros(1024, np.float32)])
            return network

        return self._once("speech", make)

    def denoise(self) -> Denoise:
        """DeepFilterNet3: sound without its noise."""

        def make() -> Denoise:
            from avai.networks.denoise import Denoise

            network = Denoise(self.arrays("denoise"))
            list(network.clean([np.zeros((960, 1), np.float32)]))
            return network

        return self._once("denoise", make)

    def frame(self) -> Frame:
        """EfficientNet-Lite0: an embedding of pictures, and averages of its early layers."""

        def make() -> Frame:
            from avai.networks.frame import Frame

            network = Frame(self.arrays("frame"))
            network.look(np.zeros((1, 8, 8, 3), np.uint8))
            return network

        return self._once("frame", make)

    def shots(self) -> Shots:
        """TransNetV2: where a shot ends."""

        def make() -> Shots:
            from avai.networks.shots import Shots

            network = Shots(self.arrays("shots"))
            network.transitions(np.zeros((1, 27, 48, 3), np.uint8))
            return network

        return self._once("shots", make)

    def glance(self) -> Glance:
        """Where shots end, at a glance."""

        def make() -> Glance:
            from avai.networks.glance import Glance

            network = Glance(self.arrays("glance"))
            network.ends(np.zeros((1, 27, 48, 3), np.uint8))
            return network

        return self._once("glance", make)

    def faces(self) -> Faces:
        """BlazeFace: where faces are."""

        def make() -> Faces:
            from avai.networks.faces import Faces

            network = Faces(self.arrays("faces"))
            network.find(np.zeros((1, 8, 8, 3), np.uint8))
            return network

        return self._once("faces", make)

    def still(self) -> Still:
        """The key-frame head: how good a still a frame is, from ``frame().look(...).early``."""

        def make() -> Still:
            from avai.networks.still import Still

            return Still(self.arrays("still"))

        return self._once("still", make)

    def classes(self, name: str) -> Taught:
        """A bundled taught model on top of ``sound``: ``esc10``."""

        def make() -> Taught:
            try:
                return taught.loads(self._bytes(f"{name}.avai"))
            except ValueError:
                raise Fault("network.damaged", name=name) from None

        return self._once(f"{name}.avai", make)

    def arrays(self, name: str) -> dict[str, npt.NDArray[np.float32]]:
        """The weights of a network as float32, by name; its file is checked first."""
        try:
            return weights.unpack(self._bytes(f"{name}.safetensors"))
        except ValueError:
            raise Fault("network.damaged", name=name) from None

    def labels(self, table: str) -> tuple[str, ...]:
        """The labels of ``models/<table>.csv`` in its order: ``sound`` has the 521 classes."""
        try:
            with (self.folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
                return tuple(row["label"] for row in csv.DictReader(file))
        except OSError:
            raise Fault("network.missing", name=table) from None

    def warm(self) -> None:
        """Load and warm up all of them."""
        for load in (
            self.sound,
            self.speech,
            self.denoise,
            self.frame,
            self.shots,
            self.glance,
            self.faces,
            self.still,
        ):
            load()
        self.classes("esc10")

    def check(self) -> None:
        """Compare every file of the manifest with its size and checksum, without loading any network."""
        for file in self._manifest():
            self._bytes(file)

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            lock = self._locks.setdefault(name, Lock())
        with lock:
            if name not in self._loaded:
                self._loaded[name] = make()
            loaded: T = self._loaded[name]
            return loaded

    def _bytes(self, file: str) -> bytes:
        name = file.partition(".")[0]
        row = self._manifest().get(file)
        try:
            data = (self.folder / file).read_bytes()
        except OSError:
            row = None
        if row is None:
            raise Fault("network.missing", name=name)
        if len(data) != row["bytes"] or hashlib.sha256(data).hexdigest() != row["sha256"]:
            raise Fault("network.damaged", name=name)
        return data

    def _manifest(self) -> dict[str, dict[str, Any]]:
        try:
            rows = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
            return {row["file"]: row for row in rows}
        except OSError:
            raise Fault("network.missing", name="manifest") from None
        except (ValueError, TypeError, KeyError):
            raise Fault("network.damaged", name="manifest") from None


_bundled = Registry()
sound, speech, denoise = _bundled.sound, _bundled.speech, _bundled.denoise
frame, shots, glance, still = _bundled.frame, _bundled.shots, _bundled.glance, _bundled.still
faces = _bundled.faces
classes = _bundled.classes
labels, arrays = _bundled.labels, _bundled.arrays
warm, check = _bundled.warm, _bundled.check
