"""Which whole moments of a video make a version of a given length.

Pieces begin and end only at edges: where a shot begins, in a pause of the speech, or where nobody speaks. Of all ways
to choose pieces between edges that have the asked length, dynamic programming over edges and lengths finds the best.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avai.contracts import Shot
from avai.services.spans import Stretch, complement, covers

GAP = 0.5
"""Pieces are at least so many seconds apart: what is nearer is one piece."""
SHORTEST = 1.5
NEAR = 0.2
"""A piece begins so long before somebody speaks and ends so long after, where the pause has room for it."""
TIGHT = 0.1
"""Nearer than this to what is said an edge is heard as hasty."""
APART, APART_LONG, LONG = 0.5, 1.0, 1800.0
"""Where nobody speaks there is an edge each so many seconds, fewer in a video longer than ``LONG``."""
MIXED = 0.2
"""For so long before and after a dissolve, fade or wipe the picture is taken for mixed still."""
FLASH = 0.7
"""Less than this of another shot at the edge of a piece is a flash."""
ALLOWED = 0.4
"""How far the length may be from what was asked, in seconds, half a frame and rounding not counted."""
JOIN, FREE, HASTY, FLASHING, MIXING, SPOKEN = 0.3, 0.4, 0.4, 1.0, 3.0, 1000.0
STRAY = 1.0
"""What a piece costs; an edge at no cut, in a short pause, with a flash or a sliver beside it, in a mixed picture or
inside speech; a second too much or too little in all. In seconds of the most important moment. Set by looking at short
versions of the videos that ``benchmarks/moments.py`` reads; no figure was tuned."""
UNIT, LENGTHS = 0.05, 4000
"""Lengths are counted in units of so many seconds, larger where that would be more than ``LENGTHS`` units."""
NONE = -1e9

Floats = NDArray[np.float64]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Edges:
    """Where pieces may begin and end: ``times`` (n,) in order, and what it costs to ``begin`` or ``finish`` there."""

    times: Floats
    begin: Floats
    finish: Floats


def edges(
    shots: Sequence[Shot], spoken: Sequence[Stretch], levels: NDArray[np.float64], frames: Floats, seen: Stretch
) -> Edges:
    """All edges of the part of a video that is ``seen``, each on one of the ``frames`` (their starts and the last end).

    ``spoken`` is where somebody speaks; inside it are edges too, at the quietest places by ``levels`` (dB each 10 ms),
    which cost so much that they are used only where the length cannot be had otherwise.
    """
    cuts = [shot.start for shot in shots[1:]]
    times = [*seen, *cuts, *_pauses(spoken, seen), *_quietest(spoken, levels)]
    at = np.searchsorted(frames, np.clip(times, *seen))
    before = np.maximum(at - 1, 0)
    at = np.where(np.abs(frames[before] - times) <= np.abs(frames[np.minimum(at, len(frames) - 1)] - times), before, at)
    found = np.unique(frames[np.minimum(at, len(frames) - 1)])
    found = found[(found >= seen[0] - 1e-6) & (found <= seen[1] + 1e-6)]
    return Edges(found, *_costs(found, shots, spoken, seen))


def _pauses(spoken: Sequence[Stretch], seen: Stretch) -> list[float]:
    """Edges where nobody speaks: near what is said, in the middle of short pauses, evenly through long ones."""
    apart = APART if seen[1] - seen[0] <= LONG else APART_LONG
    found: list[float] = []
    for start, end in complement(spoken, seen[1]):
        near = min(NEAR, (end - start) / 2)
        found += [start + near, end - near]
        count = int((end - start - 2 * near) / apart)
        found += list(np.linspace(start + near, end - near, count + 1)[1:-1]) if count > 1 else []
    return found


def _quietest(spoken: Sequence[Stretch], levels: NDArray[np.float64], step: float = 0.01) -> list[float]:
    """The quietest place of about each 0.4 s of speech, away from where it begins and ends."""
    smooth = np.convolve(levels, np.ones(5) / 5, mode="same") if len(levels) > 5 else levels
    found = []
    for start, end in spoken:
        start, end = start + TIGHT, end - TIGHT
        if end <= start:
            continue
        for a, b in pairwise(np.linspace(start, end, max(int((end - start) / 0.4), 1) + 1)):
            here = smooth[round(a / step) : round(b / step)]
            found.append(float(a) + (int(here.argmin()) + 0.5) * step if len(here) else float(a + b) / 2)
    return found


def _costs(times: Floats, shots: Sequence[Shot], spoken: Sequence[Stretch], seen: Stretch) -> tuple[Floats, Floats]:
    """What it costs to begin and to end a piece at each of the times."""
    shared = np.zeros(len(times))
    mixed = [
        (shot.start - half, shot.start + half)
        for shot, half in ((shot, shot.lasts / 2 + MIXED) for shot in shots[1:] if shot.transition != "cut")
    ]
    hard = np.array([shot.start for shot in shots[1:] if shot.transition == "cut"])
    pauses = np.array(complement(spoken, seen[1]) or [(0.0, 0.0)])
    home = np.clip(np.searchsorted(pauses[:, 0], times, side="right") - 1, 0, None)
    shared += np.where(covers(mixed, times), MIXING, 0.0)
    outer = _nearest(times, np.array(seen)) < 0.01
    at_cut = outer | (_nearest(times, hard) < 0.01)
    shared += np.where(within(times, spoken) & ~outer, SPOKEN, 0.0)
    before_speech, after_speech = pauses[home, 1] - times, times - pauses[home, 0]
    shared += HASTY * np.clip(1 - (pauses[home, 1] - pauses[home, 0]) / 0.5, 0, 1)
    shared += np.where(outer, 0.0, HASTY * np.clip(1 - np.minimum(before_speech, after_speech) / TIGHT, 0, 1))
    begin = np.where(at_cut | (before_speech <= 2 * NEAR), 0.0, FREE)
    finish = np.where(at_cut | (after_speech <= 2 * NEAR), 0.0, FREE)
    begin += np.where((_following(times, hard) < FLASH) | (~outer & (times < seen[0] + GAP)), FLASHING, 0.0)
    finish += np.where((_following(-times, -hard[::-1]) < FLASH) | (~outer & (times > seen[1] - GAP)), FLASHING, 0.0)
    return shared + begin, shared + finish


def within(times: Floats, spoken: Sequence[Stretch]) -> NDArray[np.bool_]:
    """Which of the times lie inside speech: not where it begins or ends, to a hundredth of a second."""
    return covers([(a + 0.01, b - 0.01) for a, b in spoken], times)


def _nearest(times: Floats, others: Floats) -> Floats:
    """How far each time is from the nearest of others."""
    return np.minimum(_following(times, others, 0.0), _following(-times, -others[::-1], 0.0))


def _following(times: Floats, others: Floats, after: float = 0.01) -> Floats:
    """How long after each time the first of the others comes that is ``after`` seconds later at least."""
    at = np.searchsorted(others, times + after)
    return np.where(at < len(others), np.append(others, np.inf)[at], np.inf) - times


def pick(edges: Edges, gains: Floats, seconds: float, report: Callable[[], None] = lambda: None) -> list[Stretch]:
    """Pieces in order whose lengths sum to ``seconds``, as nearly as the edges allow it.

    ``gains`` (n - 1,) is what is won by showing what lies between neighbouring edges, in seconds of the most important
    moment. Pieces last ``SHORTEST`` seconds at least, except where less is asked, and lie ``GAP`` apart.
    """
    aim, nearest = seconds, float("inf")
    apart = np.diff(edges.times)
    least = int(np.abs(apart - seconds).argmin()) if len(apart) else 0
    best = [(float(a), float(b)) for a, b in pairwise(edges.times[least : least + 2])]  # where no frames are near
    for _ in range(3):
        pairs = _best(edges, gains, aim, min(SHORTEST, 0.8 * seconds), report)
        pieces = [(float(edges.times[a]), float(edges.times[b])) for a, b in pairs]
        if not pieces:
            break
        off = sum(b - a for a, b in pieces) - seconds
        if abs(off) < nearest:
            best, nearest = pieces, abs(off)
        if abs(off) <= ALLOWED:
            break
        aim -= off  # rounding to units adds up over many pieces
    return best


def _best(edges: Edges, gains: Floats, seconds: float, shortest: float, report: Callable[[], None]) -> list[Pair]:
    """The best pieces as pairs of edges.

    At each edge, ``closed[l]`` is the most that can be won so far with length ``l`` when no piece is open,
    ``opened[l]`` when one is. Where each came from is kept: 0 is the edge before, m the m-th of ``begins`` (``ends``).
    """
    times, count = edges.times, len(edges.times)
    unit = max(UNIT, seconds / LENGTHS)
    at = np.rint((times - times[0]) / unit).astype(int)
    slack = min(max(float(np.diff(times).max(initial=0.0)), 0.5), 10.0)
    size = int((seconds + slack) / unit) + 2
    worth = np.concatenate(([0.0], np.cumsum(gains)))
    begins, ends = _since(times, shortest), _since(times, GAP)
    from_begin, from_end = np.zeros((count, size), np.uint8), np.zeros((count + 1, size), np.uint8)
    closed, opened = np.full(size, NONE), np.full(size, NONE)
    closed[0] = 0.0
    before: dict[int, Floats] = {}
    after: dict[int, Floats] = {}
    for now in range(count + 1):
        if now % 100 == 0:
            report()
        for number, end in enumerate(ends[now], 1):
            closed = _better(closed, after.pop(end), from_end[now], number)
        if now == count:
            break
        before[now] = closed
        opened = _longer(opened, at[now] - at[now - 1]) + gains[now - 1] if now else opened
        for number, begin in enumerate(begins[now], 1):
            won = worth[now] - worth[begin] - edges.begin[begin] - JOIN
            opened = _better(opened, _longer(before.pop(begin), at[now] - at[begin]) + won, from_begin[now], number)
        after[now] = opened - edges.finish[now]
    off = np.abs(np.arange(size) * unit - seconds)
    length = int(np.argmax(closed - STRAY * off - 10 * SPOKEN * np.maximum(off - ALLOWED + unit, 0)))
    return _traced(length, at, begins, ends, from_begin, from_end) if closed[length] > NONE / 2 else []


def _since(times: Floats, least: float) -> list[list[int]]:
    """For each time the earlier ones that lie ``least`` seconds or more before it and not before the one before it;
    at the end those that lie so before none."""
    found: list[list[int]] = [[] for _ in range(len(times) + 1)]
    for earlier, now in enumerate(np.searchsorted(times, times + least - 1e-6)):
        found[now].append(earlier)
    return found


def _longer(worth: Floats, units: int) -> Floats:
    """The same worths at lengths that are so many units more."""
    moved = np.full(len(worth), NONE)
    moved[units:] = worth[: max(len(worth) - units, 0)]
    return moved


def _better(one: Floats, other: Floats, choice: NDArray[np.uint8], number: int) -> Floats:
    """The better of two worths at each length; where it is the other, ``number`` is noted as the choice."""
    choice[other > one] = number
    return np.maximum(one, other)


def _traced(
    length: int,
    at: NDArray[np.int_],
    begins: Sequence[Sequence[int]],
    ends: Sequence[Sequence[int]],
    from_begin: NDArray[np.uint8],
    from_end: NDArray[np.uint8],
) -> list[Pair]:
    """The pieces that led to a length, from the choices that were noted."""
    pieces: list[Pair] = []
    now = len(at)
    while now >= 0 and length > 0:
        if not from_end[now, length]:
            now -= 1
            continue
        end = here = ends[now][from_end[now, length] - 1]
        while not from_begin[here, length]:
            length -= at[here] - at[here - 1]
            here -= 1
        now = begins[here][from_begin[here, length] - 1]
        length -= at[here] - at[now]
        pieces.append((now, end))
    return pieces[::-1]
