"""Teaching: the figure and its bounds, what went wrong, advice, and the same model from the same contents."""

from __future__ import annotations

import json
import shutil
import sys
import types
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from avai import words
from avai.config import settings
from avai.contracts import MaterialRequest, Point, Training, TrainRequest
from avai.errors import Enough, RequestError
from avai.networks import taught, teaching
from avai.services import seconds_of
from avai.services.advice import advice
from avai.services.figures import figures_of, wilson
from avai.services.train import train

RATE = 16_000


def sound(kind: str, number: int) -> np.ndarray:
    """A second of a bell, a hiss or knocks, each number a little different."""
    rng = np.random.default_rng([len(kind), number])
    time = np.arange(RATE) / RATE
    if kind == "hiss":
        return 0.2 * rng.standard_normal(RATE) * np.linspace(0.5, 1, RATE)
    if kind == "knock":
        envelope = np.exp(-60 * (time % 0.25))
        return 0.5 * envelope * rng.standard_normal(RATE) + 0.001 * rng.standard_normal(RATE)
    pitch = 700 + 40 * number
    bell = sum(np.sin(2 * np.pi * pitch * ratio * time) for ratio in (1, 2.76, 5.4))
    return 0.2 * np.exp(-3 * time) * bell + 0.001 * rng.standard_normal(RATE)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three classes with four clips of a second each."""
    folder = tmp_path_factory.mktemp("given") / "sounds"
    for kind in ("bell", "hiss", "knock"):
        (folder / kind).mkdir(parents=True)
        for number in range(4):
            soundfile.write(folder / kind / f"{number}.wav", sound(kind, number), RATE)
    return folder


def taught_in(out: Path, *material: Path, **more: Any) -> Training:
    out.mkdir()
    progress = more.pop("progress", None)
    request = TrainRequest(material=material, **more)
    return train(request, out) if progress is None else train(request, out, progress)


@pytest.fixture(scope="module")
def plain(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Training, Path]:
    out = tmp_path_factory.mktemp("taught") / "out"
    return taught_in(out, sounds), out


def test_three_sounds_are_taught_and_told_apart(plain: tuple[Training, Path]) -> None:
    result, out = plain
    assert result.classes == ("bell", "hiss", "knock")
    assert result.accuracy >= 0.9
    assert result.low < result.accuracy <= result.high
    assert [sum(row) for row in result.confusion] == [4, 4, 4]
    assert result.accuracy == sum(result.confusion[each][each] for each in range(3)) / 12
    assert max(each.accuracy for each in result.tried) == result.accuracy
    assert sorted(result.files) == sorted(path.name for path in out.iterdir())
    assert json.loads((out / "training.json").read_text()).keys() >= {"accuracy", "classes", "confusion"}

    model = taught.loads((out / "model.avai").read_bytes())
    assert model.classes == result.classes
    assert model.figures["accuracy"] == round(result.accuracy, 4)
    assert model.settings["clips"] == {"bell": 4, "hiss": 4, "knock": 4}
    assert (model.settings["seed"], model.settings["silent"], model.settings["seconds"]) == (0, [], 1.0)
    assert model.made == result.made


def test_the_same_contents_give_the_same_model_whatever_their_paths(
    plain: tuple[Training, Path], sounds: Path, tmp_path: Path
) -> None:
    loose, labels = [], []
    for number, path in enumerate(sorted(sounds.rglob("*.wav"), key=lambda path: path.name)):
        copy = tmp_path / f"upload {97 - number}" / "recording.wav"
        copy.parent.mkdir()
        copy.write_bytes(path.read_bytes())
        loose.append(copy)
        labels.append(path.parent.name)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in sorted(sounds.rglob("*.wav"), reverse=True):
            archive.write(path, f"deep/{path.parent.name}/{path.name}")
    taught_in(tmp_path / "loose", *loose, labels=tuple(labels))
    taught_in(tmp_path / "zip", tmp_path / "all.zip")
    folder = (plain[1] / "model.avai").read_bytes()
    assert (tmp_path / "loose" / "model.avai").read_bytes() == folder
    assert (tmp_path / "zip" / "model.avai").read_bytes() == folder
    assert not [path for path in (tmp_path / "zip").rglob("*") if path.is_dir()], "nothing unpacked is left"


def test_a_clip_in_the_wrong_class_stands_among_the_mistakes_and_can_be_heard(sounds: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd one.wav"
    soundfile.write(odd, np.concatenate([sound("hiss", each) for each in range(20, 28)]), RATE)
    result = taught_in(tmp_path / "out", sounds, odd, labels=("", "bell"))
    worst = next(each for each in result.mistakes if "odd one" in each.name)
    assert (worst.label, worst.taken_for) == ("bell", "hiss")
    info = soundfile.info(tmp_path / "out" / worst.file)
    assert info.subtype == "PCM_16"
    assert info.duration == pytest.approx(6.0)
    assert [each.confidence for each in result.mistakes] == sorted(
        (e.confidence for e in result.mistakes), reverse=True
    )
    assert result.confusion[0][1] >= 1


def test_too_little_to_learn_from_is_one_sentence(sounds: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        taught_in(tmp_path / "one", sounds / "bell")
    assert refused.value.sentence("zh") != refused.value.sentence("en")
    soundfile.write(tmp_path / "one.wav", sound("hiss", 40), RATE)
    with pytest.raises(RequestError, match="Lonely"):
        taught_in(tmp_path / "single", sounds, tmp_path / "one.wav", labels=("", "lonely"))


def test_real_sounds_are_told_apart(shared: Path, tmp_path: Path) -> None:
    table = (shared / "data" / "esc10" / "metadata.csv").read_text(encoding="utf-8").splitlines()
    given = tmp_path / "given"
    for line in table[1:]:
        file, _, label = line.split(",")[:3]
        folder = given / label
        if label in ("dog", "rain", "rooster", "chainsaw"):
            folder.mkdir(parents=True, exist_ok=True)
            if len(list(folder.iterdir())) < 5:
                shutil.copy(shared / "data" / "esc10" / file, folder)
    result = taught_in(tmp_path / "out", given)
    assert result.accuracy >= 0.8
    assert sum(each.clips for each in result.material) == 20


def test_the_time_limit_of_teaching_follows_what_is_asked() -> None:
    folder = (Path("nowhere"),)
    asked = (MaterialRequest(material=folder), TrainRequest(material=folder))
    look, quick, long = (list(seconds_of(each)) for each in (*asked, asked[1].model_copy(update={"thorough": True})))
    assert len(look) == len(quick) == len(long) == 1
    assert look < quick < long
    assert long[0] * settings().seconds_per_second > 2 * 3600


# ---- the network ----------------------------------------------------------------------------------------------------


def network(right: float, judged: float = 1.0, points: int = 2, ends: bool = False) -> Callable[..., teaching.Lesson]:
    """What stands for a training: it is right on a share of the clips, and was asked about a share of them."""

    def thorough(examples: Any, classes: Any, *, start: Any, augment: Any, seed: int, progress: Any, told: Any) -> Any:
        lesson = teaching.quick(examples, classes, seed)
        for number in range(points):
            told(Point(epoch=number + 1, loss=1, accuracy=0.5, held_out_loss=1, held_out_accuracy=0.5))
            progress(number / points, "doing.teaching")
        target = np.array([each.target for each in examples])
        taken = np.where(np.arange(len(target)) < right * len(target), target, (target + 1) % len(classes))
        chances = np.eye(len(classes))[taken]
        chances[round(judged * len(target)) :] = np.nan
        model = replace(lesson.model, settings={"crop": 2.0})
        return replace(lesson, model=model, chances=chances, tried={"network": right})

    return thorough


@pytest.fixture
def with_network(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def put(**how: Any) -> None:
        module = types.SimpleNamespace(thorough=network(**how))
        monkeypatch.setitem(sys.modules, "avai.networks.thorough", module)

    return put


@pytest.fixture(scope="module")
def mixed(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with two clips that are in the wrong class: no quick way can know them."""
    folder = tmp_path_factory.mktemp("mixed")
    for kind, wrong in (("bell", "hiss"), ("hiss", "bell")):
        (folder / kind).mkdir()
        for number in range(4):
            soundfile.write(folder / kind / f"{number}.wav", sound(wrong if number == 3 else kind, number + 9), RATE)
    return folder


