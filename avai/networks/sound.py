"""What is heard: YAMNet (MobileNet v1 on log-mel patches, AudioSet's 521 classes).

Howard et al. 2017, "MobileNets"; Plakal and Ellis, YAMNet (tensorflow/models, research/audioset, Apache 2.0).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from avai.networks import logmel
from avai.networks.runtime import Arrays, compiled, fill, keras, tf

CLASSES, EMBEDDING = 521, 1024
BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1),
    (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """What the network heard in n windows of 0.98 s: centres ``times`` (n,) in seconds, ``scores`` (n, 521) from 0 to
    1, independent of each other, and ``embedding`` (n, 1024). ``frames`` (48 n, 64) is the log-mel spectrum that it
    saw, float16, one each 10 ms from the start of the sound on."""

    times: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float32]
    embedding: npt.NDArray[np.float32]
    frames: npt.NDArray[np.float16]

    @property
    def bands(self) -> npt.NDArray[np.float16]:
        """The log-mel spectrum (24 n, 64), the mean over each 20 ms."""
        return np.asarray(self.frames.reshape(-1, 2, logmel.BANDS).mean(axis=1, dtype=np.float32), np.float16)


def build() -> Any:
    """The architecture: log-mel patches (n, 96, 64, 1) to scores (n, 521) and embedding (n, 1024)."""
    layers = keras.layers
    patch = keras.Input((logmel.FRAMES, logmel.BANDS, 1))
    x = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu", name="first")(patch)
    for number, (filters, stride) in enumerate(BLOCKS, 1):
        depth = layers.DepthwiseConv2D(3, stride, padding="same", activation="relu", name=f"depth{number}")
        point = layers.Conv2D(filters, 1, activation="relu", name=f"point{number}")
        x = point(depth(x))
    embedding = layers.GlobalAveragePooling2D(name="pool")(x)
    scores = layers.Dense(CLASSES, activation="sigmoid", name="scores")(embedding)
    return keras.Model(patch, [scores, embedding], name="sound")


class Sound:
    """The network with its weights. ``labels`` names the 521 classes in the order of the scores."""

    def __init__(self, arrays: Arrays, labels: tuple[str, ...]) -> None:
        model = build()
        fill(model, arrays, "sound")
        self.labels = labels
        self._run = compiled(model, ((None, logmel.FRAMES, logmel.BANDS, 1), tf.float32))

    def look(self, patches: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Scores (n, 521) and embedding (n, 1024) of log-mel patches (n, 96, 64)."""
        scores, embedding = self._run(patches[..., None])
        return scores, embedding

    def hear(self, blocks: Iterable[npt.NDArray[np.float32]]) -> Heard:
        """Listen to a mono sound at 16 kHz in [-1, 1] that comes in blocks of any length, a window each 0.48 s.

        Windows are centred on 0, 0.48, 0.96 ... s up to the end of the sound; there is always at least one. Only what
        was heard is kept, about 25 kB a second.
        """
        seen = [(*self.look(batch), frames(batch)) for batch in logmel.patches(blocks)]
        scores = np.concatenate([scores for scores, _, _ in seen])
        return Heard(
            times=np.arange(len(scores), dtype=np.float64) * logmel.STEP_SECONDS,
            scores=scores,
            embedding=np.concatenate([embedding for _, embedding, _ in seen]),
            frames=np.concatenate([seen_frames for _, _, seen_frames in seen]),
        )


def frames(patches: npt.NDArray[np.float32]) -> npt.NDArray[np.float16]:
    """The log-mel spectrum (48 k, 64) each 10 ms, from the centre of the first of k neighbouring patches on."""
    return np.asarray(patches[:, logmel.STEP :].reshape(-1, logmel.BANDS), np.float16)
