"""The verdict: which class of a model a whole clip is, or none of them."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from avai.contracts import Score
from avai.networks import registry
from avai.networks.classifier import OTHER
from avai.networks.excerpt import Excerpt
from avai.networks.logmel import STEP as STEP_FRAMES
from avai.networks.logmel import STEP_SECONDS
from avai.networks.sounding import STEP, sounding_windows
from avai.networks.taught import Taught
from avai.progress import Progress, quiet
from avai.services.hearing import Hearing
from avai.services.layers import music_spans, sounding, speech_spans
from avai.services.models import silent_class
from avai.services.spans import covered

PART = 11
"""Windows that are judged at once: the five seconds of the clips that the bundled model was taught. Over a whole film
the maximum of its features takes something from every scene, and fits no class or any."""

MOSTLY = 0.5
"""A class whose parts are less of a clip than this is not what the whole clip is."""

FULL = 0.8
"""A part that is this full of speech and music is none of the bundled model's sounds: it was taught neither."""


def verdict(hearing: Hearing, model: Taught | None = None, progress: Progress = quiet) -> tuple[Score, ...]:
    """What the whole clip is by a taught model (None: the bundled one), best first. When nothing is heard it is the
    class that the model was taught on silence, or there is no verdict where it has none.

    The confidence of a class is how much of what sounds is likely to be it; a clip that is mostly of no one class, as
    many things after each other are, is ``other``.
    """
    if hearing.nothing:
        silent = silent_class(model) if model else None
        return _certain(model, silent) if model and silent else ()
    return judged(hearing, model or registry.classes("esc10"), knows_voices=model is not None, progress=progress)


def _certain(model: Taught, label: str) -> tuple[Score, ...]:
    rest = [each for each in (*model.classes, OTHER) if each != label]
    return (Score(label=label, confidence=1.0), *(Score(label=each, confidence=0.0) for each in rest))


def judged(hearing: Hearing, classifier: Taught, knows_voices: bool, progress: Progress = quiet) -> tuple[Score, ...]:
    """The mean of what the classifier says of parts of about five seconds, weighted by the windows that sound in each.

    A classifier that was taught neither speech nor music takes parts that are full of them for ``other``.
    """
    mask = sounding_windows(hearing.levels, hearing.heard.times)
    if not mask.any():
        mask = np.ones_like(mask)
    full = np.zeros(len(hearing.levels)) if knows_voices else _filled(hearing)
    shares = dict.fromkeys((*classifier.classes, OTHER), 0.0)
    won: Counter[str] = Counter()
    for windows in np.array_split(np.arange(len(mask)), -(-len(mask) // PART)):
        progress(windows[0] / len(mask), "doing.naming")
        if weight := int(mask[windows].sum()):
            a, b = windows[0] * STEP_FRAMES, (windows[-1] + 1) * STEP_FRAMES
            part = Excerpt(
                hearing.heard.embedding[windows], mask[windows], hearing.heard.frames[a:b], hearing.levels[a:b]
            )
            told = dict(classifier.judge(part))
            voiced = _mean(full, float(hearing.heard.times[windows[0]]), float(hearing.heard.times[windows[-1]]))
            if voiced >= FULL:
                told = _rather_other(told, voiced)
            won[max(told, key=lambda label: told[label])] += weight
            for label, share in told.items():
                shares[label] += weight * share / float(mask.sum())
    best = max(shares, key=lambda label: shares[label])
    elsewhere = 1 - won[best] / won.total()
    if best != OTHER and elsewhere > MOSTLY:
        shares = _rather_other(shares, elsewhere)
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    return tuple(Score(label=label, confidence=round(min(share, 1.0), 4)) for label, share in ranked)


def _rather_other(told: dict[str, float], least: float) -> dict[str, float]:
    """The same shares with at least ``least`` for ``other``."""
    other = max(told[OTHER], least)
    rest = max(1 - told[OTHER], 1e-9)
    return {label: share * (1 - other) / rest for label, share in told.items()} | {OTHER: other}


def _filled(hearing: Hearing) -> NDArray[np.float64]:
    """For each 10 ms whether it is speech or music (1), something else (0), or silence (NaN)."""
    count = len(hearing.levels)
    voices = covered(speech_spans(hearing), count, STEP) | covered(music_spans(hearing), count, STEP)
    return np.where(covered(sounding(hearing), count, STEP), voices.astype(np.float64), np.nan)


def _mean(full: NDArray[np.float64], first: float, last: float) -> float:
    """The mean over what sounds between half a hop before the first window's centre and half a hop after the last."""
    half = STEP_SECONDS / 2
    inside = full[round(max(first - half, 0) / STEP) : round((last + half) / STEP)]
    return float(np.nanmean(inside)) if np.isfinite(inside).any() else 0.0
