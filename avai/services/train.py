"""Teach: from clips of each class to a model, how good it is, and what would make it better."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from avai.contracts import Method, Note, Point, Training, TrainRequest, Tried
from avai.errors import Enough, note
from avai.media.writing import written
from avai.networks import taught, teaching
from avai.networks.teaching import Example, Lesson
from avai.progress import Progress, part, quiet
from avai.services.advice import MOST_ADVICE, advice
from avai.services.examples import examples_of
from avai.services.figures import Figures, figures_of
from avai.services.material import Gathered, check, gather, told
from avai.services.mistakes import mistakes_of

MOST_CONFUSED = 50
"""Classes up to which the file of the model holds the whole confusion matrix."""
QUICK, THOROUGH, MISTAKES = (0.1, 0.6, 0.95), (0.01, 0.03, 0.04, 0.97), 0.97
"""Shares of the work after which all is gathered, heard, learnt quickly, and by a network; and when that is over."""


class Patient:
    """A progress that takes a wish for what there is so far as one for no more than must be: it is remembered."""

    def __init__(self, progress: Progress) -> None:
        self.enough = False
        self._progress = progress

    def __call__(self, done: float, what: str) -> None:
        try:
            self._progress(done, what)
        except Enough:
            self.enough = True


@dataclass(frozen=True)
class Learnt:
    """A lesson, its figures, what was tried, and what is to be said: ``notes`` of what is wrong, and ``why`` it is this
    one that is kept."""

    lesson: Lesson
    figures: Figures
    tried: dict[Method, float]
    notes: tuple[Note, ...] = ()
    why: tuple[Note, ...] = ()


def train(request: TrainRequest, out: Path, progress: Progress = quiet) -> Training:
    """Writes ``model.avai`` and ``training.json``; ``curve.json`` grows meanwhile, a ``Point`` for each epoch of a
    network; ``mistake_NN`` are clips that were taken for another class, for the page to play or show.

    ``Enough`` from ``progress`` ends the network's training, and what is best so far is kept. Raises ``RequestError``
    when there is too little to learn from.
    """
    patient = Patient(progress)
    steps = THOROUGH if request.thorough else QUICK
    with tempfile.TemporaryDirectory() as unpacked:
        gathered = gather(request, Path(unpacked), part(patient, 0.0, steps[0]))
        check(gathered)
        heard = examples_of(gathered, part(patient, steps[0], steps[1]))
        gathered, examples = heard.gathered, heard.examples
        check(gathered)
        curve: list[Point] = []

        def point(each: Point) -> None:
            curve.append(each)
            _write(out / "curve.json", json.dumps([one.model_dump() for one in curve]))

        kept = _learnt(request, gathered, examples, progress, patient, point)
        mistakes = mistakes_of(gathered, kept.figures, kept.lesson.chances, out, part(patient, MISTAKES, 1.0))
    made = date.today().isoformat()
    model = replace(
        kept.lesson.model,
        figures={**kept.lesson.model.figures, **_figures(kept)},
        settings={**kept.lesson.model.settings, **_settings(request, gathered)},
        made=made,
    )
    (out / "model.avai").write_bytes(taught.dumps(model))
    material = told(gathered)
    result = Training(
        kind=gathered.kind,
        method=model.method,
        classes=gathered.classes,
        accuracy=kept.figures.accuracy,
        low=kept.figures.low,
        high=kept.figures.high,
        confusion=tuple(tuple(row) for row in kept.figures.confusion.tolist()),
        tried=tuple(Tried(method=name, accuracy=share) for name, share in kept.tried.items()),
        other=kept.lesson.other,
        mistakes=mistakes,
        advice=_advice(kept, gathered, request.thorough),
        material=material.classes,
        left_out=material.left_out,
        curve=tuple(curve),
        warnings=(*material.warnings, *kept.notes),
        seconds=sum(each.seconds for each in material.classes),
        seed=request.seed,
        made=made,
        files=("model.avai", "training.json", *(each.file for each in mistakes if each.file)),
    )
    _write(out / "training.json", result.model_dump_json(indent=2))
    patient(1.0, "doing.done")
    return result


def _learnt(
    request: TrainRequest,
    gathered: Gathered,
    examples: Sequence[Example],
    progress: Progress,
    patient: Patient,
    point: Callable[[Point], None],
) -> Learnt:
    """What the quick way learns, or the network when that is better at clips that were left out."""
    steps = THOROUGH if request.thorough else QUICK
    lesson = teaching.quick(examples, gathered.classes, request.seed, part(patient, steps[1], steps[2]))
    quick = Learnt(lesson, _judged(lesson, examples), dict(lesson.tried))
    if not request.thorough:
        return quick
    if gathered.kind == "picture":
        return replace(quick, notes=(note("train_note.pictures_quick"),))
    try:
        if patient.enough:
            raise Enough
        from avai.networks.thorough import thorough

        lesson = thorough(
            examples,
            gathered.classes,
            start=request.start,
            augment=request.augment,
            seed=request.seed,
            progress=part(progress, steps[2], THOROUGH[3]),
            told=point,
        )
    except Enough:
        return replace(quick, notes=(note("train_note.no_network"),))
    return _better(quick, Learnt(lesson, _judged(lesson, examples), dict(lesson.tried)), examples)


def _better(quick: Learnt, network: Learnt, examples: Sequence[Example]) -> Learnt:
    """Whichever is right more often, of the clips that both were asked about; the quick way when both are equal."""
    target = np.array([each.target for each in examples])
    both = (quick.figures.taken >= 0) & (network.figures.taken >= 0)
    if not both.any():
        return replace(quick, notes=(note("train_note.no_network"),))
    shares = [float(np.mean(each.figures.taken[both] == target[both])) for each in (quick, network)]
    better, name = (network, "network_kept") if shares[1] > shares[0] else (quick, "quick_kept")
    why = note(f"train_note.{name}", quick=round(100 * shares[0]), network=round(100 * shares[1]))
    notes: tuple[Note, ...] = ()
    if better.figures.judged < len(examples):
        notes = (note("train_note.judged_part", judged=better.figures.judged, all=len(examples)),)
    return replace(better, tried={**quick.tried, **network.tried}, notes=notes, why=(why,))


def _judged(lesson: Lesson, examples: Sequence[Example]) -> Figures:
    target, groups = (np.array(each) for each in zip(*((one.target, one.group) for one in examples), strict=True))
    return figures_of(lesson.chances, target, groups)


def _figures(kept: Learnt) -> dict[str, Any]:
    """What the file of the model says of how good it is."""
    figures = kept.figures
    return {
        "accuracy": round(figures.accuracy, 4),
        "low": round(figures.low, 4),
        "high": round(figures.high, 4),
        "other": None if kept.lesson.other is None else round(kept.lesson.other, 4),
        "clips": figures.judged,
        "sources": figures.sources,
        "confusion": figures.confusion.tolist() if len(figures.confusion) <= MOST_CONFUSED else None,
    }


def _settings(request: TrainRequest, gathered: Gathered) -> dict[str, Any]:
    """What the file of the model says of what it was taught with."""
    return {
        "seed": request.seed,
        "thorough": request.thorough,
        "start": request.start,
        "augment": list(request.augment),
        "clips": Counter(clip.label for clip in gathered.clips),
        "seconds": round(median(clip.end - clip.start for clip in gathered.clips), 3),
        "silent": list(gathered.silent),
    }


def _advice(kept: Learnt, gathered: Gathered, thorough: bool) -> tuple[Note, ...]:
    counts = Counter(clip.label for clip in gathered.clips)
    more = advice(
        gathered.classes,
        kept.figures,
        [counts[label] for label in gathered.classes],
        gathered.kind,
        kept.lesson.other,
        thorough,
    )
    return (*kept.why, *more)[:MOST_ADVICE]


def _write(path: Path, text: str) -> None:
    """Whole or not at all: the page may read it at any time."""
    with written(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
