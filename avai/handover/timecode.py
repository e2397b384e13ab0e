"""SMPTE timecode (ST 12-1): numbers of frames as hours, minutes, seconds and frames.

At 29.97 and 59.94 frames a second numbers are dropped, so that the code keeps with the clock: the first two (four) of
each minute, but not of every tenth.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil

DROPPING = (Fraction(30000, 1001), Fraction(60000, 1001))
_CODE = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.,])(\d\d)")


def drops(clock: Fraction) -> bool:
    """Whether timecode of this clock drops numbers, as editors have it unless told otherwise."""
    return clock in DROPPING


def nominal(clock: Fraction) -> int:
    """How many numbers a second of timecode has: 30 for 29.97."""
    return ceil(clock)


def timecode(frame: int, clock: Fraction, drop: bool | None = None, mark: str = ";") -> str:
    """The code of a frame (0 is 00:00:00:00; a day begins again); ``mark`` stands before its frames where numbers are
    dropped. ``drop`` None asks ``drops``."""
    rate = nominal(clock)
    drop = drops(clock) if drop is None else drop
    if drop:
        lost = rate // 15
        minute = 60 * rate - lost
        tens, rest = divmod(frame, 10 * minute + lost)
        frame += lost * (9 * tens + max(0, (rest - lost) // minute))
    seconds, frames = divmod(frame, rate)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours % 24:02}:{minutes:02}:{seconds:02}{mark if drop else ':'}{frames:02}"


def frame_of(code: str, clock: Fraction) -> int | None:
    """The number of the frame that a code names; a semicolon, comma or period before its frames says that numbers are
    dropped. None where it is none of this clock's."""
    found = _CODE.fullmatch(code.strip())
    if found is None:
        return None
    hours, minutes, seconds, frames = (int(found[group]) for group in (1, 2, 3, 5))
    rate = nominal(clock)
    drop = found[4] != ":"
    if minutes > 59 or seconds > 59 or frames >= rate or (drop and not drops(clock)):
        return None
    passed = 60 * hours + minutes
    lost = rate // 15 if drop else 0
    if seconds == 0 and frames < lost and minutes % 10:
        return None
    return (60 * passed + seconds) * rate + frames - lost * (passed - passed // 10)
