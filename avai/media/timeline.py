"""Timelines: which stretch of which clip stands where. Pure data, exact rationals, no files opened.

A ``Timeline`` is rendered by ``media.render``. Picture pieces follow each other; one that overlaps the piece before
(``at`` earlier than the former's end) is dissolved into over that overlap. Sound pieces are mixed where they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

CLICK_FREE = Fraction(5, 1000)


@dataclass(frozen=True)
class Piece:
    """The stretch [start, end) of ``source``, in seconds of the source, placed at ``at`` seconds of the output."""

    source: Path
    start: Fraction
    end: Fraction
    at: Fraction
    fade_in: Fraction = CLICK_FREE
    fade_out: Fraction = CLICK_FREE
    gain: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or self.at < 0:
            raise ValueError(f"a piece needs 0 <= start < end and at >= 0, not {self}")

    @property
    def length(self) -> Fraction:
        return self.end - self.start

    @property
    def until(self) -> Fraction:
        """Where the piece ends in the output."""
        return self.at + self.length


@dataclass(frozen=True)
class Track:
    """Pieces in the order of the output."""

    pieces: tuple[Piece, ...] = ()

    @property
    def length(self) -> Fraction:
        return max((piece.until for piece in self.pieces), default=Fraction(0))


@dataclass(frozen=True)
class Timeline:
    """A film to be. ``size`` and ``rate`` None keep those of the first picture source (its own frame times, when all
    pieces come from one source without dissolves); ``fit`` says how other shapes meet the size: ``bars`` or ``fill``.
    """

    picture: Track = Track()
    sound: Track = Track()
    size: tuple[int, int] | None = None
    rate: Fraction | None = None
    fit: str = "bars"

    @property
    def length(self) -> Fraction:
        return max(self.picture.length, self.sound.length)


def joined(source: Path, spans: Iterable[tuple[Fraction, Fraction]], overlap: Fraction = Fraction(0)) -> Track:
    """The spans of one source one after another, each beginning ``overlap`` before the former ends."""
    pieces: list[Piece] = []
    at = Fraction(0)
    for start, end in spans:
        pieces.append(Piece(source, start, end, at))
        at = pieces[-1].until - overlap
    return Track(tuple(pieces))


def crossfaded(track: Track, overlaps: Sequence[tuple[Fraction, Fraction]]) -> Track:
    """The same track with its pieces, as sound, fading into each other.

    ``overlaps`` are, for each join, for how many seconds before it the next piece is heard already, and for how many
    after it the former is heard still. Each piece's source has to have so much sound beyond its edges.
    """
    pieces = list(track.pieces)
    for index, ((one, other), (early, late)) in enumerate(zip(pairwise(track.pieces), overlaps, strict=True)):
        fade = max(early + late, CLICK_FREE)
        pieces[index] = replace(pieces[index], end=one.end + late, fade_out=fade)
        pieces[index + 1] = replace(other, start=other.start - early, at=other.at - early, fade_in=fade)
    return Track(tuple(pieces))
