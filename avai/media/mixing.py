"""Many channels into two or one, without losing the centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CANCELLED = 1e-3
"""Left and right cancel where their mean has less than this share of their power (-30 dB)."""

_HALF = 0.7071067811865476
_LEFT = {"FL": 1.0, "FC": _HALF, "BL": _HALF, "SL": _HALF, "BC": 0.5, "FLC": 1.0, "DL": 1.0, "WL": _HALF, "TFL": _HALF}
_RIGHT = {"FR": 1.0, "FC": _HALF, "BR": _HALF, "SR": _HALF, "BC": 0.5, "FRC": 1.0, "DR": 1.0, "WR": _HALF, "TFR": _HALF}


def mixed(samples: NDArray[np.float32], names: list[str], channels: int) -> NDArray[np.float32]:
    """``samples`` (n, len(names)) as one or two channels.

    Surround goes to two channels by ITU-R BS.775 (centre and rear at -3 dB, no low-frequency channel), scaled so that
    full scale stays full scale; one channel is the mean of left and right, or the left one where they cancel each
    other, as with a microphone wired upside down. A single channel is repeated.
    """
    count = samples.shape[1]
    if count == 1:
        return samples if channels == 1 else np.repeat(samples, 2, axis=1)
    if count > 2:
        samples = samples @ downmix(names)
    return samples if channels == 2 else _mono(samples)


def _mono(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = samples.mean(axis=1, keepdims=True, dtype=np.float32)
    cancelled = np.vdot(mean, mean) < CANCELLED * np.vdot(samples, samples) / samples.shape[1]
    return samples[:, :1] if cancelled else mean


def downmix(names: list[str]) -> NDArray[np.float32]:
    """The matrix (len(names), 2) that mixes channels of these names to left and right."""
    weights = np.array([[_LEFT.get(name, 0.0), _RIGHT.get(name, 0.0)] for name in names], np.float32)
    if not weights.any(axis=0).all():
        weights = np.full((len(names), 2), 1.0, np.float32)  # unnamed channels: all of them on both sides
    return np.asarray(weights / weights.sum(axis=0).max(), np.float32)
