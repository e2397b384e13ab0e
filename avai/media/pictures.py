"""Pictures of a clip: a stream of RGB arrays, upright, with square pixels, scaled by libswscale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import ceil, floor
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from avai.config import settings
from avai.contracts import Note
from avai.errors import RequestError, note
from avai.media.clock import base, common_start, packets
from avai.media.clock import stamp as stamp_of
from avai.media.door import Source, open_clip
from avai.media.geometry import Geometry, fitted, full_range, geometry, matrix

BLACK = 24  # a picture with nothing above this is black: video black is 0 and codecs add little
_TINY = 4  # scaled down by this much, the deblocking filter makes no visible difference
_BACK = (Fraction(0), Fraction(3), Fraction(15))  # how far before a time to look for a key frame, in turn
_HEALED = 10  # seconds after damage until which pictures are smeared, where no key frame comes before
_ROUNDED = Fraction(1, 10_000)  # times are given rounded so far, and as floats, that may lie just before a frame


@dataclass(frozen=True)
class Frame:
    """A picture (height, width, 3) uint8 RGB and the time at which it appears, seconds from the common start."""

    time: Fraction
    image: NDArray[np.uint8]


@dataclass
class PictureCheck:
    """What is odd about pictures, gathered while they are seen."""

    pictures: int = 0
    brightest: int = 0
    damaged: int = 0
    """How many were too damaged to decode."""

    def see(self, image: NDArray[np.uint8]) -> None:
        """Take one picture."""
        self.pictures += 1
        self.brightest = max(self.brightest, int(image.max(initial=0)))

    def notes(self) -> tuple[Note, ...]:
        """Warnings about the pictures seen so far."""
        found = [note("media.all_black")] if self.pictures and self.brightest <= BLACK else []
        if self.damaged:
            found.append(note("media.damaged_pictures", count=self.damaged))
        return tuple(found)


class FrameReader:
    """Decoded frames of a clip with their exact times, going forward.

    ``check`` counts what was too damaged to decode; pictures that build on it are given, smeared until about
    ``smeared_until``. Time 0 is the clip's common start. ``side`` is the longer side that is wanted, 0 for all: much
    smaller pictures are decoded faster, without the deblocking filter.
    """

    def __init__(
        self,
        path: Path,
        *,
        keys_only: bool = False,
        apart: Fraction = Fraction(0),
        side: int = 0,
        check: PictureCheck | None = None,
    ) -> None:
        self.path = path
        self.check = check or PictureCheck()
        self.smeared_until = Fraction(0)
        self._hurt: int | None = None  # stamp of what was damaged: pictures before it may still come
        self._keys_only = keys_only
        self._apart = apart
        self._side = side
        self._needed: int | None = None
        self._start = common_start(path)
        self._limit = settings().max_seconds
        self._first_key: Fraction | None = None
        self._first_stamp = 0
        self._untouched = True
        self._source = self._opened()

    def __enter__(self) -> FrameReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    @property
    def source(self) -> Source:
        """The clip as it is open now; its streams are gone once reading elsewhere begins."""
        return self._source

    def key_before(self, time: Fraction) -> Fraction | None:
        """The key frame at which decoding for ``time`` would begin; None for the beginning. Loses the place."""
        return self._first_key if self._seek(time) else None

    @property
    def seekable(self) -> bool:
        """Whether decoding can begin at any key frame with exact times; MPEG program streams stamp only some frames."""
        return self._source.name != "mpeg"

    def skip_until(self, time: Fraction) -> None:
        """Leave out what is shown before ``time`` and not needed to decode what comes after, where stamps are sure."""
        if self.seekable and self._source.name != "avi":
            self._needed = ceil((time + self._start) / base(self._source.picture()))

    def since_key(self, start: Fraction) -> Iterator[tuple[Fraction, VideoFrame]]:
        """Frames in order of time, beginning at a key frame at or before ``start`` that can be decoded."""
        for back in _BACK:
            if self._seek(start - back):
                frames = self._frames()
                first = next(frames, None)
                if first and first[0] <= start:
                    return chain([first], frames)
        self._reopen()
        return self._frames()

    def read(self, start: Fraction = Fraction(0)) -> Iterator[tuple[Fraction, VideoFrame]]:
        """Frames in order of time, beginning with the one that is shown at ``start`` (or the first after it)."""
        shown: tuple[Fraction, VideoFrame] | None = None
        for time, frame in self.since_key(start):
            if shown is not None and time > start:
                yield shown
            shown = (time, frame)
        if shown is not None:
            yield shown

    def _opened(self) -> Source:
        source = open_clip(self.path)
        context = source.picture().codec_context
        context.thread_type = "AUTO"
        if self._keys_only:
            context.skip_frame = "NONKEY"
        if 0 < self._side * _TINY <= max(context.width, context.height):
            context.options = {**context.options, "skip_loop_filter": "all"}
        if context.name == "h264" and "444" in (context.pix_fmt or "") and (build := self._encoder_build()):
            context.options = {**context.options, "x264_build": build}
        return source

    def _encoder_build(self) -> str:
        """The version of x264 that made the clip, "" when it does not say. It stands in the first packet alone, and
        FFmpeg needs it to decode what older versions wrote in 4:4:4; after a seek it would be unknown."""
        with open_clip(self.path) as source:
            first = next((bytes(p) for p in packets(source, source.picture()) if p.size), b"")
        found = re.search(rb"x264 - core (\d+)", first)
        return found[1].decode() if found else ""

    def _reopen(self) -> None:
        self._first_key = None
        if self._untouched:
            return
        self._source.close()
        self._source = self._opened()
        self._untouched = True

    def _seek(self, time: Fraction) -> bool:
        """Stand at a key frame at or before ``time``; False when none can be found there."""
        if time <= 0 or not self.seekable:
            return False
        self._untouched = False
        stream = self._source.picture()
        target = int((time + self._start) / base(stream))
        try:
            self._source.container.seek(target, stream=stream)
            key = next((p for p in packets(self._source, stream) if p.is_keyframe and p.pts is not None), None)
            if key is None or key.pts is None or key.pts > target:
                return False
            self._first_key = key.pts * base(stream) - self._start
            self._source.container.seek(target, stream=stream)
        except av.error.FFmpegError:
            return False
        return True

    def _frames(self) -> Iterator[tuple[Fraction, VideoFrame]]:
        self._untouched = False
        stream = self._source.picture()
        counts = self._source.name == "avi"  # it numbers frames in the order of decoding, and stores no times
        lag: int | None = None
        stamp: int | None = None
        last: Fraction | None = None
        for frame in self._decoded():
            if counts and frame.dts is not None:
                lag = frame.dts - self._first_stamp if lag is None else lag
                stamp = frame.dts - lag
            elif counts and stamp is not None:
                stamp += 1  # frames that were held back to the end have no number
            else:
                stamp = frame.pts
            if stamp is None:
                continue
            time = stamp * base(stream) - self._start
            if self._first_key is not None and time < self._first_key:
                continue  # leads a key frame of an open group: what it refers to was not read
            if last is not None and time <= last:
                continue
            if time > self._limit:
                return
            last = time
            after = self._hurt is None or stamp > self._hurt
            if frame.key_frame and after:
                self.smeared_until = min(self.smeared_until, time)
            elif self._hurt is not None:
                self.smeared_until = time + _HEALED
            self._hurt = None if after else self._hurt
            yield time, frame

    def _decoded(self) -> Iterator[VideoFrame]:
        stream = self._source.picture()
        first = True
        due = None
        apart = int(self._apart / base(stream))
        skipping = False
        for packet in chain(packets(self._source, stream), [None]):  # None: the decoder gives what it still holds
            if packet and packet.is_corrupt and self._source.name != "ts":
                self.check.damaged += 1  # the file breaks off in it; an error would take frames before it along
                continue
            if self._keys_only and packet and packet.size:
                if not packet.is_keyframe:
                    continue  # VP9 and others take no notice of skip_frame
                at = stamp_of(packet)
                if due is not None and at is not None and at < due:
                    continue
                due = None if at is None else at + apart
            if first and packet and packet.size:
                first, self._first_stamp = False, stamp_of(packet) or 0
            stamp = packet.pts if packet and self._needed is not None else None
            if stamp is not None and skipping != (stamp < (self._needed or 0)):
                skipping = not skipping
                stream.codec_context.skip_frame = "NONREF" if skipping else "DEFAULT"
            try:
                decoded = stream.codec_context.decode(packet if packet and packet.size else None)
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                self.check.damaged += 1
                self._hurt = stamp_of(packet) if packet else None
                continue
            for frame in decoded:
                if frame.is_corrupt:
                    self.check.damaged += 1
                    self._hurt = frame.pts
                else:
                    yield frame


class Painter:
    """Turns decoded frames into RGB arrays of one size: upright, square pixels, right colours."""

    def __init__(self, shape: Geometry, size: tuple[int, int] | int | None = None) -> None:
        if isinstance(size, int):
            size = fitted(shape.width, shape.height, size)
        self.size = size or (shape.width, shape.height)
        self._rotation = shape.rotation
        self._scaler = VideoReformatter()

    def paint(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The frame as an array (height, width, 3)."""
        width, height = self.size if self._rotation in (0, 180) else self.size[::-1]
        smaller = width < frame.width or height < frame.height
        rgb = self._scaler.reformat(
            frame,
            width,
            height,
            format="rgb24",
            interpolation="AREA" if smaller else "BICUBIC",
            src_colorspace=matrix(frame),
            src_color_range=2 if full_range(frame) else 1,
            dst_color_range=2,
        )
        image = np.asarray(rgb.to_ndarray(), np.uint8)
        return np.ascontiguousarray(np.rot90(image, self._rotation // 90)) if self._rotation else image


def frames(
    path: Path | str,
    *,
    size: tuple[int, int] | int | None = None,
    rate: Fraction | float | None = None,
    start: Fraction | float = 0,
    end: Fraction | float | None = None,
    keys_only: bool = False,
    apart: Fraction | float = 0,
) -> Iterator[Frame]:
    """The pictures that appear in [start, end), in order.

    ``size`` is (width, height), exact, or an int, the longer side at most. With ``rate`` a picture is given when it is
    the first to appear in its cell [k / rate, (k + 1) / rate): at most so many a second, the same ones wherever one
    starts. ``keys_only`` decodes key frames alone, those at least ``apart`` seconds after the one before. Damaged
    frames are left out. Transparent parts (GIF) are black.
    Raises ``RequestError``: ``media.no_picture``, ``media.damaged`` when none can be decoded, and what ``open_clip``
    raises.
    """
    path = Path(path)
    start, last = Fraction(start), None if end is None else Fraction(end)
    step = None if rate is None else Fraction(rate)
    side = size if isinstance(size, int) else max(size or (0,))
    painter: Painter | None = None
    cell: int | None = None
    with FrameReader(path, keys_only=keys_only, apart=Fraction(apart), side=side) as reader:
        for time, frame in reader.read(start):
            if painter is None:
                painter = Painter(geometry(reader.source.picture(), frame), size)
            if time < start:
                continue
            if last is not None and time >= last:
                return
            if step is not None:
                if cell == floor(time * step):
                    continue
                cell = floor(time * step)
            yield Frame(time, painter.paint(frame))
    if painter is None:
        raise RequestError("media.damaged")


def frames_twice(
    path: Path | str, size: tuple[int, int], larger: int, rate: Fraction | float, check: PictureCheck
) -> Iterator[tuple[Frame, Frame | None]]:
    """All pictures at ``size``, and those that ``frames`` gives with ``rate`` once more, the longer side at most
    ``larger``, but none that is smeared after damage: for two things to be found out in one decode. ``check`` gathers
    what is odd. Raises as ``frames`` does.
    """
    path, step = Path(path), Fraction(rate)
    painters: tuple[Painter, Painter] | None = None
    cell: int | None = None
    with FrameReader(path, side=larger, check=check) as reader:
        for time, frame in reader.read():
            if painters is None:
                shape = geometry(reader.source.picture(), frame)
                painters = Painter(shape, size), Painter(shape, larger)
            first = cell is None or (cell != floor(time * step) and time >= reader.smeared_until)
            cell = floor(time * step) if first else cell
            small = Frame(time, painters[0].paint(frame))
            check.see(small.image)
            yield small, Frame(time, painters[1].paint(frame)) if first else None
    if painters is None:
        raise RequestError("media.damaged")


def frame_at(path: Path | str, time: Fraction | float, size: tuple[int, int] | int | None = None) -> Frame:
    """The picture that is shown at ``time``, which may be rounded to four places: the last to appear by then; before
    the first, the first.

    Raises ``RequestError`` as ``frames`` does, and ``media.damaged`` when nothing can be decoded.
    """
    for frame in frames_at(path, [time], size):
        return frame
    raise RequestError("media.damaged")


def frames_at(
    path: Path | str, times: Iterable[Fraction | float], size: tuple[int, int] | int | None = None
) -> Iterator[Frame]:
    """The pictures that are shown at ``times``, which must rise, as ``frame_at`` gives each.

    What lies between two key frames is decoded once at most, however many times fall there. Where the file breaks off,
    the last picture stands for the rest.
    """
    path = Path(path)
    painter: Painter | None = None
    side = size if isinstance(size, int) else max(size or (0,))
    with FrameReader(path, side=side) as reader, FrameReader(path) as scout:
        flow: Iterator[tuple[Fraction, VideoFrame]] = iter(())
        shown: tuple[Fraction, VideoFrame] | None = None
        coming: tuple[Fraction, VideoFrame] | None = None
        for asked in times:
            time = max(Fraction(asked), Fraction(0)) + _ROUNDED
            if shown is None or not (coming and coming[0] > time):
                key = scout.key_before(time)
                if shown is None or (key is not None and key > shown[0]):
                    flow = reader.read(time)
                    coming = next(flow, None)
                while coming and (coming[0] <= time or shown is None):
                    shown, coming = coming, next(flow, None)
            if shown is None:
                return
            painter = painter or Painter(geometry(reader.source.picture(), shown[1]), size)
            yield Frame(shown[0], painter.paint(shown[1]))
