"""Which containers are taken: told by the first bytes of a file, never by its name.

Only the demuxer of a recognised container is ever asked to read a file. Playlists (HLS, DASH, SDP, concat scripts) are
recognised to be named in the refusal; they are never opened.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Literal

HEAD = 4096

_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"v=0", b"<?xml", b"<MPD", b"[playlist]", b"file '", b"RTSPtext", b"<smil")
_RIFF = {b"AVI ": "avi", b"WAVE": "wav"}


@dataclass(frozen=True)
class Container:
    """A recognised kind of file: what we call it, and the FFmpeg demuxer that may read it ("" for a picture)."""

    name: str
    demuxer: str = ""
    kind: Literal["clip", "picture", "playlist"] = "clip"


def sniff(file: BinaryIO) -> Container | None:
    """The container that the first bytes say, or None when they say none that is taken."""
    head = file.read(HEAD)
    if head[:3] == b"ID3" and len(head) >= 10:
        size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        file.seek(10 + size)
        return _bare_sound(file.read(HEAD)) or Container("mp3", "mp3")
    return _picture(head) or _clip(head) or _bare_sound(head) or _playlist(head)


def _picture(head: bytes) -> Container | None:
    if head[:3] == b"\xff\xd8\xff":
        return Container("jpeg", kind="picture")
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return Container("png", kind="picture")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Container("webp", kind="picture")
    return None


def _clip(head: bytes) -> Container | None:
    if head[4:8] in _ATOMS:
        if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1"):
            return None
        return Container("mov" if head[8:12] == b"qt  " or head[4:8] != b"ftyp" else "mp4", "mov")
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return Container("webm" if b"webm" in head[:64] else "mkv", "matroska")
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] in _RIFF:
        name = _RIFF[head[8:12]]
        return Container(name, name)
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return Container("gif", "gif")
    if head[:4] == b"OggS":
        return Container("ogg", "ogg")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return Container("aiff", "aiff")
    if head[:4] == b"\x00\x00\x01\xba":
        return Container("mpeg", "mpeg")
    if len(head) > 564 and all(head[at] == 0x47 for at in (0, 188, 376, 564)):
        return Container("ts", "mpegts")
    if len(head) > 580 and all(head[at] == 0x47 for at in (4, 196, 388, 580)):
        return Container("ts", "mpegts")
    return None


def _bare_sound(head: bytes) -> Container | None:
    """FLAC, or a stream of MPEG audio or ADTS frames whose first header makes sense."""
    if head[:4] == b"fLaC":
        return Container("flac", "flac")
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return Container("aac", "aac") if (head[2] >> 2) & 15 < 13 else None
    sync, layer, bitrate, rate = head[1] & 0xE0, (head[1] >> 1) & 3, head[2] >> 4, (head[2] >> 2) & 3
    return Container("mp3", "mp3") if sync == 0xE0 and layer and bitrate not in (0, 15) and rate != 3 else None


def _playlist(head: bytes) -> Container | None:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return Container("playlist", kind="playlist") if text.startswith(_PLAYLISTS) else None


def has_index(file: BinaryIO) -> bool:
    """Whether an MP4 or MOV file has its index, the ``moov`` atom, at its top level."""
    file.seek(0)
    at = 0
    for _ in range(10_000):
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            return False
        size, name = struct.unpack(">I4s", header[:8])
        if name == b"moov":
            return True
        if size == 1 and len(header) == 16:
            (size,) = struct.unpack(">Q", header[8:])
        if size < 8:
            return False
        at += size
    return False
