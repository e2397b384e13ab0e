"""How much each moment of a video matters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from avai.networks.sounding import STEP as LEVEL_STEP
from avai.services import hearing as ear
from avai.services.seeing import Change, Looks, unit
from avai.services.segments import STEP as BAND_STEP

STEP = 0.5
BLANK = 4.0
DIM, LIGHT = 30.0, 110.0
"""A stretch darker than this on average (0..255) shows nothing; a planet in the night is brighter. A
picture is not bright at ``DIM`` and fully so from ``LIGHT`` on."""
PICTURE = {"novelty": 0.35, "motion": 0.2, "good": 0.15, "faces": 0.15}
SOUND = {"speech": 0.15, "onsets": 0.1, "loud": 0.1}
"""What each part counts, of picture and of sound. Set by reasoning: no figure was tuned."""
ASKED = 2.0
"""How much more it counts that a moment is what was asked for than all else that makes it matter."""


@dataclass(frozen=True)
class Moments:
    """``value`` from 0 to 1 each ``STEP`` seconds, the parts it is made of, each 0 to 1, and where the picture is
    ``dark``."""

    value: NDArray[np.float32]
    parts: dict[str, NDArray[np.float32]]
    dark: NDArray[np.bool_]

    def mean(self, start: float, end: float, name: str | None = None) -> float:
        """Mean over a stretch, of the whole or of one part."""
        series = self.value if name is None else self.parts[name]
        return float(series[_steps(start, end, len(series))].mean())

    def is_dark(self, start: float, end: float) -> bool:
        """Whether most of a stretch is dark."""
        return float(self.dark[_steps(start, end, len(self.dark))].mean()) > 0.5

    def preferring(self, value: NDArray[np.float32], name: str) -> Moments:
        """Moments that matter the more the likelier they are what was asked for: ``value``, 0 to 1 each step."""
        asked = np.pad(value, (0, max(len(self.value) - len(value), 0)))[: len(self.value)]
        weighed = self.value + ASKED * asked
        weighed /= max(float(weighed.max()), 1e-6)
        return replace(self, value=np.asarray(weighed, np.float32), parts={**self.parts, name: asked})


def curve(
    duration: float,
    change: Change | None,
    looks: Looks | None,
    hearing: ear.Hearing | None,
    picture: float = 0.5,
    sound: float = 0.5,
) -> Moments:
    """Importance from picture (novelty, motion, stills that are good, faces) and sound (speech, onsets, loudness).

    ``picture`` and ``sound``, 0 to 1, are how much each counts. Novelty is how unlike a frame is to the video's other
    frames; onsets are the spectral flux (Dixon 2006, "Onset detection revisited"). Blank picture counts for nothing.
    A sound without picture has its own parts alone, and a picture without sound is silent.
    """
    count = max(int(np.ceil(duration / STEP)), 1)
    grid = (np.arange(count) + 0.5) * STEP
    parts: dict[str, NDArray[np.floating]] = {
        name: np.zeros(count) for name in (*PICTURE, *SOUND) if name not in PICTURE or change
    }
    dark = np.zeros(count, bool)
    if change and looks:
        parts |= _seen(change, looks, grid)
        dark = parts["bright"] < BLANK
        parts["bright"] = np.clip((parts["bright"] - DIM) / (LIGHT - DIM), 0, 1)
    if hearing and not hearing.nothing:
        rises = np.maximum(np.diff(hearing.heard.bands, axis=0), 0).mean(axis=1, dtype=np.float32)
        parts["speech"] = _mean_over(hearing.speech, ear.SPEECH_STEP, count)
        parts["onsets"] = _scaled(_mean_over(rises, BAND_STEP, count), 0.1)
        parts["loud"] = _scaled(np.maximum(_mean_over(hearing.levels, LEVEL_STEP, count), -70.0), 12.0)
        music = np.interp(grid, hearing.heard.times, hearing.heard.scores[:, ear.MUSIC_FAMILY].max(axis=1))
        parts["music"] = np.clip(music, 0, 1)
    weights = {name: picture * weight for name, weight in PICTURE.items()}
    weights |= {name: sound * weight for name, weight in SOUND.items()}
    value = sum((weight * parts[name] for name, weight in weights.items() if name in parts), np.zeros(count))
    value = np.convolve(value, [0.25, 0.5, 0.25], mode="same") if count > 3 else value
    value = np.where(dark, 0, value)
    return Moments(
        np.clip(value / max(float(value.max()), 1e-6), 0, 1).astype(np.float32),
        {name: np.asarray(series, np.float32) for name, series in parts.items()},
        dark,
    )


def _seen(change: Change, looks: Looks, grid: NDArray[np.floating]) -> dict[str, NDArray[np.floating]]:
    """What the picture says of each step; brightness as it is, 0 to 255."""
    count = len(grid)
    vectors = unit(looks.embedding)
    unlike = 1 - (vectors @ vectors.T).mean(axis=1)
    nearest = np.abs(grid[:, None] - looks.times[None, :]).argmin(axis=1)
    bins = np.minimum((change.times / STEP).astype(int), count - 1)
    frames = np.maximum(np.bincount(bins, minlength=count), 1)
    moving = np.bincount(bins, change.motion(), count) / frames
    return {
        "novelty": _scaled(unlike, 0.1)[nearest],
        "motion": _scaled(np.sqrt(moving), 1.0),
        "good": looks.good[nearest],
        "faces": looks.face[nearest],
        "bright": np.bincount(bins, change.bright, count) / frames,
    }


def _steps(start: float, end: float, count: int) -> slice:
    first = min(int(start / STEP), count - 1)
    return slice(first, max(int(np.ceil(end / STEP)), first + 1))


def _scaled(series: NDArray[np.floating], least: float) -> NDArray[np.floating]:
    """From 0 at the 5th percentile to 1 at the 95th, or at ``least`` more: where nothing changes, nothing matters."""
    low, high = np.percentile(series, (5, 95))
    return np.asarray(np.clip((series - low) / max(high - low, least), 0, 1))


def _mean_over(series: NDArray[np.floating], step: float, count: int) -> NDArray[np.floating]:
    bins = np.minimum((np.arange(len(series)) * step / STEP).astype(int), count - 1)
    return np.asarray(np.bincount(bins, series, count) / np.maximum(np.bincount(bins, minlength=count), 1))
