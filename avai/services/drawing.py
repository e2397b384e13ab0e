"""A sound as the time strip draws it: waveform and log-mel spectrogram, made in one pass over its blocks."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.sparse import csr_matrix

from avai import media
from avai.contracts import SoundDrawing, Tick
from avai.media.writing import written
from avai.progress import Progress, quiet

RATE = 16_000
COLUMNS = 50
HOP = RATE // COLUMNS
WINDOW = 1024
BANDS = 96
LOWEST, HIGHEST = 50.0, RATE / 2
TICKS = (100, 500, 1000, 2000, 4000, 8000)
TILE = 60 * COLUMNS
OVERVIEW = 4096
WAVE_RATE = 200
STEP = RATE // WAVE_RATE
FLOOR = -110.0
CONTRAST = 45.0
"""Grey 0 is ``FLOOR`` dB, 255 a full-scale sine; at least ``CONTRAST`` dB lie between the darkest and the brightest
that are shown, or the hiss of a steady sound would look like events."""

Power = NDArray[np.float32]


class Drawing:
    """Takes the blocks of a sound, mono at 16 kHz, and writes ``<name>_wave.bin`` and ``<name>_mel.bin`` into ``out``.

    A context manager: the files are there at its end, whole, or not at all. What was taken is written a tile at a
    time; memory grows by a kilobyte for each second of sound.
    """

    def __init__(self, out: Path, name: str) -> None:
        self._names = (f"{name}_wave.bin", f"{name}_mel.bin")
        self._open = ExitStack()
        self._out = out
        self._samples = 0
        self._step = np.zeros(0, np.float32)
        self._peaks = [np.zeros(0, np.float32)]
        self._heard = np.zeros((WINDOW - HOP) // 2, np.float32)  # windows are centred on their columns
        self._columns = 0
        self._tile = np.zeros((BANDS, 0), np.float32)
        self._parts = [0]
        self._overview = _Overview()
        self._counts = np.zeros(256, np.int64)

    def __enter__(self) -> Self:
        self._wave, self._mel = (self._open.enter_context(written(self._out / name)) for name in self._names)
        self._wave.touch()
        return self

    def __exit__(self, *error: Any) -> bool | None:
        return self._open.__exit__(*error)

    def take(self, block: NDArray[np.float32]) -> None:
        """The next samples, any number of them."""
        self._samples += len(block)
        self._take_wave(block)
        self._take_mel(block)

    def finish(self) -> SoundDrawing:
        """Write what is left; tells what was drawn, and where in the files it lies."""
        if len(self._step):
            self._take_wave(np.zeros(STEP - len(self._step), np.float32))
        left = -(-self._samples // HOP) - self._columns
        if left > 0:
            self._take_mel(np.zeros((left - 1) * HOP + WINDOW - len(self._heard), np.float32))
        if self._overview.step == 1:
            self._parts = [0]  # the overview shows all there is
            self._mel.write_bytes(b"")
        elif self._tile.shape[1]:
            self._write(self._tile)
        self._write(self._overview.power())
        black, white = self._contrast()
        return SoundDrawing(
            wave=self._names[0],
            wave_rate=WAVE_RATE,
            mel=self._names[1],
            parts=tuple(self._parts),
            columns=COLUMNS,
            tile=TILE,
            overview_columns=COLUMNS / self._overview.step,
            black=black,
            white=white,
            ticks=tuple(Tick(hertz=each, height=round(height(each), 4)) for each in TICKS),
        )

    def peaks(self, count: int, duration: float) -> tuple[float, ...]:
        """The largest absolute value in each of ``count`` equal stretches of ``duration`` seconds, 0 to 1."""
        peaks = np.concatenate([*self._peaks, np.zeros(1, np.float32)])
        edges = np.arange(count + 1) * duration * WAVE_RATE / count
        first = edges[:-1].astype(int).clip(0, len(peaks) - 1)
        return tuple(round(float(each), 4) for each in np.maximum.reduceat(peaks, first))

    def _take_wave(self, block: NDArray[np.float32]) -> None:
        samples = np.concatenate([self._step, block])
        whole = len(samples) // STEP * STEP
        self._step = samples[whole:]
        if not whole:
            return
        steps = samples[:whole].reshape(-1, STEP)
        low, high = steps.min(axis=1), steps.max(axis=1)
        self._peaks.append(np.maximum(-low, high))
        drawn = np.stack([low, high, np.sqrt(np.mean(steps**2, axis=1))], axis=1)
        with self._wave.open("ab") as file:
            file.write(np.round(drawn.clip(-1, 1) * 32767).astype("<i2").tobytes())

    def _take_mel(self, block: NDArray[np.float32]) -> None:
        heard = np.concatenate([self._heard, block])
        count = max(0, (len(heard) - WINDOW) // HOP + 1)
        self._heard = heard[count * HOP :]
        if not count:
            return
        frames = np.lib.stride_tricks.sliding_window_view(heard, WINDOW)[: count * HOP : HOP]
        power = mel_power(frames)
        self._columns += count
        self._counts += np.bincount(grey(power).ravel(), minlength=256)
        self._overview.take(power)
        self._tile = np.concatenate([self._tile, power], axis=1)
        while self._tile.shape[1] >= TILE:
            self._write(self._tile[:, :TILE])
            self._tile = self._tile[:, TILE:]

    def _write(self, power: Power) -> None:
        picture = media.jpeg(grey(power)[::-1], quality=85)
        with self._mel.open("ab") as file:
            file.write(picture)
        self._parts.append(self._parts[-1] + len(picture))

    def _contrast(self) -> tuple[int, int]:
        """What is shown darkest and brightest: the floor of what sounds, and its loudest thousandth."""
        counts = self._counts.copy()
        counts[0] = 0  # digital silence says nothing of the floor
        share = np.cumsum(counts) / max(1, counts.sum())
        white = int(np.searchsorted(share, 0.999))
        black = min(int(np.searchsorted(share, 0.15)), white - round(CONTRAST * 255 / -FLOOR))
        return max(0, black), max(1, white)


class _Overview:
    """The whole in at most ``OVERVIEW`` columns, each the mean power of ``step`` of them, a power of two."""

    def __init__(self) -> None:
        self.step = 1
        self._kept = np.zeros((BANDS, 0), np.float32)
        self._rest = np.zeros((BANDS, 0), np.float32)

    def take(self, power: Power) -> None:
        self._pool(np.concatenate([self._rest, power], axis=1))
        while self._kept.shape[1] > OVERVIEW:
            pairs = self._kept.shape[1] // 2
            odd = np.repeat(self._kept[:, 2 * pairs :], self.step, axis=1)
            self._kept = self._kept[:, : 2 * pairs].reshape(BANDS, pairs, 2).mean(axis=2)
            self.step *= 2
            self._pool(np.concatenate([odd, self._rest], axis=1))

    def power(self) -> Power:
        """All columns, the last of what is left over."""
        last = self._rest.mean(axis=1, keepdims=True) if self._rest.shape[1] else self._rest
        return np.concatenate([self._kept, last], axis=1)

    def _pool(self, power: Power) -> None:
        count = power.shape[1] // self.step
        pooled = power[:, : count * self.step].reshape(BANDS, count, self.step).mean(axis=2)
        self._kept = np.concatenate([self._kept, pooled], axis=1)
        self._rest = power[:, count * self.step :]


def drawn(sound: Path, out: Path, name: str, duration: float, progress: Progress = quiet) -> SoundDrawing:
    """Draw the sound of a file that is ``duration`` seconds long; ``RequestError`` as ``media.audio_blocks`` has it."""
    seconds = 0.0
    with Drawing(out, name) as drawing:
        for block in media.audio_blocks(sound, rate=RATE, mono=True):
            drawing.take(block.reshape(-1))
            seconds += len(block) / RATE
            progress(seconds / max(duration, 0.1), "job.drawing")
        return drawing.finish()


def mel_power(frames: NDArray[np.float32]) -> Power:
    """Power of windows (n, 1024) in ``BANDS`` bands, (bands, n), the lowest first; a full-scale sine has about 1."""
    spectrum = rfft(frames * _hann(), overwrite_x=True)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(_bands() @ power.T, np.float32)


def grey(power: Power) -> NDArray[np.uint8]:
    """Levels from ``FLOOR`` dB to full scale as 0 to 255."""
    level = 10 * np.log10(np.maximum(power, 1e-12))
    return np.asarray(np.round((level / -FLOOR + 1) * 255).clip(0, 255), np.uint8)


def height(hertz: float) -> float:
    """Where a frequency stands on the mel axis (O'Shaughnessy), from 0 at the lowest to 1 at the highest."""
    low, here, high = (1127 * np.log1p(each / 700) for each in (LOWEST, hertz, HIGHEST))
    return float((here - low) / (high - low))


@cache
def _hann() -> NDArray[np.float32]:
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@cache
def _bands() -> csr_matrix:
    """Triangles evenly over the mel axis, (bands, bins), scaled to make a full-scale sine 1. Few bins are in each."""
    bins = np.fft.rfftfreq(WINDOW, 1 / RATE)
    at = np.array([height(each) for each in bins]) * BANDS - 0.5
    triangles = np.clip(1 - np.abs(at - np.arange(BANDS)[:, None]), 0, 1)
    return csr_matrix((triangles / (WINDOW / 4) ** 2).astype(np.float32))
