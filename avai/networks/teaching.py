"""Teaches a model in seconds: a head on an embedding or on a spectrum, whichever is right more often in
cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import softmax
from threadpoolctl import threadpool_limits

from avai.contracts import Method
from avai.networks import words
from avai.networks.classifier import Classifier, Likeness, cosines, features, roots
from avai.networks.excerpt import FRAMES_A_SECOND, Excerpt
from avai.networks.folds import dealt
from avai.networks.heads import known_curve, likenesses, linear, temperature, told_apart, typical
from avai.networks.taught import Taught
from avai.progress import Progress, part, quiet

STRENGTHS = {"svm": 0.003, "words": 0.03}
"""C of the SVMs (``benchmarks/few_shot.py``, folds 1 and 2; words: three speakers of the digits, each left out)."""
LEAN = 1.0
"""What likeness adds to an SVM's decision (``benchmarks/few_shot.py``, folds 1 and 2)."""
REPEATS, JUDGEMENTS = 3, 400
"""Cross-validation is repeated with other folds, up to three times and so many judgements in all, so that the figure of
a few clips does not hang on how they were dealt."""
MOST_SPREAD = 6000
"""Windows whose differences are looked at, evenly over all parts."""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int_]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Example:
    """Something to learn from, of class number ``target``: a sound in ``parts`` of about five seconds, or the frame
    network's embedding (1280,) of a ``picture``. Those of one ``group`` are never on both sides of a test."""

    target: int
    group: int
    parts: tuple[Excerpt, ...] = ()
    picture: np.ndarray | None = None


@dataclass(frozen=True)
class Lesson:
    """A taught ``model`` and how it did when examples were left out: ``chances`` (n, k) of each of n examples,
    ``tried`` the accuracy of each method, and ``other``, the AUROC of telling what was never taught."""

    model: Taught
    chances: np.ndarray
    tried: dict[Method, float]
    other: float | None


