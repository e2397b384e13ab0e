"""The one door: every clip is opened here, or refused here in one sentence.

A path is opened with the demuxer that its first bytes ask for and with the ``file`` protocol alone, so nothing that a
file says can make FFmpeg read another file or connect anywhere.
"""

from __future__ import annotations

import os
import stat
from functools import cached_property
from pathlib import Path
from types import TracebackType

import av
import av.container
from av.audio.stream import AudioStream
from av.stream import Disposition
from av.video.stream import VideoStream

from avai.config import settings
from avai.errors import RequestError
from avai.media.containers import Container, has_index, sniff

av.logging.set_level(None)  # any level has FFmpeg's threads wait for Python's lock while Python waits for them


class Source:
    """An open clip. ``container`` is PyAV's; ``name`` is what the container is called (``mp4``, ``webm``, ``wav``)."""

    def __init__(self, path: Path, name: str, container: av.container.InputContainer) -> None:
        self.path = path
        self.name = name
        self.container = container

    @cached_property
    def video(self) -> VideoStream | None:
        """The first moving picture; attached pictures (covers) are none."""
        return next((stream for stream in self.container.streams.video if not is_cover(stream)), None)

    @cached_property
    def audio(self) -> tuple[AudioStream, ...]:
        """The sound tracks that have samples to decode."""
        return tuple(s for s in self.container.streams.audio if s.codec_context is not None and s.codec_context.rate)

    @property
    def cover(self) -> bool:
        """Whether a still picture is attached."""
        return any(is_cover(stream) for stream in self.container.streams.video)

    @property
    def subtitles(self) -> int:
        """How many subtitle tracks there are."""
        return len(self.container.streams.subtitles)

    def sound(self, track: int = 0) -> AudioStream:
        """A sound track, from 0; ``media.no_sound`` when there is none, ``media.no_track`` when there are fewer."""
        if not self.audio:
            raise RequestError("media.no_sound")
        if track >= len(self.audio):
            raise RequestError("media.no_track", asked=track + 1, count=len(self.audio))
        return self.audio[track]

    def picture(self) -> VideoStream:
        """The moving picture; ``media.no_picture`` when there is none, ``media.no_decoder`` when it can't be read."""
        if self.video is None:
            raise RequestError("media.no_picture")
        if self.video.codec_context is None:
            raise RequestError("media.no_decoder")
        return self.video

    def close(self) -> None:
        self.container.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def is_cover(stream: VideoStream) -> bool:
    """Whether a video stream is an attached picture rather than film."""
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def recognised(path: Path) -> Container:
    """What kind of file ``path`` is, within the limits of size.

    Raises ``RequestError``: missing, not a regular file, empty, over the limit of bytes, a playlist, of no kind taken.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        raise RequestError("media.missing") from None
    if not stat.S_ISREG(status.st_mode):
        raise RequestError("media.not_a_file")
    if status.st_size == 0:
        raise RequestError("media.empty")
    limit = settings().max_bytes
    if status.st_size > limit:
        raise RequestError("media.too_big", megabytes=status.st_size // 1_000_000, limit=limit // 1_000_000)
    try:
        with open(path, "rb") as file:
            kind = sniff(file)
    except OSError:
        raise RequestError("media.missing") from None
    if kind is None:
        raise RequestError("media.unknown")
    if kind.kind == "playlist":
        raise RequestError("media.playlist")
    return kind


def open_clip(path: Path | str) -> Source:
    """Open a video or sound; use it as a context manager.

    Raises ``RequestError`` for everything that is not a readable clip within the limits of ``config.settings()``:
    a picture, a playlist, a damaged or unfinished file, one that is too big, too long or has too many pixels.
    """
    path = Path(path)
    kind = recognised(path)
    if kind.kind == "picture":
        raise RequestError("media.is_picture")
    options = {"protocol_whitelist": "file", "format_whitelist": kind.demuxer}
    try:
        container = av.open(
            f"file:{os.path.abspath(path)}", format=kind.demuxer, options=options, metadata_errors="replace"
        )
    except (av.error.FFmpegError, ValueError, UnicodeError):
        raise _unreadable(path, kind) from None
    source = Source(path, kind.name, container)
    try:
        _within_limits(source)
    except RequestError:
        source.close()
        raise
    return source


def _unreadable(path: Path, kind: Container) -> RequestError:
    if kind.demuxer == "mov":
        try:
            with open(path, "rb") as file:
                indexed = has_index(file)
        except OSError:
            return RequestError("media.missing")
        if not indexed:
            return RequestError("media.unfinished")
    return RequestError("media.damaged")


def _within_limits(source: Source) -> None:
    limits = settings()
    if source.video is None and not source.container.streams.audio:
        raise RequestError("media.nothing")
    microseconds = source.container.duration or 0
    if microseconds > limits.max_seconds * 1_000_000:
        raise RequestError(
            "media.too_long", minutes=round(microseconds / 60_000_000), limit=round(limits.max_seconds / 60)
        )
    for stream in source.container.streams.video:
        context = stream.codec_context
        if context is None:
            continue
        if context.width * context.height > limits.max_pixels:
            raise RequestError("media.too_many_pixels", width=context.width, height=context.height)
        context.options = {"max_pixels": str(limits.max_pixels)}
