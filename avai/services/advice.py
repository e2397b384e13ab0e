"""What would make a taught model better, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from avai.contracts import Kind, Note
from avai.errors import note
from avai.services.figures import Figures

MOST_ADVICE = 4
GOOD, EACH_GOOD = 0.9, 0.75
"""Accuracy from which a model is good enough to use, when every class is recognised this often."""
UNSURE = 0.25
"""A figure whose bounds are further apart says little."""
UNEVEN = 5
"""Times as many clips in one class as in another."""
POOR, ENOUGH_FOR_A_NETWORK = 0.85, 8
"""Below this accuracy the network may do better, when the middle class has so many clips."""
POOR_OTHER = 0.8
FEW = 15
"""Clips of a class to which a few more make a difference."""


def advice(
    classes: tuple[str, ...], figures: Figures, counts: list[int], kind: Kind, other: float | None, thorough: bool
) -> tuple[Note, ...]:
    """At most four sentences, most useful first. ``counts`` are the clips of each class, ``other`` the AUROC of telling
    what is of no class, ``thorough`` whether a network was tried."""
    found = [
        *_good(figures, kind),
        *_more(classes, figures, counts, kind),
        *_confused(classes, figures, kind),
        *_uneven(classes, counts, kind),
        *_unsure(figures, kind),
    ]
    if kind == "sound" and not thorough and figures.accuracy < POOR and np.median(counts) >= ENOUGH_FOR_A_NETWORK:
        found.append(note("train_note.try_thorough"))
    if other is not None and other < POOR_OTHER:
        found.append(note(_key("other_poor", kind), other=round(100 * other)))
    return tuple(found[:MOST_ADVICE])


def _key(name: str, kind: Kind) -> str:
    return f"train_note.{name}_{kind}s"


def _recalls(figures: Figures) -> np.ndarray:
    """The share of each class that was recognised; 1 for one that was never left out."""
    rows = figures.confusion.sum(axis=1)
    return np.where(rows > 0, figures.confusion.diagonal() / np.maximum(rows, 1), 1.0)


def _good(figures: Figures, kind: Kind) -> Iterator[Note]:
    if figures.accuracy >= GOOD and _recalls(figures).min() >= EACH_GOOD and figures.high - figures.low <= UNSURE:
        yield note(_key("good", kind), accuracy=round(100 * figures.accuracy))


def _more(classes: tuple[str, ...], figures: Figures, counts: list[int], kind: Kind) -> Iterator[Note]:
    """The class whose errors would shrink most, as an error falls about as one over the number of clips: those of its
    clips that are missed, and a little those that are taken for it."""
    clips = np.array(counts)
    wrong = figures.confusion - np.diag(figures.confusion.diagonal())
    more = np.where(clips < FEW, 3, np.rint(clips / 5).astype(int))
    gain = (wrong.sum(axis=1) + wrong.sum(axis=0) / 4) * more / (clips + more)
    best = int(gain.argmax())
    if gain[best] > 0:
        row = figures.confusion[best]
        right, count = int(row[best]), int(row.sum())
        yield note(_key("more", kind), more=int(more[best]), label=classes[best], right=right, count=count)


def _confused(classes: tuple[str, ...], figures: Figures, kind: Kind) -> Iterator[Note]:
    """The two classes that are taken for each other most, when that is more than a chance."""
    both = np.triu(figures.confusion + figures.confusion.T, 1)
    a, b = np.unravel_index(both.argmax(), both.shape)
    rows = figures.confusion.sum(axis=1)
    if both[a, b] >= 2 and both[a, b] >= 0.1 * min(rows[a], rows[b]):
        yield note(_key("confused", kind), label_a=classes[a], label_b=classes[b], count=int(both[a, b]))


def _uneven(classes: tuple[str, ...], counts: list[int], kind: Kind) -> Iterator[Note]:
    least, most = int(np.argmin(counts)), int(np.argmax(counts))
    if counts[most] >= UNEVEN * counts[least]:
        yield note(
            _key("uneven", kind), label_a=classes[most], most=counts[most], label_b=classes[least], least=counts[least]
        )


def _unsure(figures: Figures, kind: Kind) -> Iterator[Note]:
    if figures.high - figures.low <= UNSURE:
        return
    low, high = round(100 * figures.low), round(100 * figures.high)
    if kind == "sound" and figures.sources < figures.judged:
        yield note("train_note.few_sources", sources=figures.sources, low=low, high=high)
    else:
        yield note(_key("few", kind), count=figures.judged, low=low, high=high)
