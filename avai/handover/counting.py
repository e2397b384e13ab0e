"""Seconds to whole frames: the one count that all project files share.

Editors cut on the frames of their timeline. Its clock is one that they all have: the slowest of ``CLOCKS`` of which the
clip's rate is a whole part (10 frames a second count on 30), so that each of the clip's frames begins with one of the
clock's. A clip of another rate, or of a variable one, is counted on the clock nearest to its mean rate (on 30 where
pictures come now and then): its cuts are then half a frame off at most, and never drift. Sound alone counts on 30
frames a second, the one that every EDL has: at most 17 ms from the cut that was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from avai.handover.cut import Cut, CutPiece, Marker, inside
from avai.handover.timecode import drops, frame_of

CLOCKS = tuple(
    Fraction(*rate) for rate in ((24000, 1001), (24,), (25,), (30000, 1001), (30,), (48,), (50,), (60000, 1001), (60,))
)
SOUND_CLOCK = Fraction(30)
SELDOM = 20
"""Below so many pictures a second, on the mean, they come now and then."""
SAME = Fraction(1, 2000)
"""Rates so near to each other, as a share, are the same: 23.976 and 24 differ by twice as much."""


@dataclass(frozen=True)
class Mark:
    """A named stretch inside an event, in frames of the edit from the event's beginning; at least one long."""

    at: int
    length: int
    name: str


@dataclass(frozen=True)
class Event:
    """A piece in whole frames: ``used`` frames of the clip from its frame ``source`` fill ``length`` frames of the edit
    from its frame ``at``. ``used`` and ``length`` are the same but where ``speed`` is not 1."""

    source: int
    used: int
    at: int
    length: int
    speed: Fraction = Fraction(1)
    marks: tuple[Mark, ...] = ()

    @property
    def until(self) -> int:
        return self.at + self.length


@dataclass(frozen=True)
class Count:
    """A cut in whole frames of ``clock``. ``media`` is how many the clip has, ``origin`` the number that its own
    timecode gives the first of them, and ``drop`` whether timecode drops numbers."""

    clock: Fraction
    events: tuple[Event, ...]
    media: int
    origin: int
    drop: bool

    @property
    def length(self) -> int:
        """How many frames the edit has."""
        return self.events[-1].until


def clock_of(rate: Fraction | None) -> Fraction:
    """The clock on which a clip of this rate is counted; None is sound alone."""
    if rate is None:
        return SOUND_CLOCK
    for clock in CLOCKS:
        times = max(1, round(clock / rate))
        if abs(times * rate / clock - 1) < SAME:
            return clock
    slower = [clock for clock in CLOCKS if abs(round(rate / clock) * clock / rate - 1) < SAME]
    if slower:
        return slower[-1]
    return Fraction(30) if rate < SELDOM else min(CLOCKS, key=lambda clock: abs(clock - rate))


def frame_at(time: Fraction, clock: Fraction) -> int:
    """The frame edge nearest to a time; halves go up, so that whole lengths stay whole wherever they stand."""
    return floor(time * clock + Fraction(1, 2))


def counted(cut: Cut) -> Count:
    """A cut in frames. A piece shorter than half a frame of the edit is in none."""
    clock = clock_of(cut.rate)
    shift = cut.first % (1 / clock)
    media = max(1, frame_at(cut.duration - shift, clock))
    named = frame_of(cut.timecode, clock) if cut.timecode else None
    edges = [(float(marker.start), float(marker.end)) for marker in cut.markers]
    whole = [piece for piece in cut.pieces if _frames(piece, clock)[1]] or [cut.pieces[0]]
    return Count(
        clock=clock,
        events=tuple(
            _event(piece, [cut.markers[number] for number in inside(piece, edges)], clock, shift, media)
            for piece in whole
        ),
        media=media,
        origin=named or 0,
        drop=drops(clock) and (named is None or ":" not in cut.timecode[-3:]),
    )


def events(cut: Cut) -> tuple[Event, ...]:
    """What of the clip stands where in the edit, in whole frames of ``clock_of(cut.rate)``."""
    return counted(cut).events


def _frames(piece: CutPiece, clock: Fraction) -> tuple[int, int]:
    """Where a piece begins in the edit, and how many frames it fills."""
    at = frame_at(piece.at, clock)
    return at, frame_at(piece.until, clock) - at


def _event(piece: CutPiece, markers: list[Marker], clock: Fraction, shift: Fraction, media: int) -> Event:
    """``shift`` is how much later than the clock's the clip's frames begin: editors put its first on their first."""
    at, length = _frames(piece, clock)
    length = max(1, length)
    first, last = (frame_at(time - shift, clock) for time in (piece.start, piece.end))
    used = length if piece.speed == 1 else max(1, last - first)
    source = max(0, min(first, media - used))
    found = [_mark(marker, piece, clock, length) for marker in markers]
    marks = sorted((mark for mark in found if mark), key=lambda mark: mark.at)
    return Event(source, used, at, length, piece.speed, tuple(marks))


def _mark(marker: Marker, piece: CutPiece, clock: Fraction, length: int) -> Mark | None:
    """What of a marker is in a piece."""
    start, end = max(marker.start, piece.start), min(marker.end, piece.end)
    if start >= end:
        return None
    first, last = (frame_at((time - piece.start) / piece.speed, clock) for time in (start, end))
    first = min(first, length - 1)
    return Mark(first, max(1, min(last, length) - first), marker.name)
