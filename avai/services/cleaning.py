"""Clean-up: a clip's sound with its noise suppressed, and the film with that sound under it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.contracts import ClipInfo, Note
from avai.errors import note
from avai.networks import registry
from avai.progress import Progress, part
from avai.services.patience import waited

RATE = 48_000


def left_at(strength: float) -> float:
    """The share of the original, as an amplitude, that is left beside the cleaned sound at a strength of 0 to 1.

    (1 - strength) squared: all at 0, nothing at 1, and in between the steps are even to the ear: noise falls by at
    most 5 dB at a quarter, 12 dB at half, 24 dB at three quarters.
    """
    return (1 - strength) ** 2


def write_cleaned(
    clip: Path, out: Path, info: ClipInfo, strength: float, progress: Progress
) -> tuple[list[str], list[Note]]:
    """Write ``cleaned.wav`` into ``out``, and for a video a copy of the film with that sound under it; gives the
    names of the files and what there is to know about them."""
    name, film = "cleaned.wav", info.video is not None
    clean(clip, out / name, info, strength, part(progress, 0.0, 0.9 if film else 1.0))
    if not film:
        return [name], []
    copy = media.with_sound(clip, out / name, out / "cleaned", part(progress, 0.9, 1.0))
    if copy is None:
        return [name], [note("recognize_note.picture_not_copied")]
    return [name, copy.name], []


def clean(clip: Path, to: Path, info: ClipInfo, strength: float, progress: Progress) -> None:
    """Write the clip's sound with its noise suppressed: 48 kHz, 16 bit, one or two channels, as long as it was, every
    sample in its place. Memory does not grow with length. ``strength`` from 0 (as it was) to 1; see ``left_at``."""
    media.write_wav(to, _cleaned(clip, info.duration, strength, progress), RATE)


def _cleaned(clip: Path, duration: float, strength: float, progress: Progress) -> Iterator[NDArray[np.float32]]:
    done = 0

    def here() -> None:
        progress(done / RATE / max(duration, 0.1), "doing.cleaning")

    here()
    network = waited(registry.denoise, here)
    blocks = network.clean(media.audio_blocks(clip, rate=RATE, mono=False, seconds=0.5), left_at(strength))
    while (block := waited(partial(next, blocks, None), here)) is not None:
        yield block
        done += len(block)
        here()
