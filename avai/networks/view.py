"""What a network of one's own is shown of a sound: pictures (length, 64) of its log-mel spectrum. No Keras here.

Short sounds (words) are shown whole, from their first sound to their last, stretched to one length; long ones in
windows. A tuned network is shown windows just as the sound network is, at the level they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from avai.networks.augment import Changes, coloured, masked, noisy, pitched, stretched
from avai.networks.excerpt import Excerpt
from avai.networks.logmel import BANDS, FRAMES

SHORT = 150
"""Frames of 10 ms up to which a sound is a word."""
ABOVE, DEEP = 0.25, 5.0
"""Where a sound begins, from floor to peak; how far below the loudest a band is looked at."""
RANGE, COLOUR, STEADY = 6.0, 0.6, 0.3
"""Natural logarithm of how far below its loudest part a sound is shown (52 dB); how much of each band's mean, which
hangs on the speaker and the microphone, is taken away; what is added to its spread before that is divided out.
``benchmarks/digits.py`` says with whose clips they were chosen."""
WORD = 48
"""Frames of the picture of a word."""
SILENT = -6.9
WARPS = (1.0, 0.92, 1.08)
PLAIN = Changes()

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class View:
    """How sounds are shown: ``start`` (``scratch``, ``pretrained``), pictures of ``length`` frames that stand for
    ``window`` frames of 10 ms, 0 for the whole sound; one of more than ``longest`` frames is cut. It is shown at the
    pitches ``warps`` when it is judged, and the mean is taken."""

    start: str
    length: int
    window: int
    longest: int
    warps: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        known = self.start in ("scratch", "pretrained") and self.length in (FRAMES, WORD)
        if not known or not 0 <= self.window <= 1000 or not 1 <= self.longest <= 1000:
            raise ValueError("a view of another kind")
        if not 1 <= len(self.warps) <= 9 or not all(0.5 <= warp <= 2 for warp in self.warps):
            raise ValueError("warps should be one to nine numbers from 0.5 to 2")

    @property
    def about(self) -> dict[str, Any]:
        """It as JSON can hold it; ``view_of`` reads it."""
        return {**asdict(self), "warps": list(self.warps)}


def view_of(about: Mapping[str, Any]) -> View:
    """The view that ``View.about`` told of. Raises ``ValueError`` or ``TypeError`` when it is none."""
    warps = tuple(float(warp) for warp in about["warps"])
    return View(str(about["start"]), int(about["length"]), int(about["window"]), int(about["longest"]), warps)


def view_for(sounds: Sequence[Floats], start: str, pitch: bool) -> View:
    """How sounds (n, 64) like these are best shown; ``pitch``: whether it says nothing of what they are."""
    lengths = [len(sound) for sound in sounds]
    if start == "pretrained":
        return View(start, FRAMES, FRAMES, FRAMES)
    warps = WARPS if pitch else (1.0,)
    if np.median(lengths) <= SHORT:
        return View(start, WORD, 0, int(np.clip(1.5 * np.percentile(lengths, 95), 20, 1000)), warps)
    return View(start, FRAMES, 2 * FRAMES, 2 * FRAMES, warps)


def sounding(excerpt: Excerpt) -> Floats:
    """Frames (n, 64) of an excerpt from the first sound in it to the last, as they are.

    A hiss that begins or ends a word is weak, but in many bands: what counts is the mean of the bands' logarithms,
    which a rumble in one of them does not move.
    """
    frames = excerpt.frames.astype(np.float32)
    if not len(frames):
        return np.full((1, BANDS), SILENT, np.float32)
    loudest = np.percentile(frames.max(axis=1), 95)
    filled_bands = np.maximum(frames - loudest, -DEEP).mean(axis=1)
    smooth = np.convolve(np.pad(filled_bands, 1, mode="edge"), np.ones(3) / 3, "valid")
    floor, peak = np.percentile(smooth, (5, 95))
    loud = np.flatnonzero(smooth >= floor + ABOVE * (peak - floor))
    if not len(loud):
        return frames
    return frames[loud[0] : loud[-1] + 1]


def shown(frames: Floats, view: View, changes: Changes = PLAIN, rng: np.random.Generator | None = None) -> Floats:
    """The picture (length, 64) of frames, changed as drawn."""
    seen = pitched(stretched(frames, view.length, changes), changes.pitch)
    seen = coloured(seen, changes)
    if rng is not None:
        seen = noisy(seen, changes, rng)
    if view.start == "scratch":
        top = np.sort(seen.max(axis=1))[-max(len(seen) // 8, 1)]
        seen = np.logaddexp(seen - top, -RANGE) / RANGE * 2 + 1
        seen = (seen - COLOUR * seen.mean(axis=0)) / (seen.std(axis=0) + STEADY)
    return masked(seen, changes) if changes.masks else seen.astype(np.float32)


def pictures(excerpt: Excerpt, view: View) -> Floats:
    """All pictures (n, length, 64) that an excerpt is judged by."""
    return np.stack(
        [shown(each, view, Changes(pitch=warp)) for each in windows(sounding(excerpt), view) for warp in view.warps]
    )


def windows(frames: Floats, view: View) -> Iterator[Floats]:
    """Frames of an excerpt, as they are judged: whole, or in windows that overlap by a half."""
    size = view.window
    if size == 0:
        yield from np.array_split(
            frames, max(round(2 * len(frames) / view.longest), 1) if len(frames) > view.longest else 1
        )
        return
    frames = filled(frames, view)
    count = max(-(-(len(frames) - size) // (size // 2)), 0) + 1
    for first in np.linspace(0, len(frames) - size, count).round().astype(int):
        yield frames[first : first + size]


def filled(frames: Floats, view: View) -> Floats:
    """Frames that fill a window: a shorter sound is heard again, or stands in silence for a tuned network."""
    missing = view.window - len(frames)
    if missing <= 0:
        return frames
    if view.start == "scratch":
        return np.resize(frames, (view.window, BANDS))
    before = missing // 2
    return np.pad(frames, ((before, missing - before), (0, 0)), constant_values=SILENT)


def drawn(frames: Floats, view: View, changes: Changes, rng: np.random.Generator) -> Floats:
    """A picture (length, 64) to learn from: the whole, or a window somewhere, faster or slower."""
    if view.window:
        size = max(round(view.window * changes.speed), 1)
        frames = filled(frames, view)
        first = rng.integers(0, max(len(frames) - size, 0) + 1)
        frames = frames[first : first + size]
    return shown(frames, view, changes, rng)
