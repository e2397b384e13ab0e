"""A sound without its offset: what stands between a recording's zero and true silence, and hides every pause."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from avai.networks.sounding import levels_db

CORNER = 20.0
"""Hz: nothing below is heard, and a step of the offset itself is over in 40 ms."""
SETTLED = 0.1
"""Seconds at the beginning whose mean is taken for the offset from the first sample on."""


class Centred:
    """Takes the blocks of a mono sound one after the other through a high-pass of one pole at ``CORNER``."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._pole = float(np.exp(-2 * np.pi * CORNER / rate))
        self._gain = (1 + self._pole) / 2
        self._state: NDArray[np.float64] | None = None

    def take(self, block: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """The block without the offset, and its levels as ``levels_db`` has them.

        A level is the lower of those before and after the filter: an offset is no sound, and neither is the wake that
        the filter leaves behind a click.
        """
        given = block.reshape(-1).astype(np.float64)
        if self._state is None:
            self._state = np.array([-self._gain * given[: round(SETTLED * self._rate)].mean()])
        made, self._state = lfilter([self._gain, -self._gain], [1.0, -self._pole], given, zi=self._state)
        centred = made.astype(np.float32)
        return centred, np.minimum(levels_db(block.reshape(-1), self._rate), levels_db(centred, self._rate))
