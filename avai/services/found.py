"""The files that were given, one by one: what folders hold, without following any link out of them."""

from __future__ import annotations

import codecs
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path

from avai.contracts import LeftOut
from avai.errors import RequestError
from avai.media.containers import HEAD, Container, sniff
from avai.progress import Progress
from avai.services.naming import shown

MOST_FILES = 50_000
"""Files that are looked through; more are mostly a whole disk, given by mistake."""
LARGEST_TEXT = 20_000_000
"""Bytes of a table that are read."""
MOST_LEFT_OUT = 200
"""How many that are left out are named; the others are counted."""
LONGEST_NAME = 160
ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
IGNORED = frozenset({"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "@eadir", "icon\r"})
"""What systems lay beside files by themselves; beside these, all that begins with a point."""


class LeftOuts:
    """What is left out, and why: so many are named, all are counted."""

    def __init__(self) -> None:
        self.count = 0
        self.named: list[LeftOut] = []

    def add(self, name: str, error: RequestError) -> None:
        """Leave out what is called ``name``, for what the error says."""
        self.count += 1
        if len(self.named) < MOST_LEFT_OUT:
            self.named.append(LeftOut(name=name, reason=error.noted()))


@dataclass(frozen=True, eq=False)
class Found(ABC):
    """A file: ``parts`` are the folders it lies in, from that which was given on, and its name; ``size`` its bytes."""

    parts: tuple[str, ...]
    size: int

    @cached_property
    def name(self) -> str:
        """What a person knows it by, without the folder that was given."""
        return name_of(self.parts[1:] or self.parts)

    @cached_property
    def container(self) -> Container | None:
        """What its first bytes say that it is; None for what is no sound, video or picture."""
        return sniff(BytesIO(self.head(HEAD)))

    @property
    def stem(self) -> str:
        return Path(self.parts[-1]).stem

    @property
    def suffix(self) -> str:
        return Path(self.parts[-1]).suffix.lower()

    def text(self) -> str | None:
        """What is written in it; None when it is no text, or too long."""
        return None if self.size > LARGEST_TEXT else text_in(self.head(LARGEST_TEXT))

    @abstractmethod
    def head(self, count: int) -> bytes:
        """Its first bytes; none when they cannot be read."""

    @abstractmethod
    def fetch(self, progress: Progress) -> Path:
        """Where it lies as a file. Raises ``RequestError`` when it cannot be had."""


@dataclass(frozen=True, eq=False)
class OnDisk(Found):
    """A file as it was given, or in a folder that was."""

    path: Path

    def head(self, count: int) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(count)
        except OSError:
            return b""

    def fetch(self, progress: Progress) -> Path:
        return self.path


@dataclass
class Place:
    """Files that belong together: those of a folder or a zip, or all that were given one by one."""

    files: list[Found] = field(default_factory=list)
    label: str = ""


def walk(folder: Path, left: LeftOuts) -> Iterator[OnDisk]:
    """The files beneath a folder, in the order of their names. Links are left out, and what is no file."""
    name = folder.name or folder.resolve().name
    waiting: list[tuple[Path, tuple[str, ...]]] = [(folder, (name,))]
    while waiting:
        at, parts = waiting.pop()
        try:
            entries = sorted(os.scandir(at), key=lambda entry: entry.name)
        except OSError:
            left.add(name_of(parts), RequestError("media.missing"))
            continue
        inner = []
        for entry in entries:
            here = (*parts, entry.name)
            if ignored(entry.name):
                continue
            if entry.is_symlink():
                left.add(name_of(here[1:]), RequestError("material_note.link"))
            elif entry.is_dir(follow_symlinks=False):
                inner.append((Path(entry.path), here))
            elif entry.is_file(follow_symlinks=False):
                yield OnDisk(here, entry.stat(follow_symlinks=False).st_size, Path(entry.path))
            else:
                left.add(name_of(here[1:]), RequestError("media.not_a_file"))
        waiting += reversed(inner)


def ignored(name: str) -> bool:
    """Whether a file or folder is there for the system alone."""
    return name.startswith(".") or name.lower() in IGNORED


def name_of(parts: tuple[str, ...]) -> str:
    """A path as one line that can be shown."""
    return "/".join(shown(Path(part)) for part in parts)[-LONGEST_NAME:]


def text_in(data: bytes) -> str | None:
    """The text in bytes: UTF-8, UTF-16 with its mark, what Chinese or Western systems write; None when it is none."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        return None
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
