"""H.264 as MP4 stores it: parameter sets apart, pictures as NAL units behind their lengths (ISO/IEC 14496-15).

Films of two encoders can be one stream when their parameter sets have numbers of their own: each slice names the set it
was made with. Numbers and layouts are those of ITU-T H.264, 7.3.2.1.1 and 7.3.2.2, and annex B.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

SLICE, IDR, SEQUENCE, PICTURE, DELIMITER = 1, 5, 7, 8, 9
LENGTH = 4
"""Bytes of the length before each unit, with nearly all writers."""
SETS = 32
"""Sequence parameter sets are numbered below this; there may be more picture parameter sets."""
_HEAD = 6


@dataclass(frozen=True)
class Headers:
    """What an ``avcC`` box says. ``tail`` are the fields of the high profiles, kept as they are."""

    profile: int
    compatible: int
    level: int
    sequences: tuple[bytes, ...]
    pictures: tuple[bytes, ...]
    tail: bytes = b""

    @property
    def free(self) -> int | None:
        """The highest number that no set has; None when all are taken."""
        taken = {number(unit) for unit in (*self.sequences, *self.pictures)}
        return next((each for each in reversed(range(SETS)) if each not in taken), None)

    def with_sets(self, units: Iterable[bytes]) -> Headers:
        """The same with more parameter sets, of which some may ask for a higher level."""
        whole = self
        for unit in units:
            if kind(unit) == SEQUENCE:
                compatible, level = whole.compatible & unit[2], max(whole.level, unit[3])
                whole = replace(whole, compatible=compatible, level=level, sequences=(*whole.sequences, unit))
            elif kind(unit) == PICTURE:
                whole = replace(whole, pictures=(*whole.pictures, unit))
        return whole

    def box(self) -> bytes:
        """The contents of the ``avcC`` box."""
        head = bytes([1, self.profile, self.compatible, self.level, 0xFC | (LENGTH - 1), 0xE0 | len(self.sequences)])
        sets = b"".join(len(unit).to_bytes(2, "big") + unit for unit in self.sequences)
        more = b"".join(len(unit).to_bytes(2, "big") + unit for unit in self.pictures)
        return head + sets + bytes([len(self.pictures)]) + more + self.tail


def headers(box: bytes) -> Headers | None:
    """What the ``avcC`` box says; None when it is none, has no parameter sets, or lengths of another size."""
    if len(box) <= _HEAD or box[0] != 1 or (box[4] & 3) + 1 != LENGTH:
        return None
    found: list[tuple[bytes, ...]] = []
    at = 5
    for mask in (0x1F, 0xFF):
        if at >= len(box):
            return None
        count, at = box[at] & mask, at + 1
        units = []
        for _ in range(count):
            size = int.from_bytes(box[at : at + 2], "big")
            units.append(box[at + 2 : at + 2 + size])
            at += 2 + size
        found.append(tuple(units))
    if at > len(box) or not all(found) or any(len(unit) < 4 for unit in found[0]) or not all(map(len, found[1])):
        return None
    return Headers(box[1], box[2], box[3], found[0], found[1], box[at:])


def kind(unit: bytes | memoryview) -> int:
    """What a NAL unit is: ``IDR``, ``SEQUENCE`` and so on."""
    return unit[0] & 0x1F


def number(unit: bytes) -> int:
    """The number of a parameter set: the first Exp-Golomb code after its fixed bytes."""
    bits = "".join(f"{byte:08b}" for byte in unit[4 if kind(unit) == SEQUENCE else 1 :][:8])
    zeros = len(bits) - len(bits.lstrip("0"))
    return int(bits[zeros : 2 * zeros + 1] or "1", 2) - 1


def units(data: bytes | memoryview) -> Iterator[memoryview]:
    """The NAL units of a packet that are behind their lengths; ends where a length cannot be."""
    view, at = memoryview(data), 0
    while at + LENGTH < len(view):
        size = int.from_bytes(view[at : at + LENGTH], "big")
        at += LENGTH
        if not 0 < size <= len(view) - at:
            return
        yield view[at : at + size]
        at += size


def units_between_codes(data: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream (annex B), which start codes part."""
    for part in data.split(b"\x00\x00\x01"):
        unit = part.rstrip(b"\x00")
        if unit:
            yield unit


def measured(data: bytes) -> bytes:
    """A packet of a byte stream with lengths for start codes, without parameter sets and delimiters."""
    kept = (unit for unit in units_between_codes(data) if kind(unit) not in (SEQUENCE, PICTURE, DELIMITER))
    return b"".join(len(unit).to_bytes(LENGTH, "big") + unit for unit in kept)
