"""Which of the sounds that were heard are told: by label, by confidence, by how many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache

from avai import words
from avai.contracts import LAYERS, Recognition, Score, Span
from avai.errors import RequestError


def resolved(names: Iterable[str], classes: Iterable[str] = ()) -> tuple[str, ...]:
    """The labels that people mean: a label as it is, or its English or Chinese name in any case; one of ``classes``
    before any other.

    Raises ``RequestError`` for a name that is none, with the nearest one that is.
    """
    known = {**_known(), **_named(classes)}
    return tuple(_resolved(name, known) for name in names)


def _resolved(name: str, known: Mapping[str, str]) -> str:
    key = _key(name)
    if key in known:
        return known[key]
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    if near:
        raise RequestError("recognize_note.unknown_label_near", name=name, near=near[0])
    raise RequestError("recognize_note.unknown_label", name=name)


@cache
def _known() -> dict[str, str]:
    return _named((*words.sound_labels(), *LAYERS))


def _named(labels: Iterable[str]) -> dict[str, str]:
    """Labels by what people call them."""
    known: dict[str, str] = {}
    for label in labels:
        for name in (label, *(words.name_of(label, language) for language in words.LANGUAGES)):
            known.setdefault(_key(name), label)
    return known


def _key(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


def sounds_of(result: Recognition) -> list[Span]:
    """The tags, without those of a layer's name, of which the layer says the same with finer edges, but for classes
    that a model was taught: it may mean another thing by ``speech``."""
    taught = {each.label for each in result.classes} - {"other"}
    return [span for span in result.spans if span.label not in LAYERS or span.label in taught]


def chosen(
    spans: Sequence[Span], most: int, threshold: float = 0.0, only: Sequence[str] = (), never: Sequence[str] = ()
) -> tuple[Span, ...]:
    """The spans of at most ``most`` labels, those heard most surely and longest, at least ``threshold`` sure.

    ``only`` names the labels that may be told (empty: all), ``never`` those that may not. The order stays.
    """
    told = [
        span
        for span in spans
        if span.confidence >= threshold and (not only or span.label in only) and span.label not in never
    ]
    kept = {each.label for each in heard_most(told)[:most]}
    return tuple(span for span in told if span.label in kept)


def heard_most(spans: Iterable[Span]) -> list[Score]:
    """The labels of spans with the confidence that each reaches, first those heard most surely and longest."""
    weight: dict[str, float] = {}
    peak: dict[str, float] = {}
    for span in spans:
        weight[span.label] = weight.get(span.label, 0.0) + span.confidence * (span.end - span.start)
        peak[span.label] = max(peak.get(span.label, 0.0), span.confidence)
    return [Score(label=label, confidence=peak[label]) for label in sorted(weight, key=lambda each: -weight[each])]
