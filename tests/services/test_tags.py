"""Sounds over time: edges where the signal has them, names that a person would give, and nothing where nothing is."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avai.contracts import Span
from avai.networks import logmel
from avai.networks.sound import Heard, frames
from avai.progress import quiet
from avai.services.hearing import Hearing, listen
from avai.services.layers import layers_of
from avai.services.segments import segments
from avai.services.tags import tags
from avai.words import sound_labels

RATE = 16_000


def spectrum(samples: np.ndarray) -> np.ndarray:
    """What ``Heard.bands`` would be, without the network."""
    return bands(logmel.patches([samples.astype(np.float32)]))


def bands(patches: Iterable[np.ndarray]) -> np.ndarray:
    none = np.zeros(0)
    return Heard(none, none, none, np.concatenate([frames(batch) for batch in patches])).bands


def told(path: Path, samples: np.ndarray) -> tuple[Span, ...]:
    soundfile.write(path, samples, RATE)
    return all_tags(listen(path, len(samples) / RATE, quiet))


def all_tags(hearing: Hearing, most: int = 40) -> tuple[Span, ...]:
    return tags(hearing, sound_labels(), layers_of(hearing, None, 0.4), most)


def of(spans: tuple[Span, ...], label: str) -> list[tuple[float, float]]:
    return [(span.start, span.end) for span in spans if span.label == label]


def clip(shared: Path, label: str, number: int = 0) -> np.ndarray:
    """A recording of ESC-10's fold 5, which nothing here was taught: its loudest 2 s, at 16 kHz."""
    folder = shared / "data" / "esc10"
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["fold"] == "5" and row["label"] == label]
    samples, _ = soundfile.read(folder / rows[number]["file"], dtype="float32")
    from scipy.signal import resample_poly

    low = resample_poly(samples, 160, 441)
    power = np.convolve(low**2, np.ones(2 * RATE), "valid")
    start = int(power.argmax())
    return (low[start : start + 2 * RATE] * 0.1 / np.sqrt(power.max() / (2 * RATE))).astype(np.float32)


@pytest.mark.parametrize("level", [0.0, 0.001, 0.02])
def test_a_chord_in_noise_begins_and_ends_where_it_does(level: float) -> None:
    samples = level * np.random.default_rng(1).standard_normal(30 * RATE)
    chord = sum(np.sin(2 * np.pi * pitch * np.arange(RATE) / RATE) for pitch in (400, 900, 1500, 3000))
    for at in (7.3, 18.1):
        samples[round(at * RATE) : round(at * RATE) + RATE] += 0.1 * chord
    found = segments(spectrum(samples))
    assert [(s.start, s.end) for s in found] == [
        (pytest.approx(at, abs=0.06), pytest.approx(at + 1, abs=0.06)) for at in (7.3, 18.1)
    ]


def test_steady_noise_and_silence_have_no_segments() -> None:
    rng = np.random.default_rng(2)
    assert not segments(spectrum(np.zeros(20 * RATE)))
    assert len(segments(spectrum(0.05 * rng.standard_normal(60 * RATE)))) <= 1


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.1, 1.0])
def test_the_shortest_sounds_are_taken(seconds: float) -> None:
    segments(spectrum(np.ones(int(seconds * RATE))))


def test_bands_are_those_of_one_pass_whatever_the_blocks() -> None:
    samples = np.random.default_rng(3).standard_normal(5 * RATE).astype(np.float32)
    pieces = bands(logmel.patches(np.array_split(samples, 7), most=3))
    assert np.array_equal(pieces, spectrum(samples))


def test_a_saxophone_is_told_where_it_plays(saxophone: np.ndarray, tmp_path: Path) -> None:
    samples = np.zeros(16 * RATE, np.float32)
    samples[5 * RATE : 11 * RATE] = saxophone[: 18 * RATE : 3]
    spans = told(tmp_path / "sax.wav", samples)
    assert of(spans, "saxophone") or of(spans, "music")
    assert all(span.start > 4.8 and span.end < 11.3 for span in spans)
    assert not of(spans, "dog")


@pytest.mark.parametrize(
    ("label", "tag"), [("crying_baby", "baby_cry"), ("rooster", "crowing"), ("chainsaw", "chainsaw"), ("dog", "dog")]
)
def test_a_held_out_sound_is_named_and_placed(shared: Path, tmp_path: Path, label: str, tag: str) -> None:
    samples = 1e-4 * np.random.default_rng(4).standard_normal(16 * RATE)
    samples[6 * RATE : 8 * RATE] += clip(shared, label)
    spans = [span for span in told(tmp_path / "one.wav", samples.astype(np.float32)) if span.label == tag]
    assert spans
    assert spans[0].start >= 5.75
    assert spans[-1].end <= 8.5
    assert max(span.confidence for span in spans) > 0.6


def test_what_rains_on_behind_a_dog_is_one_long_tag(shared: Path, tmp_path: Path) -> None:
    rain = np.concatenate([clip(shared, "rain")] * 12)
    samples = 0.2 * rain
    samples[10 * RATE : 12 * RATE] += 2 * clip(shared, "dog")
    spans = told(tmp_path / "wet.wav", samples)
    assert sum(b - a for a, b in of(spans, "rain")) > 0.7 * 24
    assert any(9.5 < a < 11.5 for a, _ in of(spans, "dog"))


def test_spans_of_a_label_are_in_order_and_apart(shared: Path) -> None:
    path = shared / "media" / "film_tears_of_steel_battle.webm"
    spans = all_tags(listen(path, 70.5, quiet), 8)
    assert len({span.label for span in spans}) <= 8
    for label in {span.label for span in spans}:
        mine = of(spans, label)
        assert all(a < b for a, b in mine)
        assert all(one[1] < two[0] for one, two in pairwise(mine))


def test_speech_is_no_dog_on_the_moon(shared: Path) -> None:
    spans = all_tags(listen(shared / "media" / "space_apollo15_moonwalk.mp4", 47.4, quiet))
    assert sum(b - a for a, b in of(spans, "speech")) > 25
    assert not of(spans, "dog")


def test_music_is_one_thing_in_tags_and_in_layers(shared: Path) -> None:
    hearing = listen(shared / "media" / "film_big_buck_bunny_30s.mp4", 30.0, quiet)
    layers = layers_of(hearing, None, 0.4)
    spans = [span for span in tags(hearing, sound_labels(), layers) if span.label == "music"]
    assert spans == list(layers["music"])
    assert spans[0].confidence > 0.8


@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.5])
def test_rain_that_is_all_of_a_short_clip_is_told(shared: Path, tmp_path: Path, seconds: float) -> None:
    spans = of(told(tmp_path / "rain.wav", clip(shared, "rain")[: round(seconds * RATE)]), "rain")
    assert sum(b - a for a, b in spans) > 0.6 * seconds
