"""The bundled classifier on ESC-10's official five folds, beside other ways. Settings are found inside training folds.

make bench ONLY=esc10
"""

from __future__ import annotations

import time

import numpy as np
from report import head

from avai.networks import registry
from avai.networks.classifier import features
from avai.networks.logmel import STEP_SAMPLES
from training import ablation, esc10, real, train_esc10

QUIETER = 10 ** (-10 / 20)


def main() -> None:
    head("ESC-10, official five folds", "tensorflow", "scikit-learn", "numpy")
    began = time.perf_counter()
    clips = esc10.clips()
    labels = np.array([clip.label for clip in clips])
    folds = np.array([clip.fold for clip in clips])
    classes = np.unique(labels)
    target = np.searchsorted(classes, labels)
    assert list(classes) == list(ablation.named.NAMED)
    print(f"{'per cent right':52s}    mean  deviation  folds 1 to 5")
    for name, judge in ways(clips, target).items():
        told = ablation.told(judge, target, folds)
        each = np.array([100 * np.mean(told[folds == fold] == target[folds == fold]) for fold in range(1, 6)])
        print(f"{name:52s}  {each.mean():6.2f}  {each.std(ddof=1):9.2f}  {' '.join(f'{value:6.2f}' for value in each)}")
        if name == BUNDLED:
            kept = told
    print(f"\nPeople: 95.7 (Piczak 2015). {BUNDLED}, rows are what it is, columns what it is taken for:\n")
    confusion(classes, target, kept)
    print("\nThe classifier as it judges, each fold by a model taught on the other four:\n")
    for name, value in train_esc10.evaluate(clips).items():
        print(f"{name}: {value}")
    print(f"\n{time.perf_counter() - began:.0f} s")


BUNDLED = "SVM, sounding windows, mean and maximum (bundled)"


def ways(clips: list[esc10.Clip], target: np.ndarray) -> dict[str, ablation.Judge]:
    rows, _, _ = train_esc10.table(clips)
    every = np.stack([features(clip.embedding, np.ones(len(clip.embedding), bool)) for clip in clips])
    half = rows.shape[1] // 2
    return {
        "521 scores by name, maximum, nothing tuned": ablation.by_name(clips, target, tuned=False),
        "521 scores by name, a threshold for each class": ablation.by_name(clips, target, tuned=True),
        "softmax layer, sounding windows, mean and maximum": ablation.by_softmax(rows, target),
        "SVM, all windows, mean and maximum": ablation.by_svm(every, target),
        "SVM, sounding windows, mean": ablation.by_svm(rows[:, :half], target),
        "SVM, sounding windows, maximum": ablation.by_svm(rows[:, half:], target),
        BUNDLED: ablation.by_svm(rows, target),
        "the same, taught shifted and quieter copies too": ablation.by_svm(rows, target, changed(clips)),
    }


def changed(clips: list[esc10.Clip]) -> tuple[np.ndarray, np.ndarray]:
    """Features of the clips a quarter of a second late, so that windows fall elsewhere, and of the clips 10 dB down."""
    late, quiet = [], []
    for clip in clips:
        samples = real.sound(esc10.data_folder("esc10") / clip.file)
        heard = registry.sound().hear([np.concatenate([np.zeros(STEP_SAMPLES // 2, np.float32), samples])])
        shifted = np.interp(heard.times - 0.24, clip.times, clip.sounding) > 0
        late.append(features(heard.embedding, shifted))
        quiet.append(features(registry.sound().hear([samples * np.float32(QUIETER)]).embedding, clip.sounding))
    return np.stack(late), np.stack(quiet)


def confusion(classes: np.ndarray, target: np.ndarray, told: np.ndarray) -> None:
    print(f"{'':16s}{' '.join(f'{name[:8]:>8s}' for name in classes)}")
    for index, name in enumerate(classes):
        counts = np.bincount(told[target == index], minlength=len(classes))
        print(f"{name:16s}{' '.join(f'{count or chr(183):>8}' for count in counts)}")


if __name__ == "__main__":
    main()
