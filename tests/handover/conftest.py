"""Cuts that are made up, the same at each run."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest

from avai.handover import Cut, Marker, placed

SPEEDS = [Fraction(1), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(1, 2), Fraction(4, 3), Fraction(8)]


def made_up(rate: Fraction | None, *, seconds: int = 3600, count: int = 60, speeds: bool = False) -> Cut:
    """About half of a clip in ``count`` pieces, on its frames (of a hundredth, for sound alone)."""
    draw = random.Random(f"{rate} {seconds} {count} {speeds}")
    grid = rate or Fraction(100)
    edges = sorted(draw.sample(range(int(seconds * grid)), 2 * count))
    stretches = [
        (edges[index] / grid, edges[index + 1] / grid, draw.choice(SPEEDS) if speeds else Fraction(1))
        for index in range(0, 2 * count, 2)
    ]
    starts = [Fraction(draw.randrange(seconds * 1000), 1000) for _ in range(30)]
    markers = [Marker(start, start + draw.randrange(1, 20_000) / Fraction(1000), "dog") for start in starts]
    return Cut(
        name="An edit",
        media="clips/a clip.mp4",
        duration=Fraction(seconds),
        pieces=placed(stretches),
        size=(1280, 720) if rate else None,
        rate=rate,
        channels=2,
        markers=tuple(markers),
    )


@pytest.fixture
def cut_of() -> Callable[..., Cut]:
    return made_up
