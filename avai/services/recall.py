"""What was found out about a clip is kept by the clip's content, so that the next task need not find it out again.

A worker keeps the latest few analyses, in memory only and not more of it than ``MOST_BYTES``. A copy under another name
is the same clip; what was stopped or failed is not kept.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

Found = TypeVar("Found")
MOST, MOST_BYTES = 12, 200_000_000
CHUNK = 1 << 24

_found: OrderedDict[Hashable, Any] = OrderedDict()
_contents: OrderedDict[Hashable, bytes] = OrderedDict()


def recall(clip: Path, about: Hashable, find: Callable[[], Found], report: Callable[[], object]) -> Found:
    """What ``find`` gives for the clip, found once as long as it is remembered. ``about`` says what is asked, with all
    that the answer hangs on beside the content; who gets it must not change it. ``report`` is called while a large
    file is read."""
    key = (content(clip, report), about)
    if key not in _found:
        _found[key] = find()
    _found.move_to_end(key)
    answer: Found = _found[key]
    _shortened(_found)
    return answer


def remembered(clip: Path, about: Hashable, report: Callable[[], object]) -> bool:
    """Whether what is asked about the clip is known already."""
    return (content(clip, report), about) in _found


def content(clip: Path, report: Callable[[], object]) -> bytes:
    """What the bytes of a file are known by (BLAKE2b)."""
    stat = clip.stat()
    key = (str(clip), stat.st_ino, stat.st_size, stat.st_mtime_ns)
    if key not in _contents:
        digest = hashlib.blake2b(digest_size=32)
        with clip.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                report()
        _contents[key] = digest.digest()
        _shortened(_contents)
    _contents.move_to_end(key)
    return _contents[key]


def forget() -> None:
    """Remember nothing any more."""
    _found.clear()
    _contents.clear()


def size(answer: object) -> int:
    """Bytes of the arrays in an answer."""
    if isinstance(answer, np.ndarray):
        return answer.nbytes
    if is_dataclass(answer):
        return sum(size(getattr(answer, each.name)) for each in fields(answer))
    return 0


def _shortened(kept: OrderedDict[Hashable, Any]) -> None:
    while len(kept) > MOST or sum(size(each) for each in kept.values()) > MOST_BYTES:
        kept.popitem(last=False)
