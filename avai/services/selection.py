"""Which stretches of a clip an edit keeps: units weighed against each other until the asked length is full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from avai.contracts import Shot
from avai.services.spans import Stretch

TOUCH = 1e-6


@dataclass(frozen=True)
class Unit:
    """A stretch that is kept or left out as a whole, what it is worth from 0 to 1, and why it would be kept."""

    start: float
    end: float
    worth: float
    why: tuple[str, ...]

    @property
    def length(self) -> float:
        return self.end - self.start


def cut_at(kept: list[Stretch], shots: tuple[Shot, ...], size: float, shortest: float) -> list[Stretch]:
    """Kept stretches cut at shot edges, and those longer than ``size`` into equal parts, none under ``shortest``."""
    found: list[Stretch] = []
    for stretch in kept:
        edges = [stretch[0]]
        for shot in shots[1:]:
            if edges[-1] + shortest <= shot.start <= stretch[1] - shortest:
                edges.append(shot.start)
        edges.append(stretch[1])
        for start, end in pairwise(edges):
            parts = max(int(-(-(end - start) // size)), 1)
            while parts > 1 and (end - start) / parts < shortest:
                parts -= 1
            found += [
                (start + (end - start) * i / parts, start + (end - start) * (i + 1) / parts) for i in range(parts)
            ]
    return found


def choose(
    units: Sequence[Unit], kept: Sequence[Stretch], target: float | None, shortest: float, longest: float | None
) -> list[Unit]:
    """The best units until ``target`` is full (all without one), in order of time; the last taken is shortened to fit.

    With ``longest``, a unit is left out when it would make a run of touching units longer than that, and one that is
    longer by itself is shortened. Without, what still lacks to the target is made up by lengthening units inside the
    kept material.
    """
    chosen: list[Unit] = []
    whole: list[Unit] = []  # the chosen as they were: what is next to a shortened one touches it
    left = float("inf") if target is None else target
    for unit in sorted(units, key=lambda unit: -unit.worth):
        if left <= 0.02:
            break
        if unit.length > left and chosen and left < shortest:
            continue
        taken = Unit(unit.start, min(unit.end, unit.start + left), unit.worth, unit.why)
        if longest is not None:
            if _run(taken, whole) > max(longest, taken.length) + 0.01:
                continue
            taken = Unit(taken.start, min(taken.end, taken.start + longest), taken.worth, taken.why)
        whole.append(unit)
        chosen.append(taken)
        left -= taken.length
    chosen.sort(key=lambda unit: unit.start)
    return chosen if target is None or longest is not None else _stretched(chosen, left, kept)


def _run(unit: Unit, chosen: Sequence[Unit]) -> float:
    """How long the run of touching units would be that ``unit`` makes with those chosen."""
    start, end = unit.start, unit.end
    for other in sorted(chosen, key=lambda other: -other.start):
        if abs(other.end - start) < TOUCH:
            start = other.start
    for other in sorted(chosen, key=lambda other: other.start):
        if abs(other.start - end) < TOUCH:
            end = other.end
    return end - start


def _stretched(chosen: Sequence[Unit], left: float, kept: Sequence[Stretch]) -> list[Unit]:
    """Lengthen chosen units inside the kept material, at their ends and then their starts, by ``left`` seconds."""
    units = list(chosen)
    for index, unit in enumerate(units):
        home = next((stretch for stretch in kept if stretch[0] <= unit.start < stretch[1]), (unit.start, unit.end))
        limit = units[index + 1].start if index + 1 < len(units) else home[1]
        more = min(max(min(home[1], limit) - unit.end, 0.0), max(left, 0.0))
        floor = max(home[0], units[index - 1].end if index else 0.0)
        earlier = min(max(unit.start - floor, 0.0), max(left - more, 0.0))
        left -= more + earlier
        units[index] = Unit(unit.start - earlier, unit.end + more, unit.worth, unit.why)
    return units


def joined_units(units: Sequence[Unit]) -> list[Unit]:
    """Neighbours that touch become one piece with the reasons of both."""
    pieces: list[Unit] = []
    for unit in units:
        if pieces and unit.start - pieces[-1].end < TOUCH:
            before = pieces[-1]
            why = tuple(dict.fromkeys([*before.why, *unit.why]))
            pieces[-1] = Unit(before.start, unit.end, max(before.worth, unit.worth), why)
        else:
            pieces.append(unit)
    return pieces
