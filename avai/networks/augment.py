"""More data from little: what may be changed about a sound without changing what it is, drawn at random and said.

``draw`` says what is to be changed; it is applied to a log-mel spectrum here, and to the sound itself, to be heard, in
``services.variants``. Sources: SpecAugment (Park et al. 2019: masks, uneven time), vocal tract length perturbation
(Jaitly and Hinton 2013: pitch), mixup (Zhang et al. 2018), MixStyle (Zhou et al. 2021: one clip in another's colour).
The ranges were chosen in ``benchmarks/digits.py``, on the speakers that it names.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avai.contracts import Augmentation
from avai.networks.logmel import BANDS, HIGHEST, LOWEST

SPEED, PITCH, SHIFT, BEND = 0.2, 0.2, 0.08, 0.12
"""Largest change: of speed and pitch as natural logarithms, of each end as a share, of the time in between."""
TILT, TILT_POINTS = 0.5, 6
NOISE, NOISE_POINTS = (2.0, 6.0), 5
MASKS, MASKED = 2, 8
"""Masks over bands and how many of the 64 bands, or 64th parts of the time, each covers at most."""
MIXED, STYLED = 0.4, 0.5
"""Shares of batches that are mixed, and of clips that take the colour of another."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Changes:
    """What is changed: ``speed`` and ``pitch`` as factors, ``bend`` of the time (two amplitudes), ``shift`` of start
    and end as shares of the length, ``gain`` at points spread over the bands and ``noise`` likewise, below the peak, in
    natural logarithms of magnitude, ``masks`` as (first, count) of 64 bands and one of 64 parts of the time."""

    speed: float = 1.0
    pitch: float = 1.0
    bend: tuple[float, float] = (0.0, 0.0)
    shift: tuple[float, float] = (0.0, 0.0)
    gain: tuple[float, ...] = ()
    noise: tuple[float, ...] = ()
    masks: tuple[tuple[int, int], ...] = ()
    gap: tuple[int, int] = (0, 0)


def draw(rng: np.random.Generator, augment: Collection[Augmentation]) -> Changes:
    """Changes of the kinds in ``augment``. The same numbers are drawn whatever they are, so that kinds that are left
    out leave the others as they are."""
    speed, pitch = np.exp(rng.uniform(-1, 1, 2) * (SPEED, PITCH))
    bend, shift = rng.uniform(-BEND, BEND, 2), rng.uniform(-SHIFT, SHIFT, 2)
    gain = rng.normal(0, TILT, TILT_POINTS)
    noise = rng.normal(-rng.uniform(*NOISE), 1.0, NOISE_POINTS)
    noisy = rng.random() < 0.5
    widths = rng.integers(0, MASKED + 1, MASKS + 1)
    firsts = rng.integers(0, BANDS - widths)
    masks = [(int(first), int(width)) for first, width in zip(firsts, widths, strict=True)]
    return Changes(
        speed=float(speed) if "speed" in augment else 1.0,
        pitch=float(pitch) if "pitch" in augment else 1.0,
        bend=(float(bend[0]), float(bend[1]) / 2) if "speed" in augment else (0.0, 0.0),
        shift=(float(shift[0]), float(shift[1])) if "shift" in augment else (0.0, 0.0),
        gain=tuple(gain.tolist()) if "gain" in augment else (),
        noise=tuple(noise.tolist()) if "noise" in augment and noisy else (),
        masks=tuple(masks[1:]) if "mask" in augment else (),
        gap=masks[0] if "mask" in augment else (0, 0),
    )


def spread(points: tuple[float, ...], count: int = BANDS) -> npt.NDArray[np.float64]:
    """A curve (count,) through points at equal distances."""
    return np.asarray(np.interp(np.linspace(0, len(points) - 1, count), np.arange(len(points)), points))


def interpolation(positions: npt.NDArray[np.float64], count: int) -> Floats:
    """A matrix (m, count) that takes values at fractional ``positions`` (m,) out of ``count`` values."""
    first = np.clip(np.floor(positions).astype(int), 0, max(count - 2, 0))
    matrix, rows = np.zeros((len(positions), count), np.float32), np.arange(len(positions))
    matrix[rows, first] = 1 - (positions - first)
    matrix[rows, np.minimum(first + 1, count - 1)] += positions - first
    return matrix


