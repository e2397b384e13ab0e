"""Weights in compact files: safetensors whose arrays are float32, float16, or int8 codes with scales.

``kernel`` as int8 goes with ``kernel:scale`` as float32, shaped to broadcast (one scale a channel). In memory all is
float32. Nothing is ever unpickled.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

SCALE = ":scale"
LARGEST = 10_000_000


def unpack(data: bytes) -> dict[str, npt.NDArray[np.float32]]:
    """The arrays of a file as float32, by name. Raises ``ValueError`` when the bytes are not such a file."""
    try:
        stored = load(data)
    except Exception as error:
        raise ValueError("not a readable safetensors file") from error
    arrays: dict[str, npt.NDArray[np.float32]] = {}
    for name, array in stored.items():
        if array.dtype not in (np.float32, np.float16, np.int8):
            raise ValueError(f"{name} is of a type that is not used here")
        if name.endswith(SCALE):
            if name.removesuffix(SCALE) not in stored:
                raise ValueError(f"{name} has nothing to scale")
            continue
        values = array.astype(np.float32)
        if array.dtype == np.int8:
            if name + SCALE not in stored:
                raise ValueError(f"{name} has codes but no scale")
            values *= stored[name + SCALE]
        arrays[name] = values
    return arrays


def pack(arrays: Mapping[str, npt.NDArray[np.generic]]) -> bytes:
    """The bytes of a file with these arrays, in the types they have; the other way round of ``unpack``.

    Raises ``ValueError`` when the file would be larger than 10,000,000 bytes, the limit of a plain git push.
    """
    data: bytes = save({name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())})
    if len(data) >= LARGEST:
        raise ValueError(f"{len(data)} bytes: a file must stay below {LARGEST}")
    return data


def coded(array: npt.NDArray[np.floating], axis: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """int8 codes and scales (shaped to broadcast) of an array, symmetric, one scale for each index of ``axis``."""
    others = tuple(index for index in range(array.ndim) if index != axis % array.ndim)
    scale = np.abs(array).max(axis=others, keepdims=True) / 127
    scale = np.where(scale > 0, scale, 1).astype(np.float32)
    return np.rint(array / scale).astype(np.int8), scale
