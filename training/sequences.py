"""Minutes of sound assembled from ESC-10's events, with known times: for ``train_events`` and ``benchmarks/events.py``.

An event is a stretch in which a clip sounds, by the clip's own levels: at most 30 dB under its peak and more than a
third of the way from floor to peak, gaps of 0.5 s closed; all of a clip that hardly varies. Events of one fold stand in
60 s, each at -23 dBFS, 1 to 4 s apart, over silence or a background 20 or 10 dB below. Backgrounds are rain, sea and
helicopter (clips of the same fold; that class is then no event of the sequence), and pink noise, brown noise that
swells, and the hum of a room, all made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from avai.contracts import Span
from avai.networks.sounding import STEADY_DB, STEP, levels_db
from avai.services.spans import closed, long_enough, runs
from training import esc10, real

RATE, SECONDS = 16_000, 60
LEFT_OUT = "CC-Sampling+"
GAPS = (1.0, 4.0)
EVENT_DB = -23.0
LEVELS = {"silence": None, "20 dB below": -20.0, "10 dB below": -10.0}
BACKGROUNDS = ("rain", "sea_waves", "helicopter", "pink", "swell", "hum")
LABELS = {
    "dog": "dog", "rooster": "crowing", "rain": "rain", "sea_waves": "waves", "crying_baby": "baby_cry",
    "clock_tick": "tick", "sneezing": "sneeze", "helicopter": "helicopter", "chainsaw": "chainsaw",
    "crackling_fire": "crackle",
}  # fmt: skip
"""Classes of ESC-10 and the AudioSet label that says the same."""


@dataclass(frozen=True)
class Sequence:
    """``samples`` mono at 16 kHz, the true ``events`` by AudioSet label, and the background's label or name."""

    name: str
    fold: int
    level: str
    background: str
    samples: np.ndarray
    events: tuple[Span, ...]


def stretches(samples: np.ndarray) -> list[tuple[float, float]]:
    """Where a clip sounds, by its own levels."""
    levels = levels_db(samples, RATE)
    power = np.convolve(10 ** (levels / 10), np.ones(3) / 3, "same")
    smooth = 10 * np.log10(np.maximum(power, 1e-10))
    floor, peak = np.percentile(smooth, [10, 99.5])
    if peak - floor < STEADY_DB:
        return [(0.0, len(samples) / RATE)]
    spans = closed(runs(smooth > max(floor + (peak - floor) / 3, peak - 30), STEP), 0.5)
    return long_enough(spans, 0.05)


def sequences(folds: tuple[int, ...], seed: int = 0) -> Iterator[Sequence]:
    """Sequences of each fold, about eight, each at the three levels of ``LEVELS``; the same for the same seed."""
    table = [clip for clip in esc10.clips() if clip.fold in folds and clip.licence != LEFT_OUT]
    sounds = {clip.file: real.sound(esc10.data_folder("esc10") / clip.file) for clip in table}
    for fold in folds:
        rng = np.random.default_rng((seed, fold))
        pool = [clip for clip in table if clip.fold == fold]
        cut = [(clip.label, event) for clip in pool for event in _events_of(sounds[clip.file])]
        queue = [cut[i] for i in rng.permutation(len(cut))]
        number = 0
        while True:
            background = BACKGROUNDS[(number + fold) % len(BACKGROUNDS)]
            events, dry, queue = _assembled(queue, background, rng)
            if not queue:
                break
            noise_of = [sounds[clip.file] for clip in pool if clip.label == background]
            noise = _background(background, noise_of, rng)
            for level, below in LEVELS.items():
                wet = dry if below is None else dry + noise * 10 ** ((EVENT_DB + below) / 20)
                samples = (wet / max(1.0, float(np.abs(wet).max()))).astype(np.float32)
                label = LABELS.get(background, background) if below is not None else ""
                yield Sequence(f"{fold}-{number}", fold, level, label, samples, events)
            number += 1


def _events_of(samples: np.ndarray) -> list[np.ndarray]:
    """What sounds in a clip, each cut out with 10 ms of fade and brought to ``EVENT_DB``."""
    found = []
    for a, b in stretches(samples):
        event = samples[round(a * RATE) : round(b * RATE)].astype(np.float64)
        fade = np.minimum(1.0, (np.arange(len(event)) + 1) / (RATE / 100))
        found.append(event * fade * fade[::-1] * 10 ** (EVENT_DB / 20) / max(np.sqrt(np.mean(event**2)), 1e-6))
    return found


def _assembled(
    queue: list[tuple[str, np.ndarray]], without: str, rng: np.random.Generator
) -> tuple[tuple[Span, ...], np.ndarray, list[tuple[str, np.ndarray]]]:
    """A minute of events that are not of the class ``without``, and the queue that is left: empty when it ran out."""
    dry = np.zeros(SECONDS * RATE)
    events: list[Span] = []
    waiting = [item for item in queue if item[0] == without]
    coming = [item for item in queue if item[0] != without]
    at = rng.uniform(*GAPS)
    for number, (label, event) in enumerate(coming):
        start = round(at * RATE)
        if start + len(event) > len(dry):
            return tuple(events), dry, [*waiting, *coming[number:]]
        dry[start : start + len(event)] = event
        events.append(Span(start=start / RATE, end=(start + len(event)) / RATE, label=LABELS[label]))
        at = events[-1].end + rng.uniform(*GAPS)
    return tuple(events), dry, []


def _background(name: str, clips: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """A minute of it at RMS 1."""
    size = SECONDS * RATE
    if clips:
        noise = _joined([clips[i] for i in rng.permutation(len(clips))], size)
    else:
        bins = np.fft.rfftfreq(size, 1 / RATE)
        slope = {"pink": 0.5, "swell": 1.0, "hum": 0.8}[name]
        shape = np.maximum(bins, 40.0) ** -slope
        noise = np.fft.irfft(shape * np.exp(2j * np.pi * rng.random(len(bins))), size)
        noise /= np.sqrt(np.mean(noise**2))
        time = np.arange(size) / RATE
        if name == "swell":
            noise *= 10 ** (4 * np.sin(2 * np.pi * time / 7 + rng.random() * 6) / 20)
        if name == "hum":
            noise += sum(np.sin(2 * np.pi * 100 * k * time + k) * 1.5 / k for k in (1, 2, 3, 5))
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def _joined(clips: list[np.ndarray], size: int) -> np.ndarray:
    """Clips at equal level, one after another with a second of crossfade, again from the first when they end."""
    steady = [clip for clip in clips if np.sqrt(np.mean(clip**2)) > 1e-4 and len(stretches(clip)) == 1]
    out = np.zeros(size + 5 * RATE)
    at, number = 0, 0
    while at < size:
        clip = steady[number % len(steady)]
        clip = clip / np.sqrt(np.mean(clip**2))
        ramp = np.minimum(1.0, np.minimum(np.arange(len(clip)), np.arange(len(clip))[::-1]) / RATE)
        out[at : at + len(clip)] += (clip * np.sqrt(ramp))[: len(out) - at]
        at += len(clip) - RATE
        number += 1
    return out[:size]
