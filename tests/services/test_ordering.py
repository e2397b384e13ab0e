"""Orders of pieces: the cheapest path, begun with the first."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from avai.services.ordering import best_order, length_of, unlikeness


@pytest.mark.parametrize("count", [3, 5, 7])
def test_exact_for_few(count: int) -> None:
    for seed in range(5):
        cost = np.random.default_rng(seed).random((count, count))
        shortest = min(length_of(cost, [0, *rest]) for rest in permutations(range(1, count)))
        order = best_order(cost)
        assert order[0] == 0
        assert length_of(cost, order) == pytest.approx(shortest)


def test_many_along_a_line() -> None:
    # pieces on a line, shuffled: the best path from its end walks along it
    places = np.random.default_rng(3).permutation(39) + 1.0
    places = np.concatenate([[0.0], places])
    cost = np.abs(places[:, None] - places[None, :])
    order = best_order(cost)
    assert [places[index] for index in order] == sorted(places)


def test_one_and_two() -> None:
    assert best_order(np.zeros((1, 1))) == [0]
    assert best_order(np.ones((2, 2))) == [0, 1]


def test_unlikeness_is_of_direction() -> None:
    ends = np.array([[2.0, 0.0], [0.0, 3.0], [0.0, 0.0]])
    cost = unlikeness(ends, ends)
    assert cost[0, 0] == pytest.approx(0)
    assert cost[0, 1] == pytest.approx(1)
    assert cost[2, 0] == pytest.approx(1)
