"""Where somebody speaks: Silero VAD (MIT), a probability for every 32 ms.

Each step sees 512 samples and the 64 before them: a short-time Fourier transform as a convolution, four convolutions,
one LSTM whose state runs through the whole sound. Source: snakers4/silero-vad, the 16 kHz network of version 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from avai.networks.runtime import Arrays, compiled, fill, keras, tf

RATE = 16_000
STEP, BEFORE, AFTER = 512, 64, 64
STEP_SECONDS = STEP / RATE
BINS, UNITS = 129, 128
MOST = 1024

Samples = npt.NDArray[np.float32]


def build() -> Any:
    """The architecture: steps (n, 576) that follow each other and the state h, c (1, 128) before them, to
    probabilities (n, 1) and the state after them."""
    layers, ops = keras.layers, keras.ops
    steps = keras.Input((BEFORE + STEP,))
    h, c = keras.Input((UNITS,)), keras.Input((UNITS,))
    mirrored = ops.concatenate([steps, ops.flip(steps[:, -AFTER - 1 : -1], axis=1)], axis=1)
    waves = layers.Conv1D(2 * BINS, 256, strides=128, use_bias=False, name="waves")(ops.expand_dims(mirrored, -1))
    x = ops.sqrt(ops.square(waves[..., :BINS]) + ops.square(waves[..., BINS:]))
    for number, (filters, stride) in enumerate(((128, 1), (64, 2), (64, 2), (128, 1)), 1):
        # PyTorch's padding is one on each side; "same" with stride 2 would pad the end only.
        x = layers.ZeroPadding1D(1)(x)
        x = layers.Conv1D(filters, 3, strides=stride, activation="relu", name=f"conv{number}")(x)
    sequence = ops.expand_dims(x[:, 0], 0)
    lstm = layers.LSTM(UNITS, return_sequences=True, return_state=True, name="lstm")
    out, h_after, c_after = lstm(sequence, initial_state=[h, c])
    probability = layers.Dense(1, activation="sigmoid", name="speech")(ops.relu(out[0]))
    return keras.Model([steps, h, c], [probability, h_after, c_after], name="speech")


class Speech:
    """The network with its weights."""

    def __init__(self, arrays: Arrays) -> None:
        model = build()
        fill(model, arrays, "speech")
        state = ((1, UNITS), tf.float32)
        self._run = compiled(model, ((None, BEFORE + STEP), tf.float32), state, state)

    def listen(self, blocks: Iterable[Samples]) -> npt.NDArray[np.float32]:
        """Probability of speech (n,) in each 32 ms (512 samples) of a mono sound at 16 kHz in [-1, 1] that comes in
        blocks of any length; the last, if short, is filled with silence. Memory grows by 4 bytes each 32 ms."""
        h = c = np.zeros((1, UNITS), np.float32)
        heard = [np.zeros(0, np.float32)]
        for steps in _steps(blocks):
            probability, h, c = self._run(steps, h, c)
            heard.append(probability[:, 0])
        return np.concatenate(heard)


def _steps(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Arrays (k, 576) of steps with what comes before each, k up to 1024."""
    waiting = np.zeros(BEFORE, np.float32)
    for block in blocks:
        waiting = np.concatenate([waiting, block])
        while len(waiting) >= BEFORE + MOST * STEP:
            yield _cut(waiting, MOST)
            waiting = waiting[MOST * STEP :]
    if (left := len(waiting) - BEFORE) > 0:
        number = -(-left // STEP)
        yield _cut(np.pad(waiting, (0, number * STEP - left)), number)


def _cut(samples: Samples, number: int) -> Samples:
    views = np.lib.stride_tricks.sliding_window_view(samples[: BEFORE + number * STEP], BEFORE + STEP)
    return np.ascontiguousarray(views[::STEP])
