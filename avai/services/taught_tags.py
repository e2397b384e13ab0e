"""Sounds over time by a taught model: the signal places the edges, the model names what lies between.

Events stand out of what is steady (``segments``); each is judged as the clips were that the model was taught. What
sounds on between and behind them is judged in parts. Where nothing fits it is ``other``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

import numpy as np

from avai.contracts import Span
from avai.networks.excerpt import PART, excerpt, joined, parts
from avai.networks.taught import Taught
from avai.progress import Progress, part, quiet
from avai.services.hearing import Hearing
from avai.services.models import silent_class, usual_seconds
from avai.services.segments import GAP, STEP, segments
from avai.services.silences import sounding
from avai.services.spans import Stretch, complement, in_thousandths, long_enough, overlap, padded

# Chosen by benchmarks/taught.py on fold 4.
SHORT, SHORT_GAP = 1.5, 0.2
"""Clips shorter than this are words or knocks, which follow each other more closely than other events do."""
REACH, SHORT_REACH = 0.24, 0.05
"""A window of the sound network belongs to a stretch when its centre lies within half a hop of it."""
AROUND = 0.5
"""So near to an event, windows hear it."""
LASTING = 2.0
"""Seconds that another sound lasts for an event to be cut in two where it begins."""
WIDE = 1.0
"""Seconds that are judged at once to find that."""
FRAME, SIDE = 0.01, 20
"""Seconds of a frame of the spectrum, and how many on each side of a change are compared."""
BETWEEN = 0.5
"""Shorter rests between events say nothing of what sounds on behind them."""
LONG = 2.0
MASKED = 3.0
"""A steady sound goes on under events that are no longer than this."""
TOGETHER = 0.8

Sure = tuple[float, float, str, float]


def taught_tags(
    hearing: Hearing, model: Taught, silence: Iterable[Span] = (), progress: Progress = quiet
) -> tuple[Span, ...]:
    """What the model hears over time, ordered by time; confidence is its probability. Spans of one label do not touch.

    A model that was taught silence tells that of the layer ``silence``.
    """
    label = silent_class(model)
    told = [] if label is None else [(span.start, span.end, label, span.confidence) for span in silence]
    gap = 0.0
    if not hearing.nothing:
        gap = 0.0 if usual_seconds(model) < SHORT else TOGETHER
        told += _heard(hearing, model, progress)
    return tuple(
        Span(start=start, end=end, label=label, confidence=round(min(sure, 1.0), 3))
        for a, b, label, sure in _together(told, gap)
        for start, end in [in_thousandths((a, b), hearing.duration)]
        if end > start
    )


class _Judge:
    """A model that is asked about stretches of one recording, and says how far it is in it each time."""

    def __init__(self, hearing: Hearing, model: Taught, progress: Progress) -> None:
        self.hearing = hearing
        self._model, self._progress, self._done = model, progress, 0.0

    def __call__(self, *stretches: Stretch) -> tuple[str, float]:
        """What these are, taken as one sound, and how sure that is."""
        self._done = max(self._done, stretches[-1][1] / self.hearing.duration)
        self._progress(self._done, "doing.naming")
        heard = [excerpt(self.hearing.heard, self.hearing.levels, *stretch) for stretch in stretches]
        return self._model.judge(joined(heard))[0]


def _heard(hearing: Hearing, model: Taught, progress: Progress) -> list[Sure]:
    """Events, and what sounds on between them."""
    short = usual_seconds(model) < SHORT
    found = segments(hearing.heard.bands[: round(hearing.ends / STEP)], SHORT_GAP if short else GAP)
    events = [(event.start, min(event.end, hearing.ends)) for event in found]
    judge = _Judge(hearing, model, part(progress, 0.0, 1.0 if short else 0.8))
    if short:
        return [judged for event in events for judged in _judged(judge, event, SHORT_REACH)]
    told = []
    for event in events:
        pieces = _unlike_pieces(judge, event)
        # what lies on the other side of a cut is not to be heard
        told += [judged for piece in pieces for judged in _judged(judge, piece, -AROUND if pieces[1:] else REACH)]
    return [*told, *_steady(_Judge(hearing, model, part(progress, 0.8, 1.0)), events)]


def _judged(judge: _Judge, stretch: Stretch, reach: float) -> list[Sure]:
    """What a stretch is, in parts where it is long; ``reach`` is how far beyond it is heard."""
    ends = judge.hearing.ends
    return [(a, b, *judge((max(a - reach, 0.0), min(b + reach, ends)))) for a, b in parts(*stretch)]


def _unlike_pieces(judge: _Judge, event: Stretch) -> list[Stretch]:
    """An event in which one sound follows another without a rest, cut where what is heard changes and lasts."""
    start, end = event
    if end - start < 2 * LASTING:
        return [event]
    centres = np.arange(start + WIDE / 2, end - WIDE / 2 + 1e-6, WIDE / 2)
    labels = [judge((centre - WIDE / 2, centre + WIDE / 2))[0] for centre in centres]
    alike = [(label, list(mine)) for label, mine in groupby(range(len(centres)), key=labels.__getitem__)]
    lasting = [(label, mine) for label, mine in alike if (len(mine) + 1) * WIDE / 2 >= LASTING]
    edges = [
        _turn(judge.hearing, float(centres[before[-1]]), float(centres[after[0]]))
        for (label, before), (other, after) in pairwise(lasting)
        if label != other
    ]
    return list(pairwise([start, *edges, end]))


def _turn(hearing: Hearing, start: float, end: float) -> float:
    """Where in a stretch the spectrum changes most from one side to the other."""
    frames = hearing.heard.frames
    times = np.arange(round(start / FRAME), round(end / FRAME))
    change = [
        np.abs(
            frames[at - SIDE : at].mean(axis=0, dtype=np.float32)
            - frames[at : at + SIDE].mean(axis=0, dtype=np.float32)
        ).mean()
        for at in times
    ]
    return float(times[int(np.argmax(change))]) * FRAME


def _steady(judge: _Judge, events: list[Stretch]) -> list[Sure]:
    """What sounds on where no event is, and goes on under events that are short."""
    hearing = judge.hearing
    between = complement(padded(events, AROUND, AROUND, hearing.duration), hearing.duration)
    told = []
    for group in _grouped(long_enough(overlap(between, sounding(hearing, shortest=0.2)), BETWEEN)):
        told.append((group[0][0], group[-1][1], *judge(*group)))
    edges = [edge for event in events for edge in event]
    told = [(a, b, label, sure) for a, b, label, sure in _together(told, MASKED) if b - a >= LONG]
    return [(_moved(a, edges), _moved(b, edges), label, sure) for a, b, label, sure in told]


def _grouped(stretches: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    """Neighbouring stretches of about ``PART`` seconds together; longer ones in parts."""
    group: list[Stretch] = []
    for stretch in stretches:
        for start, end in parts(*stretch):
            filled = sum(b - a for a, b in group)
            if group and (start - group[-1][1] > MASKED or filled + (end - start) / 2 > PART):
                yield group
                group = []
            group.append((start, end))
    if group:
        yield group


def _moved(edge: float, edges: list[float]) -> float:
    """The edge of an event that lies near, else the edge as it is."""
    nearest = min(edges, key=lambda other: abs(other - edge), default=edge)
    return nearest if abs(nearest - edge) <= AROUND + 1e-6 else edge


def _together(told: list[Sure], gap: float) -> list[Sure]:
    """Spans of one label, those at most ``gap`` seconds apart joined; as sure as they are on average over time."""
    merged: dict[str, list[tuple[float, float, float, float]]] = {}
    for start, end, label, sure in sorted(told):
        mine = merged.setdefault(label, [])
        length = end - start
        if mine and start - mine[-1][1] <= gap:
            a, b, total, weight = mine[-1]
            mine[-1] = (a, max(b, end), total + length * sure, weight + length)
        else:
            mine.append((start, end, length * sure, length))
    return sorted((a, b, label, total / weight) for label, spans in merged.items() for a, b, total, weight in spans)
