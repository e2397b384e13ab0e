"""Speech, music, other sounds and silence over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avai.contracts import Layer, Span
from avai.networks.sound import Heard
from avai.networks.sounding import STEP as LEVEL_STEP
from avai.services.hearing import (
    MUSIC_FAMILY,
    ROOMS,
    SILENCE,
    SINGING_FAMILY,
    SPEECH_FAMILY,
    SPEECH_STEP,
    Hearing,
    window_spans,
)
from avai.services.spans import Stretch, closed, complement, long_enough, overlap, padded, runs, union

CLICK = 0.03


def quiet_level(levels: NDArray[np.float64]) -> float:
    """The level in dB below which a clip is quiet, found from its own loud parts and floor.

    35 dB under the loud parts (95th percentile); raised to 6 dB over the floor (10th percentile) where floor and loud
    parts stand clearly apart, as in a talk over room noise. Between -70 and -30 dB.
    """
    if levels.size == 0:
        return -70.0
    floor, loud = np.percentile(levels, (10, 95))
    quiet = loud - 35
    if floor + 6 <= loud - 15:
        quiet = max(quiet, floor + 6)
    return float(np.clip(quiet, -70.0, -30.0))


def speech_spans(hearing: Hearing) -> list[Stretch]:
    """Stretches of speech: hysteresis on the speech network (enter at 0.5, leave at 0.35, no gap under 0.1 s, none
    shorter than 0.2 s), without those where the sound network hears singing and music and no speech at all."""
    high = runs(hearing.speech >= 0.35, SPEECH_STEP)
    sure = hearing.speech >= 0.5
    spans = [(a, b) for a, b in high if sure[round(a / SPEECH_STEP) : round(b / SPEECH_STEP)].any()]
    spans = long_enough(closed(spans, 0.1), 0.2)
    return [(a, min(b, hearing.ends)) for a, b in spans if not _sung(hearing.heard, a, b)]


def _sung(heard: Heard, start: float, end: float) -> bool:
    inside = (heard.times >= start - 0.24) & (heard.times <= end + 0.24)
    if not inside.any():
        return False
    scores = heard.scores[inside].mean(axis=0)
    music = max(scores[MUSIC_FAMILY].max(), scores[SINGING_FAMILY].max())
    return bool(music > 0.4 and scores[SPEECH_FAMILY].max() < 0.5 * music)


def clicks(hearing: Hearing, level: float) -> list[Stretch]:
    """Sounds shorter than ``CLICK`` that stand 15 dB above ``level``, with a tenth of a second around each."""
    short = [(a, b) for a, b in runs(hearing.levels >= level, LEVEL_STEP) if b - a < CLICK]
    heard = [
        (a, b) for a, b in short if hearing.levels[round(a / LEVEL_STEP) : round(b / LEVEL_STEP)].max() >= level + 15
    ]
    return padded(heard, 0.1, 0.1, hearing.duration)


def silent_spans(
    hearing: Hearing, threshold: float | None, shortest: float, count_clicks: bool = True
) -> list[Stretch]:
    """Stretches of at least ``shortest`` seconds below the threshold in dB (None: ``quiet_level``) with no speech.

    Without ``count_clicks``, sounds shorter than ``CLICK`` do not end a silence.
    """
    level = quiet_level(hearing.levels) if threshold is None else threshold
    loud = long_enough(runs(hearing.levels >= level, LEVEL_STEP), CLICK)
    ticks = clicks(hearing, level) if count_clicks else []
    return long_enough(complement(union(loud, ticks, speech_spans(hearing)), hearing.duration), shortest)


def music_spans(hearing: Hearing) -> list[Stretch]:
    """Stretches where music, an instrument or singing is heard, from the sound network's windows."""
    heard = hearing.heard
    score = np.maximum(heard.scores[:, MUSIC_FAMILY].max(axis=1), heard.scores[:, SINGING_FAMILY].max(axis=1))
    return long_enough(window_spans(heard, score >= 0.3, hearing.ends, 1.5), 0.9)


def sounding(
    hearing: Hearing, threshold: float | None = None, shortest: float = 0.3, count_clicks: bool = True
) -> list[Stretch]:
    """What is not silence."""
    return complement(silent_spans(hearing, threshold, shortest, count_clicks), hearing.duration)


def layers_of(hearing: Hearing, threshold: float | None, shortest: float) -> dict[Layer, tuple[Span, ...]]:
    """Speech, music, other and silence over time. The first three may overlap; silence excludes them.

    A quiet stretch in which the network clearly hears something (music, rain) is not silence.
    """
    duration = hearing.duration
    if hearing.nothing:
        whole = (Span(start=0.0, end=duration, label="silence"),) if duration else ()
        return {"speech": (), "music": (), "other": (), "silence": whole}
    speech = speech_spans(hearing)
    quiet = silent_spans(hearing, threshold, shortest)
    heard = hearing.heard
    named = heard.scores.copy()
    named[:, [SILENCE, *range(ROOMS.start, ROOMS.stop)]] = 0
    faint = window_spans(heard, named.max(axis=1) >= 0.4, hearing.ends, 0.0) if threshold is None else []
    loud = complement(quiet, duration)
    audible = union(loud, overlap(faint, _above(hearing, -60.0)))
    silence = long_enough(complement(audible, duration), shortest)
    heard_at_all = complement(silence, duration)
    music = long_enough(overlap(music_spans(hearing), heard_at_all), 0.2)
    rest = named
    rest[:, SPEECH_FAMILY] = rest[:, MUSIC_FAMILY] = rest[:, SINGING_FAMILY] = 0
    tagged = overlap(window_spans(heard, rest.max(axis=1) >= 0.3, hearing.ends, 0.5), heard_at_all)
    unnamed = overlap(heard_at_all, complement(union(speech, music), duration))
    ticks = overlap(clicks(hearing, quiet_level(hearing.levels) if threshold is None else threshold), unnamed)
    other = long_enough(closed(union(tagged, ticks, long_enough(unnamed, 0.5)), 0.3), 0.1)
    found: dict[Layer, list[Stretch]] = {"speech": speech, "music": music, "other": other, "silence": silence}
    return {
        name: tuple(
            Span(start=round(a, 3), end=round(b, 3), label=name, confidence=_confidence(hearing, name, a, b))
            for a, b in spans
        )
        for name, spans in found.items()
    }


def _above(hearing: Hearing, level: float) -> list[Stretch]:
    return closed(runs(hearing.levels >= level, LEVEL_STEP), 0.3)


def _confidence(hearing: Hearing, layer: Layer, start: float, end: float) -> float:
    if layer == "speech":
        inside = hearing.speech[round(start / SPEECH_STEP) : max(round(end / SPEECH_STEP), 1)]
        return round(float(inside.mean()), 3) if inside.size else 0.5
    heard = hearing.heard
    near = (heard.times >= start - 0.24) & (heard.times <= end + 0.24)
    if layer == "silence" or not near.any():
        return 1.0 if layer == "silence" else 0.5
    scores = heard.scores[near]
    if layer == "music":
        return round(float(scores[:, MUSIC_FAMILY].max(axis=1).mean()), 3)
    rest = np.delete(scores, np.r_[SPEECH_FAMILY, SINGING_FAMILY, MUSIC_FAMILY, SILENCE, ROOMS], axis=1)
    return round(float(rest.max(axis=1).mean()), 3)
