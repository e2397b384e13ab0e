"""The picture of a timeline as a stream of frames with exact times; only what is kept is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from avai.errors import RequestError
from avai.media.canvas import Canvas, as_frame, black, blend, even
from avai.media.clock import FrameTimes, base, frame_times
from avai.media.form import Form
from avai.media.geometry import BT709, Geometry, geometry, matrix
from avai.media.hdr import is_hdr
from avai.media.pictures import FrameReader
from avai.media.progressive import progressive
from avai.media.shapes import Planes
from avai.media.timeline import Piece, Timeline

FINE = 10_000  # output clocks have at least this many ticks a second
FASTEST, SLOWEST = Fraction(120), Fraction(1)


@dataclass(frozen=True)
class Look:
    """What the film looks like, taken from its first picture: size, colours, rate and clock of the output."""

    size: tuple[int, int]
    colours: int
    primaries: int
    transfer: int
    rate: Fraction
    unit: Fraction


@dataclass(frozen=True)
class Shown:
    """A frame of the output: ready for the encoder, from ``time`` for ``length`` seconds."""

    time: Fraction
    length: Fraction
    frame: VideoFrame


class Clip:
    """One source of pictures, read forward; a stretch that continues where the last one ended is not decoded again."""

    def __init__(self, path: Path, times: FrameTimes, *, side: int = 0) -> None:
        self.path = path
        self._times = times
        self._reader = FrameReader(path, side=side)
        self._stream: Iterator[tuple[Fraction, VideoFrame]] | None = None
        self._shown: tuple[Fraction, VideoFrame] | None = None
        self._ahead: tuple[Fraction, VideoFrame] | None = None

    @property
    def stream(self) -> VideoStream:
        """The stream that is being read now."""
        return self._reader.source.picture()

    def __enter__(self) -> Clip:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.__exit__()

    def stretch(self, start: Fraction, end: Fraction) -> Iterator[tuple[Fraction, VideoFrame]]:
        """The frame that is shown at ``start``, then those that appear before ``end``."""
        self._reader.skip_until(self._times.shown_at(start))
        if self._stream is None or not self._continues(start):
            self._stream = progressive(self._reader.since_key(start))
            self._shown = self._ahead = None
        given = False
        while True:
            item = self._ahead or next(self._stream, None)
            self._ahead = None
            if item is None:
                break
            if item[0] <= start:
                self._shown = item
                continue
            if not given and self._shown is not None:
                yield self._shown
            given = given or self._shown is not None
            if item[0] >= end and given:
                self._ahead = item
                return
            given = True
            self._shown = item
            yield item
        if not given and self._shown is not None:
            yield self._shown
        elif not given:
            raise RequestError("media.damaged")

    def _continues(self, start: Fraction) -> bool:
        """Whether decoding on from here reaches ``start`` without a key frame that a seek could use instead."""
        at = self._shown
        if at is None or at[0] > start:
            return False
        key = self._times.key_before(start)
        return key is None or not self._reader.seekable or key <= (self._ahead or at)[0]


class Clips:
    """The sources of a timeline: their times, how they are shown, and readers that are used again."""

    def __init__(self, timeline: Timeline, form: Form | None = None) -> None:
        self.form = form or Form()
        paths = {piece.source: None for piece in timeline.picture.pieces}
        self.times = {path: frame_times(path) for path in paths}
        self.shapes: dict[Path, Geometry] = {}
        self._free: dict[Path, list[Clip]] = {path: [] for path in paths}
        self._all: list[Clip] = []
        self._canvases: dict[tuple[Path, str], Canvas] = {}
        self.look = self._look(timeline)

    def take(self, path: Path) -> Clip:
        """A reader of ``path`` that nobody else uses now."""
        if self._free[path]:
            return self._free[path].pop()
        clip = Clip(path, self.times[path])
        self._all.append(clip)
        return clip

    def give(self, clip: Clip) -> None:
        """Hand a reader back."""
        self._free[clip.path].append(clip)

    def canvas(self, path: Path, fit: str) -> Canvas:
        """What fits the pictures of ``path`` to the film."""
        if (path, fit) not in self._canvases:
            way = self.form.paths.get(path)
            self._canvases[path, fit] = Canvas(self.shapes[path], self.look.size, self.look.colours, fit, way)
        return self._canvases[path, fit]

    def close(self) -> None:
        for clip in self._all:
            clip.__exit__()

    def _look(self, timeline: Timeline) -> Look:
        looks: list[Look] = []
        for path, times in self.times.items():
            with FrameReader(path) as reader:
                first = next(reader.read(), None)
                stream = reader.source.picture()  # only now: reading may open the file anew
                if first is None or not times.times:
                    raise RequestError("media.damaged")
                frame = first[1]
                shape = self.shapes[path] = geometry(stream, frame)
                length = times.end - times.times[0]
                average = Fraction(len(times.times)) / length if length else Fraction(25)
                usual = Fraction(stream.average_rate or average)
                rate = usual if abs(usual - average) * length < 2 else average.limit_denominator(1001)
                rate = timeline.rate or min(max(rate, SLOWEST), FASTEST)
                unit = base(stream)
                looks.append(
                    Look(
                        size=even(timeline.size or self.form.size_of(shape.width, shape.height)),
                        colours=BT709 if is_hdr(frame) else matrix(frame),
                        primaries=BT709 if is_hdr(frame) else frame.color_primaries,
                        transfer=BT709 if is_hdr(frame) else frame.color_trc,
                        rate=rate,
                        unit=unit / max(1, -(-FINE * unit.numerator // unit.denominator)),
                    )
                )
        return looks[0]


def keeps_times(timeline: Timeline) -> bool:
    """Whether the film keeps the frame times of its source: one source, its own speed and rate, pieces end to end."""
    pieces = timeline.picture.pieces
    return (
        timeline.rate is None
        and len({piece.source for piece in pieces}) == 1
        and pieces[0].at == 0
        and all(before.until == after.at for before, after in pairwise(pieces))
        and all(piece.speed == 1 for piece in pieces)
    )


def kept(timeline: Timeline, clips: Clips) -> Iterator[Shown]:
    """The pieces end to end, each frame as long as it was shown in the source: what varied still varies."""
    pieces = timeline.picture.pieces
    clip = clips.take(pieces[0].source)
    canvas = clips.canvas(clip.path, timeline.fit)
    for piece in pieces:
        waiting: tuple[Fraction, VideoFrame] | None = None
        for time, frame in clip.stretch(piece.start, piece.end):
            at = piece.at + max(time - piece.start, Fraction(0)) if waiting is not None else piece.at
            if waiting is not None:
                yield Shown(waiting[0], at - waiting[0], waiting[1])
            waiting = (at, canvas.frame(frame, max(time, piece.start)))
        if waiting is not None:
            yield Shown(waiting[0], piece.until - waiting[0], waiting[1])


class Cursor:
    """One piece in a film of constant rate: which picture it shows at a moment of the output.

    Its frames stand on those of the film, ``at`` the one that is nearest to its place: each is shown once. Those of
    another speed are shown where they are nearest.
    """

    def __init__(self, piece: Piece, at: Fraction, clips: Clips, fit: str) -> None:
        self.piece = piece
        self._at, self._nearest = (at, 1) if piece.speed == 1 else (piece.at, 2)
        self._clip = clips.take(piece.source)
        self._canvas = clips.canvas(piece.source, fit)
        self._stream = self._clip.stretch(piece.start, piece.end)
        self._now = next(self._stream)
        self._next = next(self._stream, None)
        self._made: Planes | None = None

    def shown(self, at: Fraction, slack: Fraction) -> VideoFrame:
        """The decoded frame at ``at`` of the output; ``slack`` forgives stamps that containers have rounded."""
        time = self.piece.start + (at - self._at + slack * self._nearest) * self.piece.speed
        while self._next is not None and self._next[0] <= time:
            self._now, self._next = self._next, next(self._stream, None)
            self._made = None
        return self._now[1]

    def ready(self, at: Fraction, slack: Fraction) -> VideoFrame:
        """The picture at ``at``, fitted."""
        return self._canvas.frame(self.shown(at, slack), self._now[0])

    def planes(self, at: Fraction, slack: Fraction) -> Planes:
        """The picture at ``at``, fitted, as planes."""
        frame = self.shown(at, slack)
        if self._made is None:
            self._made = self._canvas.planes(frame, self._now[0])
        return self._made

    def release(self, clips: Clips) -> None:
        """Hand the reader back."""
        clips.give(self._clip)


def sampled(timeline: Timeline, clips: Clips) -> Iterator[Shown]:
    """The film at a constant rate: pieces where they stand, dissolved where they overlap, black where there is none."""
    rate, size = clips.look.rate, clips.look.size
    step = 1 / rate
    waiting = sorted(timeline.picture.pieces, key=lambda piece: piece.at)
    active: list[Cursor] = []
    for number in range(max(1, round(timeline.picture.length * rate))):
        at = number * step
        for cursor in [cursor for cursor in active if round(cursor.piece.until * rate) <= number]:
            active.remove(cursor)
            cursor.release(clips)
        while waiting and round(waiting[0].at * rate) <= number:
            piece = waiting.pop(0)
            if round(piece.until * rate) > number:
                active.append(Cursor(piece, round(piece.at * rate) * step, clips, timeline.fit))
        yield Shown(at, step, _composed(active, at, step, size))


def _composed(active: list[Cursor], at: Fraction, step: Fraction, size: tuple[int, int]) -> VideoFrame:
    slack = step / 4
    if not active:
        return as_frame(black(size))
    if len(active) == 1:
        return active[0].ready(at, slack)
    planes = active[0].planes(at, slack)
    for below, above in pairwise(active):
        overlap = below.piece.until - above.piece.at
        share = min(max((at + step / 2 - above.piece.at) / overlap, Fraction(0)), Fraction(1))
        planes = blend(planes, above.planes(at, slack), float(share))
    return as_frame(planes)
