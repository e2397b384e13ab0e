"""Sounds over time: what the network hears, placed where the signal begins and ends."""

from __future__ import annotations

import numpy as np

from avai.contracts import Span
from avai.services.hearing import ROOMS, SILENCE, Hearing, window_spans
from avai.services.layers import sounding
from avai.services.spans import Stretch, closed, long_enough


def tags(hearing: Hearing, labels: list[str], most: int = 40, threshold: float = 0.2) -> tuple[Span, ...]:
    """The sounds over time, of at most the ``most`` strongest labels, ordered by time.

    The network says what is heard, the signal where it begins and ends: the stretch of windows is cut to where
    something sounds, and its edge moved to the onset when that lies within half a window.
    """
    if hearing.nothing:
        return ()
    heard = hearing.heard
    scores = heard.scores.copy()
    scores[:, [SILENCE, *range(ROOMS.start, ROOMS.stop)]] = 0
    strongest = np.argsort(-scores.max(axis=0))[:most]
    loud = long_enough(sounding(hearing, shortest=0.2), 0.02)
    found: list[Span] = []
    for index in strongest:
        score = scores[:, index]
        if score.max() < threshold:
            continue
        entered = max(threshold, 0.35 * float(score.max()))
        for start, end in window_spans(heard, score >= entered, hearing.ends, 0.5):
            inside = (heard.times >= start - 0.01) & (heard.times <= end + 0.01)
            confidence = float(score[inside].max()) if inside.any() else float(score.max())
            for a, b in long_enough(_placed(start, end, loud), 0.1):
                found.append(
                    Span(start=round(a, 3), end=round(b, 3), label=labels[index], confidence=round(confidence, 3))
                )
    return tuple(sorted(found, key=lambda span: (span.start, span.end, span.label)))


def _placed(start: float, end: float, loud: list[Stretch], reach: float = 0.48) -> list[Stretch]:
    """The stretch cut to what sounds. Where sound begins or ends within ``reach`` of an edge, the edge goes there."""
    touched = [(a, b) for a, b in loud if b > start and a < end]
    if not touched:
        near = [(a, b) for a, b in loud if b > start - reach and a < end + reach]
        return near[:1]
    first, last = touched[0], touched[-1]
    begin = first[0] if abs(first[0] - start) <= reach or first[0] > start else start
    finish = last[1] if abs(last[1] - end) <= reach or last[1] < end else end
    return closed([(max(a, begin), min(b, finish)) for a, b in touched if min(b, finish) > max(a, begin)], 0.8)
