"""ESC-10 from a few clips of each class by the product's quick teaching, which chooses by cross-validation on them.

Each official fold is tested with clips drawn from the other four, 20 draws; sources are never on both sides. What is
constant in ``networks/heads.py`` and ``networks/teaching.py`` was chosen on folds 1 and 2: folds 3 to 5 are the figure.

make bench ONLY=few_shot
"""

from __future__ import annotations

import time

import numpy as np
from report import head

from avai.networks import teaching
from avai.networks.classifier import OTHER
from training import train_esc10

DRAWS, COUNTS = 20, (5, 8)


def main() -> None:
    head("ESC-10, a few clips of each class", "tensorflow", "scikit-learn", "numpy")
    clips, examples = train_esc10.taken()
    classes = tuple(sorted({clip.label for clip in clips}))
    folds, target = np.array([clip.fold for clip in clips]), np.array([each.target for each in examples])
    rows = teaching.embedded(examples)
    print(f"{'per cent right, mean and deviation of 20 draws':48s} {'folds 3 to 5':>14s} {'all five':>14s}")
    for count in COUNTS:
        right: dict[str, np.ndarray] = {}
        took, refused, chosen = [], [], []
        for draw in range(DRAWS):
            for fold in range(1, 6):
                rng = np.random.default_rng([draw, fold, count])
                able = [np.flatnonzero((target == each) & (folds != fold)) for each in range(len(classes))]
                drawn = np.sort(np.concatenate([rng.choice(each, count, replace=False) for each in able]))
                tested = np.flatnonzero(folds == fold)
                began = time.perf_counter()
                lesson = teaching.quick([examples[number] for number in drawn], classes, seed=draw)
                took.append(time.perf_counter() - began)
                chosen.append(lesson.model.method)
                verdicts = [train_esc10.judged(lesson.model, examples[number]) for number in tested]
                refused += [verdict[0][0] == OTHER for verdict in verdicts]
                labels = [next(label for label, _ in verdict if label != OTHER) for verdict in verdicts]
                told = {"chosen": np.array([classes.index(label) for label in labels])} | each_way(rows, drawn, tested)
                for name, found in told.items():
                    right.setdefault(name, np.zeros((DRAWS, 5)))[draw, fold - 1] = np.mean(found == target[tested])
        for name, found in right.items():
            figures = [100 * part.mean(axis=1) for part in (found[:, 2:], found)]
            shown = " ".join(f"{each.mean():8.2f} ± {each.std(ddof=1):4.2f}" for each in figures)
            print(f"{f'{count} a class, {name}':48s}{shown}", flush=True)
        ways = ", ".join(f"{name} {chosen.count(name)}" for name in sorted(set(chosen)))
        print(f"  chosen: {ways}; own clips called other: {100 * np.mean(refused):.1f} %", end="")
        print(f"; seconds a teaching: median {np.median(took):.2f}, most {max(took):.2f}\n")


def each_way(rows: teaching.Rows, drawn: np.ndarray, tested: np.ndarray) -> dict[str, np.ndarray]:
    """What each way, taught on the clips drawn, takes those tested for (n,)."""
    inside, outside = (np.isin(rows.owner, numbers) for numbers in (drawn, tested))
    like = rows.like(inside).near(rows.means(outside))
    coef, intercept = rows.linear(inside)
    straight = rows.features[outside] @ coef.T + intercept
    decisions = {"lda": like, "svm": straight + teaching.LEAN * like, "svm that leans on nothing": straight}
    return {name: found.argmax(axis=1) for name, found in decisions.items()}


if __name__ == "__main__":
    main()
