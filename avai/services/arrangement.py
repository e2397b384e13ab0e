"""When each piece of a film begins: lengths shared out, joins moved to beats. Frames of the film throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Slot:
    """The place of a piece: the middles of its joins [start, end), and how many frames of a dissolve lie on either
    side of each. The piece is seen from ``first`` until ``last``."""

    start: int
    end: int
    half_in: int = 0
    half_out: int = 0

    @property
    def first(self) -> int:
        return self.start - self.half_in

    @property
    def last(self) -> int:
        return self.end + self.half_out

    @property
    def frames(self) -> int:
        return self.last - self.first


def shared_out(total: int, room: Sequence[int], least: int = 1) -> list[int]:
    """``total`` frames shared by the room that each has: in proportion, none above its room, none below ``least``
    where that can be had. Whole numbers with the sum ``total``, which the rooms together must reach."""
    sizes = np.asarray(room, dtype=np.float64)
    floors = np.minimum(sizes, least)
    if floors.sum() >= total:
        floors = np.zeros_like(sizes)
    low, high = 0.0, 1.0
    for _ in range(60):  # the share at which the floors and what is above them add up
        middle = (low + high) / 2
        if np.maximum(sizes * middle, floors).sum() < total:
            low = middle
        else:
            high = middle
    edges = np.concatenate([[0.0], np.cumsum(np.maximum(sizes * high, floors))])
    edges *= total / edges[-1]
    whole = np.diff(np.round(edges)).astype(int)
    while (over := whole - np.asarray(room)).max() > 0:  # rounding took a frame that is not there
        whole[int(over.argmax())] -= 1
        whole[int((np.asarray(room) - whole).argmax())] += 1
    return [int(share) for share in whole]


def arranged(
    total: int,
    room: Sequence[int],
    halves: Sequence[int],
    beats: Floats,
    strength: Floats,
    reach: float,
    least: int,
) -> list[Slot]:
    """A slot for each piece, from frame 0 to ``total``.

    ``room`` is how many frames each piece has, ``halves`` half the dissolve at each of the joins, ``beats`` where the
    sound beats (frames, fractions) and how strongly. Joins go to strong beats at most ``reach`` frames from where
    sharing out would put them, all weighed together (dynamic programming), while every piece has the frames.
    """
    edges = [0, *halves, 0]
    able = [frames - edges[at] - edges[at + 1] for at, frames in enumerate(room)]
    shares = shared_out(total, able, least)
    places = np.concatenate([[0], np.cumsum(shares)])
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for join in range(1, len(room) + 1):
        options = _options(int(places[join]), beats, strength, reach) if join < len(room) else {total: 0.0}
        shortest = max(edges[join - 1] + edges[join], shares[join - 1] // 2, 1)
        found: dict[int, tuple[float, int]] = {}
        for place, cost in options.items():
            ways = [
                (before[0] + cost, at)
                for at, before in best[-1].items()
                if min(shortest, shares[join - 1]) <= place - at <= able[join - 1]
            ]
            if ways:
                found[place] = min(ways)
        best.append(found)
    joins = [total]
    for found in reversed(best[1:]):
        joins.append(found[joins[-1]][1])
    joins.reverse()
    return [Slot(joins[at], joins[at + 1], edges[at], edges[at + 1]) for at in range(len(room))]


def _options(place: int, beats: Floats, strength: Floats, reach: float) -> dict[int, float]:
    """Frames at which a join may stand and what each costs: beats near by, and the place itself as a last resort."""
    options = {place: 2.0}
    mean = float(strength.mean()) if len(strength) else 1.0
    for beat, strong in zip(beats, strength, strict=True):
        if abs(beat - place) <= reach:
            cost = abs(beat - place) / reach - 0.5 * min(strong / mean, 2.0)
            options[round(float(beat))] = min(cost, options.get(round(float(beat)), np.inf))
    return options
