"""What a file is: streams, sizes as shown, exact durations, and what a person should know about it."""

from __future__ import annotations

import os
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median

import av
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from avai.contracts import AudioInfo, ClipInfo, Note, VideoInfo
from avai.errors import RequestError, note
from avai.media.clock import Beat, base, common_start, measure, packets
from avai.media.door import Source, open_clip, recognised
from avai.media.geometry import Geometry, geometry
from avai.media.stills import picture_size
from avai.media.wav import promised_seconds

SHORTEST_SOUND = Fraction(1, 100)
MISSING_TAIL = Fraction(1, 2)  # headers round and pad; a real break loses more

_PLAYED_PICTURES = {
    "mp4": {"h264", "av1", "libdav1d", "vp9"},
    "mov": {"h264"},
    "webm": {"vp8", "vp9", "av1", "libdav1d"},
}
_PLAYED_SOUNDS = {
    "mp4": {"aac", "mp3", "mp3float", "opus", "flac"},
    "mov": {"aac", "mp3", "mp3float"},
    "webm": {"opus", "vorbis"},
    "mp3": {"mp3", "mp3float"},
    "wav": {"pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le"},
    "flac": {"flac"},
    "ogg": {"vorbis", "opus", "flac"},
    "aac": {"aac"},
}


def probe(path: Path | str) -> ClipInfo:
    """What ``path`` is. Durations are measured from packets, so a header that lies is found out.

    Raises ``RequestError`` as ``open_clip`` does, and when nothing in the file can be decoded.
    """
    path = Path(path)
    kind = recognised(path)
    size = os.stat(path).st_size
    if kind.kind == "picture":
        width, height = picture_size(path)
        return ClipInfo(
            kind="picture",
            container=kind.name,
            bytes=size,
            duration=0,
            width=width,
            height=height,
            plays_in_browser=True,
        )
    start = common_start(path)
    with open_clip(path) as source:
        first = _first_picture(source)
    with open_clip(path) as source:
        tracks = source.audio
        streams = [*tracks, *([source.video] if source.video is not None else [])]
        beats = measure(source, streams)
        heard = [track for track in tracks if beats[track.index].end is not None]
        video = None
        if source.video is not None and first is not None:
            video = _video_info(source.video, beats[source.video.index], first, start)
        if video is None and not heard:
            raise RequestError("media.nothing" if source.video is None else "media.damaged")
        audio = tuple(_audio_info(track, tracks.index(track), beats[track.index], start) for track in heard)
        ends = [track.start + track.duration for track in audio] + ([video.start + video.duration] if video else [])
        length = max(ends)
        if video is None and length < SHORTEST_SOUND:
            raise RequestError("media.too_short", seconds=float(SHORTEST_SOUND))
        return ClipInfo(
            kind="video" if video else "sound",
            container=source.name,
            bytes=size,
            duration=length,
            video=video,
            audio=audio,
            width=video.width if video else None,
            height=video.height if video else None,
            subtitles=source.subtitles,
            cover=source.cover,
            plays_in_browser=_plays(source.name, video, audio),
            warnings=tuple(_warnings(source, beats, start, video, audio)),
        )


def _first_picture(source: Source) -> VideoFrame | None:
    """The first frame that decodes: its side data says how the picture is turned."""
    if source.video is None:
        return None
    picture = source.picture()
    for count, packet in enumerate(packets(source, picture)):
        try:
            for frame in picture.codec_context.decode(packet):
                return frame
        except av.error.FFmpegError:
            continue
        if count > 500:
            break
    return None


