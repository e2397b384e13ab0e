"""Loudness: measured as ITU-R BS.1770 asks, evened to a wanted value, and kept below a true-peak ceiling.

Everything runs over blocks, so memory does not grow with length. The weighting filters are pyloudnorm's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyloudnorm
import soundfile
from scipy.ndimage import convolve1d, minimum_filter1d
from scipy.signal import lfilter, resample_poly

from avai.progress import Progress, part, quiet

Samples = npt.NDArray[np.float32]
Peaks = npt.NDArray[np.float32]

CEILING = -2.0  # dBTP before encoding: AAC adds 0.2 dB to loud music, and now and then more at a drum
GATE = -70.0  # LUFS: what is below is silence
REACH = 0.02  # seconds over which the limiter turns down before a peak and back after it
MOST_GAIN = 30.0  # dB: a whisper is not blown up until its noise is all that is heard
MOST_LIMITING = 6.0  # dB of gain beyond what the peaks allow
OVERSAMPLING = 4
STEP = 16  # samples that share one gain
TURNS = 4
CONTEXT = 64  # samples on either side that the oversampling filter needs


class Meter:
    """Integrated loudness of sound that comes in blocks: K-weighting, 400 ms blocks at 100 ms, gates at -70 LUFS and
    10 LU below the mean (ITU-R BS.1770-4)."""

    def __init__(self, rate: int, channels: int) -> None:
        self._hop = rate // 10
        self._filters = [
            (stage.passband_gain * stage.b, stage.a, np.zeros((max(len(stage.a), len(stage.b)) - 1, channels)))
            for stage in (
                pyloudnorm.IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, rate, "high_shelf"),
                pyloudnorm.IIRfilter(0.0, 0.5, 38.0, rate, "high_pass"),
            )
        ]
        self._rest = np.zeros((0, channels))
        self._power: list[npt.NDArray[np.float64]] = []

    def add(self, samples: npt.NDArray[np.floating]) -> None:
        """Hear ``samples``, shape (n, channels)."""
        weighted = np.asarray(samples, dtype=np.float64)
        for at, (b, a, state) in enumerate(self._filters):
            weighted, state = lfilter(b, a, weighted, axis=0, zi=state)
            self._filters[at] = (b, a, state)
        weighted = np.concatenate([self._rest, weighted])
        whole = len(weighted) // self._hop * self._hop
        if whole:
            hops = weighted[:whole].reshape(-1, self._hop, weighted.shape[1])
            self._power.append(np.square(hops).mean(axis=1).sum(axis=1))
        self._rest = weighted[whole:]

    def integrated(self) -> float:
        """Loudness so far in LUFS; minus infinity when nothing was above the gate or less than 0.4 s was heard."""
        hops = np.concatenate(self._power) if self._power else np.zeros(0)
        if len(hops) < 4:
            return float("-inf")
        blocks = np.convolve(hops, np.full(4, 0.25), mode="valid")
        heard = blocks[_lufs(blocks) >= GATE]
        if not len(heard):
            return float("-inf")
        heard = heard[_lufs(heard) > _lufs(heard.mean()) - 10.0]
        return float(_lufs(heard.mean()))


def _lufs(power: npt.NDArray[np.float64] | np.float64) -> npt.NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10.0 * np.log10(power))


def measure(
    blocks: Iterable[npt.NDArray[np.floating]], rate: int, frames: int = 0, progress: Progress = quiet
) -> float:
    """Integrated loudness in LUFS of blocks (n, channels), ``frames`` samples in all; minus infinity for silence."""
    meter: Meter | None = None
    done = 0
    for block in blocks:
        meter = meter or Meter(rate, block.shape[1])
        meter.add(block)
        done += len(block)
        progress(min(done / max(frames, done), 1.0), "doing.compose_measuring")
    return meter.integrated() if meter else float("-inf")


def true_peaks(path: Path, progress: Progress = quiet) -> Peaks:
    """The highest magnitude of each ``STEP`` samples of a WAV over all channels, between samples too: 4 x oversampled
    as in annex 2 of BS.1770-4. Shape (ceil(frames / STEP),)."""
    found: list[Peaks] = []
    with soundfile.SoundFile(path) as file:
        frames, block = int(file.frames), 2 * int(file.samplerate) // STEP * STEP
        for begin in range(0, frames, block):
            first = max(begin - CONTEXT, 0)
            file.seek(first)
            samples = file.read(begin + block + CONTEXT - first, dtype="float32", always_2d=True)
            over = np.abs(resample_poly(samples, OVERSAMPLING, 1, axis=0)).max(axis=1)
            inner = over[(begin - first) * OVERSAMPLING :][: min(block, frames - begin) * OVERSAMPLING]
            inner = np.pad(inner, (0, -len(inner) % (STEP * OVERSAMPLING)))
            found.append(inner.reshape(-1, STEP * OVERSAMPLING).max(axis=1).astype(np.float32))
            progress(begin / max(frames, 1), "doing.compose_mixing")
    return np.concatenate(found) if found else np.zeros(0, dtype=np.float32)


def gain_curve(peaks: Peaks, factor: float, rate: int) -> Peaks:
    """What each ``STEP`` samples are multiplied by: ``factor``, and less around peaks that would pass the ceiling.

    A look-ahead limiter: the running minimum of the gain that each place can bear, then a smooth mean that is narrower
    than the minimum, so that no place gets more than it can bear.
    """
    reach = int(np.ceil(REACH * rate / STEP))
    bearable = np.minimum(factor, 10.0 ** (CEILING / 20.0) / np.maximum(peaks, 1e-9))
    lowest = minimum_filter1d(bearable, 2 * reach + 3, mode="nearest")
    window = np.hanning(2 * reach + 3)[1:-1]
    return np.asarray(convolve1d(lowest, window / window.sum(), mode="nearest"), dtype=np.float32)


@dataclass(frozen=True)
class Evened:
    """What evening did: the loudness before and after in LUFS, and whether peaks had to be held down."""

    before: float
    after: float
    limited: bool


def even(source: Path, out: Path, loudness: float, progress: Progress = quiet) -> Evened:
    """Writes the WAV ``source`` to the float WAV ``out`` at ``loudness`` LUFS, with true peaks below the ceiling.

    What limiting takes away is given back by more gain, within 6 dB; ``after`` says what came of it. Silence stays.
    """
    with soundfile.SoundFile(source) as file:
        rate, frames = int(file.samplerate), int(file.frames)
    before = measure(blocks_of(source), rate, frames, part(progress, 0.0, 0.15))
    if before == float("-inf"):
        _gained(source, out, np.ones(1, dtype=np.float32), progress)
        return Evened(before, before, limited=False)
    peaks = true_peaks(source, part(progress, 0.15, 0.3))
    plain = min(loudness - before, MOST_GAIN)
    gain = plain
    for turn in range(TURNS):
        factor = 10.0 ** (gain / 20.0)
        curve = gain_curve(peaks, factor, rate)
        limited = bool(curve.min() < factor * 0.9999)
        share = 0.7 / TURNS
        after = _gained(source, out, curve, part(progress, 0.3 + turn * share, 0.3 + (turn + 1) * share))
        if not limited or abs(after - loudness) < 0.05 or gain >= plain + MOST_LIMITING:
            break
        gain = min(gain + (loudness - after), plain + MOST_LIMITING)
    return Evened(before, after, limited)


def _gained(source: Path, out: Path, curve: Peaks, progress: Progress) -> float:
    """Writes the source times the curve and gives the loudness of that."""
    centres = (np.arange(len(curve)) + 0.5) * STEP
    with soundfile.SoundFile(source) as file:
        rate, channels, frames = int(file.samplerate), int(file.channels), int(file.frames)
    meter, done = Meter(rate, channels), 0
    with soundfile.SoundFile(out, "w", rate, channels, subtype="FLOAT", format="WAV") as file:
        for block in blocks_of(source):
            factors = np.interp(np.arange(done, done + len(block)), centres, curve)
            louder = block * factors[:, None].astype(np.float32)
            meter.add(louder)
            file.write(louder)
            done += len(block)
            progress(done / max(frames, 1), "doing.compose_mixing")
    return meter.integrated()


def blocks_of(path: Path, seconds: float = 2.0) -> Iterator[Samples]:
    """The samples of a WAV, float32 (n, channels), in blocks."""
    with soundfile.SoundFile(path) as file:
        step = int(seconds * file.samplerate)
        while len(block := file.read(step, dtype="float32", always_2d=True)):
            yield block
