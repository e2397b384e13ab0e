"""An edit of an asked length: the best moments of what is kept, with edges where shots or pauses are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avai.services.known import Known
from avai.services.moments import STEP, Moments
from avai.services.picking import Edges, edges, pick, within
from avai.services.skim import BLACK
from avai.services.spans import Stretch, overlap, shared

Floats = NDArray[np.float64]
MUST = 100.0
"""What a second is worth that was included by hand, in seconds of the most important moment."""
APART = 0.1
EXACT = 0.005
SLIVER = 0.04
"""Stretches and gaps shorter than this are none."""


def fitted(
    known: Known,
    moments: Moments,
    kept: Sequence[Stretch],
    must: Sequence[Stretch],
    seconds: float,
    report: Callable[[], None],
) -> list[Stretch]:
    """The best stretches of ``kept`` that last ``seconds`` together, those of ``must`` before any other.

    What is kept is laid end to end, and the pieces are picked there: a piece may run over what was left out before.
    Edges are cuts, pauses of the speech, and where what is kept begins and ends. What then lacks, or is too much, is
    made up at edges where nobody speaks.
    """
    places, back = _laid(known, kept)
    grid = np.arange(len(moments.value) + 1) * STEP
    worth = np.where(moments.dark, BLACK, moments.value.astype(np.float64))
    total = np.concatenate(([0.0], np.cumsum(worth))) * STEP
    steps = np.diff(places.times)
    begins = back(places.times[:-1])  # what lies between two edges is in one stretch: what was left out counts nothing
    won = np.interp(begins + steps, grid, total) - np.interp(begins, grid, total)
    held = [shared((begin, begin + step), must) for begin, step in zip(begins, steps, strict=True)]
    gains = won + MUST * steps * np.array(held)
    picked = pick(places, gains, seconds, report)
    stretches = [each for a, b in picked for each in _source(a, b, kept)]
    return _exact(stretches, kept, known.spoken, seconds)


def _laid(known: Known, kept: Sequence[Stretch]) -> tuple[Edges, Callable[[Floats], Floats]]:
    """The edges on the clock of what is kept laid end to end, and what brings that clock back to the source's."""
    frames = known.frames
    times = np.array([*map(float, frames.times), float(frames.end)] if frames else np.arange(0, known.duration, 0.01))
    levels = known.hearing.levels if known.hearing else np.zeros(0)
    found = edges(known.shots, known.spoken, levels, times, known.seen)
    starts = np.array([a for a, _ in kept])
    lengths = np.array([b - a for a, b in kept])
    places = np.concatenate(([0.0], np.cumsum(lengths)))
    stretch = np.searchsorted(starts, found.times, "right") - 1
    safe = np.maximum(stretch, 0)
    after = found.times - starts[safe]
    inside = (stretch >= 0) & (after > APART) & (after < lengths[safe] - APART)
    laid = places[safe] + after
    all_times = np.concatenate((places, laid[inside]))
    order = np.argsort(all_times, kind="stable")
    begin = np.concatenate((np.zeros(len(places)), found.begin[inside]))
    finish = np.concatenate((np.zeros(len(places)), found.finish[inside]))

    def back(at: Floats) -> Floats:
        number = np.clip(np.searchsorted(places, at, "right") - 1, 0, len(starts) - 1)
        return np.asarray(starts[number] + np.minimum(at - places[number], lengths[number]))

    return Edges(all_times[order], begin[order], finish[order]), back


def _source(start: float, end: float, kept: Sequence[Stretch]) -> list[Stretch]:
    """A stretch of what is kept laid end to end, as the stretches of the source that it runs over."""
    found: list[Stretch] = []
    at = 0.0
    for a, b in kept:
        first, last = max(start, at), min(end, at + b - a)
        if last - first > SLIVER:
            found.append((a + first - at, a + last - at))
        at += b - a
    return found


def _exact(
    stretches: list[Stretch], kept: Sequence[Stretch], spoken: Sequence[Stretch], seconds: float
) -> list[Stretch]:
    """The stretches with the seconds that are missing added at their ends or starts, or those too much taken off,
    where nobody speaks."""
    off = seconds - sum(b - a for a, b in stretches)
    order = sorted(range(len(stretches)), key=lambda number: stretches[number][0] - stretches[number][1])
    for number, side in ((number, side) for side in (1, 0) for number in order):
        if abs(off) < EXACT:
            break
        start, end = stretches[number]
        home = next(((a, b) for a, b in kept if a <= start < b), (start, end))
        if side:
            room = min([home[1], *(a for a, _ in stretches if a > start)]) - end
        else:
            room = start - max([home[0], *(b for _, b in stretches if b < end)])
        moved = float(np.clip(off, -0.8 * (end - start), max(room, 0.0)))
        edge, there = (end, end + moved) if side else (start, start - moved)
        talk = overlap([(min(edge, there), max(edge, there))], list(spoken))
        if talk:
            there = talk[0][0] if there > edge else talk[-1][1]
        stretches[number] = (start, there) if side else (there, end)
        off -= (there - edge) if side else (edge - there)
    return stretches


def on_beats(stretches: Sequence[Stretch], beats: Floats, reach: float = 0.5) -> list[Stretch]:
    """The stretches with their edges on the nearest beats, where one is within ``reach`` seconds, so that the sound
    keeps its measure over the cuts."""
    moved = []
    for start, end in stretches:
        a, b = (_nearest(time, beats, reach) for time in (start, end))
        moved.append((a, b) if b - a > APART else (start, end))
    for number, (one, other) in enumerate(pairwise(moved)):
        if one[1] > other[0]:
            moved[number + 1] = (one[1], max(other[1], one[1]))
    return [(a, b) for a, b in moved if b - a > SLIVER]


def _nearest(time: float, beats: Floats, reach: float) -> float:
    near = float(beats[np.abs(beats - time).argmin()])
    return near if abs(near - time) <= reach else time


def edges_in_speech(edges: Collection[float], spoken: Sequence[Stretch]) -> int:
    """How many edges lie inside what is said; one that is nearer than a sliver to its start or end does not."""
    inner = [(start + SLIVER, end - SLIVER) for start, end in spoken]
    return int(within(np.array(sorted(edges)), inner).sum())
