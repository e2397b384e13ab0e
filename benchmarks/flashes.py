"""Films of flashes and beeps, cuts through them, and how well picture and sound of a cut keep together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from avai import media
from avai.media.timeline import Piece, Track

RATE = 48_000
SIZE = (96, 54)
DARK, LIGHT = 16, 235
KEPT, DROPPED = 440.0, 5000.0  # Hz of the hum in what is kept and of the whistle in what is not
HUM, WHISTLE, BEEP = 0.05, 0.4, 0.6
BEEPED = 0.02  # seconds
LOUD = 0.3


@dataclass(frozen=True)
class Beat:
    """How frames come: ``rate`` ticks a second, ``steps`` ticks apart by turns; a flash every so many frames."""

    rate: Fraction
    steps: Sequence[int] = (1,)
    every: int = 25


BEATS = {
    "25": Beat(Fraction(25)),
    "29.97": Beat(Fraction(30000, 1001), every=30),
    "59.94": Beat(Fraction(60000, 1001), every=60),
    "VFR": Beat(Fraction(30), (1, 2, 1, 5, 3), every=11),
}


@dataclass(frozen=True)
class Plan:
    """When frames are shown, which of them flash, and what is kept: pairs of frame numbers."""

    beat: Beat
    times: tuple[Fraction, ...]
    kept: tuple[tuple[int, int], ...]

    @property
    def spans(self) -> list[tuple[Fraction, Fraction]]:
        return [(self.times[a], self.times[b]) for a, b in self.kept]

    def flashes(self, start: Fraction, end: Fraction) -> list[Fraction]:
        """The times of the flashes that begin in a stretch."""
        return [time for time in self.times[:: self.beat.every][1:] if start <= time < end]


def plan(beat: Beat, pieces: int, mean: float, seed: int = 0) -> Plan:
    """``pieces`` stretches of ``mean`` seconds, half of it to one and a half, with gaps a tenth as long. Each begins
    and ends at least three frames from a flash, so that a click at a cut can't hide in a beep."""
    rng = np.random.default_rng(seed)
    each = float(sum(beat.steps)) / len(beat.steps) / float(beat.rate)
    at, kept = 5, []
    for _ in range(pieces):
        first = at + round(rng.uniform(0.03, 0.17) * mean / each)
        last = first + round(rng.uniform(0.5, 1.5) * mean / each)
        edges = [edge if 3 <= edge % beat.every <= beat.every - 3 else edge + 6 for edge in (first, last)]
        kept.append((edges[0], edges[1]))
        at = edges[1]
    count = at + beat.every
    ticks = [0, *accumulate(beat.steps[number % len(beat.steps)] for number in range(count))]
    return Plan(beat, tuple(tick / beat.rate for tick in ticks), tuple(kept))


