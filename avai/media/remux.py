"""A film with another sound under it: its picture is copied packet for packet, nothing is decoded or lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container.output import OutputContainer
from av.packet import Packet
from av.stream import Stream

from avai.media.clock import base, common_start, packets
from avai.media.door import Source, open_clip
from avai.media.sound import Samples, audio_blocks
from avai.media.writing import written
from avai.progress import Progress, quiet

RATE = 48_000
BITS_A_CHANNEL = 96_000
TOLD = ("title", "artist", "album", "date", "comment", "description", "copyright", "creation_time", "location")
BLOCK = 960  # samples: a whole frame of Opus; AAC gathers its own


@dataclass(frozen=True)
class Home:
    """A container, the pictures and subtitles that are at home in it, and how its sound is written."""

    suffix: str
    format: str
    pictures: frozenset[str]
    subtitles: frozenset[str]
    sound: str
    options: tuple[tuple[str, str], ...] = ()


_CLOCK = (("movflags", "+faststart"), ("movie_timescale", "240000"))  # frames and samples are exact on this clock
MP4 = Home(".mp4", "mp4", frozenset({"h264", "hevc", "av1", "mpeg4", "vp9"}), frozenset({"mov_text"}), "aac", _CLOCK)
WEBM = Home(".webm", "webm", frozenset({"vp8", "vp9", "av1"}), frozenset({"webvtt"}), "libopus")
MOV = Home(".mov", "mov", frozenset({"prores", "mjpeg", "dnxhd", "png", "qtrle"}), frozenset(), "aac", _CLOCK)
MKV = Home(
    ".mkv",
    "matroska",
    frozenset({"mjpeg", "mpeg1video", "mpeg2video", "theora", "ffv1", "msmpeg4v3", "wmv3", "h263", "flv1"}),
    frozenset({"subrip", "ass", "webvtt"}),
    "libopus",
)
_FIRST = {"webm": (WEBM,), "mov": (MP4, MOV)}
_ORDER = (MP4, WEBM, MKV, MOV)


def home_of(codec: str, container: str) -> Home | None:
    """The container for a picture of this codec: its own kind where it can be, else one that browsers play."""
    return next((home for home in (*_FIRST.get(container, ()), *_ORDER) if codec in home.pictures), None)


def with_sound(film: Path | str, sound: Path | str, out: Path, progress: Progress = quiet) -> Path | None:
    """Write the film's picture, copied, and ``sound`` under it from the film's common start on; gives the path.

    The suffix of ``out`` is chosen by what the picture is: MP4 or MOV with AAC, WebM or Matroska with Opus. Subtitles
    come along where the container has them; other sounds do not. The packets keep their bytes, times and turn; sound
    stands where it stood to the sample. None, and no file, when no container takes the picture.
    Raises ``RequestError`` as ``open_clip`` does and for a full disk, ``Cancelled`` from ``progress``.
    """
    film = Path(film)
    start = common_start(film)
    with open_clip(film) as source:
        picture = source.picture()
        home = home_of(picture.codec_context.codec.canonical_name, source.name)
        if home is None:
            return None
        path = out.with_suffix(home.suffix)
        try:
            with written(path) as part:
                _write(source, start, Path(sound), home, part, progress)
        except (av.error.InvalidDataError, av.error.ArgumentError, NoTimes):
            return None
        return path


class NoTimes(Exception):
    """The file does not say when its pictures are shown."""


def _write(source: Source, start: Fraction, sound: Path, home: Home, part: Path, progress: Progress) -> None:
    picture = source.picture()
    with av.open(str(part), "w", format=home.format, options=dict(home.options)) as container:
        container.metadata.update({key: value for key, value in source.container.metadata.items() if key in TOLD})
        copies: dict[int, Stream] = {}
        for stream in (picture, *source.container.streams.subtitles):
            if stream is picture or stream.codec_context.codec.canonical_name in home.subtitles:
                copies[stream.index] = copied(stream, container, home)
        # The picture's clock may be too coarse for the common start: what is left over, the sound waits.
        shift = {index: start // base(source.container.streams[index]) for index in copies}
        late = start - shift[picture.index] * base(picture)
        tongue = _tongue(source.audio[0]) if source.audio else {}
        voice = _Voice(container, home, sound, late, tongue)
        length = Fraction(picture.duration or 0) * base(picture)
        for packet in timed(packets(source, *(source.container.streams[index] for index in copies))):
            packet.pts = (packet.pts or 0) - shift[packet.stream_index]
            packet.dts = (packet.dts or 0) - shift[packet.stream_index]
            at = packet.dts * base(packet.stream)
            voice.until(at)
            packet.stream = copies[packet.stream_index]
            container.mux(packet)
            progress(min(float(at / length), 1.0) if length else 0.0, "doing.joining_picture")
        voice.until(None)


def copied(stream: Stream, container: OutputContainer, home: Home) -> Stream:
    """A stream of ``container`` that takes the packets of ``stream`` as they are, with its clock and language."""
    copy = container.add_stream_from_template(stream, opaque=True)
    copy.time_base = base(stream)
    copy.metadata.update(_tongue(stream))
    if home.format in ("mp4", "mov") and stream.codec_context.name == "hevc":
        tag = stream.codec_context.codec_tag
        copy.codec_context.codec_tag = tag if tag == "hev1" else "hvc1"  # Apple plays no other
    return copy


def _tongue(stream: Stream) -> dict[str, str]:
    return {"language": stream.language} if stream.language else {}


def timed(given: Iterator[Packet[Stream]]) -> Iterator[Packet[Stream]]:
    """Packets with the times of decoding that Matroska leaves out at the start, while frames wait to be put in order:
    one frame before the other, back from the first that is told."""
    waiting: dict[int, list[Packet[Stream]]] = {}
    for packet in given:
        if packet.size == 0:
            continue
        if packet.pts is None:
            raise NoTimes
        held = waiting.setdefault(packet.stream_index, [])
        if packet.dts is None:
            held.append(packet)
            continue
        for number, before in enumerate(held):
            before.dts = packet.dts - (len(held) - number) * max(before.duration or 0, 1)
        yield from held
        held.clear()
        yield packet
    if any(waiting.values()):
        raise NoTimes


class _Voice:
    """The sound on its way into the film, encoded as far as the picture is."""

    def __init__(
        self, container: OutputContainer, home: Home, sound: Path, late: Fraction, tongue: dict[str, str]
    ) -> None:
        self._blocks: Iterator[Samples] = audio_blocks(sound, rate=RATE, mono=False, seconds=BLOCK / RATE)
        self._next: Samples | None = next(self._blocks)
        self._layout = "mono" if self._next.shape[1] == 1 else "stereo"
        self._container = container
        self._stream = cast(AudioStream, container.add_stream(home.sound, rate=RATE, layout=self._layout))
        self._stream.metadata.update(tongue)
        self._stream.bit_rate = BITS_A_CHANNEL * self._next.shape[1]
        self._format = "fltp" if home.sound == "aac" else "flt"
        self._at = round(late * RATE)

    def until(self, time: Fraction | None) -> None:
        """Encode what sounds before ``time``; None: all that is left."""
        while self._next is not None and (time is None or self._at < time * RATE):
            samples = self._next.T if self._format == "fltp" else self._next.reshape(1, -1)
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), self._format, self._layout)
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), self._at
            self._at += len(self._next)
            self._container.mux(self._stream.encode(frame))
            self._next = next(self._blocks, None)
        if time is None:
            self._container.mux(self._stream.encode(None))
