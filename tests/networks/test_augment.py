"""Each change does to a log-mel spectrum what it says."""

from __future__ import annotations

import numpy as np
import pytest

from avai.contracts import AUGMENTATIONS, Augmentation
from avai.networks import augment, logmel
from avai.networks.augment import Changes, draw

RATE = logmel.RATE


def frames_of(hertz: float) -> np.ndarray:
    return logmel.log_mel((0.3 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)).astype(np.float32))


def test_the_same_seed_draws_the_same_and_a_kind_left_out_leaves_the_others() -> None:
    every, again = (draw(np.random.default_rng(5), AUGMENTATIONS) for _ in range(2))
    assert every == again
    assert every != draw(np.random.default_rng(6), AUGMENTATIONS)
    without = draw(np.random.default_rng(5), [kind for kind in AUGMENTATIONS if kind != "pitch"])
    assert (without.pitch, without.speed, without.masks) == (1.0, every.speed, every.masks)
    assert draw(np.random.default_rng(5), ()) == Changes()


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("speed", {"speed", "bend"}),
        ("pitch", {"pitch"}),
        ("shift", {"shift"}),
        ("gain", {"gain"}),
        ("noise", {"noise"}),
        ("mask", {"masks", "gap"}),
        ("mixup", set()),
    ],
)
def test_a_kind_changes_what_is_its_own(kind: Augmentation, fields: set[str]) -> None:
    rng = np.random.default_rng(0)
    drawn = [vars(draw(rng, [kind])) for _ in range(20)]
    plain = vars(Changes())
    assert {name for each in drawn for name, value in each.items() if value != plain[name]} == fields


def test_a_tone_at_another_pitch_is_the_tone_of_that_frequency() -> None:
    moved = augment.pitched(frames_of(1000), 1.2)
    assert abs(int(moved.mean(axis=0).argmax()) - int(frames_of(1200).mean(axis=0).argmax())) <= 1
    assert augment.pitched(moved, 1.0) is moved


def test_time_is_stretched_bent_and_shifted() -> None:
    ramp = np.repeat(np.arange(100, dtype=np.float32)[:, None], 64, axis=1)
    plain = augment.stretched(ramp, 50, Changes())
    assert plain[[0, -1], 0].tolist() == [0, 99]
    bent = augment.stretched(ramp, 50, Changes(bend=(0.1, 0.05)))
    assert bent[[0, -1], 0].tolist() == [0, 99]
    assert np.abs(bent - plain).max() > 2
    late = augment.stretched(ramp, 50, Changes(shift=(0.1, 0.0)))
    assert late[0, 0] == pytest.approx(10)


def test_noise_gain_and_masks() -> None:
    frames = frames_of(1000)
    noisy = augment.noisy(frames, Changes(noise=(-2.0,) * 5), np.random.default_rng(0))
    assert (noisy >= frames).all()
    assert noisy[:, 60].mean() == pytest.approx(frames.max() - 2, abs=0.3)
    tilted = augment.coloured(frames, Changes(gain=(0.0, 1.0)))
    assert (tilted - frames)[0, [0, 63]] == pytest.approx([0, 1], abs=1e-5)
    hidden = augment.masked(frames, Changes(masks=((3, 5),), gap=(0, 32)))
    assert np.ptp(hidden[:, 3:8]) == 0
    assert np.ptp(hidden[: len(frames) // 2]) == 0


def test_mixing_keeps_shares_of_answers() -> None:
    rng = np.random.default_rng(0)
    pictures, answers = rng.normal(size=(8, 10, 64)).astype(np.float32), np.eye(8, dtype=np.float32)
    mixes = [augment.mixed(pictures, answers, rng) for _ in range(20)]
    assert any((mixed != pictures).any() for mixed, _ in mixes)
    for _, shares in mixes:
        assert shares.sum(axis=1) == pytest.approx(np.ones(8), abs=1e-6)
        assert (shares.diagonal() >= 0.5).all()
    assert augment.styled(pictures, rng).shape == pictures.shape
