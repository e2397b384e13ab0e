"""The GAN's two first steps on made-up clips: shapes, that a seed repeats, what a patch may be cut from."""

from __future__ import annotations

import numpy as np

from avai.networks.runtime import tf
from training import gan

RECIPE = gan.Recipe(steps=2, batch=4)


def clips() -> list[gan.Source]:
    rng = np.random.default_rng(0)
    sounds = np.arange(200) >= 150
    return [gan.Source(target, rng.normal(-4, 2, (200, gan.WIDE)).astype(np.float32), sounds) for target in (0, 1, 1)]


def trained() -> gan.Gan:
    """Step by step as it is written: to compile would take longer than two steps do."""
    tf.config.run_functions_eagerly(True)
    try:
        return gan.train(clips(), RECIPE, seed=3, told=lambda line: None)
    finally:
        tf.config.run_functions_eagerly(False)


def test_a_seed_repeats_and_makes_patches_of_a_class() -> None:
    first, again = trained(), trained()
    assert again.arrays.keys() == first.arrays.keys()
    for name, array in first.arrays.items():
        np.testing.assert_allclose(again.arrays[name], array, atol=1e-6)

    make = first.maker()
    one, same, other = (make(target, 3, np.random.default_rng(0)) for target in (0, 0, 1))
    assert one.shape == (3, 96, 64)
    assert np.isfinite(one).all()
    assert one.min() >= gan.FLOOR
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0

    near, far = (make(0, 8, np.random.default_rng(0), alike).std(axis=0).mean() for alike in (1.0, 0.0))
    assert near < far


def test_patches_sound_and_classes_are_drawn_evenly() -> None:
    sources = clips()
    assert sources[0].starts().min() == 150 + 10 - gan.TALL
    patches, targets = gan.Draw(sources, 0).batch(20)
    assert patches.shape == (20, 96, 64)
    np.testing.assert_array_equal(np.bincount(targets), [10, 10])
