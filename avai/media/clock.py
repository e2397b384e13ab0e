"""Exact times of a clip, read from its packets without decoding pictures.

All times are seconds from the clip's common start: the first moment at which a picture or a sound is presented, after
edit lists and encoder delay.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from avai.config import settings
from avai.media.door import Source, open_clip

REORDERED = 32  # H.264 and HEVC hold back at most 16 frames
PADDING = Fraction(1, 10)  # encoders fill their last frame, at most two frames of 2048 samples at 44.1 kHz
BACK = 1  # seconds; reordered frames step back less, a clock that starts again more
FAR = 20  # seconds of one stream after which another is taken to start later


def packets(source: Source, *streams: Stream) -> Iterator[Packet[Stream]]:
    """The packets of ``streams``; ends quietly where the file breaks off."""
    demux = source.container.demux(*streams)
    while True:
        try:
            packet = next(demux)
        except (StopIteration, av.error.FFmpegError):
            return
        yield packet


def stamp(packet: Packet[Stream]) -> int | None:
    """When a packet is presented, in its stream's time base; when it is decoded, where the container has no other."""
    return packet.dts if packet.pts is None else packet.pts


def base(stream: Stream) -> Fraction:
    """The time base of a stream."""
    return stream.time_base or Fraction(1, 1_000_000)


def promised_end(stream: Stream) -> Fraction | None:
    """Where the header says that a stream ends, on the container's clock; None where it says nothing."""
    if not stream.duration or stream.duration < 0:
        return None
    return ((stream.start_time or 0) + stream.duration) * base(stream)


def sound_end(stream: Stream, end: Fraction) -> Fraction:
    """The end of a sound whose packets reach to ``end``, without the padding of the last ones that the header tells."""
    promised = promised_end(stream)
    return promised if promised is not None and promised < end <= promised + PADDING else end


def picture_end(stream: Stream, beat: Beat) -> Fraction:
    """When the last frame ends: as the header says where that is likely, else by the duration of its packet.

    Packets of MP4 have the durations of their place in the order of decoding, which may not be that of their frame.
    """
    unit = base(stream)
    last = beat.times[-1]
    longest = max((after - before for before, after in pairwise(beat.times)), default=0)
    promised = promised_end(stream)
    if promised is not None and 0 < promised - last * unit <= max(
        2 * longest * unit, PADDING, beat.last_duration * unit
    ):
        return promised
    return (last + (beat.last_duration or longest)) * unit


def common_start(path: Path) -> Fraction:
    """Where the clip begins, on the clock of its container: the earliest presented picture or sound."""
    with open_clip(path) as source:
        return _common_start(source)


def _common_start(source: Source) -> Fraction:
    video = source.video
    sound = source.audio[0] if source.audio else None
    wanted: list[Stream] = [stream for stream in (video, sound) if stream is not None]
    found: dict[int, Fraction] = {}
    shown: list[int] = []
    key_seen = False
    for packet in packets(source, *wanted):
        at = stamp(packet)
        if at is None or packet.size == 0:
            continue
        stream = packet.stream
        time = at * base(stream)
        if stream is video and video.index not in found:
            key_seen = key_seen or packet.is_keyframe
            if key_seen and not packet.is_discard:
                shown.append(at)
            if len(shown) >= REORDERED:
                found[video.index] = min(shown) * base(video)
        elif sound is not None and stream is sound and sound.index not in found:
            try:
                frames = sound.codec_context.decode(packet)
            except av.error.FFmpegError:
                frames = []
            if frames and frames[0].pts is not None:
                found[sound.index] = frames[0].pts * base(sound)
        if len(found) == len(wanted) or (found and time > min(found.values()) + FAR):
            break
    if video is not None and shown and video.index not in found:
        found[video.index] = min(shown) * base(video)
    return min(found.values(), default=Fraction(0))


@dataclass
class Beat:
    """What the packets of one stream say: when it is presented, on the container's clock."""

    first: Fraction | None = None
    end: Fraction | None = None
    times: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    last_duration: int = 0  # of the packet that is shown last
    latest: int = 0
    damaged: int = 0
    late: int = 0  # come at times that were shown already, as the clock went back; they are not in ``times``


