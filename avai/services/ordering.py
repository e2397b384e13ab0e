"""In which order pieces follow each other best: the path on which each piece's end looks like the next one's start."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.floating]

EXACT = 9  # pieces: up to here every path is weighed


def unlikeness(ends: Matrix, starts: Matrix) -> npt.NDArray[np.float64]:
    """1 - cosine between embeddings: ``result[i, j]`` is how unlike the end of i is to the start of j; 0 to 2."""
    ends = ends / np.maximum(np.linalg.norm(ends, axis=1, keepdims=True), 1e-9)
    starts = starts / np.maximum(np.linalg.norm(starts, axis=1, keepdims=True), 1e-9)
    return np.asarray(1.0 - ends @ starts.T, dtype=np.float64)


def best_order(cost: Matrix) -> list[int]:
    """The cheapest path through all of a (n, n) cost that begins at 0.

    Exact for up to nine (Held and Karp 1962), beyond that the nearest next, improved by turning round and moving
    stretches until nothing gets better.
    """
    count = len(cost)
    if count <= 2:
        return list(range(count))
    return _exact(cost) if count <= EXACT else _improved(cost, _nearest(cost))


def length_of(cost: Matrix, order: list[int]) -> float:
    """What a path costs."""
    return float(sum(cost[a, b] for a, b in pairwise(order)))


def _exact(cost: Matrix) -> list[int]:
    count = len(cost)
    best: dict[tuple[int, int], tuple[float, list[int]]] = {(1, 0): (0.0, [0])}
    for seen in range(1, 1 << count, 2):
        for last in range(count):
            if (seen, last) not in best:
                continue
            so_far, path = best[seen, last]
            for following in range(1, count):
                if seen >> following & 1:
                    continue
                key = seen | 1 << following, following
                total = so_far + float(cost[last, following])
                if key not in best or total < best[key][0]:
                    best[key] = total, [*path, following]
    return min((best[(1 << count) - 1, last] for last in range(1, count)), key=lambda found: found[0])[1]


def _nearest(cost: Matrix) -> list[int]:
    order, left = [0], set(range(1, len(cost)))
    while left:
        following = min(left, key=lambda other: (float(cost[order[-1], other]), other))
        order.append(following)
        left.remove(following)
    return order


def _improved(cost: Matrix, order: list[int]) -> list[int]:
    best, better = length_of(cost, order), True
    while better:
        better = False
        for candidate in _neighbours(order):
            total = length_of(cost, candidate)
            if total < best - 1e-9:
                order, best, better = candidate, total, True
                break
    return order


def _neighbours(order: list[int]) -> list[list[int]]:
    """Every path with one stretch turned round, or one piece moved; the first piece stays."""
    count = len(order)
    turned = [order[:a] + order[a:b][::-1] + order[b:] for a in range(1, count - 1) for b in range(a + 2, count + 1)]
    moved = []
    for a in range(1, count):
        rest = order[:a] + order[a + 1 :]
        moved += [[*rest[:b], order[a], *rest[b:]] for b in range(1, count) if b != a]
    return turned + moved