def _video_info(stream: VideoStream, beat: Beat, frame: VideoFrame, start: Fraction) -> VideoInfo | None:
    if beat.first is None or beat.end is None:
        return None
    shape: Geometry = geometry(stream, frame)
    steps = [after - before for before, after in pairwise(beat.times)]
    duration = beat.end - beat.first
    rate = Fraction(len(beat.times)) / duration if duration else Fraction(stream.average_rate or 25)
    usual = Fraction(stream.average_rate or rate)
    if abs(usual - rate) * duration < 1.5 or abs(usual - rate) < rate / 1000:
        rate = usual
    context = stream.codec_context
    return VideoInfo(
        codec="av1" if context.name == "libdav1d" else context.name,
        width=shape.width,
        height=shape.height,
        rotation=shape.rotation,
        pixel_aspect=float(shape.pixel_aspect),
        rate=float(rate),
        variable_rate=_varies(steps, base(stream)),
        pixel_format=frame.format.name,
        start=float(beat.first - start),
        duration=float(duration),
    )


def _varies(steps: list[int], unit: Fraction) -> bool:
    """Whether frames come at unequal distances, beyond the rounding of the container's clock."""
    if len(steps) < 2:
        return False
    usual = median(steps)
    slack = max(usual * 0.1, 1.5 if unit >= Fraction(1, 2000) else 1.5 * float(Fraction(1, 2000) / unit))
    return sum(abs(step - usual) > slack for step in steps) > max(1, len(steps) // 200)


def _audio_info(stream: AudioStream, number: int, beat: Beat, start: Fraction) -> AudioInfo:
    context = stream.codec_context
    first = max((beat.first or start) - start, Fraction(0))
    return AudioInfo(
        number=number,
        codec=context.name.removesuffix("float"),
        rate=context.rate,
        channels=context.channels,
        layout={1: "mono", 2: "stereo"}.get(context.channels, context.layout.name),
        start=float(first),
        duration=float(max((beat.end or start) - start - first, Fraction(0))),
        language=stream.language if stream.language and stream.language != "und" else "",
    )


def _plays(name: str, video: VideoInfo | None, audio: tuple[AudioInfo, ...]) -> bool:
    """Whether every common browser plays the file as it is."""
    if video is not None:
        if video.codec not in _PLAYED_PICTURES.get(name, set()):
            return False
        if video.pixel_format not in ("yuv420p", "yuvj420p"):
            return False
    return all(track.codec in _PLAYED_SOUNDS.get(name, set()) for track in audio[:1])


def _warnings(
    source: Source, beats: dict[int, Beat], start: Fraction, video: VideoInfo | None, audio: tuple[AudioInfo, ...]
) -> list[Note]:
    notes: list[Note] = []
    promised = max(
        (Fraction(s.duration or 0) * base(s) for s in (source.video, *source.audio) if s), default=Fraction(0)
    )
    if source.name in ("mkv", "webm"):  # their header speaks of the whole file alone
        promised = max(promised, Fraction(source.container.duration or 0, 1_000_000) - max(start, Fraction(0)))
    readable = max((beat.end - start for beat in beats.values() if beat.end is not None), default=Fraction(0))
    broken = any(beat.damaged for beat in beats.values())
    if broken and source.name == "wav":
        # libav marks the last packet of a WAV that ends before its header says, or whose header does not say
        promised = promised_seconds(source.path) or readable
        broken = promised > readable
    if late := sum(beat.late for beat in beats.values()):
        notes.append(note("media.clock_back", count=late))
    elif promised - readable > MISSING_TAIL or (broken and promised > readable):
        notes.append(note("media.truncated", readable=f"{float(readable):.1f}", promised=f"{float(promised):.1f}"))
    elif broken:
        notes.append(note("media.damaged_frames", count=sum(beat.damaged for beat in beats.values())))
    if len(audio) > 1:
        names = ", ".join(track.language or str(number) for number, track in enumerate(audio, 1))
        notes.append(note("media.several_tracks", count=len(audio), names=names))
    if video is None:
        return notes
    if source.video is not None and len(beats[source.video.index].times) == 1:
        notes.append(note("media.one_frame"))
    picture_end = video.start + video.duration
    sound_end = audio[0].start + audio[0].duration if audio else 0.0
    if sound_end > picture_end + 1:
        notes.append(note("media.sound_longer", sound=f"{sound_end:.1f}", picture=f"{picture_end:.1f}"))
    return notes
