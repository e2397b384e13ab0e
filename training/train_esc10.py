"""Makes models/esc10.avai: ten everyday sounds, taught in the product's own way on what the sound network hears.

The two clips marked Sampling+ are left out of the model that is kept; its figures are of the official five folds.

    python -m training.train_esc10
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from avai.contracts import TrainRequest
from avai.networks import registry, teaching
from avai.networks.classifier import OTHER
from avai.networks.excerpt import Excerpt
from avai.networks.sounding import levels_db
from avai.networks.taught import Taught, dumps
from avai.networks.teaching import Example
from avai.progress import quiet
from avai.services.examples import examples_of, parts_of
from avai.services.material import Given, gather
from training import esc10, manifest, real

LEFT_OUT = "CC-Sampling+"


def main() -> None:
    clips, examples = taken()
    classes = tuple(sorted({clip.label for clip in clips}))
    figures = evaluate(clips, examples)
    for name, value in figures.items():
        print(f"{name}: {value}")
    licence = licences()
    kept = [each for each, clip in zip(examples, clips, strict=True) if licence[Path(clip.name).name] != LEFT_OUT]
    lesson = teaching.quick(kept, classes)
    print(
        f"{len(kept)} clips, {lesson.model.method}, its own cross-validation: {lesson.tried}, other {lesson.other:.4f}"
    )
    manifest.record(
        "esc10.avai",
        dumps(replace(lesson.model, settings={"seconds": 5.0}, figures=figures)),
        made_by="training/train_esc10.py",
        licence="Apache-2.0; trained on recordings under CC0 and CC BY",
        source="ESC-10, Piczak 2015, from freesound.org; 398 of its 400 clips",
    )


def taken() -> tuple[tuple[Given, ...], list[Example]]:
    """The data set as the product takes it from its own table, and what it hears of it."""
    with tempfile.TemporaryDirectory() as folder:
        request = TrainRequest(material=(esc10.data_folder("esc10"),))
        found = examples_of(gather(request, Path(folder), quiet), quiet)
    for each in found.gathered.left_out:
        print(f"left out: {each.name}: {each.reason.text}")
    return found.gathered.clips, found.examples


def licences() -> dict[str, str]:
    """Under which licence each file is published."""
    with (esc10.data_folder("esc10") / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return {Path(row["file"]).name: row["licence"] for row in csv.DictReader(file)}


def evaluate(clips: Sequence[Given], examples: Sequence[Example]) -> dict[str, float | list[float]]:
    """The official five folds, each judged by a model that was taught, chosen and calibrated on the other four."""
    classes = tuple(sorted({clip.label for clip in clips}))
    folds = np.array([clip.fold for clip in clips])
    accuracy, kept, sureness, right, refused, held = [], [], [], [], [], []
    outside = outsiders()
    refused_outside: dict[str, list[float]] = {name: [] for name in outside}
    for fold in range(1, 6):
        lesson = teaching.quick([each for each, of in zip(examples, folds, strict=True) if of != fold], classes)
        mine = [each for each, of in zip(examples, folds, strict=True) if of == fold]
        labels = [classes[each.target] for each in mine]
        verdicts = [judged(lesson.model, each) for each in mine]
        closed = [next(score for score in verdict if score[0] != OTHER) for verdict in verdicts]
        hits = [label == own for (label, _), own in zip(closed, labels, strict=True)]
        accuracy.append(float(np.mean(hits)))
        kept.append(float(np.mean([verdict[0][0] == own for verdict, own in zip(verdicts, labels, strict=True)])))
        refused.append(float(np.mean([verdict[0][0] == OTHER for verdict in verdicts])))
        sureness += [share / (1 - dict(verdict)[OTHER]) for (_, share), verdict in zip(closed, verdicts, strict=True)]
        right += hits
        held.append(lesson.other or 0.0)
        for name, group in outside.items():
            refused_outside[name].append(float(np.mean([lesson.model.judge(each)[0][0] == OTHER for each in group])))
    return {
        "folds": [round(value, 4) for value in accuracy],
        "accuracy": round(float(np.mean(accuracy)), 4),
        "accuracy when other may win": round(float(np.mean(kept)), 4),
        "calibration error": round(calibration_error(np.array(sureness), np.array(right)), 4),
        "own clips called other": round(float(np.mean(refused)), 4),
        "auroc of other, each class left out in turn": round(float(np.mean(held)), 4),
        **{f"{name} called other": round(float(np.mean(each)), 4) for name, each in refused_outside.items()},
    }


def judged(model: Taught, example: Example) -> list[tuple[str, float]]:
    """What a model takes an example of one part for."""
    (part,) = example.parts
    return model.judge(part)


def outsiders() -> dict[str, list[Excerpt]]:
    """Sounds of none of the classes: speech, and five-second parts of music."""
    found: dict[str, list[Excerpt]] = {}
    for name, pattern in (("speech", "*.flac"), ("music", "*.ogg")):
        found[name] = []
        for path in sorted(esc10.data_folder(name).glob(pattern))[:40]:
            samples = real.sound(path)
            found[name] += parts_of(registry.sound().hear([samples]), levels_db(samples), 0.0, len(samples) / 16_000)
    return found


def calibration_error(sureness: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: how far sureness is from the share that is right, over ten equal groups."""
    groups = np.array_split(np.argsort(sureness), bins)
    return float(sum(len(g) * abs(sureness[g].mean() - right[g].mean()) for g in groups) / len(sureness))


if __name__ == "__main__":
    main()
