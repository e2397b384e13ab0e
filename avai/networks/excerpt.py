"""What a taught model is given of a stretch of sound, in teaching and in use alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from avai.networks.logmel import HOP, RATE
from avai.networks.sounding import STEP, Levels, sounding_windows

FRAMES_A_SECOND = RATE // HOP
PART = 5.0
"""Seconds that are judged at once, in teaching and in use."""

if TYPE_CHECKING:
    from avai.networks.sound import Heard


@dataclass(frozen=True)
class Excerpt:
    """``embedding`` (n, 1024) of the sound network's windows and whether each has something in it, ``sounding`` (n,);
    ``frames`` (m, 64), the log-mel spectrum each 10 ms, and the ``levels`` (m,) of those 10 ms in dB."""

    embedding: npt.NDArray[np.float32]
    sounding: npt.NDArray[np.bool_]
    frames: npt.NDArray[np.float16]
    levels: Levels


def excerpt(heard: Heard, levels: Levels, start: float, end: float) -> Excerpt:
    """What was heard from ``start`` to ``end`` in seconds: the windows whose centres lie there, the nearest when none
    does. ``levels`` are those of ``sounding.levels_db`` over the whole sound."""
    first, last = np.searchsorted(heard.times, (start, end))
    if last <= first:
        first = min(int(np.abs(heard.times - (start + end) / 2).argmin()), len(heard.times) - 1)
        last = first + 1
    a, b = round(start * FRAMES_A_SECOND), max(round(end * FRAMES_A_SECOND), round(start * FRAMES_A_SECOND) + 1)
    here = levels[round(start / STEP) : max(round(end / STEP), round(start / STEP) + 1)]
    return Excerpt(
        embedding=heard.embedding[first:last],
        sounding=sounding_windows(here, heard.times[first:last] - start),
        frames=heard.frames[a:b],
        levels=here,
    )


def parts(start: float, end: float) -> list[tuple[float, float]]:
    """A stretch in equal parts of about ``PART`` seconds."""
    edges = np.linspace(start, end, max(round((end - start) / PART), 1) + 1)
    return [(float(a), float(b)) for a, b in pairwise(edges)]


def joined(excerpts: Sequence[Excerpt]) -> Excerpt:
    """Stretches of one sound as if they followed each other."""
    return Excerpt(
        embedding=np.concatenate([each.embedding for each in excerpts]),
        sounding=np.concatenate([each.sounding for each in excerpts]),
        frames=np.concatenate([each.frames for each in excerpts]),
        levels=np.concatenate([each.levels for each in excerpts]),
    )
