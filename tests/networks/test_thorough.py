"""A network of one's own: the same from the same seed, ended early well, the same answers from its file."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avai.contracts import Point
from avai.errors import Cancelled, Enough
from avai.networks import learner, taught, thorough, view
from avai.networks.excerpt import Excerpt
from avai.networks.teaching import Example, Lesson
from avai.progress import Progress

CLASSES = ("falling", "rising")


def sweep(target: int, seed: int, length: int = 40) -> Excerpt:
    """A tone that rises or falls, with noise, as its log-mel spectrum."""
    rng = np.random.default_rng(seed)
    band = np.linspace(10, 50, length)[:: 1 if target else -1, None] + rng.normal(0, 3)
    frames = np.logaddexp(-((np.arange(64) - band) ** 2) / 8, rng.normal(-4, 0.3, (length, 64)))
    silence = np.full((10, 64), -6.9)
    frames = np.concatenate([silence, frames, silence]).astype(np.float16)
    embedding = np.zeros((1, 1024), np.float32)
    return Excerpt(embedding, np.ones(1, bool), frames, np.full(len(frames), -20.0))


def examples(uneven: bool = False) -> list[Example]:
    return [
        Example(number % 2, number, (sweep(number % 2, number),)) for number in range(24) if number < 8 or not uneven
    ]


BUILT: dict[tuple[object, ...], learner.Learner] = {}


def built(*asked: Any) -> learner.Learner:
    """Each learner once: what is taught again begins afresh."""
    if asked not in BUILT:
        BUILT[asked] = learner.Learner(*asked)
    return BUILT[asked]


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thorough, "Learner", built)
    monkeypatch.setattr(learner, "EPOCHS", {"scratch": 3, "pretrained": 1})
    monkeypatch.setattr(thorough, "EPOCHS", {"scratch": 3, "pretrained": 1})
    monkeypatch.setattr(learner, "LEAST_STEPS", 4)
    monkeypatch.setattr(thorough, "FOLDS", 2)


def teach(**more: Any) -> tuple[Lesson, list[Point]]:
    points: list[Point] = []
    return thorough.thorough(examples(), CLASSES, seed=1, told=points.append, **more), points


def test_a_network_is_the_same_from_the_same_seed_here_and_in_another_process() -> None:
    lesson, points = teach()
    assert [point.epoch for point in points] == [1, 2, 3, 1, 2, 3]
    assert lesson.chances.sum(axis=1) == pytest.approx(np.ones(24))
    assert lesson.model.method == "network"
    script = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]); import test_thorough as t\n"
        "for module, name, value in ((t.learner, 'LEAST_STEPS', 4), (t.thorough, 'FOLDS', 2),"
        " (t.learner, 'EPOCHS', {'scratch': 3}), (t.thorough, 'EPOCHS', {'scratch': 3})):\n"
        "    setattr(module, name, value)\n"
        "print(hashlib.sha256(t.taught.dumps(t.teach()[0].model)).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent)], capture_output=True, text=True, check=True
    )
    data = taught.dumps(lesson.model)
    assert run.stdout.split()[-1] == hashlib.sha256(data).hexdigest()

    read = taught.loads(data)
    assert read.judge(sweep(1, 99)) == lesson.model.judge(sweep(1, 99))
    assert taught.dumps(read) == data
    spoilt = {**lesson.model.network, "conv1.kernel": np.zeros((5, 5, 1, 23), np.float32)}
    lacking = {name: array for name, array in lesson.model.network.items() if name != "norm3.beta"}
    endless = {**lesson.model.network, "norm1.gamma": np.full(24, np.nan, np.float32)}
    for network in (spoilt, lacking, endless):
        with pytest.raises(ValueError, match="network's arrays"):
            taught.loads(taught.dumps(replace(lesson.model, network=network)))
    odd = {**lesson.model.settings, "view": {**view.view_of(lesson.model.settings["view"]).about, "length": 10**9}}
    with pytest.raises(ValueError, match="view"):
        taught.loads(taught.dumps(replace(lesson.model, settings=odd)))


def test_what_was_best_late_is_learnt_to_the_end_and_what_was_best_early_is_not() -> None:
    assert thorough.enough_epochs([3, 7, 30], 40) == 7
    assert thorough.enough_epochs([19], 40) == 19
    assert thorough.enough_epochs([3, 21, 30], 40) == 40


def ending(at: float, error: type[Cancelled]) -> Progress:
    """Raises once, when so much is done."""
    reached = False

    def progress(done: float, what: str) -> None:
        nonlocal reached
        if done >= at and not reached:
            reached = True
            raise error

    return progress


def test_ended_early_it_keeps_the_best_so_far_or_says_that_there_is_nothing() -> None:
    with pytest.raises(Enough):
        teach(progress=ending(0.01, Enough))
    lesson, points = teach(progress=ending(0.2, Enough))
    assert [point.epoch for point in points] == [1, 2]
    left_out = ~np.isnan(lesson.chances[:, 0])
    assert 0 < left_out.sum() < 24
    assert lesson.model.judge(sweep(0, 7))[0][1] > 0
    with pytest.raises(Cancelled):
        teach(progress=ending(0.2, Cancelled))


def test_ours_tuned_keeps_only_what_was_learnt_and_answers_the_same_from_its_file() -> None:
    lesson, _ = teach(start="pretrained", progress=ending(0.3, Enough))
    assert lesson.model.method == "tuned"
    data = taught.dumps(lesson.model)
    assert len(data) < 4_000_000
    assert taught.loads(data).judge(sweep(1, 99)) == lesson.model.judge(sweep(1, 99))


def test_classes_count_the_same_and_sources_stay_on_one_side() -> None:
    target = np.array([0] * 30 + [1] * 10)
    assert (learner.class_weights(target, 2)[target] * 1.0).sum() == pytest.approx(40)
    assert learner.class_weights(target, 2).tolist() == pytest.approx([40 / 60, 2.0])
    groups = np.arange(40) // 3
    fold = thorough.folds(target, groups, 4, 0)
    assert all(len(set(fold[groups == group])) == 1 for group in set(groups))
    assert all(len(set(fold[target == each])) == 4 for each in (0, 1))
    assert len(set(thorough.folds(target, np.zeros(40, int), 4, 0))) == 4
    assert set(thorough.folds(np.array([0, 0, 1]), np.array([0, 1, 2]), 4, 0)) == {0, 1}


def test_it_ends_when_what_is_watched_gets_no_better(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner, "PATIENCE", 1)
    lessons = thorough.Lessons(examples(), CLASSES, seed=1)
    losses = iter([1.0, 2.0, 0.5])
    monkeypatch.setattr(lessons.learner, "_watched", lambda sounds, watched: (next(losses), 0.5))
    fitted = lessons.watched(np.arange(24), 0, 0.0, 1.0)
    assert fitted
    assert (fitted.epochs, fitted.loss) == (1, 1.0)


def test_words_are_shown_whole_and_long_sounds_in_windows() -> None:
    word, long = sweep(1, 0), sweep(1, 0, 500)
    shown = view.sounding(word)
    assert 38 <= len(shown) <= 44
    for frames, start, length, windows in (
        (word, "scratch", 48, 3),
        (long, "scratch", 96, 15),
        (word, "pretrained", 96, 1),
    ):
        seen = view.view_for([view.sounding(frames)], start, pitch=True)
        assert view.pictures(frames, seen).shape == (windows, length, 64)
        assert view.view_of(seen.about) == seen
