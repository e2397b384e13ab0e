"""Taught models: judged with numpy, stored as a zip of JSON and arrays, refused when anything is odd about them."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avai.networks import registry
from avai.networks.classifier import Classifier, features
from avai.networks.excerpt import excerpt
from avai.networks.sounding import levels_db, sounding_windows, threshold_db
from avai.networks.taught import dumps, loads
from training import real


def verdict(samples: np.ndarray) -> list[tuple[str, float]]:
    heard = registry.sound().hear([samples])
    return registry.classes("esc10").judge(excerpt(heard, levels_db(samples), 0.0, len(samples) / 16_000))


def test_knows_everyday_sounds(shared: Path) -> None:
    """Two clips of each class. The model has seen them: this checks the path, benchmarks/esc10.py how good it is."""
    folder = shared / "data" / "esc10"
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["fold"] == "5"]
    picked = [row for label in sorted({row["label"] for row in rows}) for row in rows if row["label"] == label][::4]
    hits = [verdict(real.sound(folder / row["file"]))[0][0] == row["label"] for row in picked]
    assert len(hits) == 20
    assert np.mean(hits) >= 0.95


def test_music_is_none_of_the_ten(gradio_media: Path) -> None:
    scores = verdict(real.sound(gradio_media / "audio" / "sax.wav"))
    assert scores[0][0] == "other"
    assert sum(share for _, share in scores) == pytest.approx(1)
    assert [share for _, share in scores] == sorted((share for _, share in scores), reverse=True)
    assert {label for label, _ in scores} == {*registry.classes("esc10").classes, "other"}


@pytest.mark.parametrize(
    "file", ["speech_en_dialogue_two_voices.wav", "talk_voice_with_pauses.mp4", "music_vibe_ace.ogg"]
)
def test_speech_and_music_are_none_of_the_ten(shared: Path, file: str) -> None:
    assert verdict(real.sound(shared / "media" / file))[0][0] == "other"


def test_silence_has_a_verdict_too() -> None:
    assert verdict(np.zeros(16_000, np.float32))[0][0] in {*registry.classes("esc10").classes, "other"}


def test_a_model_comes_back_as_it_was() -> None:
    model = registry.classes("esc10")
    again = loads(dumps(model))
    assert dumps(again) == dumps(model)
    assert again.classes == model.classes
    np.testing.assert_array_equal(again.head.coef, model.head.coef)
    assert again.figures["accuracy"] >= 0.97


def test_features_are_over_sounding_windows_only() -> None:
    embedding = np.array([[4.0, 0.0], [16.0, 1.0], [100.0, 100.0]], np.float32)
    np.testing.assert_allclose(features(embedding, np.array([True, True, False])), [3, 0.5, 4, 1])
    np.testing.assert_allclose(features(embedding[:2], np.zeros(2, bool)), [3, 0.5, 4, 1])


def test_numbers_that_are_none_are_refused() -> None:
    model = registry.classes("esc10").head
    for change in ({"temperature": np.zeros(1, "f")}, {"coef": model.coef * np.nan}, {"middle": model.middle[:-1]}):
        with pytest.raises(ValueError, match=r".+"):
            replace(model, **change)


def test_judging_is_what_the_arrays_say() -> None:
    one, zero = np.ones, np.zeros
    tiny = Classifier(
        ("a", "b"), np.array([[1, 0], [-1, 0]], "f"), zero(2, "f"), zero(1, "f"), one(1, "f"), zero(1, "f"),
        zero((0, 1), "f"), zero(0, "f"), zero((2, 1), "f"), np.array([[1], [1]], "f"), np.array([10, 0], "f"),
    )  # fmt: skip
    (label, share), *_ = tiny.judge(features(np.array([[4.0]], "f"), one(1, bool)))
    assert label == "a"
    assert share == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-3)


def test_sounding_windows_follow_what_is_loud() -> None:
    samples = (0.001 * np.random.default_rng(1).standard_normal(16_000 * 10)).astype(np.float32)
    samples[48_000:64_000] += 0.5 * np.sin(np.arange(16_000) * 0.3).astype(np.float32)
    times = np.arange(21) * 0.48
    np.testing.assert_array_equal(sounding_windows(levels_db(samples), times), (times > 2.6) & (times < 4.4))


def test_a_steady_sound_sounds_all_through_and_silence_nowhere() -> None:
    rain = (0.01 * np.random.default_rng(2).standard_normal(16_000 * 5)).astype(np.float32)
    times = np.arange(11) * 0.48
    assert sounding_windows(levels_db(rain), times).all()
    assert not sounding_windows(levels_db(np.zeros_like(rain)), times).any()
    assert threshold_db(levels_db(rain)) == -70
    assert levels_db(np.zeros(0, np.float32)).tolist() == [-100]
