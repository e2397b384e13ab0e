"""Teaches a network of one's own in minutes: cross-validated, each fold stopped early on clips that it does not see.

A fold leaves out a share of the sources; of the rest a part is watched, to know when to end. The network that is kept
is then taught on everything, for as many epochs as ``enough_epochs`` takes from the folds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

import numpy as np
from scipy.special import log_softmax
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from avai.contracts import AUGMENTATIONS, Augmentation, Method, Point
from avai.errors import Enough
from avai.networks.classifier import Classifier, cosines
from avai.networks.heads import known_curve, likenesses, temperature, typical
from avai.networks.learner import EPOCHS, Fitted, Floats, Learner, Numbers, Sounds
from avai.networks.taught import Taught
from avai.networks.teaching import Example, Lesson
from avai.networks.view import View, pictures, sounding, view_for
from avai.progress import Progress, quiet

FOLDS, WATCHED = 4, 5
"""Folds of the cross-validation, and which share of the rest, a fifth, is watched."""


def thorough(
    examples: Sequence[Example],
    classes: tuple[str, ...],
    *,
    start: str = "scratch",
    augment: Collection[Augmentation] = AUGMENTATIONS,
    seed: int = 0,
    progress: Progress = quiet,
    told: Callable[[Point], None] = lambda point: None,
) -> Lesson:
    """A network taught on sounds. ``told`` hears of each epoch of the folds.

    ``Enough`` from ``progress`` ends it with the best so far: rows of ``chances`` that were not left out by then are
    NaN. It is raised again when there is nothing yet.
    """
    lessons = Lessons(examples, classes, start, augment, seed, progress, told)
    fold_of = folds(lessons.sounds.target, lessons.groups, FOLDS, seed)
    decisions = np.full((len(examples), len(classes)), np.nan)
    near = decisions.copy()
    fits: list[Fitted] = []
    runs = int(fold_of.max()) + 2
    for fold in range(runs - 1):
        inside, outside = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        fitted = lessons.watched(inside, fold, fold / runs, (fold + 1) / runs)
        if fitted is None:
            break
        fits.append(fitted)
        found = lessons.judged(outside)
        decisions[outside] = found @ fitted.coef.T + fitted.intercept
        near[outside] = cosines(found, typical(lessons.seen(inside), lessons.sounds.target[inside]))
        if lessons.enough:
            break
    if not fits:
        raise Enough
    last = None if lessons.enough else lessons.whole(fits, runs - 1, (runs - 1) / runs)
    if last is None:
        last = min(fits, key=lambda each: each.loss)
    model = lessons.model(last, decisions, near)
    asked = ~np.isnan(decisions[:, 0])
    chances = np.exp(log_softmax(decisions / model.head.temperature[0], axis=1))
    right = decisions[asked].argmax(axis=1) == lessons.sounds.target[asked]
    return Lesson(model, chances, {model.method: float(np.mean(right))}, None)


class Lessons:
    """Sounds, and the network that is taught on them."""

    def __init__(
        self,
        examples: Sequence[Example],
        classes: tuple[str, ...],
        start: str = "scratch",
        augment: Collection[Augmentation] = AUGMENTATIONS,
        seed: int = 0,
        progress: Progress = quiet,
        told: Callable[[Point], None] = lambda point: None,
    ) -> None:
        self.examples, self.classes, self.seed = examples, classes, seed
        self.groups = np.array([each.group for each in examples])
        parts = [[sounding(part) for part in each.parts] for each in examples]
        self.view = view_for([part for each in parts for part in each], start, "pitch" in augment)
        self._progress, self._told, self._done = progress, told, 0.0
        self.enough = False
        plain = View(self.view.start, self.view.length, self.view.window, self.view.longest)
        target = np.array([each.target for each in examples])
        self.sounds = Sounds(parts, [self._pictures(each, plain) for each in examples], target, len(classes))
        self.learner = Learner(self.view, len(classes), augment, seed)

    def watched(self, inside: Numbers, number: int, begin: float, end: float) -> Fitted | None:
        """Learn from clips, a part of which is watched."""
        part = folds(self.sounds.target[inside], self.groups[inside], WATCHED, self.seed + number) == 0
        return self._fit(inside[~part], inside[part], number, begin, end, EPOCHS[self.view.start])

    def whole(self, fits: Sequence[Fitted], number: int, begin: float) -> Fitted | None:
        """Learn from all clips, for as long as was good in those that were watched; None when it was not to be
        finished."""
        epochs = enough_epochs([each.epochs for each in fits], EPOCHS[self.view.start])
        return self._fit(np.arange(len(self.examples)), np.zeros(0, int), number, begin, 1.0, epochs)

    def judged(self, numbers: Numbers) -> Floats:
        """Features (n, f) of clips as they are judged in use."""
        shown = []
        for number in numbers:
            self._report()
            shown.append([pictures(part, self.view) for part in self.examples[number].parts])
        found = self.learner.clips([each for one in shown for each in one], self._report)
        edges = np.cumsum([0, *(len(one) for one in shown)])
        return np.stack([found[a:b].mean(axis=0) for a, b in pairwise(edges)])

    def seen(self, numbers: Numbers) -> Floats:
        """Features (n, f) of clips that were learnt from."""
        return self.learner.clips([self.sounds.plain[number] for number in numbers.tolist()], self._report)

    def model(self, fitted: Fitted, decisions: np.ndarray, near: np.ndarray) -> Taught:
        """The model of what was learnt, calibrated on clips that were left out."""
        self.learner.take(fitted)
        asked = ~np.isnan(decisions[:, 0])
        target = self.sounds.target[asked]
        warmth = temperature(decisions[asked], target)
        seen = self.seen(np.arange(len(self.examples)))
        like = likenesses(seen, self.sounds.target, most=0)
        head = Classifier(
            classes=self.classes,
            coef=fitted.coef,
            intercept=fitted.intercept,
            lean=np.zeros(1, np.float32),
            temperature=np.array([warmth], np.float32),
            middle=like.middle,
            axes=like.axes,
            gains=like.gains,
            centres=like.centres,
            typical=typical(seen, self.sounds.target),
            known=known_curve(near[asked], decisions[asked], target, warmth),
        )
        method: Method = "network" if self.view.start == "scratch" else "tuned"
        settings = {"view": self.view.about, "epochs": fitted.epochs}
        # What a file keeps of a tuned network is in half precision: it is that from the beginning.
        kind = np.float32 if method == "network" else np.float16
        network = {name: array.astype(kind).astype(np.float32) for name, array in fitted.arrays.items()}
        return Taught("sound", method, head, settings=settings, network=network)

    def _fit(
        self, inside: Numbers, watched: Numbers, number: int, begin: float, end: float, epochs: int
    ) -> Fitted | None:
        def report(done: float) -> bool:
            self._done = begin + (end - begin) * done
            self._report()
            return not self.enough

        return self.learner.fit(self.sounds, inside, watched, number, report, self._told, epochs)

    def _report(self) -> None:
        try:
            self._progress(self._done, "doing.training")
        except Enough:
            self.enough = True

    def _pictures(self, example: Example, plain: View) -> Floats:
        self._report()
        return np.concatenate([pictures(part, plain) for part in example.parts])


def enough_epochs(best: Sequence[int], most: int) -> int:
    """For how many epochs, of ``most``, to learn from everything: the median of those that were ``best``, or all when
    that is in the second half: the loss is flat there, which epoch is the best is chance, and the rate has yet to fall.
    """
    middle = round(float(np.median(best)))
    return middle if middle < most / 2 else most


def folds(target: Numbers, groups: Numbers, count: int, seed: int) -> Numbers:
    """The fold of each clip (n,), at most ``count`` of them: classes spread evenly, a group in one fold only, unless a
    class has but one group, whose clips must be parted."""
    sources = [len(np.unique(groups[target == each])) for each in np.unique(target)]
    clips = np.bincount(target)
    grouped = min(sources) >= 2
    count = max(min(count, min(sources) if grouped else int(clips[clips > 0].min())), 2)
    if grouped:
        splits = StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(target, target, groups)
    elif clips[clips > 0].min() >= 2:
        splits = StratifiedKFold(count, shuffle=True, random_state=seed).split(target, target)
    else:
        return np.random.default_rng(seed).permutation(len(target)) % count
    fold = np.zeros(len(target), int)
    for number, (_, outside) in enumerate(splits):
        fold[outside] = number
    return fold
