"""Where somebody speaks: the speech network finds it, the signal places its edges, the sound network rules out song."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avai.networks.sound import Heard
from avai.networks.sounding import STEP
from avai.services.hearing import MUSIC_FAMILY, SINGING_FAMILY, SPEECH_FAMILY, SPEECH_STEP, Hearing
from avai.services.spans import Stretch, closed, covered, long_enough, runs

# The constants were tuned by benchmarks/layers.py on its tuning readers, tracks and noises.
ENTER, LEAVE = 0.6, 0.35
EARLY, LATE = 0.04, 0.08
"""How late the network is at either end: in noise it fires after the first sound, and it lingers after the last."""
HIDDEN_DB = 20.0
"""It is late at the onset by all of ``EARLY`` where noise hides this much of the range of speech."""
BEFORE = 0.25
"""How far before the network's onset the signal is searched for the first sound."""
AROUND = 4.0
RANGE_DB = 30.0
"""Speech is what lies within this of its own loud parts; softer is breath and room."""
CLEAR_DB = 6.0
PAUSE = 0.2
"""A shorter gap is a stop consonant or a breath inside a phrase, not a pause."""
SHORTEST = 0.1
NEAR = 3.0
MUSICAL, UNSPOKEN = 0.3, 0.2
CERTAIN, SURE = 0.95, 0.4
"""The strongest veto on song that costs no speech over music at 5 dB and a hundredth at 0 dB."""


def speech_spans(hearing: Hearing) -> list[Stretch]:
    """Stretches of speech in seconds, with edges to 10 ms, inside [0, where the sound ends].

    Hysteresis on the speech network's probability; then the signal decides around each stretch which 10 ms belong to it
    (``_placed``); gaps shorter than ``PAUSE`` close, what is shorter than ``SHORTEST`` goes, and so does what is sung
    (``_sung``).
    """
    found = _found(hearing.speech)
    spans = [(a, min(b, hearing.ends)) for a, b in _placed(found, hearing.levels) if a < hearing.ends]
    return [span for span, sung in zip(spans, _sung(hearing, spans), strict=True) if not sung]


def probability(speech: NDArray[np.float32], start: float, end: float) -> float:
    """The mean probability of speech over a stretch."""
    return float(_within(speech, start, end).mean())


def _within(speech: NDArray[np.float32], start: float, end: float) -> NDArray[np.float32]:
    """The steps of the speech network that a stretch touches, at least one."""
    first = min(int(start / SPEECH_STEP), len(speech) - 1)
    return speech[first : max(int(np.ceil(end / SPEECH_STEP)), first + 1)]


def music_score(heard: Heard) -> NDArray[np.float32]:
    """For each window the strongest score of music, an instrument or singing."""
    return np.asarray(
        np.maximum(heard.scores[:, MUSIC_FAMILY].max(axis=1), heard.scores[:, SINGING_FAMILY].max(axis=1))
    )


def _found(speech: NDArray[np.float32]) -> list[Stretch]:
    """Where the network hears speech: above ``LEAVE``, and somewhere above ``ENTER``."""
    sure = np.concatenate(([0], np.cumsum(speech >= ENTER)))
    heard = [
        (a, b)
        for a, b in runs(speech >= LEAVE, SPEECH_STEP)
        if sure[round(b / SPEECH_STEP)] > sure[round(a / SPEECH_STEP)]
    ]
    return long_enough(closed(heard, 0.1), 0.2)


def _placed(found: list[Stretch], levels: NDArray[np.float64]) -> list[Stretch]:
    """The network's stretches with the edges that the 10 ms levels show.

    Around each stretch, a frame is speech when it is within ``RANGE_DB`` of the loud parts of speech nearby and
    ``CLEAR_DB`` above what sounds there without speech. Where that background hides the soft ends of speech, the
    network's own stretch counts too, less the time by which it is late.
    """
    count = len(levels)
    speech = covered(found, count, STEP)
    beside = ~covered([(a - 0.2, b + 0.2) for a, b in found], count, STEP)
    on, heard = np.zeros(count, bool), np.zeros(count, bool)
    for start, end in found:
        near = slice(max(0, round((start - AROUND) / STEP)), round((end + AROUND) / STEP))
        local, alone = levels[near], levels[near][beside[near]]
        if not speech[near].any():
            continue
        soft = np.percentile(local[speech[near]], 95) - RANGE_DB
        clear = (np.percentile(alone, 90) if len(alone) > 20 else np.percentile(local, 5)) + CLEAR_DB
        here = slice(max(0, round((start - BEFORE) / STEP)), round(end / STEP))
        on[here] |= levels[here] >= max(soft, clear)
        early = EARLY * float(np.clip((clear - soft) / HIDDEN_DB, 0, 1))
        trusted = slice(max(0, round((start - early) / STEP)), max(0, round((end - LATE) / STEP)))
        heard[trusted] = True
        if clear > soft:
            on[trusted] = True
    total = np.concatenate(([0], np.cumsum(heard)))
    spans = long_enough(closed(runs(on, STEP), PAUSE), SHORTEST)
    return [(a, b) for a, b in spans if total[round(b / STEP)] > total[round(a / STEP)]]


def _sung(hearing: Hearing, spans: list[Stretch]) -> list[bool]:
    """Which stretches are song: the sound network hears music and next to no speech in and around them, and the speech
    network is certain of little of them (of speech over music it is certain of most, of song of nearly none)."""
    heard = hearing.heard
    music, spoken = music_score(heard), heard.scores[:, SPEECH_FAMILY].max(axis=1)
    sung = []
    for start, end in spans:
        near = slice(*np.searchsorted(heard.times, (start - NEAR, end + NEAR)))
        played, said = (float(music[near].mean()), float(spoken[near].max())) if spoken[near].size else (0.0, 0.0)
        sure = float((_within(hearing.speech, start, end) > CERTAIN).mean())
        sung.append(played > MUSICAL and said < UNSPOKEN * played and sure < SURE)
    return sung
