"""Sound as DeepFilterNet hears it: spectra of 20 ms each 10 ms, their levels in bands as wide as the ear's, and back.

All of it streams: what runs on from block to block is kept by the objects here. Source: libDF of
Rikorose/DeepFilterNet, version 0.5.6; bands by Moore and Glasberg, "A revision of Zwicker's loudness model", 1996.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft
from scipy.signal import lfilter

RATE = 48_000
HOP, WINDOW = 480, 960
BINS, BANDS, LOW = 481, 32, 96
SMOOTH = 0.99
"""Of the running means that features are measured against: a time constant of one second."""
QUICK = 0.9
"""Of the power that channels are weighed by: 100 ms (benchmarks/denoise.py, stereo)."""

Samples = npt.NDArray[np.float32]
Spectra = npt.NDArray[np.complex64]


def window() -> Samples:
    """Vorbis' window (960,): its squares, half a window apart, add up to one."""
    sine = np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW)
    return np.sin(np.pi / 2 * sine**2).astype(np.float32)


def widths() -> npt.NDArray[np.int64]:
    """How many bins of 50 Hz each of the 32 bands holds: equal steps on the ear's scale, at least two bins each."""
    scale = 24.7 * 9.265
    steps = np.arange(BANDS + 1) / BANDS * np.log1p(RATE / 2 / scale)
    edges = np.rint(scale * np.expm1(steps) / (RATE / WINDOW)).astype(np.int64)
    found, owed = np.zeros(BANDS, np.int64), 0
    for band, width in enumerate(np.diff(edges)):
        found[band] = max(width - owed, 2)
        owed = found[band] - (width - owed)
    found[-1] += BINS - found.sum()
    return found


class Analysis:
    """Spectra of a sound that comes in pieces of whole hops. Frame t ends with hop t; before the first is silence."""

    def __init__(self, channels: int) -> None:
        self._before = np.zeros((channels, HOP), np.float32)
        self._window = window()

    def spectra(self, samples: Samples) -> Spectra:
        """(channels, t, 481) of (channels, t x 480)."""
        seen = np.concatenate([self._before, samples], axis=1)
        self._before = seen[:, -HOP:]
        frames = np.lib.stride_tricks.sliding_window_view(seen, WINDOW, axis=1)[:, ::HOP]
        return np.asarray(rfft(frames * self._window, norm="forward"), np.complex64)


class Synthesis:
    """The other way round, by overlap and add. The first frame has no sound of its own: its first half lies before."""

    def __init__(self) -> None:
        self._tail: Samples | None = None
        self._window = window()

    def samples(self, spectra: Spectra) -> Samples:
        """(channels, t x 480) of (channels, t, 481); at first one hop less."""
        frames = np.asarray(irfft(spectra, WINDOW, norm="forward"), np.float32) * self._window
        first = frames[:, :1, HOP:] if self._tail is None else self._tail
        ends = np.concatenate([first, frames[:, 0 if self._tail is not None else 1 :, HOP:]], axis=1)
        hops = ends[:, :-1] + frames[:, 0 if self._tail is not None else 1 :, :HOP]
        self._tail = ends[:, -1:]
        return np.asarray(hops.reshape(len(spectra), -1), np.float32)


class Features:
    """What the network is shown of sounds: levels against their running mean, and the low bins against theirs."""

    def __init__(self, count: int) -> None:
        found = widths()
        self._starts, self._widths = np.cumsum(found) - found, found
        self._level = np.tile(np.linspace(-60.0, -90.0, BANDS) * SMOOTH, (count, 1, 1))
        self._size = np.tile(np.linspace(0.001, 0.0001, LOW) * SMOOTH, (count, 1, 1))

    def of(self, spectra: Spectra) -> tuple[Samples, Samples]:
        """Levels (n, t, 32) and real and imaginary parts of low bins (n, t, 96, 2) of spectra (n, t, 481)."""
        power = np.add.reduceat(spectra.real**2 + spectra.imag**2, self._starts, axis=2) / self._widths
        levels = 10 * np.log10(power + 1e-10)
        mean, self._level = lfilter([1 - SMOOTH], [1, -SMOOTH], levels, axis=1, zi=self._level)
        low = spectra[..., :LOW]
        size, self._size = lfilter([1 - SMOOTH], [1, -SMOOTH], np.abs(low), axis=1, zi=self._size)
        low = low / np.sqrt(size)
        return ((levels - mean) / 40).astype(np.float32), np.stack([low.real, low.imag], axis=-1).astype(np.float32)


class Balance:
    """How much the judgement on each channel counts for all: as much as there is of what it keeps."""

    def __init__(self, count: int) -> None:
        self._widths = widths()
        self._power = np.zeros((count, 1))

    def shares(self, spectra: Spectra, gains: Samples) -> Samples:
        """Shares (channels, t) that add up to one, of spectra (channels, t, 481) and gains (channels, t, 32)."""
        kept = np.abs(spectra) * np.repeat(gains, self._widths, axis=2)
        power, self._power = lfilter([1 - QUICK], [1, -QUICK], np.square(kept).sum(axis=2), zi=self._power)
        power += 1e-20
        return np.asarray(power / power.sum(axis=0), np.float32)


def hops(blocks: Iterable[Samples], count: int, more: int) -> Iterator[tuple[Samples, int]]:
    """Blocks (n, channels) of any length as (channels, whole hops), ``count`` hops at a time, and how many samples
    came in so far; at the end silence fills the last hop and ``more`` hops after it."""
    held: list[Samples] = []
    have = total = 0
    for block in blocks:
        held.append(block)
        have += len(block)
        total += len(block)
        if have >= count * HOP:
            whole = np.concatenate(held)
            for start in range(0, have - count * HOP + 1, count * HOP):
                yield np.ascontiguousarray(whole[start : start + count * HOP].T), total
            held = [whole[have - have % (count * HOP) :]]
            have = len(held[0])
    if not total:
        return
    rest = np.concatenate(held)
    rest = np.pad(rest, ((0, -len(rest) % HOP + more * HOP), (0, 0)))
    for start in range(0, len(rest), count * HOP):
        yield np.ascontiguousarray(rest[start : start + count * HOP].T), total
