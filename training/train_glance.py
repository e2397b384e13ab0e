"""Makes models/glance.safetensors: where shots end, at a glance, taught on tiny films of known joins.

python -m training.train_glance [FILMS]
"""

from __future__ import annotations

import multiprocessing
import sys

import numpy as np

from avai.networks import weights
from avai.networks.glance import build, features
from avai.networks.runtime import keras, tf
from training import manifest
from training.cuttings import bank, film

FILMS, EPOCHS, LENGTH, BATCH, SEED = 800, 12, 320, 16, 7
RATE, WARM_UP = 2e-3, 200
CUT = 6.0
"""How much more a picture that ends a shot counts than another: they are rare."""


def examples(films: int) -> tuple[np.ndarray, np.ndarray]:
    """Features (m, 320, c) and answers (m, 320, 2) of stretches of films."""
    with multiprocessing.get_context("spawn").Pool(2, initializer=bank) as pool:
        made = pool.imap(stretches, range(films), chunksize=4)
        seen, answers = zip(*made, strict=True)
    return np.concatenate(seen), np.concatenate(answers)


def stretches(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Those of one film."""
    each = film(np.random.default_rng([SEED, number]))
    given, wanted = features(each.images), np.stack([each.cut, each.mixed], axis=1).astype(np.float32)
    starts = range(0, len(given) - LENGTH + 1, LENGTH)
    return np.stack([given[at : at + LENGTH] for at in starts]), np.stack([wanted[at : at + LENGTH] for at in starts])


def loss(wanted: tf.Tensor, given: tf.Tensor) -> tf.Tensor:
    """Cross-entropy, with cuts counted more."""
    each = tf.nn.sigmoid_cross_entropy_with_logits(wanted, given)
    return tf.reduce_mean(each * (1 + wanted * tf.constant([CUT - 1, 0.0])))


def main() -> None:
    seen, answers = examples(int(sys.argv[1]) if len(sys.argv) > 1 else FILMS)
    flat = seen.reshape(-1, seen.shape[-1])
    mean, deviation = flat.mean(axis=0), flat.std(axis=0) + 1e-3
    seen -= mean
    seen /= deviation
    keras.utils.set_random_seed(SEED)
    model = build()
    steps = len(seen) // BATCH * EPOCHS
    speed = keras.optimizers.schedules.CosineDecay(1e-5, steps - WARM_UP, warmup_target=RATE, warmup_steps=WARM_UP)
    model.compile(keras.optimizers.AdamW(speed, weight_decay=1e-3), loss)
    model.fit(seen, answers, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    arrays = {f"{layer.name}.{each.name}": each.numpy() for layer in model.layers for each in layer.weights}
    manifest.record(
        "glance.safetensors",
        weights.pack({**arrays, "mean": mean, "deviation": deviation}),
        made_by="training/train_glance.py",
        licence="Apache-2.0",
        source="taught on made joins of films under free licences",
    )


if __name__ == "__main__":
    main()
