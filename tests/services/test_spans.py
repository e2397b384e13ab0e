"""Arithmetic on stretches: it tiles, it does not invent, it loses nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from avai.services.spans import closed, complement, long_enough, overlap, padded, runs, shared, union


def test_runs_are_half_open() -> None:
    assert runs(np.array([0, 1, 1, 0, 1], bool), 0.5) == [(0.5, 1.5), (2.0, 2.5)]
    assert runs(np.zeros(0, bool), 1.0) == []


def test_union_and_complement_tile_the_whole() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        spans = [(float(a), float(a + b)) for a, b in zip(rng.uniform(0, 9, 5), rng.uniform(0, 2, 5), strict=True)]
        both = sorted([*overlap(union(spans), [(0.0, 10.0)]), *complement(spans, 10.0)])
        assert both[0][0] == 0.0
        assert both[-1][1] == 10.0
        assert all(a[1] == pytest.approx(b[0]) for a, b in itertools.pairwise(both))


def test_overlap_is_where_both_are() -> None:
    assert overlap([(0, 2), (3, 5)], [(1, 4)]) == [(1, 2), (3, 4)]
    assert overlap([(0, 1)], [(1, 2)]) == []


def test_closing_padding_and_length() -> None:
    assert closed([(0, 1), (1.2, 2), (4, 5)], 0.25) == [(0, 2), (4, 5)]
    assert padded([(1, 2), (2.3, 3)], 0.2, 0.2, 3.1) == [(0.8, 3.1)]
    assert long_enough([(0, 0.1), (1, 2)], 0.5) == [(1, 2)]
    assert shared((0, 4), [(1, 2), (3, 9)]) == pytest.approx(0.5)
