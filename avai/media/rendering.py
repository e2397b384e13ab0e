"""A timeline becomes a file: H.264 and AAC in MP4 that every browser plays, in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container.output import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from avai.errors import RequestError
from avai.media.ahead import Ahead
from avai.media.chapters import Chapter, set_chapters
from avai.media.picture_track import Clips, Look, keeps_times, kept, sampled
from avai.media.sound import regular
from avai.media.sound_track import RATE, mixed_blocks
from avai.media.timeline import Timeline
from avai.media.writing import written
from avai.progress import Progress, quiet

SOUND_BITS = 192_000
KEY_EVERY = 4  # seconds: a browser seeks fast
AHEAD = 4  # pictures that wait for the encoder
_AAC_FRAME = 1024
_AT_ONCE = 16  # frames of AAC
_SOUND_AHEAD = 4  # times as many that wait for the film
IN_STEP = {"movflags": "+faststart", "movie_timescale": "240000"}  # a clock on which frames and samples are exact
_FRAME_DURATION = 1 << 8  # AV_CODEC_FLAG_FRAME_DURATION: the encoder is told how long each frame is shown


@dataclass(frozen=True)
class Rendered:
    """What was written. ``duration`` in seconds; no frames, size or rate when there is only sound."""

    duration: float
    frames: int = 0
    width: int = 0
    height: int = 0
    rate: float = 0.0


def render(
    timeline: Timeline,
    out: Path,
    progress: Progress = quiet,
    *,
    crf: int = 20,
    preset: str = "veryfast",
    chapters: Sequence[Chapter] = (),
) -> Rendered:
    """Write the timeline to ``out`` (.mp4, or .m4a for sound alone), whole or not at all.

    Only what is kept is decoded. Frames of one source that follow each other keep their own times; other films have
    a constant rate. A piece of sound is cut at its times to the sample. For cuts at frame edges, ``snap`` the times
    first. ``chapters`` are in the film's own time. Raises ``RequestError`` for sources that can't be read and for a
    full disk, ``Cancelled`` from ``progress``.
    """
    if not timeline.picture.pieces and not timeline.sound.pieces:
        raise RequestError("media.nothing_kept")
    with written(Path(out)) as part:
        container = av.open(str(part), "w", format="mp4", options=IN_STEP)
        try:
            set_chapters(container, chapters)
            return _write(timeline, container, progress, crf, preset)
        finally:
            container.close()


def _write(timeline: Timeline, container: OutputContainer, progress: Progress, crf: int, preset: str) -> Rendered:
    length = timeline.length
    clips = Clips(timeline) if timeline.picture.pieces else None
    tracks: list[_Picture | SoundWriter] = []
    try:
        picture = _Picture(timeline, clips, container, crf, preset) if clips else None
        sound = SoundWriter(timeline, container) if timeline.sound.pieces else None
        tracks += [track for track in (picture, sound) if track is not None]
        while any(not track.done for track in tracks):
            behind = min((track for track in tracks if not track.done), key=lambda track: track.time)
            behind.advance()
            progress(min(1.0, float(behind.time / length)), "doing.rendering")
    finally:
        for track in tracks:
            track.close()
        if clips is not None:
            clips.close()
    if picture is None:
        return Rendered(float(length))
    look = picture.look
    return Rendered(float(length), picture.count, look.size[0], look.size[1], float(look.rate))


class _Picture:
    """The film's picture on its way into the file."""

    def __init__(self, timeline: Timeline, clips: Clips, container: OutputContainer, crf: int, preset: str) -> None:
        self.look: Look = clips.look
        self.time = Fraction(0)
        self.done = False
        self.count = 0
        own = keeps_times(timeline)
        self._unit = self.look.unit if own else 1 / self.look.rate
        self._shown = Ahead(kept(timeline, clips) if own else sampled(timeline, clips), AHEAD)
        self._container = container
        self._first_dts: int | None = None
        self._last: Packet[VideoStream] | None = None
        self._stream = self._encoder(crf, preset)

    def advance(self) -> None:
        """Encode the next frame, or what is left in the encoder."""
        shown = next(self._shown, None)
        if shown is None:
            self._mux(self._stream.encode(None))
            self._mux_last()
            self.done = True
            return
        frame = shown.frame
        frame.pts = round(shown.time / self._unit)
        frame.duration = round((shown.time + shown.length) / self._unit) - frame.pts
        frame.time_base = self._unit
        frame.pict_type = 0
        self.time = shown.time + shown.length
        if frame.duration > 0:
            self.count += 1
            self._mux(self._stream.encode(frame))

    def close(self) -> None:
        """End decoding, wherever it is."""
        self._shown.close()

    def _mux(self, packets: list[Packet[VideoStream]]) -> None:
        for packet in packets:
            if self._first_dts is None:
                self._first_dts = packet.dts
            if self._last is not None:
                self._container.mux(self._last)
            self._last = packet

    def _mux_last(self) -> None:
        """Send the last packet, long enough that the film ends when its last frame does.

        MP4 adds up lengths in the order of decoding, in which the frame that is shown last may not be the last.
        """
        last = self._last
        if last is None:
            raise RequestError("media.nothing_kept")
        if last.dts is not None and self._first_dts is not None:
            last.duration = max(last.duration or 1, round(self.time / self._unit) - (last.dts - self._first_dts))
        self._container.mux(last)

    def _encoder(self, crf: int, preset: str) -> VideoStream:
        look = self.look
        stream = self._container.add_stream("libx264", rate=look.rate, options={"crf": str(crf), "preset": preset})
        stream.width, stream.height = look.size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = self._unit
        context.flags |= _FRAME_DURATION
        context.thread_type = "FRAME"  # PyAV's own choice has x264 split each picture: slower, and larger files
        context.gop_size = max(1, round(look.rate * KEY_EVERY))
        context.colorspace = 6 if look.colours == 5 else look.colours
        context.color_primaries = look.primaries
        context.color_trc = look.transfer
        context.color_range = 1
        return stream


class SoundWriter:
    """The film's sound on its way into the file: mixed and encoded in a thread of its own."""

    def __init__(self, timeline: Timeline, container: OutputContainer) -> None:
        self.time = Fraction(0)
        self.done = False
        self._container = container
        self._stream: AudioStream = container.add_stream("aac", rate=RATE, layout="stereo")
        self._stream.bit_rate = SOUND_BITS
        self._stream.codec_context.open()  # now: the container would open it from the other thread
        self._packets = Ahead(self._encoded(timeline), _SOUND_AHEAD)

    def advance(self) -> None:
        """Write what the next frames give, or what is left in the encoder."""
        made = next(self._packets, None)
        self.done = made is None
        if made is not None:
            self.time = made[0]
            self._container.mux(made[1])

    def close(self) -> None:
        """End mixing, wherever it is."""
        self._packets.close()

    def _encoded(self, timeline: Timeline) -> Iterator[tuple[Fraction, list[Packet[AudioStream]]]]:
        """The packets of some frames at a time, and until when they sound: threads cost more than a frame does."""
        position = 0
        for blocks in regular(mixed_blocks(timeline.sound, timeline.length), _AAC_FRAME * _AT_ONCE):
            made: list[Packet[AudioStream]] = []
            for block in np.split(blocks, range(_AAC_FRAME, len(blocks), _AAC_FRAME)):
                frame = AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
                frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), position
                position += len(block)
                made += self._stream.encode(frame)
            yield Fraction(position, RATE), made
        yield Fraction(position, RATE), self._stream.encode(None)
