"""Timelines: which stretch of which clip stands where. Pure data, exact rationals, no files opened.

A ``Timeline`` is rendered by ``media.render``. Picture pieces follow each other; one that overlaps the piece before
(``at`` earlier than the former's end) is dissolved into over that overlap. Sound pieces are mixed where they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, pairwise, repeat
from pathlib import Path

CLICK_FREE = Fraction(5, 1000)
SLOWEST, FASTEST = Fraction(1, 4), Fraction(100)


@dataclass(frozen=True)
class Piece:
    """The stretch [start, end) of ``source``, in seconds of the source, placed at ``at`` seconds of the output.

    It is played ``speed`` times as fast, its sound at its own pitch; fades are in seconds of the output. ``track`` is
    the number of the sound track in the source, from 0.
    """

    source: Path
    start: Fraction
    end: Fraction
    at: Fraction
    fade_in: Fraction = CLICK_FREE
    fade_out: Fraction = CLICK_FREE
    gain: float = 1.0
    speed: Fraction = Fraction(1)
    track: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or self.at < 0:
            raise ValueError(f"a piece needs 0 <= start < end and at >= 0, not {self}")
        if not SLOWEST <= self.speed <= FASTEST or self.track < 0:
            raise ValueError(f"a piece needs a speed from {SLOWEST} to {FASTEST} and a track from 0 on, not {self}")

    @property
    def length(self) -> Fraction:
        """Seconds of the output."""
        return (self.end - self.start) / self.speed

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
    pieces come from one source without dissolves or change of speed); ``fit`` says how other shapes meet the size:
    ``bars``, ``blur`` or ``fill``. ``others`` are further sounds, each a track of the file of its own.
    """

    picture: Track = Track()
    sound: Track = Track()
    size: tuple[int, int] | None = None
    rate: Fraction | None = None
    fit: str = "bars"
    others: tuple[Track, ...] = ()

    @property
    def sounds(self) -> tuple[Track, ...]:
        """The sounds that the file has, each as a track."""
        return tuple(track for track in (self.sound, *self.others) if track.pieces)

    @property
    def length(self) -> Fraction:
        return max(track.length for track in (self.picture, self.sound, *self.others))


def joined(
    source: Path,
    spans: Iterable[tuple[Fraction, Fraction]],
    overlap: Fraction = Fraction(0),
    speeds: Iterable[Fraction] = (),
) -> Track:
    """The spans of one source one after another, each beginning ``overlap`` before the former ends; ``speeds`` are
    those of the spans, 1 where they end."""
    pieces: list[Piece] = []
    at = Fraction(0)
    for (start, end), speed in zip(spans, chain(speeds, repeat(Fraction(1))), strict=False):
        pieces.append(Piece(source, start, end, at, speed=speed))
        at = pieces[-1].until - overlap
    return Track(tuple(pieces))


def of_track(track: Track, number: int) -> Track:
    """The same pieces with the sound track ``number`` of their sources, from 0."""
    return Track(tuple(replace(piece, track=number) for piece in track.pieces))


def crossfaded(track: Track, overlaps: Sequence[tuple[Fraction, Fraction]]) -> Track:
    """The same track with its pieces, as sound, fading into each other.

    ``overlaps`` are, for each join, for how many seconds before it the next piece is heard already, and for how many
    after it the former is heard still. Each piece's source has to have so much sound beyond its edges.
    """
    pieces = list(track.pieces)
    for index, ((one, other), (early, late)) in enumerate(zip(pairwise(track.pieces), overlaps, strict=True)):
        fade = max(early + late, CLICK_FREE)
        pieces[index] = replace(pieces[index], end=one.end + late * one.speed, fade_out=fade)
        before = early * other.speed
        pieces[index + 1] = replace(other, start=other.start - before, at=other.at - early, fade_in=fade)
    return Track(tuple(pieces))
