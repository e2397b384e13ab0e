"""What is odd about a sound, gathered block by block while it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avai.contracts import Note
from avai.errors import note

FULL = 0.99  # an 8-bit sound reaches 0.992
BLAST = 1.5  # lossy decoders overshoot full scale a little; not by this much
RUN = 3  # samples in a row at full scale that make a clipped stretch
CLIPPED_SHARE = 0.001


@dataclass
class SoundCheck:
    """Counts over all blocks seen so far; ``notes`` puts them in sentences."""

    samples: int = 0
    impossible: int = 0
    blasts: int = 0
    clipped: int = 0
    damaged: int = 0
    peak: float = 0.0

    def see(self, samples: NDArray[np.float32]) -> None:
        """Take a block (samples, channels) as decoded, before anything is put right."""
        self.samples += len(samples)
        if not samples.size:
            return
        size = np.abs(samples)
        finite = np.isfinite(size)
        if not finite.all():
            self.impossible += int(size.size - finite.sum())
            size = np.where(finite, size, 0)
        peak = float(size.max())
        self.peak = max(self.peak, peak)
        if peak >= FULL:
            self.blasts += int((size > BLAST).sum())
            self.clipped += _in_runs(size.max(axis=1) >= FULL)

    @property
    def silent(self) -> bool:
        """Whether every sample so far is exactly zero, or as near as dither."""
        return self.samples > 0 and self.peak < 2**-15

    def notes(self) -> tuple[Note, ...]:
        """Warnings about the sound seen so far."""
        found: list[Note] = []
        if self.impossible:
            found.append(note("media.nan_replaced", count=self.impossible))
        if self.blasts:
            found.append(note("media.over_full_scale"))
        elif self.clipped > self.samples * CLIPPED_SHARE:
            found.append(note("media.clipped"))
        if self.damaged:
            found.append(note("media.damaged_frames", count=self.damaged))
        if self.silent:
            found.append(note("media.silent"))
        return tuple(found)


def _in_runs(full: NDArray[np.bool_]) -> int:
    """How many samples stand in runs of at least ``RUN`` at full scale."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], full, [False])).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= RUN].sum())


def cleaned(samples: NDArray[np.float32], check: SoundCheck | None = None) -> NDArray[np.float32]:
    """Values that are not numbers become 0, others are limited to [-1, 1]; ``check`` sees the block before."""
    if check is not None:
        check.see(samples)
    if not np.isfinite(np.sum(samples)):
        samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(samples, -1.0, 1.0)
