"""The sound under a film: where it beats, where it may end, and how it is made longer without a seam.

A sound is held as a float WAV at 48 kHz on disk and read in blocks; what is known of it over time is a few numbers
each 21 ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from avai.progress import Progress, quiet
from avai.services.rosa import autocorrelate, beat_track, mfcc, normalize, onset_strength, power_to_db, stft, tempo
from avai.services.rosa import chroma as chroma_bank
from avai.services.rosa import mel as mel_bank

Floats = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

RATE = 48000
HOP = 1024
WINDOW = 4096
SILENT = -70.0  # dB of full scale
STEADY = 0.1  # autocorrelation of onsets at one beat: speech and crowds stay below 0.08, music above 0.12
FEWEST_BEATS = 8
TEMPO_FRAMES = 14_000  # five minutes tell the tempo; librosa takes a gigabyte for twenty
BEAT_FADE = 0.03  # seconds of crossfade where beat meets beat
LOOSE_FADE = 0.5  # and where there is no beat to hide a seam
ENOUGH = 0.25  # seconds that may be missing at the end before anything is repeated
SHORTEST_LOOP = 2.0
SHORTEST_TAIL = 1.0  # seconds heard after the last seam
QUARTERS = 4  # quarters of a second on either side of a seam that should be alike
MOST_PLACES = 600  # where a seam may be: of a longer sound, the beginnings of bars
ALIGN = 0.02  # seconds by which a seam is moved so that the waves agree
ENDING = 1.5  # seconds of the fade where sound goes on beyond the film


@dataclass(frozen=True)
class Music:
    """What a sound is over time. ``levels`` (n,) in dB of full scale and ``colour`` (n, 25) timbre and harmony, one
    row a ``HOP``; ``beats`` in seconds with their ``strength``, empty when there is no steady beat."""

    length: int
    levels: Floats
    colour: Floats
    beats: Floats
    strength: Floats

    @property
    def seconds(self) -> float:
        return self.length / RATE

    @property
    def silent(self) -> bool:
        """Whether nothing is to be heard anywhere."""
        return not np.any(self.levels > SILENT)

    def surroundings(self, places: Floats) -> Floats:
        """What a seam at each place (seconds) would join: ``colour`` over the quarters of a second around it, side by
        side, one row a place."""
        quarter = round(0.25 * RATE / HOP)
        sums = np.vstack([np.zeros(self.colour.shape[1]), np.cumsum(self.colour, axis=0)])
        rows = (places * RATE / HOP).round().astype(int)
        edges = rows[:, None] + quarter * np.arange(-QUARTERS, QUARTERS + 1)
        at = sums[np.clip(edges, 0, len(self.colour))]
        return np.asarray((np.diff(at, axis=1) / quarter).reshape(len(places), -1))


@dataclass(frozen=True)
class Cut:
    """Samples [start, end) of the sound, heard from sample ``at`` on, fading in and out over so many samples."""

    start: int
    end: int
    at: int
    fade_in: int = 0
    fade_out: int = 0

    @property
    def until(self) -> int:
        return self.at + self.end - self.start


def listen(path: Path, progress: Progress = quiet) -> Music:
    """Reads a WAV at 48 kHz once and tells how it goes.

    Beats are librosa's (dynamic programming over onset strength, Ellis 2007), taken only when onsets repeat at that
    distance.
    """
    mel_filters = mel_bank(sr=RATE, n_fft=WINDOW, n_mels=96, fmax=10000)
    chroma_filters = chroma_bank(sr=RATE, n_fft=WINDOW)
    mels, chromas, levels = [], [], []
    with soundfile.SoundFile(path) as file:
        frames = int(file.frames)
    for done, mono in _framed(path):
        spectrum = np.abs(stft(mono, n_fft=WINDOW, hop_length=HOP, center=False)) ** 2
        mels.append(mel_filters @ spectrum)
        chromas.append(chroma_filters @ spectrum)
        power = np.square(np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP]).mean(axis=1)
        levels.append(10 * np.log10(np.maximum(power, 1e-12)))
        progress(min(done / max(frames, 1), 1.0), "doing.compose_listening")
    loud = power_to_db(np.concatenate(mels, axis=1), ref=1.0)
    chroma = normalize(np.concatenate(chromas, axis=1), norm=2, axis=0)
    timbre = mfcc(S=loud, n_mfcc=13)
    spread = np.maximum(timbre.std(axis=1, keepdims=True), 1e-3)
    colour = np.vstack([(timbre - timbre.mean(axis=1, keepdims=True)) / spread / np.sqrt(13), chroma]).T
    beats, strength = _beats(loud)
    return Music(frames, np.concatenate(levels).astype(np.float64), colour.astype(np.float64), beats, strength)


def _framed(path: Path, seconds: float = 10.0) -> Iterator[tuple[int, Samples]]:
    """Mono blocks that overlap, so that windows centred on each hop of the whole come out once; padded at the ends."""
    step = round(seconds * RATE / HOP) * HOP
    with soundfile.SoundFile(path) as file:
        frames = int(file.frames)
        for begin in range(0, max(frames, 1), step):
            first, last = begin - WINDOW // 2, begin + step - HOP + WINDOW // 2
            last = min(last, -(-frames // HOP) * HOP + WINDOW // 2)
            file.seek(max(first, 0))
            block = file.read(max(min(last, frames) - max(first, 0), 0), dtype="float32", always_2d=True).mean(axis=1)
            yield begin, np.pad(block, (max(-first, 0), max(last - max(first, 0) - len(block), 0)))


def _beats(loud: Floats) -> tuple[Floats, Floats]:
    onsets = onset_strength(S=loud, sr=RATE, hop_length=HOP)
    none = np.zeros(0), np.zeros(0)
    if not np.any(onsets > 0):
        return none
    bpm = float(tempo(onset_envelope=onsets[:TEMPO_FRAMES], sr=RATE, hop_length=HOP)[0])
    _, found = beat_track(onset_envelope=onsets, sr=RATE, hop_length=HOP, bpm=bpm)
    if len(found) < FEWEST_BEATS:
        return none
    lag = round(float(np.median(np.diff(found))))
    again = autocorrelate(onsets - onsets.mean(), max_size=lag + 2)
    if again[lag - 1 : lag + 2].max() < STEADY * again[0]:
        return none
    near = np.stack([onsets[np.clip(found + shift, 0, len(onsets) - 1)] for shift in (-1, 0, 1)])
    return found * HOP / RATE, near.max(axis=0) / onsets.mean()


def good_end(music: Music, earliest: float, latest: float) -> float:
    """Where the sound had best stop between two times: quiet, before a beat rather than after, and late."""
    places = music.beats[(music.beats >= earliest) & (music.beats <= latest)]
    if not len(places):
        places = np.arange(latest, earliest, -0.1)[::-1]
    if not len(places):
        return latest
    before = np.array([_level(music, place - 0.2, place) for place in places])
    return float(places[np.argmin(before - 2.0 * places)])


def _level(music: Music, start: float, end: float) -> float:
    rows = np.clip(np.array([start, end]) * RATE / HOP, 0, len(music.levels) - 1).astype(int)
    return float(music.levels[rows[0] : rows[1] + 1].mean())


def fitted(music: Music, path: Path, length: int) -> list[Cut]:
    """The cuts that make the sound ``length`` samples long: its beginning when it is longer, else a stretch of it
    again and again, from a place near its end back to one that sounds alike, and then on to its end."""
    if length <= music.length + ENOUGH * RATE:
        whole = length >= music.length - RATE // 50
        return [Cut(0, min(length, music.length), 0, 0, 0 if whole else _ending(length))]
    leave, back, fade = _seam(music, length)
    if len(music.beats):
        back = _aligned(path, leave, back)
    half = fade // 2
    turns = -(-(length - music.length) // (leave - back))
    cuts = [Cut(0, leave + half, 0, 0, 2 * half)]
    for _ in range(turns - 1):
        cuts.append(Cut(back - half, leave + half, cuts[-1].until - 2 * half, 2 * half, 2 * half))
    cuts.append(Cut(back - half, music.length, cuts[-1].until - 2 * half, 2 * half, 0))
    return [_within(cut, length) for cut in cuts if cut.at < length]


def _within(cut: Cut, length: int) -> Cut:
    """The cut, ended by a fade where the film ends."""
    if cut.until <= length:
        return cut
    end = cut.end - (cut.until - length)
    return replace(cut, end=end, fade_out=min(_ending(length), end - cut.start))


def _ending(length: int) -> int:
    return min(round(ENDING * RATE), length // 4)


def _seam(music: Music, length: int) -> tuple[int, int, int]:
    """Where to leave the sound, where to go on, and the crossfade, in samples.

    Of all pairs of beats (of half seconds, where there is no beat), the pair whose surroundings are most alike, with
    a little weight on few turns, on little left over at the end, and on whole bars of four.
    """
    steady = bool(len(music.beats))
    fade = BEAT_FADE if steady else min(LOOSE_FADE, music.seconds / 8)
    places = music.beats if steady else np.arange(fade, music.seconds - fade, 0.5)
    places = places[(places >= fade) & (places <= music.seconds - fade)]
    places = places[:: 4 * -(-len(places) // (4 * MOST_PLACES))] if len(places) > MOST_PLACES else places
    shortest = max(SHORTEST_LOOP, 0.3 * music.seconds)
    gap = places[:, None] - places[None, :]
    possible = gap >= shortest
    gap = np.where(possible, gap, 1.0)
    missing = (length - music.length) / RATE
    turns = np.ceil(missing / gap)
    possible &= missing + music.seconds - places[:, None] - (turns - 1) * gap >= SHORTEST_TAIL
    if not possible.any():  # too short to choose: all of it, over and over
        return music.length - round(fade * RATE / 2), round(fade * RATE / 2), round(fade * RATE)
    around = music.surroundings(places)
    square = np.square(around).sum(axis=1)
    unlike = np.sqrt(np.maximum(square[:, None] + square[None, :] - 2 * around @ around.T, 0.0))
    unlike /= max(float(np.median(unlike)), 1e-9)
    cost = unlike + 0.03 * turns + 0.03 * (turns * gap - missing) / max(missing, 1.0)
    if steady:
        order = np.arange(len(places))
        cost += np.where((order[:, None] - order[None, :]) % 4 == 0, 0.0, 0.1)
    leave, back = np.unravel_index(np.argmin(np.where(possible, cost, np.inf)), cost.shape)
    return round(float(places[leave]) * RATE), round(float(places[back]) * RATE), round(fade * RATE)


def _aligned(path: Path, leave: int, back: int) -> int:
    """``back`` moved by up to 20 ms so that the waves around both places agree best (cross-correlation)."""
    around, reach = RATE // 10, round(ALIGN * RATE)
    with soundfile.SoundFile(path) as file:
        frames = int(file.frames)
        if min(leave, back) < around + reach or max(leave, back) + around + reach > frames:
            return back
        file.seek(leave - around)
        here = file.read(2 * around, dtype="float32", always_2d=True).mean(axis=1)
        file.seek(back - around - reach)
        there = file.read(2 * (around + reach), dtype="float32", always_2d=True).mean(axis=1)
    return back + int(np.argmax(np.correlate(there, here, mode="valid"))) - reach


def laid(path: Path, cuts: Sequence[Cut], length: int, out: Path, progress: Progress = quiet) -> None:
    """Writes the cuts of a WAV as one WAV of ``length`` samples; where two meet they crossfade at equal power."""
    with (
        soundfile.SoundFile(path) as source,
        soundfile.SoundFile(out, "w", RATE, source.channels, subtype="FLOAT", format="WAV") as file,
    ):
        for begin in range(0, length, RATE):
            mixed = np.zeros((min(RATE, length - begin), source.channels), dtype=np.float32)
            for cut in cuts:
                first, last = max(begin, cut.at), min(begin + len(mixed), cut.until)
                if first < last:
                    source.seek(cut.start + first - cut.at)
                    part = source.read(last - first, dtype="float32", always_2d=True)
                    mixed[first - begin :][: len(part)] += part * _shape(cut, first - cut.at, len(part))
            file.write(mixed)
            progress((begin + len(mixed)) / length, "doing.compose_mixing")


def _shape(cut: Cut, first: int, count: int) -> Samples:
    """The gain of samples ``first`` ... of a cut, shape (count, 1)."""
    place = np.arange(first, first + count) + 0.5
    rise = np.clip(place / max(cut.fade_in, 1), 0, 1) if cut.fade_in else np.ones(count)
    fall = np.clip((cut.end - cut.start - place) / max(cut.fade_out, 1), 0, 1) if cut.fade_out else np.ones(count)
    return np.asarray(np.sin(np.pi / 2 * rise) * np.sin(np.pi / 2 * fall), dtype=np.float32)[:, None]


def beats_heard(music: Music, cuts: Sequence[Cut]) -> tuple[Floats, Floats]:
    """Times of the beats in the laid sound, in seconds, and how strong each is; one where two cuts meet on a beat."""
    heard: list[tuple[float, float]] = []
    for cut in cuts:
        first, last = (cut.start + cut.fade_in / 2) / RATE, (cut.end - cut.fade_out / 2) / RATE
        for beat, strength in zip(music.beats, music.strength, strict=True):
            at = float(beat) + (cut.at - cut.start) / RATE
            if first - ALIGN <= beat < last and (not heard or at - heard[-1][0] > 0.1):
                heard.append((at, float(strength)))
    return np.array([at for at, _ in heard]), np.array([strength for _, strength in heard])
