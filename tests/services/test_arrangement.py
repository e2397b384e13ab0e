"""Lengths shared out and joins moved to beats, to the frame."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from avai.services.arrangement import arranged, shared_out

NONE = np.zeros(0)


def test_in_proportion() -> None:
    assert shared_out(100, [300, 100, 100]) == [60, 20, 20]
    assert shared_out(500, [300, 100, 100]) == [300, 100, 100]


def test_short_ones_get_the_least() -> None:
    assert shared_out(100, [1000, 20], least=12) == [88, 12]
    assert shared_out(30, [100, 100, 100, 5], least=12) == [10, 10, 10, 0]


@pytest.mark.parametrize("seed", range(20))
def test_any_rooms_add_up(seed: int) -> None:
    rng = np.random.default_rng(seed)
    room = [int(frames) for frames in rng.integers(40, 400, rng.integers(1, 12))]
    halves = [int(half) for half in rng.integers(0, 5, len(room) - 1)]
    total = int(rng.integers(30 * len(room), sum(room) - 2 * sum(halves) + 1))
    beats = np.arange(0, total, 12.37)
    slots = arranged(total, room, halves, beats, np.ones(len(beats)), 8, 12)
    assert slots[0].first == 0
    assert slots[-1].last == total
    assert all(one.end == other.start for one, other in pairwise(slots))
    assert all(one.last - other.first == one.half_out + other.half_in for one, other in pairwise(slots))
    assert all(0 < slot.frames <= frames for slot, frames in zip(slots, room, strict=True))


def test_joins_go_to_the_strong_beat() -> None:
    beats, strength = np.array([44.0, 52.2, 57.0, 90.0]), np.array([1.0, 3.0, 1.0, 9.0])
    slots = arranged(100, [80, 80], [3], beats, strength, reach=15, least=10)
    assert slots[0].end == 52
    assert (slots[0].last, slots[1].first) == (55, 49)


def test_no_beat_leaves_the_shares() -> None:
    assert [slot.end for slot in arranged(100, [80, 80], [0], NONE, NONE, 15, 10)] == [50, 100]


def test_a_beat_out_of_reach_of_the_material_is_not_taken() -> None:
    slots = arranged(100, [50, 80], [0], np.array([56.0]), np.array([9.0]), reach=30, least=10)
    assert slots[0].frames <= 50
