"""A cut that keeps whole groups of pictures as they are, and encodes only from a cut to the next key frame.

The sound is cut to the sample and encoded in one piece, apart from the picture. Copied and new pictures are one stream
of H.264: the parameter sets of both stand in its header, under numbers of their own (``avc``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.container.output import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from avai.media import remux
from avai.media.ahead import Ahead
from avai.media.avc import Headers, headers, measured, units_between_codes
from avai.media.chapters import Chapter, set_chapters
from avai.media.clock import base, packets
from avai.media.door import Source, open_clip
from avai.media.picture_track import Clips
from avai.media.pictures import FrameReader
from avai.media.rendering import AHEAD, IN_STEP, KEY_EVERY, Rendered, SoundWriter, sound_writers
from avai.media.smartplan import Plan, Step, Unfit, plan
from avai.media.timeline import Timeline
from avai.media.writing import written
from avai.progress import Progress, quiet

CRF = 16  # few pictures are encoded anew: they may cost what nobody sees the difference of
PROFILES = {66: "baseline", 77: "main", 100: "high"}
CONTAINERS = ("mp4", "mov", "mkv")
_GLOBAL_HEADER = 1 << 22
_BACK = (Fraction(0), Fraction(2), Fraction(20))  # containers seek by times of decoding: try earlier, in turn


@dataclass(frozen=True)
class Refusal:
    """Why a film has to be encoded throughout, as a code.

    ``timeline``: not pieces of one film as it is; ``codec``: not H.264; ``container``: its headers are in the stream;
    ``pixels``: not 8 bits of 4:2:0; ``interlaced``; ``headers``: they change on the way; ``times``: they are missing or
    not in order; ``damaged``; ``open_gop``: its key frames lean on what comes before; ``few_keys``: key frames are so
    rare that little would be copied.
    """

    why: str


def smart_cut(
    timeline: Timeline,
    out: Path,
    progress: Progress = quiet,
    *,
    preset: str = "veryfast",
    chapters: Sequence[Chapter] = (),
) -> Rendered | Refusal:
    """Write the timeline to ``out`` (.mp4) as ``render`` does, its pictures copied where they can be; or say why not.

    Frames appear and end when they do in what ``render`` writes; copied ones have their bytes, with rotation, pixel
    aspect and colours as in the source. Nothing is written when it is refused. Raises as ``render`` does.
    """
    if not timeline.picture.pieces:
        return Refusal("timeline")
    source = timeline.picture.pieces[0].source
    try:
        with open_clip(source) as original, FrameReader(source) as reader:
            sets = _sets(original, next(reader.read(), None))
            clips = Clips(timeline)
            try:
                steps = plan(timeline, original, sets, clips.times[source], clips.look.unit)
                with written(Path(out)) as part:
                    return _write(timeline, steps, sets, clips, part, progress, preset, chapters)
            finally:
                clips.close()
    except Unfit as unfit:
        return Refusal(unfit.why)
    return Refusal("timeline")


def _sets(source: Source, first: tuple[Fraction, VideoFrame] | None) -> Headers:
    """The parameter sets of a film that can be cut smartly, as far as its header and first picture say."""
    context = source.picture().codec_context
    if context.codec.canonical_name != "h264":
        raise Unfit("codec")
    if source.name not in CONTAINERS:
        raise Unfit("container")
    if first is None:
        raise Unfit("damaged")
    sets = headers(context.extradata or b"")
    if sets is None or sets.free is None:
        raise Unfit("headers")
    if first[1].format.name not in ("yuv420p", "yuvj420p") or any(unit[1] not in PROFILES for unit in sets.sequences):
        raise Unfit("pixels")
    if first[1].interlaced_frame:
        raise Unfit("interlaced")
    return sets


def _write(
    timeline: Timeline,
    steps: Plan,
    sets: Headers,
    clips: Clips,
    part: Path,
    progress: Progress,
    preset: str,
    chapters: Sequence[Chapter],
) -> Rendered:
    look = clips.look
    with av.open(str(part), "w", format="mp4", options=IN_STEP) as container:
        set_chapters(container, chapters)
        tracks: list[PictureCopier | SoundWriter] = [PictureCopier(timeline, steps, sets, clips, container, preset)]
        try:
            tracks += sound_writers(timeline, container)
            while any(not track.done for track in tracks):
                behind = min((track for track in tracks if not track.done), key=lambda track: track.time)
                behind.advance()
                progress(min(1.0, float(min(track.time for track in tracks) / timeline.length)), "doing.rendering")
        finally:
            for track in tracks:
                track.close()
    return Rendered(float(timeline.length), len(steps.times), look.size[0], look.size[1], float(look.rate))


class PictureCopier:
    """The film's picture on its way into the file: packets as they are, and new ones at the edges."""

    def __init__(
        self, timeline: Timeline, steps: Plan, sets: Headers, clips: Clips, container: OutputContainer, preset: str
    ) -> None:
        self.time = Fraction(0)
        self.done = False
        self._plan = steps
        self._clips = clips
        self._path = timeline.picture.pieces[0].source
        self._container = container
        self._preset = preset
        self._number = sets.free or 0
        self._profile = PROFILES[sets.sequences[0][1]]
        self._source = open_clip(self._path)
        original = self._source.picture()
        self._stream = cast(VideoStream, remux.copied(original, container, remux.MP4))
        self._frames = Ahead(self._decoded(), AHEAD)
        self._units = b""
        if any(step.edges for step in steps.steps):
            self._units = self._encoder_like(original).extradata or b""
            self._stream.codec_context.extradata = sets.with_sets(units_between_codes(self._units)).box()
        self._packets = self._all()
        self._position = 0

    def advance(self) -> None:
        """Write the next packet."""
        item = next(self._packets, None)
        if item is None:
            if self._position != len(self._plan.times):
                raise Unfit("damaged")
            self.done = True
            return
        tick, packet = item
        plan, at = self._plan, self._position
        self._position += 1
        following = plan.times[at + 1] if at + 1 < len(plan.times) else plan.end
        packet.pts, packet.dts, packet.duration = tick, plan.times[at] - plan.lead, following - plan.times[at]
        packet.time_base = plan.unit
        packet.stream = self._stream
        self.time = following * plan.unit
        self._container.mux(packet)

    def close(self) -> None:
        """End decoding and close the source."""
        self._frames.close()
        self._source.close()

    def _all(self) -> Iterator[tuple[int, Packet[Stream]]]:
        """Packets in the order of decoding and the ticks at which their frames appear."""
        done = 0
        for step in self._plan.steps:
            times = self._plan.times[done : done + step.last - step.first]
            done += len(times)
            for number, (first, last) in enumerate(((step.first, step.key), (step.rest, step.last))):
                if last > first:
                    yield from self._encoded(times[first - step.first : last - step.first])
                if number == 0:
                    for rank, packet in self._copied(step):
                        yield times[rank - step.first], packet

    def _copied(self, step: Step) -> Iterator[tuple[int, Packet[Stream]]]:
        """The packets of frames [key, rest) and the numbers of their frames."""
        shown = self._plan.table.shown
        ranks = self._plan.table.ranks[step.entry : step.entry + step.rest - step.key]
        if not ranks:
            return
        packet, following = self._sought(shown[step.key])
        for rank in ranks:
            if packet is None or packet.pts != shown[rank]:
                raise Unfit("times")
            yield rank, packet
            packet = next(following, None)

    def _sought(self, stamp: int) -> tuple[Packet[Stream] | None, Iterator[Packet[Stream]]]:
        """The packet of the key frame at ``stamp`` and those behind it."""
        stream = self._source.picture()
        for back in _BACK:
            self._source.container.seek(int(stamp - back / base(stream)), stream=stream)
            following = (packet for packet in packets(self._source, stream) if packet.size)
            for packet in following:
                if packet.is_keyframe and packet.pts == stamp:
                    return packet, following
                if packet.is_keyframe and (packet.pts or 0) > stamp:
                    break
        raise Unfit("times")

    def _decoded(self) -> Iterator[tuple[int, VideoFrame]]:
        """The frames of all edges, in order, and their numbers."""
        times = self._clips.times[self._path]
        clip = self._clips.take(self._path)
        for step in self._plan.steps:
            for first, last in step.edges:
                end = times.times[last] if last < len(times.times) else times.end
                number = first
                for time, frame in clip.stretch(times.times[first], end):
                    if number >= last or time != times.times[number]:
                        raise Unfit("damaged")
                    yield number, frame
                    number += 1
                if number != last:
                    raise Unfit("damaged")

    def _encoded(self, times: Sequence[int]) -> Iterator[tuple[int, Packet[Stream]]]:
        """The next ``len(times)`` decoded frames as packets, an entry first."""
        encoder = self._encoder_like(self._source.picture())
        if encoder.extradata != self._units:
            raise Unfit("headers")
        for tick in times:
            frame = next(self._frames)[1]
            frame.pts, frame.time_base, frame.pict_type = tick, self._plan.unit, 0
            yield from _as_stored(encoder.encode(frame))
        yield from _as_stored(encoder.encode(None))

    def _encoder_like(self, stream: VideoStream) -> VideoCodecContext:
        """An encoder whose pictures look as those of ``stream``, in the order in which they are shown."""
        like, look = stream.codec_context, self._clips.look
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height = like.width, like.height
        encoder.pix_fmt = like.pix_fmt
        encoder.time_base, encoder.framerate = self._plan.unit, look.rate
        if like.sample_aspect_ratio:
            encoder.sample_aspect_ratio = like.sample_aspect_ratio
        encoder.color_range, encoder.colorspace = like.color_range, like.colorspace
        encoder.color_primaries, encoder.color_trc = like.color_primaries, like.color_trc
        encoder.gop_size = max(1, round(look.rate * KEY_EVERY))
        encoder.max_b_frames = 0
        encoder.thread_type = "FRAME"  # PyAV's own choice has x264 split pictures, which is slower
        encoder.flags |= _GLOBAL_HEADER
        encoder.options = {
            "crf": str(CRF),
            "preset": self._preset,
            "profile": self._profile,
            "x264-params": f"sps-id={self._number}",
        }
        encoder.open()
        return encoder


def _as_stored(made: list[Packet[Stream]]) -> Iterator[tuple[int, Packet[Stream]]]:
    for each in made:
        packet: Packet[Stream] = Packet(measured(bytes(each)))
        packet.is_keyframe = each.is_keyframe
        yield each.pts or 0, packet
