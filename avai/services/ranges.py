"""Stretches of time as people write them: ``0:10-0:12.5``, ``90-95``, ``1:02:03-`` to the end, ``-5`` from
the start."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from avai.errors import RequestError
from avai.services.spans import Stretch

TIME = r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)"
RANGE = re.compile(rf"\s*(?:{TIME})?\s*(?:-|~|to)\s*(?:{TIME})?\s*", re.ASCII)
DASHES = str.maketrans("–—−－～至", "----~-")


def ranges_of(texts: Sequence[str], duration: float) -> list[Stretch]:
    """The stretches in the order given, none beyond ``duration``.

    Raises ``RequestError`` for what is no stretch of time, one that ends before it starts, or that lies behind the end.
    """
    return [_range(text, duration) for text in texts]


def _range(text: str, duration: float) -> Stretch:
    found = RANGE.fullmatch(unicodedata.normalize("NFKC", text).translate(DASHES))
    parts = found.groups() if found else ()
    if not found or not any(parts):
        raise RequestError("edit_note.bad_range", text=text)
    start = _seconds(parts[:3]) if parts[2] else 0.0
    end = _seconds(parts[3:]) if parts[5] else duration
    if start >= duration:
        raise RequestError("edit_note.range_behind", text=text, seconds=round(duration, 2))
    if end <= start:
        raise RequestError("edit_note.range_backwards", text=text)
    return start, min(end, duration)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds = (float(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds
