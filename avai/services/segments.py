"""Where something begins and ends against what sounds steadily: segments of the signal, whatever they are called.

In each mel band a running floor (a low percentile) and the spread below it say what is steady; what stands out of
several bands is a segment. Its edges lie where the sound that is added to the floor has fallen ``DROP_DB`` below its
own peak, so loud and soft sounds are cut alike. Floors by order statistics: Stahl et al. 2000, "Quantile based noise
estimation for spectral subtraction".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from avai.services.spans import Stretch, closed, runs

STEP = 0.02
SMOOTH = 3
# Tuned on folds 1 to 3 of what benchmarks/events.py measures on the others.
WINDOW, QUANTILE = 24.0, 0.2
LEAST_SPREAD = 0.3
DROPOUT = 1.5
"""Where the sound is cut off or faded out, frames lie far below the floor: no further than 13 dB is believed."""
TOP = 6
ENTER, REACH = 1.7, 2.7
GAP = 0.55
DROP_DB = 30.0
SHORTEST = 0.04

EVERY = 1.0
CHUNK = 60.0

Bands = NDArray[np.float16]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Segment:
    """A stretch that stands out, and ``strength``, by how many spreads of the floor at its peak."""

    start: float
    end: float
    strength: float


def segments(bands: Bands, gap: float = GAP) -> list[Segment]:
    """The segments of a sound, in order, from its log-mel spectrum (n, 64) each 20 ms.

    That is ``Heard.bands`` up to the end of the sound: the silence after it is no floor.
    Gaps of at most ``gap`` seconds are inside a segment.
    """
    if not len(bands):
        return []
    parts = list(_standing_out(bands))
    out = np.concatenate([part for part, _ in parts])
    added = np.concatenate([part for _, part in parts])
    out = out - np.percentile(out, 25)
    found = []
    for start, end in closed(runs(out >= ENTER, STEP), gap):
        here = slice(round(start / STEP), round(end / STEP))
        strength = float(out[here].max())
        if strength < REACH:
            continue
        first, last = _trimmed(added[here])
        if (last - first) * STEP >= SHORTEST - 1e-9:
            found.append(Segment(start + first * STEP, start + last * STEP, strength))
    return found


def _trimmed(added: Floats) -> Stretch:
    loud = np.flatnonzero(added >= added.max() - DROP_DB)
    return int(loud[0]), int(loud[-1]) + 1


def _standing_out(bands: Bands) -> Iterator[tuple[Floats, Floats]]:
    """For a minute at a time: how far the frames stand out, in spreads, and the level in dB of what is added."""
    floor, spread = _floors(bands)
    count, chunk, edge = len(bands), round(CHUNK / STEP), SMOOTH
    for start in range(0, count, chunk):
        end = min(start + chunk, count)
        low, high = max(0, start - edge), min(count, end + edge)
        wide = uniform_filter1d(bands[low:high].astype(np.float32), SMOOTH, axis=0)
        frames = wide[start - low : end - low]
        at = np.arange(start, end) * STEP / EVERY
        before = np.minimum(at.astype(int), len(floor) - 1)
        after = np.minimum(before + 1, len(floor) - 1)
        share = (at - before).astype(np.float32)[:, None]
        steady = floor[before] * (1 - share) + floor[after] * share
        width = spread[before] * (1 - share) + spread[after] * share
        apart = (frames - steady) / np.sqrt(width**2 + LEAST_SPREAD**2)
        out = np.partition(apart, -TOP, axis=1)[:, -TOP:].mean(axis=1)
        added = np.maximum(np.exp(frames) - np.exp(steady), 0).sum(axis=1)
        yield out, 20 * np.log10(added + 1e-4)


def _floors(bands: Bands) -> tuple[Floats, Floats]:
    """Floor and spread (m, 64) of each band every ``EVERY`` seconds, over the ``WINDOW`` around; at either end of the
    sound over the first or last window of it."""
    whole = max(len(bands) // SMOOTH, 1) * SMOOTH
    thin = bands[:whole].reshape(-1, min(SMOOTH, len(bands)), bands.shape[1]).mean(axis=1, dtype=np.float32)
    smooth = np.ascontiguousarray(thin.T)  # a band's values side by side: partition is twice as fast
    count = smooth.shape[1]
    half = round(WINDOW / 2 / STEP / SMOOTH)
    floors, spreads = [], []
    for second in np.arange(0, len(bands) * STEP + EVERY, EVERY):
        centre = round(second / STEP / SMOOTH)
        low = max(0, min(centre - half, count - 2 * half))
        near = smooth[:, low : max(min(centre + half, count), 2 * half)]
        rank = int(QUANTILE * (near.shape[1] - 1))
        ordered = np.partition(near, rank, axis=1)
        floor = ordered[:, rank].copy()  # a view would keep all that was ordered: a gigabyte in three hours
        floors.append(floor)
        below = np.minimum(floor[:, None] - ordered[:, :rank], DROPOUT)
        spreads.append(np.sqrt((below**2).sum(axis=1) / max(rank, 1)))
    return np.array(floors), np.array(spreads)