_BOTTOM, _TOP = 1127 * np.log1p(np.array([LOWEST, HIGHEST]) / 700)
_STEP = (_TOP - _BOTTOM) / (BANDS + 1)
HERTZ = 700 * np.expm1((_BOTTOM + _STEP * np.arange(1, BANDS + 1)) / 1127)


def pitched(frames: Floats, pitch: float) -> Floats:
    """Log-mel frames (n, 64) with all frequencies, formants too, ``pitch`` times as high."""
    if pitch == 1:
        return frames
    positions = (1127 * np.log1p(HERTZ / pitch / 700) - _BOTTOM) / _STEP - 1
    return np.asarray(frames @ interpolation(np.clip(positions, 0, BANDS - 1), BANDS).T)


def stretched(frames: Floats, length: int, changes: Changes) -> Floats:
    """Frames (n, 64) at ``length`` times, from start to end when nothing is changed; what a shift leaves empty at an
    end is like the quietest tenth."""
    count, share = len(frames), np.linspace(0, 1, length)
    share = (
        share + changes.bend[0] * np.sin(np.pi * share) / np.pi + changes.bend[1] * np.sin(2 * np.pi * share) / np.pi
    )
    low, high = changes.shift[0] * count, count - 1 + changes.shift[1] * count
    positions = low + (high - low) * share
    taken = interpolation(np.clip(positions, 0, count - 1), count) @ frames
    outside = (positions < -0.5) | (positions > count - 0.5)
    if outside.any():
        quiet = np.sort(frames.mean(axis=1))[: max(count // 10, 1)].mean()
        taken[outside] = np.minimum(taken[outside], quiet)
    return np.asarray(taken)


def coloured(frames: Floats, changes: Changes) -> Floats:
    """Frames through the drawn filter."""
    return frames + spread(changes.gain).astype(np.float32) if changes.gain else frames


def noisy(frames: Floats, changes: Changes, rng: np.random.Generator) -> Floats:
    """Frames under the drawn noise, which flickers."""
    if not changes.noise:
        return frames
    flicker = rng.normal(0, 0.4, frames.shape)
    return np.asarray(np.logaddexp(frames, frames.max() + spread(changes.noise) + flicker), np.float32)


def masked(picture: Floats, changes: Changes) -> Floats:
    """A picture (n, 64) with some bands, and a part of the time, at its mean."""
    picture, mean = picture.copy(), picture.mean()
    for first, count in changes.masks:
        picture[:, first : first + count] = mean
    first, count = (round(each * len(picture) / BANDS) for each in changes.gap)
    picture[first : first + count] = mean
    return picture


def styled(pictures: Floats, rng: np.random.Generator) -> Floats:
    """Pictures (n, t, 64), some of them with mean and spread of each band moved towards those of another one."""
    other = rng.permutation(len(pictures))
    share = rng.beta(0.3, 0.3, (len(pictures), 1, 1)).astype(np.float32)
    some = rng.random((len(pictures), 1, 1)) < STYLED
    mean, deviation = pictures.mean(axis=1, keepdims=True), pictures.std(axis=1, keepdims=True) + 0.1
    plain = (pictures - mean) / deviation
    moved = plain * (share * deviation + (1 - share) * deviation[other]) + share * mean + (1 - share) * mean[other]
    return np.where(some, moved, pictures).astype(np.float32)


def mixed(pictures: Floats, answers: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Pictures (n, t, 64) and answers (n, k), each overlaid with a weaker other one, in some of the batches."""
    other, share = rng.permutation(len(pictures)), rng.beta(0.4, 0.4, (len(pictures), 1)).astype(np.float32)
    if rng.random() >= MIXED:
        return pictures, answers
    share = np.maximum(share, 1 - share)
    both = share[..., None] * pictures + (1 - share[..., None]) * pictures[other]
    return np.asarray(both), np.asarray(share * answers + (1 - share) * answers[other])