def codes(result: Training) -> list[str]:
    return [each.code for each in (*result.warnings, *result.advice)]


def test_the_better_of_quick_and_thorough_is_kept_and_it_is_said(
    mixed: Path, tmp_path: Path, with_network: Callable[..., None]
) -> None:
    with_network(right=1.0)
    better = taught_in(tmp_path / "better", mixed, thorough=True)
    assert better.advice[0].code == "train_note.network_kept"
    assert "100 %" in better.advice[0].text
    assert (better.accuracy, better.tried[-1].method) == (1.0, "network")
    assert [point.epoch for point in better.curve] == [1, 2]
    assert json.loads((tmp_path / "better" / "curve.json").read_text())[1]["epoch"] == 2
    assert taught.loads((tmp_path / "better" / "model.avai").read_bytes()).settings["crop"] == 2.0
    with_network(right=0.25)
    worse = taught_in(tmp_path / "worse", mixed, thorough=True)
    assert worse.advice[0].code == "train_note.quick_kept"
    assert worse.accuracy == max(each.accuracy for each in worse.tried)


def test_only_what_was_left_out_counts_when_it_was_ended_early(
    mixed: Path, tmp_path: Path, with_network: Callable[..., None]
) -> None:
    with_network(right=1.0, judged=0.5)
    result = taught_in(tmp_path / "out", mixed, thorough=True)
    said = {note.code: note for note in result.warnings}
    if "train_note.network_kept" in codes(result):
        assert said["train_note.judged_part"].values == {"judged": 4, "all": 8}
        assert sum(map(sum, result.confusion)) == 4
    with_network(right=1.0, judged=0.0)
    none = taught_in(tmp_path / "none", mixed, thorough=True)
    assert "train_note.no_network" in codes(none)
    assert sum(map(sum, none.confusion)) == 8


