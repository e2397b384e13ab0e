"""An edit of an asked length: what was left out before weighs nothing, and what is wanted by hand comes first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avai.contracts import ClipInfo
from avai.services.fitting import fitted, on_beats
from avai.services.known import Known
from avai.services.moments import STEP, Moments
from avai.services.spans import Stretch

KEPT: list[Stretch] = [(0.0, 4.0), (10.0, 14.0)]


def quiet(done: float, what: str) -> None:
    """Nobody listens."""


def best(must: list[Stretch]) -> list[Stretch]:
    """Two seconds of a sound that matters most where it was left out, and next most from 12 to 14 s."""
    info = ClipInfo(kind="sound", container="wav", bytes=1, duration=14.0)
    value = np.full(round(14 / STEP), 0.1, np.float32)
    value[round(4 / STEP) : round(10 / STEP)] = 1.0
    value[round(12 / STEP) :] = 0.5
    moments = Moments(value, {}, np.zeros(len(value), bool))
    return fitted(Known(Path("a.wav"), info, quiet, quiet), moments, KEPT, must, 2.0, lambda: None)


def test_what_was_left_out_weighs_nothing() -> None:
    ((start, end),) = best([])
    assert (start, end) == (pytest.approx(12, abs=0.3), pytest.approx(14, abs=0.3))


def test_what_is_wanted_comes_first() -> None:
    ((start, end),) = best([(1.0, 3.0)])
    assert (start, end) == (pytest.approx(1, abs=0.3), pytest.approx(3, abs=0.3))


def test_edges_go_to_beats_and_pieces_stay_apart() -> None:
    moved = on_beats([(0.9, 2.2), (2.4, 4.1), (20.0, 21.0)], np.arange(0.0, 10.0, 0.5))
    assert moved == [(1.0, 2.0), (2.5, 4.0), (20.0, 21.0)]
