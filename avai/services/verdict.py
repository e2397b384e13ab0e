"""The verdict: which class of a model a whole clip is, or none of them."""

from __future__ import annotations

from avai.contracts import Score
from avai.networks import registry
from avai.networks.sounding import sounding_windows
from avai.services.hearing import Hearing
from avai.services.layers import music_spans, sounding, speech_spans
from avai.services.spans import overlap

FULL = 0.8
KINDS = (speech_spans, music_spans)


def verdict(hearing: Hearing, model: str = "esc10") -> tuple[Score, ...]:
    """What the whole clip is by the classifier, best first; empty when nothing is heard.

    The bundled model knows neither speech nor music: a clip that is full of either is ``other`` to it.
    """
    if hearing.nothing:
        return ()
    mask = sounding_windows(hearing.levels, hearing.heard.times)
    judged = dict(registry.classes(model).judge(hearing.heard.embedding, mask))
    full = _filled(hearing)
    if model == "esc10" and full >= FULL and judged["other"] < full:
        rest = sum(judged.values()) - judged["other"]
        judged = {label: share * (1 - full) / max(rest, 1e-9) for label, share in judged.items()} | {"other": full}
    best = sorted(judged.items(), key=lambda item: -item[1])
    return tuple(Score(label=label, confidence=round(min(max(share, 0.0), 1.0), 4)) for label, share in best)


def _filled(hearing: Hearing) -> float:
    """The share of what sounds that is speech, or music, whichever is more."""
    loud = sounding(hearing)
    sounds = max(sum(end - start for start, end in loud), 0.1)
    return min(1.0, max(sum(b - a for a, b in overlap(kind(hearing), loud)) / sounds for kind in KINDS))