def measure(source: Source, streams: Iterable[Stream]) -> dict[int, Beat]:
    """Read all packets once: a ``Beat`` for the index of each stream, with ``times`` and ``keys`` for pictures."""
    wanted = list(streams)
    beats = {stream.index: Beat() for stream in wanted}
    units = {stream.index: base(stream) for stream in wanted}
    pictures = {stream.index for stream in wanted if isinstance(stream, VideoStream)}
    limit = {index: settings().max_seconds / unit for index, unit in units.items()}
    first: dict[int, int] = {}
    end: dict[int, int] = {}  # in whole units: a fraction a packet would take most of the time
    back = {index: BACK / unit for index, unit in units.items()}
    decoded: dict[int, int] = {}
    shown: dict[int, int] = {}  # until where, when the clock went back
    for packet in packets(source, *wanted):
        at, index = stamp(packet), packet.stream_index
        if packet.size == 0 or at is None:
            continue
        beat = beats[index]
        if index in pictures and packet.dts is not None:
            if packet.dts < decoded.get(index, packet.dts) - back[index]:
                shown[index] = beat.latest
            decoded[index] = packet.dts
            if index in shown and at <= shown[index]:
                beat.late += 1
                continue
        if packet.is_keyframe and index in pictures:
            beat.keys.append(at)
        if packet.is_discard:
            continue
        beat.damaged += packet.is_corrupt
        first[index] = min(at, first.get(index, at))
        end[index] = max(at + (packet.duration or 0), end.get(index, at))
        if index in pictures:
            if not beat.times or at > beat.latest:
                beat.latest, beat.last_duration = at, packet.duration or beat.last_duration
            beat.times.append(at)
        if at - first[index] > limit[index]:
            break
    for index in first:
        beats[index].first, beats[index].end = first[index] * units[index], end[index] * units[index]
    for stream in wanted:
        beat = beats[stream.index]
        beat.times.sort()
        beat.keys.sort()
        if stream.type == "audio" and beat.end is not None:
            beat.end = sound_end(stream, beat.end)
        if beat.times:
            beat.end = picture_end(stream, beat)
    return beats


@dataclass(frozen=True)
class FrameTimes:
    """When each frame of a clip is shown, in seconds from the common start, and when the last one ends.

    ``keys`` are the times of key frames, where decoding can begin; the first may lie before 0, behind an edit list.
    """

    times: tuple[Fraction, ...]
    end: Fraction
    keys: tuple[Fraction, ...] = ()

    def key_before(self, time: Fraction) -> Fraction | None:
        """The last key frame at or before ``time``."""
        at = bisect_right(self.keys, time)
        return self.keys[at - 1] if at else None

    def shown_at(self, time: Fraction) -> Fraction:
        """When the frame that is shown at ``time`` appeared: the last by then, before the first the first."""
        return self.times[max(bisect_right(self.times, time) - 1, 0)] if self.times else Fraction(0)

    def nearest_edge(self, time: Fraction) -> Fraction:
        """The frame edge nearest to ``time``: the start of a frame, or the end of the last."""
        edges: Sequence[Fraction] = (*self.times, self.end)
        at = bisect_left(edges, time)
        around = edges[max(at - 1, 0) : at + 1] or edges[-1:]
        return min(around, key=lambda edge: abs(edge - time))


def frame_times(path: Path) -> FrameTimes:
    """The times of all frames, from the packets: no picture is decoded. ``media.no_picture`` where there is none."""
    start = common_start(path)
    with open_clip(path) as source:
        video = source.picture()
        beat = measure(source, [video])[video.index]
        unit = base(video)
        times = tuple(at * unit - start for at in beat.times)
        return FrameTimes(times, (beat.end or start) - start, tuple(at * unit - start for at in beat.keys))


def snap(path: Path, times: Iterable[Fraction | float]) -> list[Fraction]:
    """Each asked time moved to the nearest edge of a frame, so that picture and sound can be cut at one moment.

    A sound without picture has no frames: its times come back as they are, exact.
    """
    asked = [Fraction(time) for time in times]
    with open_clip(path) as source:
        if source.video is None:
            return asked
    frames = frame_times(path)
    return [frames.nearest_edge(time) for time in asked]
