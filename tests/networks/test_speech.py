"""The speech network finds speech, and only speech, and streams."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avai.networks import registry
from training import originals, real


def test_equals_its_original() -> None:
    originals.compare("speech", registry.speech().listen([originals.speech_input()]))


def test_finds_speech_and_its_pauses(shared: Path) -> None:
    samples = real.sound(shared / "media" / "talk_voice_with_pauses.mp4")
    probability = registry.speech().listen([samples])
    times = np.arange(len(probability)) * 0.032
    assert (probability[times < 17] > 0.5).mean() > 0.6
    assert (probability[(times > 18) & (times < 39.5)] > 0.5).mean() < 0.01
    assert probability[(times > 39.8) & (times < 40.8)].max() > 0.8


def test_finds_mandarin(shared: Path) -> None:
    samples = real.sound(shared / "media" / "speech_zh_mandarin.wav")
    assert (registry.speech().listen([samples]) > 0.5).mean() > 0.6


@pytest.mark.parametrize("kind", ["silence", "noise", "tone"])
def test_finds_none_where_there_is_none(kind: str) -> None:
    time = np.arange(16_000 * 10) / 16_000
    samples = {
        "silence": np.zeros(len(time)),
        "noise": 0.1 * np.random.default_rng(3).standard_normal(len(time)),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * time),
    }[kind]
    probability = registry.speech().listen([samples.astype(np.float32)])
    assert (probability > 0.5).mean() < 0.02


@pytest.mark.parametrize("block", [100, 512, 99_999])
def test_the_state_runs_through_blocks_of_any_length(block: int) -> None:
    samples = np.tile(originals.speech_input(), 12)
    whole = registry.speech().listen([samples])
    parts = registry.speech().listen(samples[start : start + block] for start in range(0, len(samples), block))
    assert len(whole) == -(-len(samples) // 512)
    np.testing.assert_allclose(parts, whole, atol=1e-4)


def test_an_empty_sound_has_no_steps() -> None:
    assert registry.speech().listen([]).shape == (0,)
    assert registry.speech().listen([np.zeros(1, np.float32)]).shape == (1,)
