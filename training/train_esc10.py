"""Makes models/esc10.avai: ten everyday sounds, a linear SVM on what the sound network hears.

The two clips marked Sampling+ are left out of the model that is kept; its figures are of the official five folds.

    python -m training.train_esc10
"""

from __future__ import annotations

import numpy as np
from sklearn.metrics import roc_auc_score

from avai.networks import teaching
from avai.networks.classifier import OTHER, Classifier, features, likeness
from avai.networks.logmel import STEP_SECONDS
from avai.networks.sounding import sounding_windows
from avai.networks.taught import Taught, dumps
from training import esc10, manifest

LEFT_OUT = "CC-Sampling+"


def main() -> None:
    clips = esc10.clips()
    figures = evaluate(clips)
    for name, value in figures.items():
        print(f"{name}: {value}")
    kept = [clip for clip in clips if clip.licence != LEFT_OUT]
    model = teaching.teach(*table(kept))
    manifest.record(
        "esc10.avai",
        dumps(Taught("sound", "svm", model, {}, figures)),
        made_by="training/train_esc10.py",
        licence="Apache-2.0; trained on recordings under CC0 and CC BY",
        source="ESC-10, Piczak 2015, from freesound.org; 398 of its 400 clips",
    )


def table(clips: list[esc10.Clip]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, labels and folds of clips."""
    rows = np.stack([features(clip.embedding, clip.sounding) for clip in clips])
    return rows, np.array([clip.label for clip in clips]), np.array([clip.fold for clip in clips])


def evaluate(clips: list[esc10.Clip]) -> dict[str, float | list[float]]:
    """The official five folds, each judged by a model that was taught, chosen and calibrated on the other four."""
    rows, labels, folds = table(clips)
    accuracy, kept, sureness, right, held, refused = [], [], [], [], [], []
    outside = outsiders()
    refused_outside: dict[str, list[float]] = {name: [] for name in outside}
    for fold in range(1, 6):
        model = teaching.teach(rows[folds != fold], labels[folds != fold], folds[folds != fold])
        mine = [clip for clip in clips if clip.fold == fold]
        verdicts = [model.judge(features(clip.embedding, clip.sounding)) for clip in mine]
        closed = [next(score for score in verdict if score[0] != OTHER) for verdict in verdicts]
        hits = [label == clip.label for (label, _), clip in zip(closed, mine, strict=True)]
        accuracy.append(float(np.mean(hits)))
        kept.append(float(np.mean([verdict[0][0] == clip.label for verdict, clip in zip(verdicts, mine, strict=True)])))
        refused.append(float(np.mean([verdict[0][0] == OTHER for verdict in verdicts])))
        sureness += [share / (1 - dict(verdict)[OTHER]) for (_, share), verdict in zip(closed, verdicts, strict=True)]
        right += hits
        held.append(held_out(model, rows[folds == fold], labels[folds == fold]))
        for name, group in outside.items():
            refused_outside[name].append(np.mean([model.judge(features(*clip))[0][0] == OTHER for clip in group]))
    return {
        "folds": [round(value, 4) for value in accuracy],
        "accuracy": round(float(np.mean(accuracy)), 4),
        "accuracy when other may win": round(float(np.mean(kept)), 4),
        "calibration error": round(calibration_error(np.array(sureness), np.array(right)), 4),
        "own clips called other": round(float(np.mean(refused)), 4),
        "auroc of other, each class left out in turn": round(float(np.mean(held)), 4),
        **{f"{name} called other": round(float(np.mean(each)), 4) for name, each in refused_outside.items()},
    }


def held_out(model: Classifier, rows: np.ndarray, labels: np.ndarray) -> float:
    """AUROC of telling clips of the classes from the same clips when their class was never taught."""
    near = likeness(teaching.halves(rows), model.centres)
    known, unknown = teaching.strangers(near, np.searchsorted(model.classes, labels))
    return float(roc_auc_score(np.repeat([1, 0], len(known)), np.concatenate([known, unknown])))


def outsiders() -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """Sounds of none of the classes: embedding and sounding of speech, and of 5 s pieces of music."""
    found: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for name, pattern in (("speech", "*.flac"), ("music", "*.ogg")):
        found[name] = []
        for path in sorted(esc10.data_folder(name).glob(pattern))[:40]:
            embedding, _, levels = esc10.heard(path)
            loud = sounding_windows(levels, np.arange(len(embedding)) * STEP_SECONDS)
            found[name] += [(embedding[at : at + 11], loud[at : at + 11]) for at in range(0, len(embedding), 11)]
    return found


def calibration_error(sureness: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: how far sureness is from the share that is right, over ten equal groups."""
    groups = np.array_split(np.argsort(sureness), bins)
    return float(sum(len(g) * abs(sureness[g].mean() - right[g].mean()) for g in groups) / len(sureness))


if __name__ == "__main__":
    main()
