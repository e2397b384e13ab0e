"""Where a shot ends: TransNetV2, on pictures of 48 x 27.

Soucek and Lokoc 2020, "TransNet V2" (MIT). Its convolutions over space (1, 3, 3) and over time (3, 1, 1), the latter at
four dilations, run as two-dimensional ones; batch norm is folded into those over time. Beside them it sees how alike
neighbouring frames are, by what it learned and by colour histograms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from avai.networks.runtime import Arrays, Compiled, compiled, fill, keras, tf

HEIGHT, WIDTH = 27, 48
WINDOW, ORIGINAL_WINDOW, EDGE = 200, 100, 25
NEAR, NEAR_EDGE, NEAR_BATCH = 28, 10, 4
"""Pictures that are judged around a doubtful one, and that are given on each side of those."""
AROUND = 50
BINS = 512
FILTERS = (16, 32, 64)
DILATIONS = (1, 2, 4, 8)

Images = npt.NDArray[np.uint8]


def build(window: int = WINDOW) -> Any:
    """The architecture: windows (n, window, 27, 48, 3) from 0 to 255 and colour histograms (n, window, 512) of length
    1, to the probability (n, window) that a shot ends at a frame."""
    layers, ops = keras.layers, keras.ops
    frames = keras.Input((window, HEIGHT, WIDTH, 3))
    histograms = keras.Input((window, BINS))
    x = ops.reshape(frames, (-1, HEIGHT, WIDTH, 3)) / 255.0
    averages = []
    for stage, filters in enumerate(FILTERS):
        first = ops.relu(_over_space_and_time(x, filters, window, f"stage{stage}a"))
        second = ops.relu(_over_space_and_time(first, filters, window, f"stage{stage}b"))
        x = layers.AveragePooling2D(2, name=f"pool{stage}")(first + second)
        averages.append(layers.GlobalAveragePooling2D()(x))
    seen = ops.reshape(x, (-1, window, int(np.prod(x.shape[1:]))))
    features = ops.reshape(ops.concatenate(averages, axis=-1), (-1, window, sum(4 * f for f in FILTERS)))
    projected = layers.Dense(128, name="projection")(features)
    projected = projected / ops.maximum(ops.norm(projected, axis=-1, keepdims=True), 1e-12)
    alike = layers.Dense(128, activation="relu", name="alike")(_neighbours(projected, window))
    colour = layers.Dense(128, activation="relu", name="colour")(_neighbours(histograms, window))
    x = layers.Dense(1024, activation="relu", name="mix")(ops.concatenate([colour, alike, seen], axis=-1))
    ends = layers.Dense(1, activation="sigmoid", name="ends")(x)
    return keras.Model([frames, histograms], ends[..., 0], name="shots")


def _over_space_and_time(x: Any, filters: int, window: int, name: str) -> Any:
    """Frames (n x window, h, w, c) through four branches at once: 3 x 3 over space, then 3 frames over time."""
    layers, ops = keras.layers, keras.ops
    height, width = x.shape[1:3]
    space = layers.Conv2D(4 * 2 * filters, 3, padding="same", use_bias=False, name=f"{name}_space")(x)
    flat = ops.reshape(space, (-1, window, height * width, 4 * 2 * filters))
    branches = [
        layers.Conv2D(filters, (3, 1), padding="same", dilation_rate=(dilation, 1), name=f"{name}_time{dilation}")(part)
        for dilation, part in zip(DILATIONS, ops.split(flat, 4, axis=-1), strict=True)
    ]
    return ops.reshape(ops.concatenate(branches, axis=-1), (-1, height, width, 4 * filters))


def _neighbours(rows: Any, window: int) -> Any:
    """Products (n, window, 101) of each row of (n, window, c) with the 50 rows before it, itself, and the 50 after."""
    ops = keras.ops
    products = ops.matmul(rows, ops.transpose(rows, (0, 2, 1)))
    padded = ops.pad(products, ((0, 0), (0, 0), (AROUND, AROUND)))
    # Read the rows one longer than they are: each then begins one further right, so that its own frame is at 50.
    wide = window + 2 * AROUND
    skewed = ops.pad(ops.reshape(padded, (-1, window * wide)), ((0, 0), (0, window)))
    return ops.reshape(skewed, (-1, window, wide + 1))[:, :, : 2 * AROUND + 1]


def histograms(images: Images) -> npt.NDArray[np.float32]:
    """Colour histograms (n, 512) of pictures (n, h, w, 3), three bits a channel, each of length 1."""
    bits = images.reshape(len(images), -1, 3) >> 5
    bins = (bits[..., 0].astype(np.int64) << 6) + (bits[..., 1].astype(np.int64) << 3) + bits[..., 2]
    bins += np.arange(len(images))[:, None] * BINS
    counts = np.bincount(bins.ravel(), minlength=len(images) * BINS).reshape(-1, BINS).astype(np.float32)
    return np.asarray(counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-12))


def _loaded(arrays: Arrays, window: int) -> Compiled:
    model = build(window)
    fill(model, arrays, "shots")
    return compiled(model, ((None, window, HEIGHT, WIDTH, 3), tf.float32), ((None, window, BINS), tf.float32))


class Shots:
    """The network with its weights, in windows of so many frames.

    Each window gives all but its first and last 25 frames. The original has windows of 100; with 200 each frame is
    seen 1.33 instead of 2 times, and shots stay the same (``benchmarks/networks.py``).
    """

    def __init__(self, arrays: Arrays, window: int = WINDOW) -> None:
        self._window = window
        self._run = _loaded(arrays, window)
        self._run_near = _loaded(arrays, NEAR + 2 * NEAR_EDGE)

    def near(self, images: Images, middles: Sequence[int]) -> npt.NDArray[np.float32]:
        """Probability (m, ``NEAR``) that a shot ends at each of the pictures from ``NEAR`` / 2 before each of
        ``middles`` on, among pictures (n, 27, 48, 3) that follow each other.

        They are given less of what is around them than by ``transitions``, so chances differ; a cut is found the same.
        """
        around = np.arange(-NEAR // 2 - NEAR_EDGE, NEAR // 2 + NEAR_EDGE)
        index = np.clip(np.asarray(middles)[:, None] + around, 0, len(images) - 1)
        colours = histograms(images)
        found = [
            self._run_near(images[part].astype(np.float32), colours[part])[0][:, NEAR_EDGE:-NEAR_EDGE]
            for part in np.array_split(index, -(-len(index) // NEAR_BATCH))
        ]
        return np.concatenate(found)

    def transitions(self, images: Images) -> npt.NDArray[np.float32]:
        """Probability (n,) that a shot ends at each of the pictures (n, 27, 48, 3), uint8 RGB, that follow each other
        at the video's own rate.

        At a cut it stands at the last frame before it. The first and last frames are repeated at the ends, as in the
        original. 0.5 is a good threshold.
        """
        if len(images) == 0:
            return np.zeros(0, np.float32)
        step = self._window - 2 * EDGE
        after = EDGE + -len(images) % step
        index = np.concatenate([np.zeros(EDGE, int), np.arange(len(images)), np.full(after, len(images) - 1)])
        colours = histograms(images)
        found = []
        for start in range(0, len(index) - self._window + 1, step):
            window = index[start : start + self._window]
            (ends,) = self._run(images[window][None].astype(np.float32), colours[window][None])
            found.append(ends[0, EDGE:-EDGE])
        return np.concatenate(found)[: len(images)]
