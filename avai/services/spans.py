"""Arithmetic on stretches of time: sorted lists of half-open (start, end) in seconds that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Stretch = tuple[float, float]


def runs(on: NDArray[np.bool_], step: float) -> list[Stretch]:
    """The stretches over which a mask of ``step`` seconds an entry is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], np.asarray(on, dtype=np.int8), [0]))))
    return [(float(a) * step, float(b) * step) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def covered(spans: Iterable[Stretch], count: int, step: float) -> NDArray[np.bool_]:
    """A mask of ``count`` entries of ``step`` seconds, true inside the spans (edges to the nearest entry)."""
    on = np.zeros(count, np.bool_)
    for start, end in spans:
        on[max(0, round(start / step)) : max(0, round(end / step))] = True
    return on


def union(*lists: Iterable[Stretch]) -> list[Stretch]:
    """Where any of the lists is."""
    merged: list[Stretch] = []
    for start, end in sorted(span for spans in lists for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif end > start:
            merged.append((start, end))
    return merged


def complement(spans: Sequence[Stretch], duration: float) -> list[Stretch]:
    """What of [0, duration) the spans leave."""
    left: list[Stretch] = []
    at = 0.0
    for start, end in union(spans):
        if min(start, duration) > at:
            left.append((at, min(start, duration)))
        at = max(at, end)
    if at < duration:
        left.append((at, duration))
    return left


def overlap(a: Sequence[Stretch], b: Sequence[Stretch]) -> list[Stretch]:
    """Where both are."""
    found: list[Stretch] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if end > start:
            found.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return found


def touching(spans: Iterable[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    """The spans that share time with one of the others."""
    starts, ends = np.array([a for a, _ in others]), np.array([b for _, b in others])
    return [(a, b) for a, b in spans if np.searchsorted(ends, a, "right") < np.searchsorted(starts, b, "left")]


def closed(spans: Iterable[Stretch], gap: float) -> list[Stretch]:
    """The spans with gaps of at most ``gap`` seconds filled."""
    merged: list[Stretch] = []
    for start, end in sorted(spans):
        if merged and start - merged[-1][1] <= gap:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def long_enough(spans: Iterable[Stretch], shortest: float) -> list[Stretch]:
    """The spans of at least ``shortest`` seconds."""
    return [(start, end) for start, end in spans if end - start >= shortest - 1e-9]


def padded(spans: Iterable[Stretch], before: float, after: float, duration: float) -> list[Stretch]:
    """The spans made longer at both ends, inside [0, duration), merged where they meet."""
    return union([(max(0.0, start - before), min(duration, end + after)) for start, end in spans])


def in_thousandths(span: Stretch, duration: float) -> Stretch:
    """A span of [0, duration] rounded to milliseconds, no further than its end."""
    return min(round(span[0], 3), duration), min(round(span[1], 3), duration)


def covers(spans: Iterable[Stretch], times: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which of the times lie in one of the spans."""
    inside = np.zeros(len(times), bool)
    for start, end in spans:
        inside |= (times >= start) & (times < end)
    return inside


def shared(span: Stretch, spans: Iterable[Stretch]) -> float:
    """The share of ``span`` that ``spans`` cover, 0 to 1."""
    start, end = span
    covered = sum(max(0.0, min(end, b) - max(start, a)) for a, b in spans)
    return covered / (end - start) if end > start else 0.0