def write(made: Plan, path: Path, sound: str = "pcm_s16le") -> Path:
    """The film of a plan. A flash is one white frame, a beep begins with it; what is kept hums, the rest whistles."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=made.beat.rate, options={"preset": "ultrafast", "crf": "30"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        context = video.codec_context
        context.time_base, context.gop_size = 1 / made.beat.rate, 10 * made.beat.every
        context.flags |= 1 << 8
        track = out.add_stream(sound, rate=RATE, layout="mono")
        shown = [VideoFrame.from_ndarray(_grey(level), format="yuv420p") for level in (DARK, LIGHT)]
        heard = 0
        for number, time in enumerate(made.times[:-1]):
            frame = shown[number % made.beat.every == 0 and number > 0]
            frame.pts, frame.time_base = round(time * made.beat.rate), 1 / made.beat.rate
            frame.duration = round((made.times[number + 1] - time) * made.beat.rate)
            frame.pict_type = 0
            out.mux(video.encode(frame))
            until = round(made.times[number + 1] * RATE)
            if until - heard > 10 * RATE or number == len(made.times) - 2:
                out.mux(track.encode(_sounding(made, heard, until)))
                heard = until
        out.mux(video.encode(None))
        out.mux(track.encode(None))
    return path


def _grey(level: int) -> np.ndarray:
    planes = np.full((SIZE[1] * 3 // 2, SIZE[0]), 128, np.uint8)
    planes[: SIZE[1]] = level
    return planes


def _sounding(made: Plan, first: int, last: int) -> AudioFrame:
    moments = np.arange(first, last)
    samples = WHISTLE * np.sin(2 * np.pi * DROPPED * moments / RATE)
    for start, end in made.spans:
        a, b = (min(max(round(time * RATE), first), last) - first for time in (start, end))
        if b > a:
            samples[a:b] = HUM * np.sin(2 * np.pi * KEPT * moments[a:b] / RATE)
    count = round(BEEPED * RATE)
    burst = BEEP * np.sin(2 * np.pi * 1000 * np.arange(count) / RATE) * np.minimum(1, np.arange(count)[::-1] / 240)
    for time in made.flashes(Fraction(first - count, RATE), Fraction(last, RATE)):
        a = round(time * RATE) - first
        part = slice(max(a, 0), min(a + count, last - first))
        samples[part] += burst[part.start - a : part.stop - a]
    frame = AudioFrame.from_ndarray((samples * 32767).astype(np.int16)[None], format="s16", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), first
    return frame


@dataclass(frozen=True)
class Found:
    """What a cut film is like. Times in milliseconds: ``apart``, the most that a flash and its beep are, ``at_end``
    over the last minute; ``picture`` and ``sound``, the most that they are from where they should be. ``missing``
    flashes or beeps. ``left_db``: the whistle of what was dropped, beside what it was, where it is loudest; ``step``:
    the largest jump at a cut, in those that hum and beep make."""

    flashes: int
    missing: int
    apart: float
    at_end: float
    picture: float
    sound: float
    left_db: float
    step: float


def measured(made: Plan, track: Track, film: Path) -> Found:
    """Look at and listen to a film whose picture and sound are ``track``."""
    wanted = [
        float(piece.at + (time - piece.start) / piece.speed)
        for piece in track.pieces
        for time in made.flashes(piece.start, piece.end)
    ]
    levels, times = [], []
    for frame in media.frames(film, size=(16, 9)):
        levels.append(float(frame.image.mean()))
        times.append(float(frame.time))
    light = np.array(levels) > 125
    shown = np.array(times)[np.flatnonzero(light & ~np.roll(light, 1))]
    heard, left, step = _listened(film, float(track.length), [piece.at for piece in track.pieces])
    pairs = [(near(shown, time), near(heard, time), time) for time in wanted]
    missing = sum(abs(one - time) > 0.1 or abs(other - time) > 0.1 for one, other, time in pairs)
    apart = [abs(one - other) for one, other, _ in pairs]
    last = [value for value, time in zip(apart, wanted, strict=True) if time > float(track.length) - 60]
    return Found(
        len(wanted),
        missing,
        1000 * max(apart),
        1000 * max(last),
        1000 * max(abs(one - time) for one, _, time in pairs),
        1000 * max(abs(other - time) for _, other, time in pairs),
        left,
        step,
    )


def near(times: np.ndarray, time: float) -> float:
    """The one of sorted ``times`` that is nearest."""
    at = int(np.clip(np.searchsorted(times, time), 1, len(times) - 1))
    return float(min(times[at - 1 : at + 1], key=lambda each: abs(each - time)))


def _listened(film: Path, length: float, cuts: Sequence[Fraction]) -> tuple[np.ndarray, float, float]:
    """When beeps begin; the loudest whistle in dB of what it was; the largest jump within 10 ms of a cut."""
    heard: list[float] = []
    whistle, jump = 1e-9, 0.0
    smooth = HUM * (2 * np.pi * KEPT / RATE) ** 2  # the most that a hum's samples leave a straight line
    window = np.hanning(480)
    turning = window * np.exp(-2j * np.pi * DROPPED * np.arange(480) / RATE) / window.sum() * 2
    for minute in np.arange(0, length, 60.0):
        begin = max(minute - 0.1, 0.0)
        samples = media.audio(film, mono=True, start=Fraction(begin), end=Fraction(minute + 60)).samples[:, 0]
        loud = np.flatnonzero(np.abs(samples) > LOUD * BEEP)
        starts = loud[np.diff(loud, prepend=-RATE) > RATE // 20] / RATE + begin
        heard += [time for time in starts if not heard or time > heard[-1] + 0.05]
        for cut in cuts:
            at = round((float(cut) - begin) * RATE)
            if minute <= cut < minute + 60 and 960 <= at < len(samples) - 960:
                around = samples[at - 480 : at + 480]
                jump = max(jump, float(np.abs(np.diff(around, 2)).max()))
                parts = np.lib.stride_tricks.sliding_window_view(samples[at - 960 : at + 960], 480)[::48]
                whistle = max(whistle, float(np.abs(parts @ turning).max()))
    return np.array(heard), 20 * np.log10(whistle / WHISTLE), jump / smooth


def cut(made: Plan, source: Path, speeds: Sequence[Fraction] = ()) -> Track:
    """What a plan keeps, one after another."""
    return media.joined(source, made.spans, speeds=speeds)


__all__ = ["BEATS", "Beat", "Found", "Piece", "Plan", "cut", "measured", "plan", "write"]