def quick(examples: Sequence[Example], classes: tuple[str, ...], seed: int = 0, progress: Progress = quiet) -> Lesson:
    """A model of whichever way wins in cross-validation: ``svm``, a linear SVM on mean and maximum of the embedding's
    roots, leaning on what classes are like; ``lda``, that likeness alone (shrinkage LDA); ``words``, as ``svm`` on the
    spectrum, where clips are short. Another way than the first wins when it is right more often by more than chance.

    Each class needs two examples (``ValueError``).
    """
    target, group = np.array([each.target for each in examples]), np.array([each.group for each in examples])
    if len(classes) < 2 or np.bincount(target, minlength=len(classes)).min() < 2:
        raise ValueError("each of two classes or more needs two examples")
    # sums are those of one thread, so that the model is the same wherever it is taught
    with threadpool_limits(limits=1, user_api="blas"):
        looks = [embedded(examples)] + ([worded(examples)] if short(examples) else [])
        folds = [dealt(target, group, seed + turn) for turn in range(max(min(REPEATS, JUDGEMENTS // len(target)), 1))]
        trials: list[Trial] = []
        for number, look in enumerate(looks):
            trials += look.tried(folds, part(progress, 0.9 * number / len(looks), 0.9 * (number + 1) / len(looks)))
        tried: dict[Method, float] = {}
        for trial in trials:
            tried[trial.method] = max(trial.accuracy, tried.get(trial.method, 0.0))
        best = trials[0]
        for trial in trials[1:]:
            best = trial if trial.beats(best) else best
        model = Taught("sound" if examples[0].picture is None else "picture", best.method, best.head(classes))
        progress(1.0, "doing.teaching")
        return Lesson(model, best.chances, tried, told_apart(best.near, best.target))


def short(examples: Sequence[Example]) -> bool:
    """Whether clips are as short as words are."""
    if examples[0].picture is not None:
        return False
    lengths = [sum(len(each.frames) for each in example.parts) for example in examples]
    return float(np.median(lengths)) <= words.LONGEST * FRAMES_A_SECOND


@dataclass(frozen=True)
class Rows:
    """What is learnt from, a row for each part of each example: ``features`` (p, f) with the example they are of,
    ``owner`` (p,), its class ``target`` and ``weight``, so that all classes and in them all examples weigh the same.
    The first m of the features tell what a part is like; ``spread`` (q, m) is how windows differ from their part's
    mean, and ``of`` (q,) whose they are. ``method`` is what an SVM on them is called."""

    features: npt.NDArray[np.float32]
    owner: Numbers
    target: Numbers
    weight: Floats
    spread: npt.NDArray[np.float32]
    of: Numbers
    method: Method

    def like(self, inside: Mask) -> Likeness:
        """What each class is like by the rows ``inside`` (p,)."""
        spread = self.spread[inside[self.of]]
        return likenesses(self.means(inside), self.target[inside], self.weight[inside], spread)

    def typical(self, inside: Mask) -> npt.NDArray[np.float32]:
        """What is typical (k, m) of each class by the rows ``inside`` (p,)."""
        return typical(self.means(inside), self.target[inside], self.weight[inside])

    def linear(self, inside: Mask) -> tuple[Floats, Floats]:
        """The SVMs of the rows ``inside`` (p,): ``coef`` (k, f) and ``intercept`` (k,)."""
        return linear(self.features[inside], self.target[inside], self.weight[inside], STRENGTHS[self.method])

    def means(self, rows: Mask) -> npt.NDArray[np.float32]:
        """What the parts ``rows`` (p,) are like (n, m)."""
        return self.features[rows, : self.spread.shape[1]]

    def tried(self, folds: list[Numbers], progress: Progress) -> list[Trial]:
        """Each way, with what it says of rows that are left out fold by fold, one time after the other."""
        shape = (len(folds), len(self.target), int(self.target.max()) + 1)
        near, like, straight = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        for turn, dealt_to in enumerate(folds):
            fold_of = dealt_to[self.owner]
            for fold in range(int(fold_of.max()) + 1):
                progress((turn + fold / (fold_of.max() + 1)) / len(folds), "doing.teaching")
                inside, outside = fold_of != fold, fold_of == fold
                near[turn, outside] = cosines(self.means(outside), self.typical(inside))
                like[turn, outside] = self.like(inside).near(self.means(outside))
                coef, intercept = self.linear(inside)
                straight[turn, outside] = self.features[outside] @ coef.T + intercept
        leaning = Trial(self.method, self, straight + LEAN * like, near)
        return [leaning, Trial("lda", self, like, near)] if self.method == "svm" else [leaning]

    def each(self, values: Floats, owner: Numbers) -> Floats:
        """The mean over each example's rows, in the order of the examples."""
        places = np.unique(owner, return_inverse=True)[1]
        sums = np.zeros((int(places.max()) + 1, values.shape[1]))
        np.add.at(sums, places, values)
        return np.asarray(sums / np.bincount(places)[:, None])


class Trial:
    """A way to learn and what it said of left-out rows: decisions and cosines (t, p, k), time after time."""

    def __init__(self, method: Method, rows: Rows, decisions: Floats, near: Floats) -> None:
        self.method, self.rows = method, rows
        times = len(decisions)
        self.target = np.tile(rows.target, times)
        self.decisions, self.near = decisions.reshape(-1, decisions.shape[-1]), near.reshape(-1, near.shape[-1])
        self.temperature = temperature(self.decisions, self.target)
        shares = softmax(decisions / self.temperature, axis=2).mean(axis=0)
        self.chances = rows.each(shares, rows.owner)
        target = rows.target[np.unique(rows.owner, return_index=True)[1]]
        self.right = self.chances.argmax(axis=1) == target
        self.accuracy = float(np.mean(self.right))

    def beats(self, other: Trial) -> bool:
        """Whether it is right where the other is wrong so much more often than the other way round that it is no
        chance: by more than a standard deviation (McNemar 1947)."""
        won, lost = np.sum(self.right & ~other.right), np.sum(other.right & ~self.right)
        return bool(won - lost > np.sqrt(won + lost))

    def head(self, classes: tuple[str, ...]) -> Classifier:
        """Taught on all rows, calibrated on what was said of them when they were left out."""
        rows, every = self.rows, np.ones(len(self.rows.target), bool)
        like = rows.like(every)
        coef, intercept = np.zeros((len(classes), rows.features.shape[1])), np.zeros(len(classes))
        if self.method != "lda":
            coef, intercept = rows.linear(every)
        return Classifier(
            classes=classes,
            coef=coef.astype(np.float32),
            intercept=intercept.astype(np.float32),
            lean=np.array([1.0 if self.method == "lda" else LEAN], np.float32),
            temperature=np.array([self.temperature], np.float32),
            middle=like.middle,
            axes=like.axes,
            gains=like.gains,
            centres=like.centres,
            typical=rows.typical(every),
            known=known_curve(self.near, self.decisions, self.target, self.temperature),
        )


def embedded(examples: Sequence[Example]) -> Rows:
    """Rows of the embedding of the sound network or the frame network."""
    if examples[0].picture is not None:
        seen = np.stack([roots(np.asarray(each.picture)) for each in examples])
        return rows_of(examples, seen, np.arange(len(seen)), [seen[:0]] * len(seen), "svm")
    parts = [(number, part) for number, each in enumerate(examples) for part in heard(each)]
    seen = np.stack([features(part.embedding, part.sounding) for _, part in parts])
    half, most = seen.shape[1] // 2, max(MOST_SPREAD // len(parts), 1)
    spread = []
    for (_, each), row in zip(parts, seen, strict=True):
        windows = roots(each.embedding[each.sounding] if each.sounding.any() else each.embedding)
        picked = np.unique(np.linspace(0, len(windows) - 1, min(most, len(windows))).round().astype(int))
        spread.append(windows[picked] - row[:half])
    return rows_of(examples, seen, np.array([number for number, _ in parts]), spread, "svm")


def worded(examples: Sequence[Example]) -> Rows:
    """Rows of small pictures of the spectrum."""
    parts = [(number, part) for number, each in enumerate(examples) for part in heard(each)]
    seen = np.stack([words.picture(part) for _, part in parts])
    return rows_of(examples, seen, np.array([number for number, _ in parts]), [seen[:0]] * len(seen), "words")


def heard(example: Example) -> tuple[Excerpt, ...]:
    """The parts in which something sounds; all when nothing does."""
    return tuple(each for each in example.parts if each.sounding.any()) or example.parts


def rows_of(
    examples: Sequence[Example], seen: np.ndarray, owner: Numbers, spread: list[np.ndarray], method: Method
) -> Rows:
    """Rows with what they weigh: 1 on average."""
    target = np.array([each.target for each in examples])
    parts, members = np.bincount(owner), np.bincount(target)
    weight = 1 / (parts[owner] * members[target[owner]])
    return Rows(
        features=seen,
        owner=owner,
        target=target[owner],
        weight=weight * len(weight) / weight.sum(),
        spread=np.concatenate(spread),
        of=np.repeat(np.arange(len(spread)), [len(each) for each in spread]),
        method=method,
    )
