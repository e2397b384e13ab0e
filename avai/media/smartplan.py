"""Which packets of a film a cut can keep as they are, and which frames at its edges have to be encoded anew."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from av.packet import Packet
from av.stream import Stream

from avai.media.avc import IDR, PICTURE, SEQUENCE, SLICE, Headers, kind, units
from avai.media.clock import FrameTimes, base, common_start, packets
from avai.media.door import Source
from avai.media.picture_track import keeps_times
from avai.media.timeline import Piece, Timeline

WORTH = 0.5
"""The least share of frames to be copied: below it little time is won, and the film would be of two kinds."""


class Unfit(Exception):
    """This film can't be cut smartly; ``why`` is a code that ``smart_cut`` explains."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Table:
    """The frames of a film: ``shown`` are their stamps in order; ``ranks`` says of each packet, in the order of
    decoding, which frame it is (-1: one that is not shown); ``entries`` are the packets where decoding can begin as if
    nothing had come before (IDR)."""

    shown: list[int]
    ranks: list[int]
    entries: list[int]
    open_groups: bool


@dataclass(frozen=True)
class Step:
    """What becomes of one piece: frames [first, key) are encoded, [key, rest) copied, [rest, last) encoded.

    ``entry`` is the number of the packet of frame ``key``. Frame ``first`` appears at tick ``begin`` of the output;
    frame f after it at ``offset`` + ``ticks`` x its stamp.
    """

    first: int
    key: int
    rest: int
    last: int
    entry: int
    begin: int
    offset: int

    @property
    def edges(self) -> list[tuple[int, int]]:
        """The stretches of frames to be encoded."""
        return [edge for edge in ((self.first, self.key), (self.rest, self.last)) if edge[1] > edge[0]]


@dataclass(frozen=True)
class Plan:
    """The steps of a cut. ``ticks`` of the output's clock (``unit`` seconds) make one of the source's; ``times`` are
    the ticks at which the frames of the output appear, in order; ``end`` is when the last one ends. The packet in place
    n is decoded ``lead`` ticks before frame n appears: never too late, however frames are reordered and however long
    they last, and as early for each key frame, which is what players reckon with when they seek."""

    table: Table
    steps: tuple[Step, ...]
    unit: Fraction
    ticks: int
    times: list[int]
    end: int
    lead: int


def table(source: Source, sets: Headers) -> Table:
    """Read all packets of the picture once; raises ``Unfit``."""
    order: list[int] = []
    entries: list[int] = []
    hidden: set[int] = set()
    others = False
    for packet in _whole(source):
        assert packet.pts is not None
        if packet.is_discard:
            hidden.add(len(order))
        if packet.is_keyframe:
            if _enters(packet, sets):
                entries.append(len(order))
            else:
                others = True
        order.append(packet.pts)
    shown = sorted(stamp for number, stamp in enumerate(order) if number not in hidden)
    if not shown or any(before == after for before, after in pairwise(shown)):
        raise Unfit("times")
    rank = {stamp: number for number, stamp in enumerate(shown)}
    ranks = [-1 if number in hidden else rank[stamp] for number, stamp in enumerate(order)]
    return Table(shown, ranks, [entry for entry in entries if ranks[entry] >= 0], others)


def _whole(source: Source) -> Iterator[Packet[Stream]]:
    for packet in packets(source, source.picture()):
        if packet.size == 0:
            continue
        if packet.is_corrupt:
            raise Unfit("damaged")
        if packet.pts is None:
            raise Unfit("times")
        if packet.has_sidedata("new_extradata"):
            raise Unfit("headers")
        yield packet


def _enters(packet: Packet[Stream], sets: Headers) -> bool:
    """Whether nothing before the packet is needed from it on; ``Unfit`` when it changes the parameter sets."""
    for unit in units(memoryview(packet)):
        if kind(unit) in (SEQUENCE, PICTURE) and bytes(unit) not in (*sets.sequences, *sets.pictures):
            raise Unfit("headers")
        if kind(unit) in (SLICE, IDR):
            return kind(unit) == IDR
    return False


def plan(timeline: Timeline, source: Source, sets: Headers, times: FrameTimes, unit: Fraction) -> Plan:
    """How the picture of the timeline is made of packets and new frames; raises ``Unfit``."""
    pieces = timeline.picture.pieces
    if not keeps_times(timeline) or timeline.size or any(piece.length != piece.end - piece.start for piece in pieces):
        raise Unfit("timeline")
    found = table(source, sets)
    if len(found.shown) != len(times.times):
        raise Unfit("times")
    clock = base(source.picture())
    start = common_start(source.path) / clock
    steps = tuple(_step(piece, found, start, clock, unit) for piece in pieces)
    ticks = int(clock / unit)
    made = [tick for step in steps for tick in _ticks(step, found, ticks)]
    copied = sum(step.rest - step.key for step in steps)
    if any(after <= before for before, after in pairwise(made)):
        raise Unfit("times")
    if copied < WORTH * len(made):
        raise Unfit("open_gop" if found.open_groups else "few_keys")
    delay = max(_delay(step, found) for step in steps)
    lead = max((after - before for before, after in zip(made, made[delay:], strict=False)), default=0)
    return Plan(found, steps, unit, ticks, made, round(timeline.picture.length / unit), lead)


def _step(piece: Piece, found: Table, start: Fraction, clock: Fraction, unit: Fraction) -> Step:
    stamps = piece.start / clock + start, piece.end / clock + start
    first = max(bisect_right(found.shown, stamps[0]) - 1, 0)
    last = max(bisect_left(found.shown, stamps[1]), first + 1)
    begin, offset = round(piece.at / unit), round((piece.at - piece.start - start * clock) / unit)
    index = bisect_left(found.entries, first, key=lambda entry: found.ranks[entry])
    entry = found.entries[index] if index < len(found.entries) else len(found.ranks)
    key = rest = found.ranks[entry] if entry < len(found.ranks) else last
    if key >= last:
        return Step(first, last, last, last, entry, begin, offset)
    latest = key
    for count, rank in enumerate(found.ranks[entry : entry + last - key], 1):
        if not key <= rank < last:
            break
        latest = max(latest, rank)
        if latest - key + 1 == count:  # all that is shown until then has been decoded by then
            rest = latest + 1
    return Step(first, key, rest, last, entry, begin, offset)


def _ticks(step: Step, found: Table, ticks: int) -> Iterator[int]:
    yield step.begin
    for stamp in found.shown[step.first + 1 : step.last]:
        yield step.offset + ticks * stamp


def _delay(step: Step, found: Table) -> int:
    """How many frames are decoded, at most, before one that is shown earlier."""
    copied = found.ranks[step.entry : step.entry + step.rest - step.key]
    return max((count - (rank - step.key) for count, rank in enumerate(copied)), default=0)
