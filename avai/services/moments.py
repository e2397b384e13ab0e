"""How much each moment of a video matters, and which moments make a short version."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avai.contracts import Shot
from avai.networks.sounding import STEP as LEVEL_STEP
from avai.services import hearing as ear
from avai.services.seeing import Change, Looks, unit
from avai.services.spans import Stretch

STEP = 0.5
SHORTEST = 1.5
LONGEST = 5.0
BLANK = 4.0
"""A stretch darker than this on average (0..255) shows nothing; a planet in the night is brighter."""
WEIGHTS = {"novelty": 0.35, "motion": 0.2, "good": 0.15, "speech": 0.15, "loud": 0.15}


@dataclass(frozen=True)
class Moments:
    """``value`` from 0 to 1 each ``STEP`` seconds, and the parts it is made of, each 0 to 1."""

    value: NDArray[np.float32]
    parts: dict[str, NDArray[np.float32]]

    def mean(self, start: float, end: float, name: str | None = None) -> float:
        """Mean over a stretch, of the whole or of one part."""
        series = self.value if name is None else self.parts[name]
        a = min(int(start / STEP), len(series) - 1)
        return float(series[a : max(int(np.ceil(end / STEP)), a + 1)].mean())


def curve(duration: float, change: Change, looks: Looks, hearing: ear.Hearing | None) -> Moments:
    """Importance from picture novelty, motion, stills that are good, speech and loudness.

    Novelty is how unlike a frame is to the video's other frames. Blank picture counts for nothing.
    """
    count = max(int(np.ceil(duration / STEP)), 1)
    grid = (np.arange(count) + 0.5) * STEP
    vectors = unit(looks.embedding)
    unlike = 1 - (vectors @ vectors.T).mean(axis=1)
    nearest = np.abs(grid[:, None] - looks.times[None, :]).argmin(axis=1)
    bins = np.minimum((change.times / STEP).astype(int), count - 1)
    moving = np.bincount(bins, change.motion(), count) / np.maximum(np.bincount(bins, minlength=count), 1)
    parts = {
        "novelty": _scaled(unlike)[nearest],
        "motion": _scaled(np.sqrt(moving)),
        "good": looks.good[nearest],
        "speech": np.zeros(count),
        "loud": np.zeros(count),
    }
    if hearing and not hearing.nothing:
        parts["speech"] = _mean_over(hearing.speech, ear.SPEECH_STEP, count)
        parts["loud"] = _scaled(np.maximum(_mean_over(hearing.levels, LEVEL_STEP, count), -70.0))
        music = np.interp(grid, hearing.heard.times, hearing.heard.scores[:, ear.MUSIC_FAMILY].max(axis=1))
        parts["music"] = np.clip(music, 0, 1)
    dark = np.bincount(bins, change.bright, count) / np.maximum(np.bincount(bins, minlength=count), 1) < BLANK
    value = sum((weight * parts[name] for name, weight in WEIGHTS.items()), np.zeros(count))
    value = np.convolve(value, [0.25, 0.5, 0.25], mode="same") if count > 3 else value
    value = np.where(dark, 0, value)
    return Moments(
        np.clip(value / max(float(value.max()), 1e-6), 0, 1).astype(np.float32),
        {name: np.asarray(series, np.float32) for name, series in parts.items()},
    )


def _scaled(series: NDArray[np.floating]) -> NDArray[np.floating]:
    """From 0 at the 5th percentile to 1 at the 95th."""
    low, high = np.percentile(series, (5, 95))
    return np.asarray(np.clip((series - low) / max(high - low, 1e-6), 0, 1))


def _mean_over(series: NDArray[np.floating], step: float, count: int) -> NDArray[np.floating]:
    bins = np.minimum((np.arange(len(series)) * step / STEP).astype(int), count - 1)
    return np.asarray(np.bincount(bins, series, count) / np.maximum(np.bincount(bins, minlength=count), 1))


def pick(
    shots: tuple[Shot, ...], moments: Moments, hearing: ear.Hearing | None, seconds: float, seen: Stretch
) -> list[Stretch]:
    """Stretches in order whose lengths sum to ``seconds`` (shorter than the video), each inside one shot and inside
    ``seen``, where there is picture.

    The best window of each shot is taken, best shots first, until the time is full; when shots are too few for that,
    windows grow. Edges move to the nearest pause where there is speech.
    """
    length = min(max(seconds / min(len(shots), 8), SHORTEST), LONGEST)
    chosen: list[Stretch] = []
    total = 0.0
    for start, end, _ in sorted(_windows(shots, moments, length, seen), key=lambda window: -window[2]):
        if total >= seconds - 0.2:
            break
        end = min(end, start + seconds - total)
        if end - start >= min(SHORTEST, seconds) * 0.5 or not chosen:
            chosen.append((start, end))
            total += end - start
    chosen = _paused(sorted(chosen), hearing)
    return fitted(chosen, seconds, seen)


def _windows(
    shots: tuple[Shot, ...], moments: Moments, length: float, seen: Stretch
) -> list[tuple[float, float, float]]:
    """Windows of ``length`` inside shots with what they are worth; later windows of one shot are worth less."""
    found = []
    for shot in shots:
        begins = max(shot.start, seen[0])
        lasts = shot.end - begins
        room = max(int(lasts // length), 1)
        size = min(length, lasts)
        starts = np.linspace(begins, shot.end - size, room) if room > 1 else [begins + (lasts - size) / 2]
        worth = sorted(((moments.mean(at, at + size), float(at)) for at in starts), reverse=True)
        for rank, (value, at) in enumerate(worth):
            short = min(1.0, size / SHORTEST)
            found.append((at, at + size, value * short * 0.75**rank))
    return found


def _paused(spans: list[Stretch], hearing: ear.Hearing | None, reach: float = 0.6) -> list[Stretch]:
    """Edges that fall into speech go to the quietest moment within ``reach`` seconds, never past a neighbour."""
    if hearing is None or hearing.nothing:
        return spans
    moved: list[Stretch] = []
    for index, (start, end) in enumerate(spans):
        low = moved[-1][1] if moved else 0.0
        high = spans[index + 1][0] if index + 1 < len(spans) else hearing.duration
        start, end = _pause(hearing, start, low, reach), _pause(hearing, end, low, reach)
        moved.append((max(start, low), min(end, high)) if min(end, high) > max(start, low) + 0.4 else spans[index])
    return moved


def _pause(hearing: ear.Hearing, time: float, low: float, reach: float) -> float:
    at = int(time / ear.SPEECH_STEP)
    if at >= len(hearing.speech) or hearing.speech[at] < 0.5:
        return time
    a = int(max(time - reach, low, 0) / LEVEL_STEP)
    b = int((time + reach) / LEVEL_STEP)
    near = hearing.levels[a:b]
    if near.size < 5:
        return time
    smooth = np.convolve(near, np.ones(5) / 5, mode="same")
    return (a + int(smooth.argmin())) * LEVEL_STEP


def fitted(spans: list[Stretch], seconds: float, seen: Stretch) -> list[Stretch]:
    """Trim or grow the spans, last first, so that they sum to ``seconds``."""
    spans = list(spans)
    for index in range(len(spans) - 1, -1, -1):
        missing = seconds - sum(end - start for start, end in spans)
        if abs(missing) < 0.02:
            break
        start, end = spans[index]
        limit = spans[index + 1][0] if index + 1 < len(spans) else seen[1]
        spans[index] = (start, min(max(end + missing, start + 0.5), limit))
    missing = seconds - sum(end - start for start, end in spans)
    for index, (start, end) in enumerate(spans):
        if missing <= 0.02:
            break
        limit = spans[index - 1][1] if index else seen[0]
        earlier = max(start - missing, limit)
        missing -= start - earlier
        spans[index] = (earlier, end)
    return spans
