"""Which units an edit keeps: the best ones, the asked length, never a run longer than allowed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from avai.services.selection import Unit, choose, joined_units


def units(worths: list[float], length: float = 2.0) -> list[Unit]:
    return [Unit(i * length, (i + 1) * length, worth, ("best",)) for i, worth in enumerate(worths)]


def test_the_best_units_fill_the_target_exactly() -> None:
    kept = choose(units([0.1, 0.9, 0.2, 0.8, 0.3]), [(0.0, 10.0)], 5.0, 0.5, None)
    assert sum(unit.length for unit in kept) == pytest.approx(5.0)
    assert {unit.start for unit in kept} >= {2.0, 6.0}


def test_without_target_or_longest_all_stay() -> None:
    assert joined_units(choose(units([0.5] * 5), [(0.0, 10.0)], None, 0.5, None)) == [Unit(0.0, 10.0, 0.5, ("best",))]


@pytest.mark.parametrize("target", [None, 6.0, 11.0, 100.0])
def test_no_piece_is_longer_than_the_longest(target: float | None) -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        all_units = units([float(worth) for worth in rng.random(12)], length=float(rng.uniform(0.6, 2.0)))
        pieces = joined_units(choose(all_units, [(0.0, all_units[-1].end)], target, 0.5, 4.0))
        assert pieces
        assert all(piece.length <= 4.01 for piece in pieces)
        assert all(a.end < b.start for a, b in pairwise(pieces))
        assert target is None or sum(piece.length for piece in pieces) <= target + 0.01
