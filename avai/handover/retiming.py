"""Spans of a clip where an edit puts them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from avai.contracts import Span
from avai.handover.cut import CutPiece, inside

SHORTEST = Fraction(1, 1000)
"""Captions count milliseconds: less than one is nothing to show."""


def retimed(spans: Iterable[Span], pieces: Sequence[CutPiece]) -> list[Span]:
    """The spans in seconds of the edit, in its order. What was cut out of a span is gone, and a span that was cut
    through comes once for each piece that has some of it; pieces that are faster make it shorter."""
    spans = list(spans)
    edges = [(span.start, span.end) for span in spans]
    found = []
    for piece in pieces:
        for span in (spans[number] for number in inside(piece, edges)):
            start, end = max(Fraction(span.start), piece.start), min(Fraction(span.end), piece.end)
            if end - start >= SHORTEST * piece.speed:
                times = [float(piece.at + (time - piece.start) / piece.speed) for time in (start, end)]
                found.append(span.model_copy(update={"start": round(times[0], 6), "end": round(times[1], 6)}))
    return sorted(found, key=lambda span: (span.start, span.end))
