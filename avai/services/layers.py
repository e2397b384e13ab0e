"""Speech, music, other sounds and silence over time."""

from __future__ import annotations

from collections.abc import Iterable
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
from avai.services.silences import CLICK_DB, clicks, quiet_level, silent_spans, sounding
from avai.services.sources import certainty
from avai.services.spans import (
    Stretch,
    closed,
    complement,
    in_thousandths,
    long_enough,
    overlap,
    touching,
    union,
)
from avai.services.voices import music_score, probability, speech_spans

MINE = np.r_[SPEECH_FAMILY, SINGING_FAMILY, MUSIC_FAMILY, SILENCE, ROOMS]
"""Rows of AudioSet's table that speak for no other sound."""
MUSIC, SINGING, TICKING = 132, 24, slice(400, 403)
ENTER, LEAVE, SURE = 0.05, 0.02, 0.3
"""Tuned by benchmarks/layers.py on its tuning tracks and noises."""
LASTING = 0.5
"""Shorter sounds that nothing names are told only where they are loud."""

__all__ = ["layers_of", "mean_near", "music_spans", "sounding", "speech_spans"]


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
    ``silent_spans``. ``confidence`` is for music the calibrated probability that it is music; else the mean over the
    span of: for speech the speech network's probability; for other the strongest score of theirs in each window; for
    silence 0.5 at the threshold, 1 from 10 dB below.
    """
    duration = hearing.duration
    if hearing.nothing:
        whole = (Span(start=0.0, end=duration, label="silence"),) if duration else ()
        return {"speech": (), "music": (), "other": (), "silence": whole}
    level = quiet_level(hearing.levels) if threshold is None else threshold
    speech = speech_spans(hearing)
    silence = silent_spans(hearing, threshold, shortest)
    sounds = complement(silence, duration)
    played = partial(mean_near, hearing, music_score(hearing.heard))
    music = [span for span in long_enough(overlap(music_spans(hearing), sounds), 0.2) if played(*span) >= LEAVE]
    rest = np.delete(hearing.heard.scores, MINE, axis=1).max(axis=1)
    tagged = overlap(window_spans(hearing.heard, rest >= 0.3, hearing.ends, 0.5), sounds)
    known = union(speech, music)
    left = overlap(sounds, complement(known, duration))
    heard = [span for span in long_enough(left, LASTING) if mean_near(hearing, rest, *span) >= LEAVE]
    ticks = overlap(clicks(hearing.levels, level, duration), left)
    standing = _standing(hearing, sounds, known, level)
    other = overlap(closed(union(tagged, heard, ticks, standing), 0.3), sounds)
    other = union(long_enough(other, 0.1), standing)  # what is left over is how speech and music begin and fade
    found: dict[Layer, tuple[list[Stretch], Iterable[float]]] = {
        "speech": (speech, (probability(hearing.speech, *span) for span in speech)),
        "music": (music, map(float, certainty(hearing.heard, music)[:, MUSIC])),
        "other": (other, (mean_near(hearing, rest, *span) for span in other)),
        "silence": (silence, (_depth(hearing, level, *span) for span in silence)),
    }
    return {
        name: tuple(
            Span(start=start, end=end, label=name, confidence=round(sure, 3))
            for (start, end), sure in zip((in_thousandths(span, duration) for span in spans), trust, strict=True)
        )
        for name, (spans, trust) in found.items()
    }


def _standing(hearing: Hearing, sounds: list[Stretch], known: list[Stretch], level: float) -> list[Stretch]:
    """What sounds between silences and has neither speech nor music in it, where it lasts or is loud."""

    def loud(start: float, end: float) -> bool:
        return bool(hearing.levels[round(start / STEP) : round(end / STEP)].max(initial=level) >= level + CLICK_DB)

    alone = overlap(sounds, complement(touching(sounds, known), hearing.duration))
    return [(a, b) for a, b in alone if b - a >= LASTING or loud(a, b)]


def mean_near(hearing: Hearing, scores: NDArray[np.float32], start: float, end: float) -> float:
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
