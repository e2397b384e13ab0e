"""The sound network hears what is there, the same as its original, however the sound comes in."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from avai.config import MODELS
from avai.networks import logmel, registry
from training import originals, real


@pytest.fixture(scope="module")
def sax(gradio_media: Path) -> np.ndarray:
    return real.sound(gradio_media / "audio" / "sax.wav")


def test_equals_its_original() -> None:
    scores, embedding = registry.sound().look(originals.sound_input())
    originals.compare("sound scores", scores)
    originals.compare("sound embedding", embedding)


def test_hears_a_saxophone(sax: np.ndarray) -> None:
    network = registry.sound()
    heard = network.hear([sax])
    mean = heard.scores.mean(axis=0)
    best = [network.labels[index] for index in np.argsort(-mean)[:5]]
    assert best[0] == "music"
    assert "saxophone" in best
    assert heard.embedding.shape == (len(heard.times), 1024)
    assert (heard.embedding >= 0).all()


def test_windows_are_centred_on_multiples_of_048_s(sax: np.ndarray) -> None:
    times = registry.sound().hear([sax]).times
    np.testing.assert_allclose(times, np.arange(34) * 0.48)
    assert times[-1] <= 16.0 < times[-1] + 0.48


def test_a_click_is_heard_around_its_own_time() -> None:
    samples = np.zeros(16_000 * 8, np.float32)
    samples[64_000:66_400] = np.sin(np.arange(2400) * 0.4).astype(np.float32)
    patches = np.concatenate(list(logmel.patches([samples])))
    loud = patches.mean(axis=(1, 2))
    times = np.arange(len(loud)) * logmel.STEP_SECONDS
    assert abs(np.average(times, weights=loud - loud.min() + 1e-9) - 4.075) < 0.05


@pytest.mark.parametrize("block", [333, 7680, 160_001])
def test_blocks_of_any_length_give_the_same(sax: np.ndarray, block: int) -> None:
    network = registry.sound()
    whole = network.hear([sax])
    parts = network.hear(sax[start : start + block] for start in range(0, len(sax), block))
    np.testing.assert_allclose(parts.scores, whole.scores, atol=1e-5)
    np.testing.assert_array_equal(parts.times, whole.times)


@pytest.mark.parametrize("length", [0, 1, 399, 7679, 7680, 15_600])
def test_short_sounds_have_at_least_one_window(length: int) -> None:
    heard = registry.sound().hear([np.full(length, 0.1, np.float32)])
    assert len(heard.times) == length // 7680 + 1
    assert np.isfinite(heard.scores).all()


def test_memory_does_not_grow_with_length() -> None:
    """Patches come while the sound still runs: at most a batch and a block are waiting."""
    taken = 0

    def blocks() -> object:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield np.zeros(160_000, np.float32)

    first = next(iter(logmel.patches(blocks())))
    assert len(first) == 64
    assert taken == 4


def test_mel_matrix_is_tensorflows() -> None:
    theirs = tf.signal.linear_to_mel_weight_matrix(64, 257, 16_000, 125.0, 7500.0).numpy()
    np.testing.assert_allclose(logmel.mel_matrix(), theirs, atol=2e-4)


def test_names_are_complete() -> None:
    with (MODELS / "sound.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 521
    for column in ("label", "en", "zh"):
        assert len({row[column] for row in rows}) == 521
        assert all(row[column].strip() == row[column] != "" for row in rows)
    assert all(any("一" <= sign <= "鿿" for sign in row["zh"]) for row in rows)
    assert registry.labels("sound")[0] == "speech"
    by_name = {row["en"]: row["label"] for row in rows}
    assert by_name["Baby cry, infant cry"] == "baby_cry"
    assert by_name["Waves, surf"] == "waves"
    assert by_name["Inside, small room"] == "inside_small_room"


def test_bundled_classes_have_names() -> None:
    assert set(registry.labels("esc10")) == set(registry.classes("esc10").classes)
