"""Where shots end, at a glance: a small network on how alike neighbouring tiny pictures are.

From pictures of 48 x 27 it takes, at lags of 1 to 36 frames, how much two pictures differ (in blocks, by colour
histogram, by the correlation of their brightness) and how far the picture between them is from their mean, as it would
be in a dissolve; then dilated convolutions over time. Thousands of pictures a second, forty times TransNetV2, which
is asked where this network is in doubt. Taught by ``training/train_glance.py`` on joins that are made.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from avai.networks.runtime import Arrays, compiled, fill, keras, tf
from avai.networks.shots import HEIGHT, WIDTH, histograms

LAGS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 36)
DILATIONS = (1, 2, 4, 8, 16, 32)
REACH = LAGS[-1] + sum(DILATIONS)
"""Pictures to each side on which an answer depends."""
ROWS, COLUMNS = 9, 16
UNITS = 64
FEATURES = 4 * len(LAGS) + 2 * (len(LAGS) - 1) + 4

Images = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def features(images: Images) -> Floats:
    """What the network sees of pictures (n, 27, 48, 3) that follow each other: (n, ``FEATURES``).

    A pair at lag k around picture t is t - (k - 1) // 2 and the k-th after it, so that a cut after t lies inside. The
    first and last pictures are repeated at the ends.
    """
    count, last = len(images), LAGS[-1]
    parts = images.reshape(count, ROWS, HEIGHT // ROWS, COLUMNS, WIDTH // COLUMNS, 3)
    blocks = parts.mean(axis=(2, 4), dtype=np.float32).reshape(count, ROWS * COLUMNS, 3) / 255
    bright = blocks.mean(axis=2)
    spread = bright.std(axis=1, keepdims=True)
    shape = (bright - bright.mean(axis=1, keepdims=True)) / (spread + 0.02)

    def padded(rows: Floats) -> Floats:
        return np.pad(rows, ((last, last), (0, 0)), "edge")

    flat = blocks.reshape(count, -1)
    block, colour, form = padded(flat), padded(histograms(images)), padded(shape)
    found = []
    for lag in LAGS:
        first = last - (lag - 1) // 2
        a, b = slice(first, first + count), slice(first + lag, first + lag + count)
        apart = np.abs(block[a] - block[b])
        found += [
            4 * apart.mean(axis=1),
            (apart.reshape(count, -1, 3).mean(axis=2) > 0.08).mean(axis=1),
            1 - (colour[a] * colour[b]).sum(axis=1),
            (form[a] * form[b]).mean(axis=1),
        ]
        if lag > 1:
            before = block[last - lag // 2 : last - lag // 2 + count]
            after = block[last + lag // 2 : last + lag // 2 + count]
            change = np.abs(after - before).mean(axis=1)
            bent = np.abs(flat - (before + after) / 2).mean(axis=1)
            found += [bent / (change + 0.01), np.minimum(4 * change, 2)]
    found += [bright.mean(axis=1), 4 * spread[:, 0], blocks.max(axis=(1, 2)), blocks.min(axis=(1, 2))]
    return np.stack(found, axis=1).astype(np.float32)


def build() -> Any:
    """The architecture: features (n, time, ``FEATURES``), brought to mean 0 and deviation 1, to logits (n, time, 2)."""
    layers = keras.layers
    given = keras.Input((None, FEATURES))
    x = layers.Dense(UNITS, activation="relu", name="first")(given)
    for number, dilation in enumerate(DILATIONS):
        y = layers.Conv1D(UNITS, 3, padding="same", dilation_rate=dilation, activation="relu", name=f"time{number}")(x)
        y = layers.Dropout(0.1)(y)
        y = layers.Conv1D(UNITS, 1, name=f"mix{number}")(y)
        x = layers.LayerNormalization(name=f"norm{number}")(x + y)
    return keras.Model(given, layers.Dense(2, name="ends")(x), name="glance")


class Glance:
    """The network with its weights."""

    def __init__(self, arrays: Arrays) -> None:
        model = build()
        fill(model, {name: value for name, value in arrays.items() if "." in name}, "glance")
        self._mean, self._deviation = arrays["mean"], arrays["deviation"]
        self._run = compiled(model, ((None, None, FEATURES), tf.float32))

    def ends(self, images: Images) -> Floats:
        """Probabilities (n, 2) for pictures (n, 27, 48, 3), uint8 RGB, 20 to 40 a second, that follow each other: that
        a shot ends with the picture (a cut), and that the picture is part of a dissolve, fade or wipe."""
        if len(images) == 0:
            return np.zeros((0, 2), np.float32)
        (logits,) = self._run(((features(images) - self._mean) / self._deviation)[None])
        return np.asarray(1 / (1 + np.exp(-logits[0])), np.float32)
