"""The verdict on whole clips: one sound all through is named, many after each other and speech and music are other."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avai.contracts import Score
from avai.progress import quiet
from avai.services.hearing import listen
from avai.services.verdict import verdict
from training import real


def judged(samples: np.ndarray, folder: Path) -> tuple[Score, ...]:
    soundfile.write(folder / "clip.wav", samples, 16_000)
    return verdict(listen(folder / "clip.wav", len(samples) / 16_000, quiet))


def of(shared: Path, label: str, count: int) -> list[np.ndarray]:
    folder = shared / "data" / "esc10"
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file) if row["label"] == label and row["fold"] == "4"]
    return [real.sound(folder / name) for name in names[:count]]


def test_half_a_minute_of_one_sound_is_that_sound(shared: Path, tmp_path: Path) -> None:
    best = judged(np.concatenate(of(shared, "rain", 6)), tmp_path)[0]
    assert best.label == "rain"
    assert best.confidence > 0.8


def test_many_sounds_after_each_other_are_none_of_them(shared: Path, tmp_path: Path) -> None:
    labels = ("rain", "dog", "helicopter", "clock_tick", "sea_waves", "chainsaw")
    told = judged(np.concatenate([of(shared, label, 1)[0] for label in labels]), tmp_path)
    assert told[0].label == "other"
    assert sum(score.confidence for score in told) == pytest.approx(1, abs=0.001)
    assert {score.label for score in told[1:7]} >= {"rain", "helicopter", "sea_waves"}


def test_a_few_barks_in_a_long_silence_are_a_dog(shared: Path, tmp_path: Path) -> None:
    samples = np.zeros(40 * 16_000, np.float32)
    for at, bark in zip((3, 14, 31), of(shared, "dog", 3), strict=True):
        samples[at * 16_000 : at * 16_000 + 16_000] = bark[:16_000]
    assert judged(samples, tmp_path)[0].label == "dog"


def test_music_is_other_and_the_rest_is_still_ranked(gradio_media: Path, tmp_path: Path) -> None:
    told = judged(real.sound(gradio_media / "audio" / "sax.wav"), tmp_path)
    assert told[0].label == "other"
    assert len(told) == 11
    assert [score.confidence for score in told] == sorted((score.confidence for score in told), reverse=True)


def test_digital_silence_has_no_verdict(tmp_path: Path) -> None:
    assert judged(np.zeros(16_000, np.float32), tmp_path) == ()


@pytest.mark.parametrize("film", ["film_tears_of_steel_battle.webm", "film_sintel_trailer.mp4"])
def test_a_film_is_none_of_the_ten(shared: Path, film: str) -> None:
    assert verdict(listen(shared / "media" / film, 30.0, quiet))[0].label == "other"
