"""Sound played faster or slower at its own pitch."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

WINDOW = 1536  # samples: 32 ms at 48 kHz, two periods of the lowest voices
HOP = WINDOW // 2
REACH = 384  # how far from its place a window may be taken to continue the one before: a period of 125 Hz
COARSE = 4  # first every fourth sample is compared
MOST = Fraction(2)  # a larger step would leave out what lies between two windows
NEAR = 0.1  # what likeness must be better by, at the end of the reach, than where a window is due

_FAR = NEAR * np.abs(np.arange(-REACH, REACH + 1)) / REACH
_RISE = np.hanning(WINDOW + 1)[:HOP, None].astype(np.float32)


def stretched(blocks: Iterator[Samples], speed: Fraction) -> Iterator[Samples]:
    """Blocks (n, channels) at 48 kHz, ``speed`` times as fast: n / ``speed`` samples in all, what was at sample k is
    at k / ``speed``, within a few milliseconds.

    Windows of the sound that overlap by half are taken from where the next one is due, or from so near to it that it
    continues the wave of the one before (WSOLA, Verhelst and Roelands 1993). Speeds above 2 go in steps, so that no
    sound falls between two windows. It is what libavfilter's ``atempo`` does too, which runs 8 to 16 ms early and
    gives up to 30 ms too little.
    """
    while speed > MOST:
        blocks = _stretched(blocks, MOST)
        speed /= MOST
    return blocks if speed == 1 else _stretched(blocks, speed)


def _stretched(blocks: Iterator[Samples], speed: Fraction) -> Iterator[Samples]:
    tape = _Tape(blocks)
    # Half a window, then a whole one every HOP: the first is risen at 0, as if the sound had been there before.
    falling = tape.at(0, HOP)
    if falling is None:
        return
    follow, number = 0, 0
    while tape.end is None or number * HOP < tape.end / speed:
        number += 1
        due = int(number * HOP * speed) - HOP
        natural = follow  # where the window before goes on
        place = _best(tape, natural, due) if due != natural else due
        window = tape.at(place, WINDOW)
        assert window is not None
        made = falling * (1 - _RISE) + window[:HOP] * _RISE
        falling = window[HOP:]
        follow = place + HOP
        tape.forget(min(follow, due) - 2 * WINDOW)
        if tape.end is not None:
            made = made[: max(0, round(tape.end / speed) - (number - 1) * HOP)]
        if len(made):
            yield made


def _best(tape: _Tape, natural: int, due: int) -> int:
    """The place near ``due`` whose sound is most like that at ``natural``; the nearer one of those that are alike."""
    wanted, around = tape.at(natural, HOP), tape.at(due - REACH, HOP + 2 * REACH)
    if wanted is None or around is None:
        return due
    one, other = wanted.mean(axis=1), around.mean(axis=1)
    rough = int((_likeness(one[::COARSE], other[::COARSE]) - _FAR[::COARSE]).argmax()) * COARSE
    first, last = max(0, rough - COARSE + 1), min(2 * REACH, rough + COARSE - 1)
    fine = _likeness(one, other[first : last + HOP]) - _FAR[first : last + 1]
    return due - REACH + first + int(fine.argmax())


def _likeness(one: Samples, other: Samples) -> NDArray[np.float64]:
    """How like ``one`` each stretch of ``other`` is: their correlation, -1 to 1, 0 for silence."""
    power = np.cumsum(np.concatenate(([0.0], other.astype(np.float64) ** 2)))
    size = len(one)
    power = np.maximum(power[size:] - power[:-size], 0) * np.vdot(one, one)
    return np.asarray(np.correlate(other, one, "valid") / np.sqrt(power + 1e-6), np.float64)


class _Tape:
    """Sound that is read forward; silence before it and after it. ``end`` is known once it was reached."""

    def __init__(self, blocks: Iterator[Samples]) -> None:
        self._blocks = blocks
        self._held: Samples | None = None
        self._first = 0
        self.end: int | None = None

    def at(self, start: int, count: int) -> Samples | None:
        """Samples [start, start + count); None when there are none at all."""
        parts: list[Samples] = [] if self._held is None else [self._held]
        have = self._first + sum(map(len, parts))
        while self.end is None and have < start + count:
            block = next(self._blocks, None)
            if block is None:
                self.end = have
            else:
                parts.append(block)
                have += len(block)
        if not parts:
            return None
        self._held = parts[0] if len(parts) == 1 else np.concatenate(parts)
        wanted = np.zeros((count, self._held.shape[1]), np.float32)
        begin, stop = max(start, self._first), min(start + count, have)
        if stop > begin:
            wanted[begin - start : stop - start] = self._held[begin - self._first : stop - self._first]
        return wanted

    def forget(self, before: int) -> None:
        """Let go of what was before."""
        if self._held is not None and before > self._first:
            gone = min(before - self._first, len(self._held))
            self._held = self._held[gone:]
            self._first += gone
