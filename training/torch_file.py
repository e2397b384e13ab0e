"""Reads the weights in a PyTorch file without PyTorch, and without trusting the file.

An unpickler that knows only dictionaries and how to describe a tensor: anything else in the file is refused. Both
layouts are read: the zip of PyTorch 1.6 and later, and the one before it.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

TYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8"), "HalfStorage": np.dtype("<f2")}


@dataclass(frozen=True)
class Tensor:
    """A tensor that the file describes: a stretch of one of its storages."""

    storage: tuple[str, str]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def read(self, storages: dict[str, bytes]) -> np.ndarray:
        kind, key = self.storage
        flat = np.frombuffer(storages[key], TYPES[kind])[self.offset :]
        steps = tuple(step * flat.itemsize for step in self.strides)
        if self.shape and sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True)) >= len(flat):
            raise ValueError("a tensor reaches beyond its storage")
        return np.lib.stride_tricks.as_strided(flat, self.shape, steps).copy()


class _Describer(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *rest: Tensor(storage, offset, shape, strides)
        if module == "torch" and name in TYPES:
            return type(name, (), {})
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a file of weights")

    def persistent_load(self, pid: tuple[Any, ...]) -> tuple[str, str]:
        _, kind, key, *_ = pid
        return kind.__name__, key


def load(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a ``.pth`` file by name."""
    with path.open("rb") as file:
        described, storages = _zipped(file) if zipfile.is_zipfile(path) else _plain(file)
    return {name: tensor.read(storages) for name, tensor in described.items()}


def _zipped(file: BinaryIO) -> tuple[dict[str, Tensor], dict[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        (pickled,) = (name for name in archive.namelist() if name.endswith("/data.pkl"))
        folder = pickled.removesuffix("data.pkl") + "data/"
        storages = {n.removeprefix(folder): archive.read(n) for n in archive.namelist() if n.startswith(folder)}
        return _Describer(io.BytesIO(archive.read(pickled))).load(), storages


def _plain(file: BinaryIO) -> tuple[dict[str, Tensor], dict[str, bytes]]:
    for _ in ("magic number", "version", "system"):
        _Describer(file).load()
    described = _Describer(file).load()
    kinds = {key: kind for kind, key in (tensor.storage for tensor in described.values())}
    storages = {}
    for key in _Describer(file).load():
        count = int.from_bytes(file.read(8), "little")
        storages[key] = file.read(count * TYPES[kinds[key]].itemsize)
    return described, storages
