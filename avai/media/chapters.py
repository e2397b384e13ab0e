"""Chapters that players show: named stretches in the container, written with a film or put into a copy of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm
from pathlib import Path

import av
from av.container.output import OutputContainer
from av.stream import Stream

from avai.media.clock import base, common_start, packets
from avai.media.door import Source, open_clip
from avai.media.remux import MKV, MP4, TOLD, Home, NoTimes, copied, timed
from avai.media.writing import written
from avai.progress import Progress, quiet

TICK = Fraction(1, 240_000)
"""Frames of every usual rate and milliseconds are whole numbers of it."""
_SOUNDS = frozenset({"aac", "mp3", "ac3", "eac3", "opus", "flac", "alac"})  # at home in MP4
_MKV = replace(MKV, options=(("avoid_negative_ts", "disabled"),))  # else the film moves, and its chapters do not


@dataclass(frozen=True)
class Chapter:
    """A stretch [start, end) in seconds and the name that a player shows."""

    start: Fraction | float
    end: Fraction | float
    name: str


def set_chapters(container: OutputContainer, chapters: Sequence[Chapter], late: Fraction = Fraction(0)) -> None:
    """Give a container its chapters, before anything else is written to it; they are put off by ``late`` seconds."""
    container.set_chapters(
        [
            {
                "id": number,
                "start": round((Fraction(each.start) + late) / TICK),
                "end": round((Fraction(each.end) + late) / TICK),
                "time_base": TICK,
                "metadata": {"title": " ".join(each.name.split())},
            }
            for number, each in enumerate(chapters, 1)
        ]
    )


def with_chapters(film: Path | str, chapters: Sequence[Chapter], out: Path, progress: Progress = quiet) -> Path | None:
    """Write a copy of the film that has ``chapters``, counted from its common start; gives the path.

    Nothing is encoded again: the picture, all sounds and the subtitles that fit keep their packets and stand together
    as they stood. The suffix of ``out`` is ``.mp4`` where the streams are at home in it, else ``.mkv``. None, and no
    file, when neither takes them or the file does not say when its pictures are shown.
    Raises ``RequestError`` as ``open_clip`` does and for a full disk, ``Cancelled`` from ``progress``.
    """
    film = Path(film)
    start = common_start(film)
    with open_clip(film) as source:
        home = MP4 if _fits_mp4(source) else _MKV
        path = out.with_suffix(home.suffix)
        try:
            with written(path) as part:
                _write(source, start, home, chapters, part, progress)
        except (av.error.FFmpegError, ValueError, NoTimes):
            return None
        return path


def _fits_mp4(source: Source) -> bool:
    sounds = {stream.codec_context.codec.canonical_name for stream in source.audio}
    return source.picture().codec_context.codec.canonical_name in MP4.pictures and sounds <= _SOUNDS


def _write(
    source: Source, start: Fraction, home: Home, chapters: Sequence[Chapter], part: Path, progress: Progress
) -> None:
    picture = source.picture()
    fitting = [
        each for each in source.container.streams.subtitles if each.codec_context.codec.canonical_name in home.subtitles
    ]
    streams: list[Stream] = [picture, *source.audio, *fitting]
    with av.open(str(part), "w", format=home.format, options=dict(home.options)) as container:
        container.metadata.update({key: value for key, value in source.container.metadata.items() if key in TOLD})
        copies = {stream.index: copied(stream, container, home) for stream in streams}
        # All streams move by a time that each clock can say, so they stay together to the tick.
        shared = _shared([base(stream) for stream in streams])
        moved = start // shared * shared
        set_chapters(container, chapters, start - moved)
        length = Fraction(picture.duration or 0) * base(picture)
        for packet in timed(packets(source, *streams)):
            shift = int(moved / base(packet.stream))
            packet.pts, packet.dts = (packet.pts or 0) - shift, (packet.dts or 0) - shift
            at = packet.dts * base(packet.stream)
            packet.stream = copies[packet.stream_index]
            container.mux(packet)
            progress(min(max(float(at / length), 0.0), 1.0) if length else 0.0, "doing.writing_chapters")


def _shared(units: Sequence[Fraction]) -> Fraction:
    """The shortest time that is a whole number of each of the units."""
    return Fraction(lcm(*(unit.numerator for unit in units)), gcd(*(unit.denominator for unit in units)))
