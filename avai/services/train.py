"""Teach: from clips of each class to a model, how good it is, and what would make it better."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from avai.contracts import Mistake, Training, TrainRequest, Tried
from avai.networks import taught, teaching
from avai.progress import Progress, part, quiet
from avai.services.examples import examples_of
from avai.services.material import gather, told


def train(request: TrainRequest, out: Path, progress: Progress = quiet) -> Training:
    """Writes ``model.avai`` and ``training.json``.

    Raises ``RequestError`` when there is too little to learn from.
    """
    unpacked = out / "unpacked"
    unpacked.mkdir()
    gathered = gather(request, unpacked, part(progress, 0.0, 0.1))
    examples = examples_of(gathered, part(progress, 0.1, 0.6))
    shutil.rmtree(unpacked)
    lesson = teaching.quick(examples, gathered.classes, request.seed, part(progress, 0.6, 0.95))
    target = np.array([each.target for each in examples])
    taken = lesson.chances.argmax(axis=1)
    confusion = np.zeros((len(gathered.classes),) * 2, int)
    np.add.at(confusion, (target, taken), 1)
    accuracy = float(np.mean(taken == target))
    made = date.today().isoformat()
    model = replace(lesson.model, figures={"accuracy": round(accuracy, 4)}, made=made)
    (out / "model.avai").write_bytes(taught.dumps(model))
    material = told(gathered)
    result = Training(
        kind=gathered.kind,
        method=model.method,  # type: ignore[arg-type]
        classes=gathered.classes,
        accuracy=accuracy,
        low=accuracy,
        high=accuracy,
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        tried=tuple(Tried(method=name, accuracy=value) for name, value in lesson.tried.items()),  # type: ignore[arg-type]
        other=lesson.other,
        mistakes=tuple(
            Mistake(
                name=gathered.clips[number].name,
                label=gathered.classes[target[number]],
                taken_for=gathered.classes[taken[number]],
                confidence=float(lesson.chances[number].max()),
            )
            for number in np.flatnonzero(taken != target)
        ),
        material=material.classes,
        left_out=material.left_out,
        warnings=material.warnings,
        seconds=sum(each.seconds for each in material.classes),
        seed=request.seed,
        made=made,
        files=("model.avai", "training.json"),
    )
    (out / "training.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result
