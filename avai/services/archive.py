"""Zips that people give: looked through without unpacking, and unpacked a file at a time under names of ours.

A zip may come from anywhere. What it says of itself is checked, what comes out of it is counted, and no name in it
ever becomes a path (the rule of CWE-409, and of CWE-22, "zip slip").
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from avai.config import settings
from avai.errors import RequestError
from avai.media.writing import written
from avai.progress import Progress
from avai.services.found import MOST_FILES, Found, LeftOuts, ignored, name_of

BLOCK = 1 << 20
LARGEST_DIRECTORY = 8_000_000
"""Bytes of a zip's table of contents, which has to be read whole: some 50,000 files."""
SMALL, RATIO = 50_000_000, 100
"""A larger file may not be packed more than so tightly: only emptiness is. Silence of five minutes may."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The ways of packing that unpack in blocks; the others can be made to fill the memory at once."""
UTF8, ENCRYPTED = 0x800, 0x1
MAGIC = (b"PK\3\4", b"PK\5\6", b"PK\7\10")
OTHERS = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
TROUBLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OSError)


class Room:
    """Where files are unpacked, and how many bytes may still be: for all zips of a request together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.left = settings().max_bytes
        self._count = 0

    def place(self, suffix: str) -> Path:
        """A file that is not there yet."""
        self._count += 1
        return self.folder / f"{self._count:06}{suffix if re.fullmatch(r'[.][a-z0-9]{1,8}', suffix) else ''}"

    def take(self, count: int) -> None:
        """So many bytes more. Raises ``RequestError`` when they are too many."""
        self.left -= count
        if self.left < 0:
            raise too_big()


class _Careful(io.BufferedReader):
    """A file of which no table of contents is read that would fill the memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > LARGEST_DIRECTORY:
            raise RequestError("material_note.too_many_files", limit=MOST_FILES)
        return super().read(size)


@dataclass(frozen=True, eq=False)
class Packed(Found):
    """A file in a zip. It is unpacked when it is asked for."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    room: Room

    def head(self, count: int) -> bytes:
        try:
            with self.archive.open(self.info) as file:
                return file.read(count)
        except TROUBLE:
            return b""

    def fetch(self, progress: Progress) -> Path:
        path = self.room.place(self.suffix)
        try:
            # what is written whole or not at all leaves nothing behind when it breaks off
            with self.archive.open(self.info) as file, written(path) as part, part.open("wb") as out:
                while block := file.read(BLOCK):
                    progress(0.0, "doing.gathering")
                    self.room.take(len(block))
                    out.write(block)
        except TROUBLE:
            raise RequestError("media.damaged") from None
        return path


def is_archive(found: Found) -> bool:
    """Whether a file is a zip, by its first bytes. Raises ``RequestError`` for other archives."""
    head = found.head(8)
    if head.startswith(OTHERS):
        raise RequestError("material_note.other_archive")
    return head.startswith(MAGIC)


def members(path: Path, name: str, room: Room, left: LeftOuts, held: ExitStack) -> Iterator[Packed]:
    """The files in a zip, in the order of their names; it is open for as long as ``held``.

    Raises ``RequestError`` when all of it cannot be used: damaged, locked, or with more in it than is taken.
    """
    limit = settings().max_bytes
    size = path.stat().st_size
    if size > limit:
        raise RequestError("media.too_big", megabytes=size // 1_000_000, limit=limit // 1_000_000)
    try:
        archive = held.enter_context(zipfile.ZipFile(_Careful(held.enter_context(io.FileIO(path)))))
    except TROUBLE:
        raise RequestError("material_note.damaged_zip") from None
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if len(infos) > MOST_FILES:
        raise RequestError("material_note.too_many_files", limit=MOST_FILES)
    if sum(info.compress_size for info in infos) > size:
        raise RequestError("material_note.damaged_zip")  # files that lie upon one another
    if sum(info.file_size for info in infos) > limit:
        raise too_big()
    if any(info.flag_bits & ENCRYPTED for info in infos):
        raise RequestError("material_note.locked")
    for parts, info in sorted(zip(_names(infos), infos, strict=True), key=lambda each: each[0]):
        if any(map(ignored, parts)) and ".." not in parts:
            continue
        try:
            _check(parts, info)
        except RequestError as error:
            left.add(name_of(parts), error)
        else:
            yield Packed((name, *parts), info.file_size, archive, info, room)


def too_big() -> RequestError:
    """More in zips than is taken."""
    return RequestError("material_note.zip_too_big", limit=settings().max_bytes // 1_000_000)


def _check(parts: tuple[str, ...], info: zipfile.ZipInfo) -> None:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        raise RequestError("material_note.link")
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        raise RequestError("media.not_a_file")
    if ".." in parts:
        raise RequestError("material_note.outside")
    if info.compress_type not in METHODS:
        raise RequestError("material_note.packing")
    if info.file_size > SMALL and info.file_size > RATIO * info.compress_size:
        raise RequestError("material_note.bomb")


def _names(infos: list[zipfile.ZipInfo]) -> list[tuple[str, ...]]:
    """The parts of the names. Those that do not say that they are UTF-8 are code page 437 by the book, and UTF-8 or
    GBK in life: they are what all of them can be (GBK, where one at least is of the common characters of GB 2312)."""
    raw: dict[int, bytes] = {}
    for number, info in enumerate(infos):
        if not info.flag_bits & UTF8 and not info.filename.isascii():
            try:
                raw[number] = info.filename.encode("cp437")
            except UnicodeEncodeError:
                continue
    coding = _coding(list(raw.values()))
    names = [raw[number].decode(coding) if number in raw else info.filename for number, info in enumerate(infos)]
    return [tuple(part for part in re.split(r"[/\\]", name) if part not in ("", ".")) or ("?",) for name in names]


def _coding(names: list[bytes]) -> str:
    if all(_is(name, "utf-8") for name in names):
        return "utf-8"
    if all(_is(name, "gbk") for name in names) and any(_is(name, "gb2312") for name in names):
        return "gbk"
    return "cp437"


def _is(name: bytes, coding: str) -> bool:
    try:
        name.decode(coding)
    except UnicodeDecodeError:
        return False
    return True
