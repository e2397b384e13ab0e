"""A word as a small picture: what the embedding of ``sound`` does not know, the log-mel spectrum shows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from avai.networks.excerpt import Excerpt
from avai.networks.sounding import threshold_db

TIMES, BANDS = 12, 32
SIZE = TIMES * BANDS
LONGEST = 2.5
"""Seconds; longer clips are hardly words."""


def picture(excerpt: Excerpt) -> npt.NDArray[np.float32]:
    """The log-mel spectrum (384,) of what sounds in an excerpt, from its first sound to its last, stretched to 12 times
    x 32 bands and freed of how loud it is."""
    frames = trimmed(excerpt)
    bands = frames.reshape(len(frames), BANDS, -1).mean(axis=2)
    at = np.linspace(0, len(bands) - 1, TIMES)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(bands) - 1)
    drawn = bands[low] + (at - low)[:, None] * (bands[high] - bands[low])
    return np.asarray((drawn - drawn.mean()) / max(float(drawn.std()), 1e-3), np.float32).reshape(-1)


def trimmed(excerpt: Excerpt) -> npt.NDArray[np.float32]:
    """The frames (n, 64) from the first sound of an excerpt to its last; all of them when nothing sounds."""
    loud = np.flatnonzero(excerpt.levels > threshold_db(excerpt.levels))
    first, last = (int(loud[0]), int(loud[-1]) + 1) if len(loud) else (0, len(excerpt.levels))
    frames = excerpt.frames[first : max(last, first + 1)]
    return np.asarray(frames if len(frames) else excerpt.frames[:1], np.float32)
