"""A timeline becomes an MP4 file, H.264 and AAC that every browser plays unless another form is asked, in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container.output import OutputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from avai.errors import RequestError
from avai.media.ahead import Ahead
from avai.media.chapters import Chapter, set_chapters
from avai.media.form import Encoder, Form, encoder_of
from avai.media.picture_track import Clips, Look, keeps_times, kept, sampled
from avai.media.priority import be_ordinary
from avai.media.sound import Samples, regular
from avai.media.sound_track import RATE, language_of, mixed_blocks
from avai.media.timeline import Timeline, Track
from avai.media.writing import written
from avai.progress import Progress, quiet

SOUND_BITS = {"aac": 192_000, "libopus": 160_000}
KEY_EVERY = 4  # seconds: a browser seeks fast
AHEAD = 4  # pictures that wait for the encoder
_AT_ONCE = 16  # frames of sound that are encoded at a time: threads cost more than a frame does
_SOUND_AHEAD = 4  # times as many that wait for the film
_SOUND_FRAME = {"aac": (1024, "fltp"), "libopus": (960, "flt")}  # samples of a frame, and of what kind
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
    form: Form | None = None,
    crf: int | None = None,
    preset: str | None = None,
    chapters: Sequence[Chapter] = (),
) -> Rendered:
    """Write the timeline to ``out`` (.mp4, or .m4a for sound alone), whole or not at all.

    ``form`` says codec, quality, size and shape; ``crf`` and ``preset`` stand for what its quality says. Only what is
    kept is decoded. Frames of one source that follow each other keep their own times; other films have a constant
    rate. A piece of sound is cut at its times to the sample. For cuts at frame edges, ``snap`` the times first.
    ``chapters`` are in the film's own time. Raises ``RequestError`` for sources that can't be read, for a codec that
    this machine can't write and for a full disk, ``Cancelled`` from ``progress``.
    """
    form = form or Form()
    encoder = encoder_of(form)
    options = {**encoder.options, "crf": str(encoder.crf[form.quality] if crf is None else crf)}
    encoder = replace(encoder, options=options if preset is None else {**options, "preset": preset})
    if form.shape is not None:
        timeline = replace(timeline, fit=form.canvas_fit)
    if not timeline.picture.pieces and not timeline.sounds:
        raise RequestError("media.nothing_kept")
    if not timeline.picture.pieces:
        encoder = replace(encoder, sound="aac")  # what an .m4a is known for
    with written(Path(out)) as part:
        container = av.open(str(part), "w", format="mp4", options=IN_STEP)
        try:
            set_chapters(container, chapters)
            return _write(timeline, container, progress, form, encoder)
        finally:
            container.close()


def _write(
    timeline: Timeline, container: OutputContainer, progress: Progress, form: Form, encoder: Encoder
) -> Rendered:
    length = timeline.length
    clips = Clips(timeline, form) if timeline.picture.pieces else None
    tracks: list[_Picture | SoundWriter] = []
    try:
        picture = _Picture(timeline, clips, container, encoder) if clips else None
        sounds = sound_writers(timeline, container, encoder.sound)
        tracks += [track for track in (picture, *sounds) if track is not None]
        while any(not track.done for track in tracks):
            behind = min((track for track in tracks if not track.done), key=lambda track: track.time)
            behind.advance()
            progress(min(1.0, float(min(track.time for track in tracks) / length)), "doing.rendering")
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

    def __init__(self, timeline: Timeline, clips: Clips, container: OutputContainer, encoder: Encoder) -> None:
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
        self._stream = self._encoder(encoder)

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

    def _encoder(self, encoder: Encoder) -> VideoStream:
        look = self.look
        stream = cast(VideoStream, self._container.add_stream(encoder.name, look.rate, dict(encoder.options)))
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
        if encoder.tag:
            context.codec_tag = encoder.tag
        context.open()
        be_ordinary()
        return stream


def sound_writers(timeline: Timeline, container: OutputContainer, codec: str = "aac") -> list[SoundWriter]:
    """The sounds of a film; of several, the first is the one that players take."""
    writers = [SoundWriter(track, timeline.length, container, codec) for track in timeline.sounds]
    if len(writers) > 1:
        writers[0].preferred()
    return writers


class SoundWriter:
    """A sound of the film on its way into the file, with the language that its source says: mixed and encoded in a
    thread of its own."""

    def __init__(self, track: Track, length: Fraction, container: OutputContainer, codec: str) -> None:
        self.time = Fraction(0)
        self.done = False
        self._container = container
        self._size, self._kind = _SOUND_FRAME[codec]
        self._blocks = mixed_blocks(track, length)
        self._stream = cast(AudioStream, container.add_stream(codec, rate=RATE, layout="stereo"))
        self._stream.bit_rate = SOUND_BITS[codec]
        self._stream.metadata.update(language_of(track))
        self._stream.codec_context.open()  # now: the container would open it from the other thread
        self._packets = Ahead(self._encoded(), _SOUND_AHEAD)

    def preferred(self) -> None:
        """Be the one that players take of several."""
        self._stream.disposition = Disposition.default

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

    def _encoded(self) -> Iterator[tuple[Fraction, list[Packet[AudioStream]]]]:
        """The packets of some frames at a time, and until when they sound."""
        position = 0
        for blocks in regular(self._blocks, self._size * _AT_ONCE):
            made: list[Packet[AudioStream]] = []
            for block in np.split(blocks, range(self._size, len(blocks), self._size)):
                frame = self._frame(block)
                frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), position
                position += len(block)
                made += self._stream.encode(frame)
            yield Fraction(position, RATE), made
        yield Fraction(position, RATE), self._stream.encode(None)

    def _frame(self, block: Samples) -> AudioFrame:
        rows = block.T if self._kind == "fltp" else block.reshape(1, -1)
        return AudioFrame.from_ndarray(np.ascontiguousarray(rows), format=self._kind, layout="stereo")
