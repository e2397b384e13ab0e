"""Names of files as people give them, made fit to be shown on a line and to name a folder anywhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

LONGEST = 120
"""Bytes of a folder's name: with a file's name below it, paths stay short enough for Windows."""

FORBIDDEN = re.compile(r'[<>:"/\\|?*\ufffd]')
NO_TEXT = re.compile(r"[\ud800-\udfff]+")
"""Surrogates: what Python makes of bytes of a name that are no text, and half a character."""
ESCAPED = re.compile("%(?:22|0[AD])")
"""What browsers send for a quote or an end of line in the name of an upload (HTML Standard, multipart/form-data)."""
DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


def shown(clip: Path) -> str:
    """The name of a file on one line: what cannot be shown, or turns the writing of its neighbours round, is left out;
    bytes that are no text become a replacement character, and what stands for a quote in an upload is one again."""
    name = ESCAPED.sub(lambda each: unquote(each[0]), NO_TEXT.sub("\ufffd", clip.name))
    return " ".join(_printable(name).split()) or "?"


def folder_names(clips: Iterable[Path]) -> list[str]:
    """A folder's name for each file: its own without the ending, readable in any script, allowed on any system.

    It is numbered where one is taken, also by another that differs only in case or in how accents are coded.
    """
    taken = {"recognitions.json", "recognitions.csv", "recognitions.zip"}
    names = []
    for clip in clips:
        stem = _allowed(shown(clip).removesuffix(clip.suffix))
        name, number = stem, 1
        while _key(name) in taken:
            number += 1
            name = f"{stem} ({number})"
        taken.add(_key(name))
        names.append(name)
    return names


def _printable(text: str) -> str:
    # categories C*: control, format (marks of direction among them), surrogate, private, unassigned
    return "".join(" " if each.isspace() else each for each in text if each.isspace() or not _hidden(each))


def _hidden(character: str) -> bool:
    return unicodedata.category(character).startswith("C")


def _allowed(name: str) -> str:
    name = FORBIDDEN.sub("_", unicodedata.normalize("NFC", name))
    name = name.encode()[:LONGEST].decode("utf-8", "ignore").strip(" .")
    if not name:
        return "clip"
    return f"{name}_" if name.partition(".")[0].casefold() in DEVICES else name


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
