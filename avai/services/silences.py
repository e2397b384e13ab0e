"""Where nothing sounds, and where something does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avai.networks.sounding import STEP
from avai.services.hearing import SILENCE, SPEECH_FAMILY, Hearing, window_spans
from avai.services.spans import Stretch, complement, covered, long_enough, padded, runs, union
from avai.services.voices import speech_spans

CLICK = 0.05
CLICK_DB = 15.0
LOWEST_DB, HIGHEST_DB = -70.0, -30.0
BELOW_LOUD_DB, ABOVE_FLOOR_DB, APART_DB, STEADY_DB = 35.0, 6.0, 21.0, 4.0
FAINT = 0.4
NAMELESS = slice(SILENCE, 521)
"""Rows of AudioSet's table that are no source: silence, tones, rooms, noise and hiss, radio."""
FAINTEST_DB = -60.0
"""What is softer than this is no faint rain or music, whatever the network hears in it."""


def quiet_level(levels: NDArray[np.float64]) -> float:
    """The level in dB below which a clip is quiet, found from its own loud parts and floor.

    35 dB under the loud parts (95th percentile). Where there is a floor, as in a talk over room noise, at least 6 dB
    over it (10th percentile): the quietest tenth is all at one level, and at least a second in all stands clearly
    above. In music the quietest tenth is at no one level, and a quiet passage is no floor. Between -70 and -30 dB.
    """
    if levels.size == 0:
        return LOWEST_DB
    lowest, floor, loud = np.percentile(levels, (2, 10, 95))
    second = min(round(1 / STEP), -(-levels.size // 20))
    peak = np.partition(levels, -second)[-second]
    quiet = loud - BELOW_LOUD_DB
    if floor - lowest <= STEADY_DB and peak >= floor + APART_DB:
        quiet = max(quiet, floor + ABOVE_FLOOR_DB)
    return float(np.clip(quiet, LOWEST_DB, HIGHEST_DB))


def clicks(levels: NDArray[np.float64], level: float, duration: float) -> list[Stretch]:
    """Sounds shorter than ``CLICK`` that stand 15 dB above ``level``, with a tenth of a second around each."""
    short = [(a, b) for a, b in runs(levels >= level, STEP) if b - a < CLICK - 1e-9]
    heard = [(a, b) for a, b in short if levels[round(a / STEP) : round(b / STEP)].max() >= level + CLICK_DB]
    return padded(heard, 0.1, 0.1, duration)


def silent_spans(
    hearing: Hearing, threshold: float | None, shortest: float, count_clicks: bool = True
) -> list[Stretch]:
    """Stretches of at least ``shortest`` seconds below the threshold in dB (None: ``quiet_level``) with no speech.

    Without ``count_clicks``, sounds shorter than ``CLICK`` do not end a silence. Without a given threshold,
    a quiet stretch in which the sound network clearly hears something (soft rain, a quiet passage) is no silence.
    """
    level = quiet_level(hearing.levels) if threshold is None else threshold
    loud = long_enough(runs(hearing.levels >= level, STEP), CLICK)
    ticks = clicks(hearing.levels, level, hearing.duration) if count_clicks else []
    faint = _faint(hearing, loud) if threshold is None else []
    sounds = union(loud, ticks, speech_spans(hearing), faint)
    return long_enough(complement(sounds, hearing.duration), shortest)


def sounding(
    hearing: Hearing, threshold: float | None = None, shortest: float = 0.3, count_clicks: bool = True
) -> list[Stretch]:
    """What is not silence."""
    return complement(silent_spans(hearing, threshold, shortest, count_clicks), hearing.duration)


def _faint(hearing: Hearing, loud: list[Stretch]) -> list[Stretch]:
    """Quiet stretches in which something is heard: windows that hold nothing loud, and in which the network names a
    sound all the same, other than speech or hiss."""
    heard = hearing.heard
    named = np.delete(heard.scores, np.r_[SPEECH_FAMILY, NAMELESS], axis=1).max(axis=1) >= FAINT
    if not named.any():
        return []
    count = len(hearing.levels)
    first, last = (np.clip(np.rint((heard.times + side) / STEP).astype(int), 0, count) for side in (-0.48, 0.48))
    length = np.maximum(last - first, 1)
    busy, sum_db = (np.concatenate(([0], np.cumsum(x))) for x in (covered(loud, count, STEP), hearing.levels))
    still = (busy[last] - busy[first]) / length < 0.05
    audible = (sum_db[last] - sum_db[first]) / length >= FAINTEST_DB
    spans = window_spans(heard, named & still & audible, hearing.ends, 0.5)
    return padded(spans, 0.48, 0.48, hearing.ends)  # to the window's ends, and half a hop on: to what is loud beside
