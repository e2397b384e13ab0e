"""What a picture shows and how sharp it is: EfficientNet-Lite0 (ImageNet).

Tan and Le 2019, "EfficientNet"; the Lite variants (tensorflow/tpu, Apache 2.0) have ReLU6 and no squeeze-excitation.
Batch norm is folded into the convolutions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from avai.networks.runtime import Arrays, compiled, fill, keras, tf

SIZE = 224
EMBEDDING, EARLY = 1280, 272
EARLY_STAGES = 5
STAGES = (
    # repeats, kernel, stride, expansion, filters
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
MOST = 16

Images = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Look:
    """What the network saw in n pictures: ``embedding`` (n, 1280), near for pictures of the same thing, and ``early``
    (n, 272), averages over the picture at the ends of its first five stages, which know sharpness and light."""

    embedding: npt.NDArray[np.float32]
    early: npt.NDArray[np.float32]


def build() -> Any:
    """The architecture: RGB pictures (n, 224, 224, 3) from 0 to 255 to embedding (n, 1280) and early (n, 272)."""
    layers = keras.layers
    picture = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1 / 128, -127 / 128, name="rescale")(picture)
    x = layers.Conv2D(32, 3, 2, padding="same", activation="relu6", name="stem")(x)
    ends = []
    block = 0
    for repeats, kernel, stride, expansion, filters in STAGES:
        for repeat in range(repeats):
            before = x
            if expansion > 1:
                x = layers.Conv2D(x.shape[-1] * expansion, 1, activation="relu6", name=f"expand{block}")(x)
            step = stride if repeat == 0 else 1
            depth = layers.DepthwiseConv2D(kernel, step, padding="same", activation="relu6", name=f"depth{block}")
            x = layers.Conv2D(filters, 1, name=f"project{block}")(depth(x))
            if repeat > 0:
                x = layers.Add(name=f"add{block}")([before, x])
            block += 1
        ends.append(x)
    x = layers.Conv2D(EMBEDDING, 1, activation="relu6", name="head")(x)
    pool = layers.GlobalAveragePooling2D
    averages = layers.Concatenate(name="early")([pool()(each) for each in ends[:EARLY_STAGES]])
    return keras.Model(picture, [pool(name="embedding")(x), averages], name="frame")


def fitted(image: Images) -> Images:
    """A picture of any size as the network sees it, (224, 224, 3): the whole of it, its shape not kept."""
    height, width = image.shape[:2]
    smaller = height >= SIZE and width >= SIZE
    return np.asarray(cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR))


class Frame:
    """The network with its weights."""

    def __init__(self, arrays: Arrays) -> None:
        model = build()
        fill(model, arrays, "frame")
        self._run = compiled(model, ((None, SIZE, SIZE, 3), tf.float32))

    def look(self, images: Sequence[Images] | Images) -> Look:
        """Look at pictures (n, h, w, 3) uint8 RGB of any size; a list may mix sizes. None give none."""
        parts = [
            self._run(np.stack([fitted(image) for image in images[start : start + MOST]]).astype(np.float32))
            for start in range(0, len(images), MOST)
        ] or [(np.zeros((0, EMBEDDING), np.float32), np.zeros((0, EARLY), np.float32))]
        return Look(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
