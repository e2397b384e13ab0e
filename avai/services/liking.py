"""What a taught model takes for the classes that a person likes, over time: for Edit and Summarise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avai.contracts import PlanRequest, Shot, Span, SummarizeRequest
from avai.errors import RequestError
from avai.labels import resolved
from avai.networks.classifier import OTHER
from avai.networks.taught import Taught
from avai.progress import Progress
from avai.services.hearing import Hearing
from avai.services.layers import layers_of
from avai.services.models import model_of, silent_class
from avai.services.moments import STEP, Moments
from avai.services.naming import shown
from avai.services.seeing import Looks
from avai.services.spans import Stretch, union
from avai.services.taught_tags import taught_tags

NEAR_CUT = 0.6
"""Where what is seen changes so near to a cut in seconds, it changes at the cut."""
NAMED = 3


@dataclass(frozen=True)
class Wish:
    """A model and the ``classes`` of it that are liked."""

    model: Taught
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Liking:
    """``value`` is how likely each ``moments.STEP`` seconds are what is liked, ``stretches`` where they are taken for
    it, ``found`` what the model takes all for, most first; ``heard`` whether it is a sound."""

    liked: tuple[str, ...]
    value: NDArray[np.float32]
    stretches: list[Stretch]
    found: tuple[str, ...]
    heard: bool

    def mean(self, start: float, end: float) -> float:
        """Mean of ``value`` over a stretch."""
        first = min(int(start / STEP), len(self.value) - 1)
        return float(self.value[first : max(int(np.ceil(end / STEP)), first + 1)].mean())

    def weighed(self, moments: Moments) -> Moments:
        """Moments that matter the more the likelier they are what is liked."""
        return moments.preferring(self.value, "like")

    def nothing(self, key: str) -> RequestError:
        """That nothing is what was asked for, as a sentence."""
        names = ", ".join(self.found[:NAMED]) or OTHER
        return RequestError(key, labels_liked=", ".join(self.liked), labels_found=names)


def wish_of(request: PlanRequest | SummarizeRequest, has_sound: bool) -> Wish | None:
    """The model of a request and what is liked: any of its classes but silence, where nothing is named.

    Raises ``RequestError`` for a model that cannot be used, a name that it has not, a sound model without sound.
    """
    if request.model is None:
        if request.like:
            raise RequestError("model.like_without", name=request.like[0])
        return None
    model = model_of(request.model)
    if model.kind == "sound" and not has_sound:
        raise RequestError("model.no_sound", file=shown(request.model))
    for name in request.like:
        if set(_label(name, model.classes)) - set(model.classes):
            raise RequestError(
                "model.like_unknown", file=shown(request.model), name=name, labels=", ".join(model.classes)
            )
    liked = tuple(dict.fromkeys(label for name in request.like for label in _label(name, model.classes)))
    return Wish(model, liked or tuple(each for each in model.classes if each != silent_class(model)))


def _label(name: str, classes: Sequence[str]) -> tuple[str, ...]:
    try:
        return resolved([name], classes)
    except RequestError:
        return (name,)


def heard_liking(wish: Wish, hearing: Hearing, duration: float, progress: Progress) -> Liking:
    """What the sound model hears over time; edges are those of the sounds."""
    spans = taught_tags(hearing, wish.model, layers_of(hearing, None, 0.4)["silence"], progress)
    return _liking(wish, spans, duration)


def seen_liking(wish: Wish, looks: Looks, shots: Sequence[Shot], duration: float) -> Liking:
    """What the picture model sees in each look and its neighbours of the same shot; a change half-way between two looks
    moves to a cut near it."""
    cuts = np.array([shot.start for shot in shots[1:]])
    middles = (looks.times[1:] + looks.times[:-1]) / 2
    edges = [0.0, *(_at_cut(float(middle), cuts) for middle in middles), duration]
    scores = [
        {OTHER: 1.0} if blank else dict(wish.model.judge_picture(each))
        for each, blank in zip(looks.embedding, looks.blank, strict=True)
    ]
    shot_of = np.searchsorted(cuts, looks.times, side="right")
    spans = []
    for number, (start, end) in enumerate(pairwise(edges)):
        near = [
            each for each in range(max(number - 1, 0), min(number + 2, len(scores))) if shot_of[each] == shot_of[number]
        ]
        shares = {
            label: float(np.mean([scores[each].get(label, 0.0) for each in near]))
            for label in (*wish.model.classes, OTHER)
        }
        label = max(shares, key=lambda each: shares[each])
        if end > start:
            spans.append(Span(start=start, end=end, label=label, confidence=min(shares[label], 1.0)))
    return _liking(wish, spans, duration)


def _at_cut(time: float, cuts: NDArray[np.float64]) -> float:
    near = float(cuts[np.abs(cuts - time).argmin()]) if cuts.size else time
    return near if abs(near - time) <= NEAR_CUT else time


def _liking(wish: Wish, spans: Sequence[Span], duration: float) -> Liking:
    value = np.zeros(max(int(np.ceil(duration / STEP)), 1), np.float32)
    weight: Counter[str] = Counter()
    for span in spans:
        weight[span.label] += round(1000 * (span.end - span.start))
        if span.label in wish.classes:
            here = slice(int(span.start / STEP), max(int(np.ceil(span.end / STEP)), int(span.start / STEP) + 1))
            value[here] = np.maximum(value[here], span.confidence)
    return Liking(
        wish.classes,
        value,
        union([(span.start, min(span.end, duration)) for span in spans if span.label in wish.classes]),
        tuple(label for label, _ in weight.most_common()),
        wish.model.kind == "sound",
    )