@pytest.mark.parametrize("at", ["doing.gathering", "doing.listening", "doing.teaching"])
def test_enough_keeps_what_there_is(mixed: Path, tmp_path: Path, with_network: Callable[..., None], at: str) -> None:
    """Wherever it comes, there is a model at the end: that of the quick way while no network has learnt anything."""
    with_network(right=1.0)
    asked = []

    def progress(done: float, what: str) -> None:
        if what == at and not asked and (at != "doing.teaching" or done > 0.3):
            asked.append(done)
            raise Enough

    result = taught_in(tmp_path / "out", mixed, thorough=True, progress=progress)
    assert asked
    assert "train_note.no_network" in codes(result)
    assert (tmp_path / "out" / "model.avai").exists()


def test_pictures_are_learnt_the_quick_way(photographs: list[np.ndarray], tmp_path: Path) -> None:
    from avai import media

    for kind, first in (("wild", 0), ("built", 2)):
        (tmp_path / kind).mkdir()
        for number in range(6):
            image = np.roll(photographs[first + number % 2], 30 * number, axis=1)
            media.write_jpeg(tmp_path / kind / f"{number}.jpg", np.ascontiguousarray(image))
    result = taught_in(tmp_path / "out", tmp_path / "wild", tmp_path / "built", thorough=True)
    assert result.kind == "picture"
    assert "train_note.pictures_quick" in codes(result)
    assert result.accuracy >= 0.9
    assert all(each.file.endswith(".jpg") for each in result.mistakes)


# ---- figures and advice ---------------------------------------------------------------------------------------------


def test_bounds_are_wilsons() -> None:
    assert wilson(0.8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(1.0, 20) == pytest.approx((0.8389, 1.0), abs=1e-4)
    assert wilson(0.0, 20)[0] == 0.0


def test_clips_of_one_source_count_once_in_the_bounds() -> None:
    chances, target = np.eye(2)[np.tile([0, 0, 0, 1], 10)], np.tile([0, 0, 0, 0], 10)
    alone = figures_of(chances, target, np.arange(40))
    shared = figures_of(chances, target, np.arange(40) // 10)
    assert alone.accuracy == shared.accuracy == 0.75
    assert shared.sources == 4
    assert shared.high - shared.low > 2 * (alone.high - alone.low)
    chances[:20] = np.nan
    half = figures_of(chances, target, np.arange(40))
    assert (half.judged, half.confusion.sum(), half.accuracy) == (20, 20, 0.75)


@pytest.mark.parametrize(
    ("confusion", "counts", "first", "has"),
    [
        ([[50, 0, 0], [0, 50, 0], [0, 0, 50]], [50, 50, 50], "good_sounds", set()),
        ([[5, 0, 0], [0, 2, 3], [0, 1, 4]], [5, 5, 5], "more_sounds", {"confused_sounds", "few_sounds"}),
        ([[30, 0, 0], [1, 3, 0], [0, 0, 30]], [30, 4, 30], "good_sounds", {"more_sounds", "uneven_sounds"}),
        ([[8, 6, 6], [6, 8, 6], [6, 6, 8]], [20, 20, 20], "more_sounds", {"confused_sounds", "try_thorough"}),
    ],
)
def test_advice_says_what_would_help_most(
    confusion: list[list[int]], counts: list[int], first: str, has: set[str]
) -> None:
    rows = [(true, taken) for true in range(3) for taken in range(3) for _ in range(confusion[true][taken])]
    target, taken = (np.array(each) for each in zip(*rows, strict=True))
    figures = figures_of(np.eye(3)[taken], target, np.arange(len(rows)))
    notes = advice(("dog", "kettle", "rain"), figures, counts, "sound", 0.95, thorough=False)
    names = [note.code.removeprefix("train_note.") for note in notes]
    assert names[0] == first
    assert has <= set(names)
    assert len(names) <= 4
    if "more_sounds" in names and first == "more_sounds" and 5 in counts:
        assert notes[0].text.startswith("3 more clips of “Kettle”")


def test_labels_are_said_by_their_names_in_both_languages() -> None:
    values = {"more": 3, "label": "dog", "right": 1, "count": 2}
    assert "“Dog”" in words.say("train_note.more_sounds", "en", **values)
    assert "“狗”" in words.say("train_note.more_sounds", "zh", **values)
    found = {"labels_liked": "dog, my_kettle", "labels_found": "other"}
    assert "Dog, My kettle; the model takes it for: None it knows." in words.say(
        "edit_note.nothing_like", "en", **found
    )
    assert "狗，My kettle" in words.say("edit_note.nothing_like", "zh", **found)
    pictures = {key.removesuffix("_pictures") for key in words.texts("en") if key.endswith("_pictures")}
    assert {"train_note.more", "train_note.good", "train_note.few"} <= pictures
