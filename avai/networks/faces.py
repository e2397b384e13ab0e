"""Where faces are: BlazeFace, the network of MediaPipe for cameras that look away from who holds them.

Bazarevsky et al. 2019, "BlazeFace" (Apache 2.0). Thirty-one residual blocks, each a depthwise convolution mixed over
channels, see 16 x 16 places of a picture of 256 x 256, and a last step sees 8 x 8: each place says, twice or six times,
whether a face is there and how it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from avai.networks.runtime import Arrays, compiled, fill, keras, tf

SIZE, STEP = 256, 32
"""The longer side of what the network sees; its sides are multiples of ``STEP``."""
FILTERS = (24, 24, 48, 96)
"""Of each stage; all but the first begin by halving the picture."""
GRIDS = ((16, 2), (32, 6))
"""Pixels from place to place, and how often each place answers."""
NUMBERS = 16
"""Of each answer, in pixels: centre and size of the box, then six points of the face; all but size from the place."""
SCORE = 0.7
"""Chosen in ``benchmarks/faces.py``."""
SAME = 0.3
"""Boxes that share more than this part of their union are of one face."""
MOST = 16

Images = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """The k faces of a picture, surest first: ``boxes`` (k, 4) left, top, right, bottom in fractions of its width and
    height, which may reach over its edges, and ``scores`` (k,)."""

    boxes: Floats
    scores: Floats


def build() -> Any:
    """The architecture: RGB pictures (n, h, w, 3) from 0 to 255, sides multiples of 32, to logits (n, m) and numbers
    (n, m, 16), in the order of ``places``; m is 896 for 256 x 256."""
    layers, ops = keras.layers, keras.ops
    picture = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 127.5, -1, name="rescale")(picture)
    x = layers.Conv2D(FILTERS[0], 5, 2, padding="same", activation="relu", name="stem")(x)
    for stage, filters in enumerate(FILTERS):
        for number in range(8 if stage else 7):
            x = _block(x, filters, 2 if stage and not number else 1, f"block{stage}{number}")
    last = layers.DepthwiseConv2D(3, 2, padding="same", name="last_depth")(x)
    last = layers.Conv2D(FILTERS[-1], 1, activation="relu", name="last_mix")(last)
    answers = []
    for name, count in (("face", 1), ("numbers", NUMBERS)):
        parts = []
        for seen, (step, times) in zip((x, last), GRIDS, strict=True):
            part = layers.Conv2D(times * count, 1, name=f"{name}{step}")(seen)
            parts.append(layers.Reshape((-1, count))(part))
        answers.append(ops.concatenate(parts, axis=1))
    return keras.Model(picture, [answers[0][..., 0], answers[1]], name="faces")


def _block(x: Any, filters: int, stride: int, name: str) -> Any:
    layers, ops = keras.layers, keras.ops
    before = layers.MaxPooling2D(2)(x) if stride == 2 else x
    if (more := filters - before.shape[-1]) > 0:
        # Not ops.pad: TensorFlow 2.21 crashes where it fuses a padded sum into a convolution.
        before = ops.concatenate([before, ops.zeros_like(before[..., :more])], axis=-1)
    x = layers.DepthwiseConv2D(3, stride, padding="same", name=f"{name}_depth")(x)
    return ops.relu(layers.Conv2D(filters, 1, name=f"{name}_mix")(x) + before)


def places(height: int, width: int, grids: Sequence[tuple[int, int]] = GRIDS) -> Floats:
    """Where each answer for a picture of this size is given, (m, 2): x and y in pixels."""
    found = []
    for step, times in grids:
        rows, columns = np.mgrid[: height // step, : width // step]
        centres = (np.stack([columns, rows], axis=-1).reshape(-1, 2) + 0.5) * step
        found.append(np.repeat(centres, times, axis=0))
    return np.concatenate(found).astype(np.float32)


@dataclass(frozen=True)
class Canvas:
    """A picture as the network sees it: the whole of it, its shape kept, in the middle of black."""

    image: Images
    corner: tuple[int, int]
    """Left and top of the picture, in pixels."""
    size: tuple[int, int]
    """Its width and height."""


def canvas(image: Images, size: int = SIZE, step: int = STEP) -> Canvas:
    """A picture of any size with its longer side ``size``, on black whose sides are multiples of ``step``."""
    scale = size / max(image.shape[:2])
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    black = np.zeros((-(-height // step) * step, -(-width // step) * step, 3), np.uint8)
    top, left = (black.shape[0] - height) // 2, (black.shape[1] - width) // 2
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    black[top : top + height, left : left + width] = cv2.resize(image, (width, height), interpolation=way)
    return Canvas(black, (left, top), (width, height))


class Faces:
    """The network with its weights."""

    def __init__(self, arrays: Arrays) -> None:
        model = build()
        fill(model, arrays, "faces")
        self._run = compiled(model, ((None, None, None, 3), tf.float32))

    def judged(self, images: Images) -> tuple[Floats, Floats]:
        """What the network says of pictures (n, h, w, 3) of its own sizes: logits (n, m) and numbers (n, m, 16)."""
        logits, numbers = self._run(images.astype(np.float32))
        return logits, numbers

    def find(self, images: Sequence[Images] | Images, least: float = SCORE) -> list[Found]:
        """The faces in pictures (n, h, w, 3) uint8 RGB of any size whose score is at least ``least``; a list may mix
        sizes."""
        found: list[Found] = []
        for start in range(0, len(images), MOST):
            seen = [canvas(image) for image in images[start : start + MOST]]
            alike = len({each.image.shape for each in seen}) == 1
            for group in [seen] if alike else [[each] for each in seen]:
                logits, numbers = self.judged(np.stack([each.image for each in group]))
                where = places(*group[0].image.shape[:2])
                found += [decoded(*each, where, least) for each in zip(group, logits, numbers, strict=True)]
        return found


def decoded(seen: Canvas, logits: Floats, numbers: Floats, where: Floats, least: float) -> Found:
    """The faces of a picture out of answers (m,) and (m, 16) that are given at ``where`` (m, 2)."""
    scores = np.asarray(1 / (1 + np.exp(-np.clip(logits, -80, 80))), np.float32)
    which = np.flatnonzero(scores >= least)
    which = which[np.argsort(-scores[which], kind="stable")]
    middles, halves = where[which] + numbers[which, :2], np.abs(numbers[which, 2:4]) / 2
    boxes, best = merged(np.concatenate([middles - halves, middles + halves], axis=1), scores[which])
    boxes = (boxes - np.tile(seen.corner, 2)) / np.tile(seen.size, 2)
    return Found(np.asarray(boxes, np.float32), best)


def merged(boxes: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """One box a face out of boxes (m, 4), surest first: the mean, weighted by score, of those that overlap the surest
    one, whose score it has."""
    kept, best = [], []
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    left = np.arange(len(boxes))
    while len(left):
        first = boxes[left[0]]
        sides = np.minimum(boxes[left, 2:], first[2:]) - np.maximum(boxes[left, :2], first[:2])
        shared = np.prod(np.maximum(sides, 0), axis=1)
        same = shared > SAME * (areas[left] + areas[left[0]] - shared)
        same[0] = True
        kept.append(np.average(boxes[left[same]], axis=0, weights=scores[left[same]]))
        best.append(scores[left[0]])
        left = left[~same]
    return np.array(kept, np.float32).reshape(-1, 4), np.array(best, np.float32)
