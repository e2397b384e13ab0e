"""Speech, music, other sounds and silence over time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from avai.contracts import Layer, Span
from avai.networks.sounding import STEP
from avai.services.hearing import (
    MUSIC_FAMILY,
    ROOMS,
    SILENCE,
    SINGING_FAMILY,
    SPEECH_FAMILY,
    Hearing,
    window_spans,
)
from avai.services.silences import clicks, quiet_level, silent_spans, sounding
from avai.services.spans import Stretch, closed, complement, long_enough, overlap, touching, union
from avai.services.voices import music_score, probability, speech_spans

MINE = np.r_[SPEECH_FAMILY, SINGING_FAMILY, MUSIC_FAMILY, SILENCE, ROOMS]
"""Rows of AudioSet's table that speak for no other sound."""
MUSIC, SINGING, TICKING = 132, 24, slice(400, 403)
ENTER, LEAVE, SURE = 0.05, 0.02, 0.3
"""Tuned by benchmarks/layers.py on its tuning tracks and noises."""

__all__ = ["layers_of", "music_spans", "sounding", "speech_spans"]


def music_spans(hearing: Hearing) -> list[Stretch]:
    """Stretches of at least 1.2 s where music or singing is heard, from the sound network's windows.

    Hysteresis on the score of music, low as other sounds push it down, and no gap of 2 s or less. A clock that ticks is
    heard as faint percussion: it must be weaker than the music.
    """
    heard = hearing.heard
    score = np.maximum(heard.scores[:, MUSIC], heard.scores[:, SINGING])
    ticking = heard.scores[:, TICKING].max(axis=1) > score
    score = np.where(ticking & (score < SURE), 0.0, score)
    sure = window_spans(heard, score >= ENTER, hearing.ends, 0.0)
    spans = touching(window_spans(heard, score >= LEAVE, hearing.ends, 0.0), sure)
    return long_enough(closed(spans, 2.0), 1.2)


def layers_of(hearing: Hearing, threshold: float | None, shortest: float) -> dict[Layer, tuple[Span, ...]]:
    """Speech, music, other and silence over time, in order. The first three may overlap; silence excludes them.

    Spans lie inside [0, duration) and do not touch others of their layer. ``threshold`` and ``shortest`` are those of
    ``silent_spans``. ``confidence`` is the mean over the span of: for speech the speech network's probability; for
    music and other the strongest score of theirs in each window; for silence 0.5 at the threshold, 1 from 10 dB below.
    """
    duration = hearing.duration
    if hearing.nothing:
        whole = (Span(start=0.0, end=duration, label="silence"),) if duration else ()
        return {"speech": (), "music": (), "other": (), "silence": whole}
    level = quiet_level(hearing.levels) if threshold is None else threshold
    speech = speech_spans(hearing)
    silence = silent_spans(hearing, threshold, shortest)
    sounds = complement(silence, duration)
    played = partial(_mean_near, hearing, music_score(hearing.heard))
    music = [span for span in long_enough(overlap(music_spans(hearing), sounds), 0.2) if played(*span) >= LEAVE]
    rest = np.delete(hearing.heard.scores, MINE, axis=1).max(axis=1)
    tagged = overlap(window_spans(hearing.heard, rest >= 0.3, hearing.ends, 0.5), sounds)
    unnamed = overlap(sounds, complement(union(speech, music), duration))
    ticks = overlap(clicks(hearing.levels, level, duration), unnamed)
    other = overlap(closed(union(tagged, ticks, long_enough(unnamed, 0.5)), 0.3), sounds)
    found: dict[Layer, list[Stretch]] = {
        "speech": speech,
        "music": music,
        "other": long_enough(other, 0.1),
        "silence": silence,
    }
    trust: dict[Layer, Callable[[float, float], float]] = {
        "speech": partial(probability, hearing.speech),
        "music": played,
        "other": partial(_mean_near, hearing, rest),
        "silence": partial(_depth, hearing, level),
    }
    return {
        name: tuple(
            Span(start=round(a, 3), end=round(b, 3), label=name, confidence=round(trust[name](a, b), 3))
            for a, b in spans
        )
        for name, spans in found.items()
    }


def _mean_near(hearing: Hearing, scores: NDArray[np.float32], start: float, end: float) -> float:
    """The mean score of the windows whose centres lie within a stretch, or of the one nearest to it."""
    times = hearing.heard.times
    first, last = np.searchsorted(times, (start, end))
    if first == last:
        first = int(np.abs(times - (start + end) / 2).argmin())
        last = first + 1
    return float(scores[first:last].mean())


def _depth(hearing: Hearing, level: float, start: float, end: float) -> float:
    """How far below the threshold a silence lies: 0.5 at the threshold, 1 from 10 dB below, averaged."""
    inside = hearing.levels[round(start / STEP) : round(end / STEP)]
    return float(np.clip(0.5 + (level - inside) / 20, 0.5, 1.0).mean()) if inside.size else 1.0
