"""Sounds over time: the signal places the edges, the network names what lies between.

Two kinds of sound are told. Events stand out of what is steady: segments of the signal (``segments``), each named by
what is heard in it (``sources``). What sounds on behind them, for seconds or hours, is found in the network's windows.
Speech and music are told where their layers have them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from avai.contracts import Layer, Span
from avai.labels import chosen
from avai.networks.logmel import STEP_SECONDS
from avai.services.hearing import MUSIC_FAMILY, SPEECH_FAMILY, Hearing, window_spans
from avai.services.segments import STEP, Segment, segments
from avai.services.silences import NAMELESS, sounding
from avai.services.sources import certainty, steady_certainty
from avai.services.spans import (
    Stretch,
    closed,
    complement,
    covered,
    in_thousandths,
    long_enough,
    overlap,
    padded,
    shared,
    union,
)

# Tuned on folds 1 to 3 of what benchmarks/events.py measures on the others.
TOLD, KEPT = 0.5, 0.35
TOGETHER = 0.8
LONG = 2.0
MASKED = 3.0
"""A steady sound goes on under what is louder for so long."""
AROUND = 0.5
"""A window hears half a second around it: so near to an event it adds nothing, and so far edges are moved."""
MIXED = 0.5
OTHER = "other"
LAYERED: dict[int, Layer] = {SPEECH_FAMILY.start: "speech", MUSIC_FAMILY.start: "music"}
"""Rows of AudioSet's table that are told as the layers have them."""

Floats = NDArray[np.float32]
Sure = tuple[float, float, float]
Found = dict[int, list[Sure]]


def tags(
    hearing: Hearing, labels: list[str], layers: Mapping[Layer, tuple[Span, ...]], most: int = 40
) -> tuple[Span, ...]:
    """The sounds over time, of at most the ``most`` labels that are heard most, ordered by time.

    Each span's confidence is the calibrated probability that the label is right. Spans of one label do not touch;
    ``other`` is what stands out and is none of the labels. Speech and music are those of ``layers``.
    """
    if hearing.nothing:
        return ()
    events = segments(hearing.heard.bands[: round(hearing.ends / STEP)])
    layered = {
        index: [(span.start, span.end, span.confidence) for span in layers[layer]] for index, layer in LAYERED.items()
    }
    known = union(*([(a, b) for a, b, _ in spans] for spans in layered.values()))
    found, unnamed = _named(hearing, events, known)
    for index, steady in _steady(hearing, events, found, known).items():
        found.setdefault(index, []).extend(steady)
    told = [(labels[index], _together(mine)) for index, mine in found.items() if index not in layered]
    told += [(labels[index], mine) for index, mine in layered.items()]
    told.append((OTHER, [other for other in unnamed if shared(other[:2], known) < 0.5]))
    spans = [
        Span(start=start, end=end, label=label, confidence=round(sure, 3))
        for label, stretches in told
        for (start, end), sure in ((in_thousandths((a, b), hearing.duration), sure) for a, b, sure in stretches)
        if end > start
    ]
    return chosen(sorted(spans, key=lambda span: (span.start, span.end, span.label)), most)


def _named(hearing: Hearing, events: list[Segment], known: list[Stretch]) -> tuple[Found, list[Sure]]:
    """The events by label, and those that are none of the labels."""
    stretches = [(event.start, event.end) for event in events]
    mixed = np.array([shared(stretch, known) > MIXED for stretch in stretches], bool)
    sure = certainty(hearing.heard, stretches, mixed)
    sure[:, NAMELESS] = 0
    found: Found = {}
    unnamed = []
    for event, chances in zip(events, sure, strict=True):
        end = min(event.end, hearing.ends)
        for index in np.flatnonzero(chances >= TOLD):
            found.setdefault(int(index), []).append((event.start, end, float(chances[index])))
        if chances.max() < TOLD:
            unnamed.append((event.start, end, float(1 - chances.max())))
    return found, unnamed


def _steady(hearing: Hearing, events: list[Segment], found: Found, known: list[Stretch]) -> Found:
    """What sounds on for at least ``LONG`` seconds, or all through a shorter clip but for a window's hop, where it is
    not an event already, by label."""
    heard = hearing.heard
    sure = steady_certainty(heard, covered(known, len(heard.times), STEP_SECONDS))
    sure[:, NAMELESS] = 0
    loud = long_enough(sounding(hearing, shortest=0.2), 0.02)
    long = min(LONG, hearing.ends - STEP_SECONDS)
    edges = np.array([edge for event in events for edge in (event.start, event.end)])
    steady: Found = {}
    for index in np.flatnonzero(sure.max(axis=0) >= TOLD):
        chances = sure[:, index]
        on = window_spans(heard, chances >= KEPT, hearing.ends, 0.0)
        here = [(a, b) for a, b in on if _highest(heard.times, chances, a, b) >= TOLD]
        told = padded([span[:2] for span in found.get(int(index), [])], AROUND, AROUND, hearing.duration)
        left = long_enough(overlap(overlap(here, complement(told, hearing.duration)), loud), long)
        for a, b in closed([(_moved(a, edges), _moved(b, edges)) for a, b in left], MASKED):
            inside = (heard.times >= a) & (heard.times <= b)
            steady.setdefault(int(index), []).append((a, b, float(chances[inside].mean())))
    return steady


def _highest(times: NDArray[np.float64], chances: Floats, start: float, end: float) -> float:
    first, last = np.searchsorted(times, (start, end))
    return float(chances[first:last].max()) if last > first else 0.0


def _moved(edge: float, edges: NDArray[np.float64]) -> float:
    """The edge of an event that lies near, else the edge as it is."""
    if not edges.size:
        return edge
    nearest = float(edges[np.argmin(np.abs(edges - edge))])
    return nearest if abs(nearest - edge) <= AROUND else edge


def _together(spans: list[Sure]) -> list[Sure]:
    """Spans of one label, those less than ``TOGETHER`` seconds apart joined, as sure as the surest of them."""
    merged: list[Sure] = []
    for start, end, sure in sorted(spans):
        if merged and start - merged[-1][1] <= TOGETHER:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end), max(merged[-1][2], sure))
        else:
            merged.append((start, end, sure))
    return merged
