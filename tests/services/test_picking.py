"""Which whole moments are picked: the asked length, edges at cuts and pauses, pieces apart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from avai.contracts import Shot
from avai.services.picking import GAP, SHORTEST, edges, pick, within
from avai.services.spans import Stretch

RATE = 25


def shots_at(*cuts: float, ends: float, transition: str = "cut", lasts: float = 0.0) -> tuple[Shot, ...]:
    return tuple(
        Shot(start=a, end=b, transition=transition if a else "start", lasts=lasts if a else 0)  # type: ignore[arg-type]
        for a, b in pairwise([0.0, *cuts, ends])
    )


def picked(
    shots: tuple[Shot, ...], spoken: list[Stretch], best: Stretch, seconds: float, loud: float = -20.0
) -> list[Stretch]:
    """What is picked where ``best`` is worth all and the rest little; speech is quietest just after whole seconds."""
    ends = shots[-1].end
    levels = np.where(np.arange(round(ends * 100)) % 100 < 5, -60.0, loud)
    frames = np.arange(round(ends * RATE) + 1) / RATE
    places = edges(shots, spoken, levels, frames, (0.0, ends))
    middles = (places.times[1:] + places.times[:-1]) / 2
    gains = np.where((middles >= best[0]) & (middles < best[1]), 1.0, 0.1) * np.diff(places.times)
    return pick(places, gains, seconds)


def test_a_piece_is_a_whole_shot() -> None:
    assert picked(shots_at(4.2, 8.4, ends=12), [], (4.6, 8.0), 4.0) == [(pytest.approx(4.2), pytest.approx(8.4))]


def test_a_cut_inside_a_word_is_no_edge() -> None:
    spoken = [(3.0, 5.0), (7.0, 9.0)]
    ((start, end),) = picked(shots_at(4.2, 8.4, ends=12), spoken, (4.6, 8.0), 5.0)
    assert not within(np.array([start, end]), spoken).any()
    assert start <= 3.0 or 5.0 <= start <= 7.0


def test_edges_keep_away_from_dissolves() -> None:
    shots = shots_at(4.0, 8.0, ends=12, transition="dissolve", lasts=0.8)
    for edge in (edge for piece in picked(shots, [], (4.0, 8.0), 3.0) for edge in piece):
        assert min(abs(edge - 4.0), abs(edge - 8.0)) >= 0.5


def test_where_nobody_pauses_the_quietest_place_is_the_edge() -> None:
    (piece,) = picked(shots_at(ends=20), [(0.0, 20.0)], (5.0, 9.0), 4.0)
    assert piece[1] - piece[0] == pytest.approx(4.0, abs=0.5)
    for edge in piece:
        assert edge in (0.0, 20.0) or edge % 1 < 0.1 or edge % 1 > 0.95


def test_where_frames_are_rare_the_nearest_length_is_taken() -> None:
    places = edges(shots_at(ends=260), [], np.zeros(0), np.array([0.0, 100.0, 180.0, 260.0]), (0.0, 260.0))
    assert pick(places, np.ones(len(places.times) - 1), 5.0) in ([(100.0, 180.0)], [(180.0, 260.0)])


@pytest.mark.parametrize("seed", range(4))
def test_the_length_is_met_in_any_video(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(40):
        rate = float(rng.choice([10, 24, 25, 29.97, 60]))
        frames = np.arange(int(rng.uniform(2, 90) * rate) + 1) / rate
        ends = float(frames[-1])
        cuts = np.unique(np.round(rng.uniform(0.1, ends - 0.1, int(rng.choice([0, 1, ends / 4, ends]))) * rate) / rate)
        bounds = [0.0, *map(float, cuts[(cuts > 0) & (cuts < ends)]), ends]
        kinds = rng.choice(["cut", "cut", "dissolve", "fade"], len(bounds))
        shots = tuple(
            Shot(start=a, end=b, transition=kind) for (a, b), kind in zip(pairwise(bounds), kinds, strict=False)
        )
        spoken: list[Stretch] = []
        at, talk = float(rng.uniform(0, 2)), float(rng.choice([0, 1.5, 6, 100]))
        while talk and at < ends:
            said = float(rng.exponential(talk)) + 0.15
            spoken.append((at, min(at + said, ends)))
            at += said + float(rng.exponential(0.4)) + 0.2
        seconds = float(max(1.0, rng.choice([1.0, rng.uniform(1, ends), 0.9 * ends, ends - 0.6])))
        if seconds >= ends:
            continue
        places = edges(shots, spoken, rng.normal(-30, 6, int(ends * 100)), frames, (0.0, ends))
        pieces = pick(places, rng.random(len(places.times) - 1) * np.diff(places.times), seconds)
        assert sum(b - a for a, b in pieces) == pytest.approx(seconds, abs=0.5)
        assert all(b[0] - a[1] >= GAP - 1e-3 for a, b in pairwise(pieces))
        assert all(b - a >= min(SHORTEST, 0.8 * seconds) - 1e-3 for a, b in pieces)
