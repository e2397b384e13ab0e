"""What an edit kept of one clip, in exact seconds: what every writer is given."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:[/\\]|[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True)
class CutPiece:
    """The stretch [start, end) of the clip, placed at ``at`` in the edit and played ``speed`` times as fast."""

    start: Fraction
    end: Fraction
    at: Fraction
    speed: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or self.at < 0 or self.speed <= 0:
            raise ValueError(f"a piece needs 0 <= start < end, at >= 0 and speed > 0, not {self}")

    @property
    def until(self) -> Fraction:
        """Where the piece ends in the edit."""
        return self.at + (self.end - self.start) / self.speed


@dataclass(frozen=True)
class Marker:
    """A named stretch of the clip, in its own seconds: a tag, and where it is."""

    start: Fraction
    end: Fraction
    name: str


@dataclass(frozen=True)
class Cut:
    """An edit of one clip: ``pieces`` one after another, from 0.

    ``media`` is the clip's path from where the project files lie, never an absolute one. ``duration`` is the whole
    clip's. ``size`` (width, height, as shown) and ``rate`` (pictures a second) are None for sound alone; ``first`` is
    when its first picture appears. ``channels`` is 0 without sound; ``channel`` is how many of the clip's channels come
    before them, in sound tracks that are not used; ``sample_rate`` is in hertz. ``timecode`` is what the clip itself
    gives its first frame (``01:00:00:00``; with a semicolon before the frames where it drops numbers), "" for none.
    Raises ``ValueError`` for what cannot be an edit.
    """

    name: str
    media: str
    duration: Fraction
    pieces: tuple[CutPiece, ...]
    size: tuple[int, int] | None = None
    rate: Fraction | None = None
    channels: int = 0
    sample_rate: int = 48000
    timecode: str = ""
    markers: tuple[Marker, ...] = ()
    first: Fraction = Fraction(0)
    channel: int = 0

    def __post_init__(self) -> None:
        if (self.size is None) != (self.rate is None) or not (self.size or self.channels):
            raise ValueError("a cut has a picture with size and rate, or sound, or both")
        if not self.media or ABSOLUTE.match(self.media):
            raise ValueError(f"the media's path is to be relative, not {self.media!r}")
        if not self.pieces or self.pieces[0].at != 0 or any(a.until != b.at for a, b in pairwise(self.pieces)):
            raise ValueError("the pieces of a cut begin at 0 and follow each other")

    @property
    def file(self) -> str:
        """The clip's own name, without folders."""
        return self.media.rpartition("/")[2] or self.media

    @property
    def length(self) -> Fraction:
        """How long the edit is."""
        return self.pieces[-1].until


def inside(piece: CutPiece, stretches: Iterable[tuple[float, float]]) -> list[int]:
    """Which of the stretches may share time with a piece: looked up in floats, which is many times as fast."""
    first, last = float(piece.start), float(piece.end)
    return [number for number, (start, end) in enumerate(stretches) if start <= last and end >= first]


def placed(stretches: Iterable[tuple[Fraction, Fraction, Fraction]]) -> tuple[CutPiece, ...]:
    """Pieces (start, end, speed) of a clip, one after another."""
    pieces: list[CutPiece] = []
    for start, end, speed in stretches:
        pieces.append(CutPiece(start, end, pieces[-1].until if pieces else Fraction(0), speed))
    return tuple(pieces)
