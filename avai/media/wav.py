"""WAV files out."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avai.media.writing import written


def write_wav(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    """Write ``samples`` (n, channels) or (n,), full scale 1, as 16-bit PCM, whole or not at all.

    Values beyond full scale are limited, and those that are not numbers become 0. ``media.disk_full`` for lack of room.
    """
    sound = samples.reshape(len(samples), -1)
    values = np.rint(np.clip(np.nan_to_num(sound, posinf=0.0, neginf=0.0), -1, 1) * 32767).astype("<i2")
    with written(path) as part, wave.open(str(part), "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(values.tobytes())
