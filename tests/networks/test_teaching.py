"""Quick teaching: what cross-validates better wins, sources are never on both sides, the same comes from one seed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from avai.networks import registry
from avai.networks.excerpt import Excerpt, excerpt
from avai.networks.folds import dealt, single
from avai.networks.sounding import levels_db
from avai.networks.taught import dumps, loads
from avai.networks.teaching import Example, quick
from training import real


def heard(samples: np.ndarray) -> Excerpt:
    return excerpt(registry.sound().hear([samples]), levels_db(samples), 0.0, len(samples) / 16_000)


def made(target: int, group: int, rng: np.random.Generator, like: Iterable[int] = ()) -> Example:
    """A clip whose embedding is strong where its class is."""
    embedding = rng.gamma(0.3, 0.2, (8, 1024)).astype(np.float32)
    for index in like or (target,):
        embedding[:, 40 * index : 40 * index + 40] += 1
    frames = rng.normal(-4, 1, (500, 64)).astype(np.float16)
    return Example(target, group, (Excerpt(embedding, np.ones(8, bool), frames, np.full(500, -20.0)),))


def test_few_clips_give_a_model_and_an_honest_figure() -> None:
    rng = np.random.default_rng(0)
    examples = [made(number % 3, number, rng) for number in range(12)]
    lesson = quick(examples, ("a", "b", "c"))
    assert set(lesson.tried) == {"svm", "lda"}
    assert lesson.chances.shape == (12, 3)
    np.testing.assert_allclose(lesson.chances.sum(axis=1), 1)
    assert (
        lesson.tried[lesson.model.method] == np.mean(lesson.chances.argmax(axis=1) == [n % 3 for n in range(12)]) == 1
    )
    fresh = made(1, 99, rng).parts[0]
    assert lesson.model.judge(fresh)[0][0] == "b"
    assert loads(dumps(lesson.model)).judge(fresh) == lesson.model.judge(fresh)
    assert dumps(quick(examples, ("a", "b", "c")).model) == dumps(lesson.model)


def test_labels_that_say_nothing_are_right_by_chance_only() -> None:
    """A clip of another source is needed to be right: copies of one do not help each other."""
    rng = np.random.default_rng(1)
    originals = [made(0, 0, rng, like=(5,)) for _ in range(12)]
    examples = [Example(number % 2, number, each.parts) for number, each in enumerate(originals) for _ in range(3)]
    assert quick(examples, ("a", "b")).tried["svm"] < 0.8


def test_many_beside_few_and_long_beside_short() -> None:
    rng = np.random.default_rng(2)
    examples = [made(0, number, rng) for number in range(30)] + [made(1, 100 + number, rng) for number in range(3)]
    long = Example(1, 200, tuple(part for number in range(5) for part in made(1, 200, rng).parts))
    lesson = quick([*examples, long], ("a", "b"))
    assert lesson.chances[30:].argmax(axis=1).tolist() == [1] * 4
    assert lesson.other is None


def test_one_clip_of_a_class_is_too_few() -> None:
    rng = np.random.default_rng(3)
    with pytest.raises(ValueError, match="two examples"):
        quick([made(0, 0, rng), made(0, 1, rng), made(1, 2, rng)], ("a", "b"))


def test_groups_stay_together_and_no_fold_takes_a_class_with_it() -> None:
    rng = np.random.default_rng(4)
    for seed in range(20):
        target, group = rng.integers(0, 4, 80), rng.integers(0, 12, 80)
        folds = dealt(target, group, seed)
        assert all(len(set(folds[group == each])) == 1 for each in group)
        assert all(set(target[folds != each]) == {0, 1, 2, 3} for each in folds)
    target, group = np.repeat([0, 1], 6), np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3])
    assert single(target, group) == [0]
    folds = dealt(target, group, 0)
    assert len(set(folds[:6])) > 1
    assert folds[6] == folds[7]
    assert len(np.unique(dealt(np.repeat([0, 1], 4), np.zeros(8, int), 0))) > 1


def test_words_are_known_by_their_spectrum(shared: Path) -> None:
    """Digits of two speakers: the embedding hardly knows them."""
    folder = shared / "data" / "digits"
    examples = []
    for target, digit in enumerate((1, 3, 6, 9)):
        for number, take in enumerate(range(8)):
            for speaker in ("george", "jackson"):
                samples = real.sound(folder / f"{digit}_{speaker}_{take}.flac")
                examples.append(Example(target, len(examples) + number, (heard(samples),)))
    lesson = quick(examples, ("one", "three", "six", "nine"))
    assert lesson.model.method == "words"
    assert lesson.tried["words"] > max(lesson.tried["svm"], lesson.tried["lda"])
    assert lesson.tried["words"] >= 0.9
    again = loads(dumps(lesson.model))
    assert again.judge(examples[0].parts[0]) == lesson.model.judge(examples[0].parts[0])


def test_pictures_of_three_films_are_told_apart(shared: Path) -> None:
    films = ("film_sintel_trailer.mp4", "film_big_buck_bunny_30s.mp4", "traffic_cars_from_above.mp4")
    examples = []
    for target, film in enumerate(films):
        images = real.pictures(shared / "media" / film, size=(320, 180), every=24)[8:20]
        look = registry.frame().look(images)
        examples += [Example(target, len(examples) + n // 3, picture=each) for n, each in enumerate(look.embedding)]
    lesson = quick(examples, films)
    assert lesson.model.kind == "picture"
    assert lesson.tried[lesson.model.method] >= 0.8
    assert loads(dumps(lesson.model)).judge_picture(examples[0].picture)[0][0] == films[0]
