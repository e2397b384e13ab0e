"""WAV files out, and what the header of one says."""

from __future__ import annotations

import struct
import wave
from collections.abc import Iterable
from fractions import Fraction
from itertools import chain
from os import SEEK_CUR
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avai.media.writing import written

Samples = NDArray[np.float32]


UNKNOWN = (0, 0xFFFFFFFF)
"""Sizes in the header of a WAV that was written to a pipe: its end is where the file ends."""


def promised_seconds(path: Path) -> Fraction | None:
    """How long a WAV is by its header; None where that does not say it."""
    bytes_per_second = 0
    with path.open("rb") as file:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name == b"data":
                return Fraction(size, bytes_per_second) if bytes_per_second and size not in UNKNOWN else None
            if name == b"fmt ":
                bytes_per_second = struct.unpack("<8xI", file.read(12).ljust(12, b"\0"))[0]
                size -= 12
            file.seek(size + size % 2, SEEK_CUR)
    return None


def write_wav(path: Path, sound: Samples | Iterable[Samples], rate: int) -> None:
    """Write a sound, whole or in blocks, each (n, channels) or (n,), full scale 1, as 16-bit PCM, whole or not at all.

    Values beyond full scale are limited, and those that are not numbers become 0. ``media.disk_full`` for lack of room.
    """
    blocks = iter([sound] if isinstance(sound, np.ndarray) else sound)
    first = next(blocks, np.zeros((0, 1), np.float32))  # before the file is open: a header needs the channels
    with written(path) as part, wave.open(str(part), "wb") as file:
        file.setnchannels(first.shape[1] if first.ndim == 2 else 1)
        file.setsampwidth(2)
        file.setframerate(rate)
        for block in chain([first], blocks):
            values = np.rint(np.clip(np.nan_to_num(block, posinf=0.0, neginf=0.0), -1, 1) * 32767)
            file.writeframes(values.astype("<i2").tobytes())
