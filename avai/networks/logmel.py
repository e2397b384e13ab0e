"""Log-mel patches of YAMNet, as a stream.

16 kHz mono; periodic Hann of 400 samples in a 512-point FFT, every 160 samples; magnitude in 64 mel bands (HTK) from
125 to 7500 Hz, log(x + 0.001); patches of 96 frames every 48. Source: the YAMNet paper's code, ``features.py``
(tensorflow/models, research/audioset). The mel matrix follows ``tf.signal.linear_to_mel_weight_matrix``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import scipy.fft

RATE = 16_000
WINDOW, FFT, HOP = 400, 512, 160
BANDS, LOWEST, HIGHEST = 64, 125.0, 7500.0
FRAMES, STEP = 96, 48
PATCH = (FRAMES - 1) * HOP + WINDOW
STEP_SAMPLES = STEP * HOP
STEP_SECONDS = STEP_SAMPLES / RATE
LEAD = PATCH // 2

Samples = npt.NDArray[np.float32]


def mel_matrix() -> npt.NDArray[np.float32]:
    """Weights (257, 64) from linear bins to mel bands: triangles that are straight in mel, the bin at 0 Hz left out."""

    def mel(hertz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return 1127.0 * np.log1p(hertz / 700.0)

    bins = mel(np.linspace(0.0, RATE / 2, FFT // 2 + 1)[1:])[:, None]
    bottom, top = mel(np.array([LOWEST, HIGHEST]))
    edges = np.linspace(bottom, top, BANDS + 2)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    triangles = np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle))
    return np.vstack([np.zeros((1, BANDS)), np.maximum(triangles, 0)]).astype(np.float32)


MEL = mel_matrix()
HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def log_mel(samples: Samples) -> npt.NDArray[np.float32]:
    """Log-mel frames (n, 64) of samples (m,), without padding: n = 1 + (m - 400) // 160, none for less than 400."""
    if len(samples) < WINDOW:
        return np.zeros((0, BANDS), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    spectrum = np.abs(scipy.fft.rfft(windows * HANN, FFT, axis=1))
    return np.asarray(np.log(spectrum @ MEL + 0.001), np.float32)


def count(samples: int) -> int:
    """How many patches a sound of so many samples has: one centred on each multiple of 0.48 s from its start."""
    return samples // STEP_SAMPLES + 1


def patches(blocks: Iterable[Samples], most: int = 64) -> Iterator[npt.NDArray[np.float32]]:
    """Arrays (k, 96, 64) of up to ``most`` patches of a mono sound at 16 kHz that comes in blocks of any length.

    Patch number i is centred on i x 0.48 s; silence stands before the sound and after it. The last patch is the last
    whose centre lies within the sound, and an empty sound has one patch. Memory does not grow with length.
    """
    waiting = np.zeros(LEAD, np.float32)
    whole = PATCH + (most - 1) * STEP_SAMPLES
    seen, given = 0, 0
    for block in blocks:
        seen += len(block)
        waiting = np.concatenate([waiting, block])
        while len(waiting) >= whole:
            yield _cut(waiting, most)
            waiting = waiting[most * STEP_SAMPLES :]
            given += most
    while (left := count(seen) - given) > 0:
        now = min(left, most)
        need = PATCH + (now - 1) * STEP_SAMPLES
        yield _cut(np.pad(waiting, (0, max(0, need - len(waiting)))), now)
        waiting = waiting[now * STEP_SAMPLES :]
        given += now


def _cut(samples: Samples, number: int) -> npt.NDArray[np.float32]:
    frames = log_mel(samples[: PATCH + (number - 1) * STEP_SAMPLES])
    views = np.lib.stride_tricks.sliding_window_view(frames, FRAMES, axis=0)[::STEP]
    return np.ascontiguousarray(views.transpose(0, 2, 1))
