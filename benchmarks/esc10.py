"""The bundled classifier on ESC-10's official five folds: each judged by a model that was taught, chosen and calibrated
on the other four, as ``training/train_esc10.py`` makes the one that is kept.

make bench ONLY=esc10
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from report import head

from avai.networks import teaching
from avai.networks.classifier import OTHER
from avai.networks.teaching import Example
from training import train_esc10


def main() -> None:
    head("ESC-10, official five folds", "tensorflow", "scikit-learn", "numpy")
    began = time.perf_counter()
    clips, examples = train_esc10.taken()
    for name, value in train_esc10.evaluate(clips, examples).items():
        print(f"{name}: {value}")
    print("\nPeople: 95.7 % (Piczak 2015). Rows are what it is, columns what it is taken for:\n")
    confusion(tuple(sorted({clip.label for clip in clips})), examples, np.array([clip.fold for clip in clips]))
    print(f"\n{time.perf_counter() - began:.0f} s")


def confusion(classes: tuple[str, ...], examples: Sequence[Example], folds: np.ndarray) -> None:
    counts = np.zeros((len(classes),) * 2, int)
    for fold in np.unique(folds):
        model = teaching.quick([examples[number] for number in np.flatnonzero(folds != fold)], classes).model
        for number in np.flatnonzero(folds == fold):
            label = next(each for each, _ in train_esc10.judged(model, examples[number]) if each != OTHER)
            counts[examples[number].target, classes.index(label)] += 1
    print(f"{'':16s}{' '.join(f'{name[:8]:>8s}' for name in classes)}")
    for name, row in zip(classes, counts, strict=True):
        print(f"{name:16s}{' '.join(f'{count or chr(183):>8}' for count in row)}")


if __name__ == "__main__":
    main()
