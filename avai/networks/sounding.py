"""Which windows of a sound have something in them: a rule on levels, the same in training and in use.

A verdict on a whole clip is taken over sounding windows only: the share of silence says how a recording was cut, not
what is heard in it (``benchmarks/esc10.py`` has both).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

STEP = 0.01
LOWEST_DB = -100.0
HALF_WINDOW = 0.48
STEADY_DB = 15.0
BELOW_PEAK_DB = 40.0
ABSOLUTE_DB = -70.0
SHARE = 0.1

Levels = npt.NDArray[np.float64]


def levels_db(samples: npt.NDArray[np.float32], rate: int = 16_000) -> Levels:
    """RMS level in dB of full scale of each 10 ms of a mono sound, at least -100; a short last stretch counts whole."""
    step = round(rate * STEP)
    if len(samples) == 0:
        return np.full(1, LOWEST_DB)
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % step))
    power = np.mean(np.square(padded.reshape(-1, step)), axis=1)
    return np.asarray(np.maximum(10 * np.log10(np.maximum(power, 1e-12)), LOWEST_DB))


def threshold_db(levels: Levels) -> float:
    """The level above which this sound counts as sounding.

    It adapts: in a sound that hardly varies (rain, a motor) nearly everything sounds; else it lies a third of the way
    from the floor (10th percentile) to the peak (99th percentile), at most 40 dB below the peak.
    """
    floor, peak = np.percentile(levels, [10, 99])
    if peak - floor < STEADY_DB:
        return ABSOLUTE_DB
    return float(max(floor + (peak - floor) / 3, peak - BELOW_PEAK_DB, ABSOLUTE_DB))


def sounding_windows(levels: Levels, times: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """For windows of 0.96 s centred on ``times``, whether a tenth of their 10 ms ``levels`` are above the threshold.

    ``levels`` are those of ``levels_db`` over the whole sound. All False for a sound that is silent throughout.
    """
    above = np.concatenate([[0], np.cumsum(levels > threshold_db(levels))])
    first = np.clip(np.rint((times - HALF_WINDOW) / STEP).astype(int), 0, len(levels))
    last = np.clip(np.rint((times + HALF_WINDOW) / STEP).astype(int), 0, len(levels))
    inside = above[last] - above[first]
    return np.asarray(inside >= SHARE * np.maximum(last - first, 1))
