"""What is heard in a clip, analysed once: levels, what the sound network hears, where speech is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.contracts import Note
from avai.networks import registry
from avai.networks.sound import Heard
from avai.networks.sounding import levels_db
from avai.progress import Progress
from avai.services.offset import Centred
from avai.services.recall import recall
from avai.services.spans import Stretch, closed, runs
from avai.services.together import Together

RATE = 16_000
SPEECH_STEP = 512 / RATE
BLOCK = 10 * RATE
NOTHING = -90.0
"""Below this level in dB re full scale nothing is heard at all: under the last bit of 16-bit sound."""

SPEECH_FAMILY = slice(0, 13)
SINGING_FAMILY = slice(24, 33)
MUSIC_FAMILY = slice(132, 277)
SILENCE = 494
ROOMS = slice(500, 507)
"""Rows of AudioSet's table: speech and voices speaking, singing, music and its instruments, silence, acoustic rooms."""


@dataclass(frozen=True)
class Hearing:
    """``levels`` are RMS in dB re full scale each 10 ms; ``speech`` is a probability each 32 ms.

    ``crisp`` are levels of the sound's rise from sample to sample, in which rumble and hum weigh little and consonants
    much; empty where nobody took them.
    ``duration`` is that of the clip, ``ends`` where its sound ends: what picture there is beyond is silent.
    """

    duration: float
    ends: float
    levels: NDArray[np.float64]
    heard: Heard
    speech: NDArray[np.float32]
    notes: tuple[Note, ...]
    crisp: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @property
    def nothing(self) -> bool:
        """Digital silence all through."""
        return bool(self.levels.size == 0 or self.levels.max() < NOTHING)


def listen(
    clip: Path,
    duration: float,
    progress: Progress,
    tap: Callable[[NDArray[np.float32]], None] | None = None,
    track: int = 0,
) -> Hearing:
    """Decode a sound track of the clip (0: its first) once; both networks hear it meanwhile. Memory does not grow with
    length.

    ``tap`` gets each block of the sound as it was given, mono at 16 kHz. Without one, what was heard is remembered.
    """
    find = partial(_listened, clip, duration, progress, tap, track)
    if tap is not None:
        return find()
    return recall(clip, ("listen", duration, track), find, partial(progress, 0.0, "doing.listening"))


def _listened(
    clip: Path, duration: float, progress: Progress, tap: Callable[[NDArray[np.float32]], None] | None, track: int
) -> Hearing:
    check = media.SoundCheck()
    found: list[NDArray[np.float64]] = []
    crisp: list[NDArray[np.float64]] = []
    last = np.zeros(1, np.float32)
    centred = Centred(RATE)
    total = silent = 0

    def look() -> None:
        progress(total / RATE / max(duration, total / RATE, 0.1), "doing.listening")

    with Together(sound=registry.sound().hear, speech=registry.speech().listen) as ears:
        for block in media.audio_blocks(clip, track=track, rate=RATE, mono=True, seconds=BLOCK / RATE, check=check):
            mono, levels = centred.take(block)
            found.append(levels)
            crisp.append(levels_db(np.diff(mono, prepend=last), RATE))
            last = mono[-1:]
            if tap is not None:
                tap(block.reshape(-1))
            total += mono.size
            if silent + mono.size == total and found[-1].max() < NOTHING:
                silent = total  # nobody need hear a silence that lasts to the end; zeros stand for it if it does not
            else:
                for start in range(0, silent, BLOCK):
                    ears.give(np.zeros(min(BLOCK, silent - start), np.float32), look)
                silent = 0
                ears.give(mono, look)
            look()
        heard = ears.heard(look)
    levels, rises = (np.concatenate(each or [np.zeros(0)]) for each in (found, crisp))
    ends = total / RATE
    if abs(ends - duration) < 2 / RATE:
        ends = duration  # the clip's own samples end here, not those at 16 kHz
    return Hearing(max(duration, ends), ends, levels, heard["sound"], heard["speech"], check.notes(), rises)


def window_spans(heard: Heard, on: NDArray[np.bool_], ends: float, gap: float) -> list[Stretch]:
    """Windows that are on, as stretches: half a hop to each side of their centres, gaps closed."""
    hop = float(heard.times[1] - heard.times[0]) if len(heard.times) > 1 else 0.96
    first = float(heard.times[0]) if len(heard.times) else 0.0
    spans = [(max(0.0, first + a - hop / 2), min(ends, first + b - hop / 2)) for a, b in runs(np.asarray(on), hop)]
    return closed([(a, b) for a, b in spans if b > a], gap)
