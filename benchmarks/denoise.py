"""Noise suppression: what is gained over rain, chainsaws and the sea, what clean speech loses, speed, stereo image.

make bench ONLY=denoise                             every table (about five minutes on two cores)
PYTHONPATH=. python benchmarks/denoise.py --picture     draws docs/pictures/denoise.png

Speech: LibriSpeech test-other, the utterances whose own noise is at least 42 dB below. Noise: ESC-10, repeated to the
length of the speech. Nothing was trained or tuned on either here; the network's own training set (the fourth Deep
Noise Suppression Challenge) is made of LibriVox and Freesound too, and may share readers and noises with them.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
from report import head

from avai.config import ROOT
from avai.networks import denoise, erb, registry
from avai.services.cleaning import left_at
from training import real

LEVELS = (0, 5, 10)
NOISES = ("rain", "chainsaw", "sea_waves")
CLEAN = 42  # dB between speech and the room it was read in
SECONDS = 8  # of each utterance
METHODS = ("DeepFilterNet3", "at half strength", "noisereduce", "noisereduce, prop_decrease 0.5")
SCENES = {"in the middle": (1.0, 1.0, 0), "to the left": (1.0, 0.5, 14), "left alone": (1.0, 0.0, 0),
          "upside down on the right": (1.0, -1.0, 0)}  # fmt: skip
PICTURE = ROOT / "docs" / "pictures" / "denoise.png"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--picture", action="store_true", help="draw docs/pictures/denoise.png")
    parser.add_argument("--speed", action="store_true", help="speed with AVAI_THREADS threads, alone")
    given = parser.parse_args()
    if given.speed:
        return speed()
    if not (real.shared() / "data" / "speech").exists():
        raise SystemExit(f"shared data not found at {real.shared()}")
    if given.picture:
        return draw()
    head("Noise suppression", "tensorflow", "keras", "noisereduce", "numpy")
    gains()
    kept()
    opening()
    stereo()
    print("\nSpeed, reading and writing left out, the better of two runs over 30 s:")
    for threads in ("1", "2"):
        sys.stdout.flush()
        command = [sys.executable, __file__, "--speed"]
        subprocess.run(command, check=True, env={**os.environ, "AVAI_THREADS": threads, "OMP_NUM_THREADS": threads})


def speech(least: float = CLEAN, below: float = np.inf) -> dict[str, np.ndarray]:
    """Utterances by name, 48 kHz, whose room is so many dB below."""
    folder = real.shared() / "data" / "speech"
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].startswith("libri_")]
    names = [row["file"] for row in rows if least <= float(row["level_span_db"] or 0) < below]
    return {name: real.sound(folder / name, erb.RATE)[: SECONDS * erb.RATE] for name in names}


class Noises:
    """Clips of each kind in turn, those that sound all through."""

    def __init__(self) -> None:
        folder = real.shared() / "data" / "esc10"
        self._files: dict[str, list[Path]] = defaultdict(list)
        with next(folder.glob("*.csv")).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if float(row["sounding_fraction"]) > 0.95:
                    self._files[row["label"]].append(folder / row["file"])
        self._turn: dict[str, int] = defaultdict(int)

    def take(self, kind: str, count: int) -> np.ndarray:
        """``count`` samples of the next clip of a kind, repeated."""
        files = self._files[kind]
        self._turn[kind] += 7  # from another recording each time
        return np.resize(real.sound(files[self._turn[kind] % len(files)], erb.RATE), count)


def si_sdr(clean: np.ndarray, heard: np.ndarray) -> float:
    """Scale-invariant ratio of signal to distortion in dB (Le Roux et al., ICASSP 2019)."""
    clean, heard = clean - clean.mean(), heard - heard.mean()
    target = clean * (heard @ clean) / (clean @ clean)
    return float(10 * np.log10((target @ target) / ((heard - target) @ (heard - target) + 1e-12)))


def ours(sound: np.ndarray, left: float = 0.0) -> np.ndarray:
    """A sound (n,) or (n, channels) cleaned."""
    rows = sound if sound.ndim == 2 else sound[:, None]
    return np.concatenate(list(registry.denoise().clean([rows.astype(np.float32)], left))).reshape(sound.shape)


def each(method: str) -> Callable[[np.ndarray], np.ndarray]:
    """What a method does to a sound (n,)."""
    import noisereduce

    share = 0.5 if "0.5" in method else 1.0
    if method.startswith("noisereduce"):
        return lambda sound: noisereduce.reduce_noise(y=sound, sr=erb.RATE, prop_decrease=share)
    return lambda sound: ours(sound, left_at(0.5) if "half" in method else 0.0)


def gains() -> None:
    voices, noises = speech(), Noises()
    found: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for voice in voices.values():
        for kind in NOISES:
            noise = noises.take(kind, len(voice))
            for level in LEVELS:
                scale = np.sqrt(np.mean(voice**2) / np.mean(noise**2) / 10 ** (level / 10))
                noisy = (voice + scale * noise).astype(np.float32)
                for method in METHODS:
                    found[method, kind, level].append(si_sdr(voice, each(method)(noisy)) - si_sdr(voice, noisy))
    print(f"SI-SDR gain in dB, {len(voices)} utterances of at most {SECONDS} s, each over {', '.join(NOISES)}:\n")
    print("| | " + " | ".join(f"{level} dB" for level in LEVELS) + " |\n|---|" + "---|" * len(LEVELS))
    for method in METHODS:
        means = [np.mean([v for kind in NOISES for v in found[method, kind, level]]) for level in LEVELS]
        print(f"| {method} | " + " | ".join(f"{mean:+.1f}" for mean in means) + " |")
    for kind in NOISES:
        means = [f"{np.mean(v):+.1f} ({np.min(v):+.1f})" for v in (found[METHODS[0], kind, level] for level in LEVELS)]
        print(f"| {METHODS[0]}, {kind} (worst) | " + " | ".join(means) + " |")


def kept() -> None:
    voices = speech().values()
    print("\nClean speech through each, SI-SDR in dB, mean (worst):")
    for method in METHODS:
        found = [si_sdr(voice, each(method)(voice)) for voice in voices]
        print(f"  {method}: {np.mean(found):.1f} ({np.min(found):.1f})")


def opening() -> None:
    """How many of the first half seconds are listened to beforehand: chosen on the noisier readers, see OPENING."""
    voices = speech(28, CLEAN)
    print(f"\nListened to beforehand, {len(voices)} utterances of other readers: clean speech kept, gain at 5 dB")
    for chunks in (0, 2, 4, 6):
        noises, kept_at, gained = Noises(), [], []
        for number, voice in enumerate(voices.values()):
            noise = noises.take(NOISES[number % len(NOISES)], len(voice))
            noisy = (voice + noise * np.sqrt(np.mean(voice**2) / np.mean(noise**2) / 10**0.5)).astype(np.float32)
            with patch.object(denoise, "OPENING", chunks):
                kept_at.append(si_sdr(voice, ours(voice)))
                gained.append(si_sdr(voice, ours(noisy)) - si_sdr(voice, noisy))
        print(f"  {chunks / 2:.0f} s: {np.mean(kept_at):.1f} dB, {np.mean(gained):+.1f} dB")


def stereo() -> None:
    """A voice at several places in noise that differs from side to side, 5 dB below it."""
    print("\nStereo, a voice in rain, chainsaw and sea of their own on each side, 5 dB:\n")
    print("| voice | gain, dB | level between ears, error, dB | its spread over time, dB | time between ears |")
    print("|---|---|---|---|---|")
    voices = list(speech().values())[::4]
    for scene, (left, right, later) in SCENES.items():
        noises, rows = Noises(), []
        for voice in voices:
            for kind in NOISES:
                one, two = (noises.take(kind, len(voice)) for _ in range(2))
                said = np.stack([left * voice, right * np.roll(voice, later)], axis=1)
                around = np.stack([0.8 * one + 0.4 * two, 0.4 * one + 0.8 * two], axis=1)
                around *= np.sqrt(np.sum(said**2) / np.sum(around**2) / 10**0.5)
                rows.append(image(said, said + around, ours(said + around)))
        gain, level, spread, delay = np.mean(rows, axis=0)
        there = "" if np.isnan(level) else f"{level:.2f}"
        print(f"| {scene} | {gain:+.1f} | {there} | {'' if np.isnan(spread) else f'{spread:.2f}'} | ", end="")
        print(f"{'' if np.isnan(delay) else f'{delay:.1f} samples off'} |")


def image(said: np.ndarray, noisy: np.ndarray, heard: np.ndarray) -> tuple[float, float, float, float]:
    """Gain, and by how much the voice moved: level between ears, its spread over tenths of a second, and time."""
    sides = [side for side in (0, 1) if said[:, side].any()]
    gain = np.mean([si_sdr(said[:, s], heard[:, s]) - si_sdr(said[:, s], noisy[:, s]) for s in sides])
    if len(sides) == 1:
        return float(gain), np.nan, np.nan, np.nan
    share = [heard[:, s] @ said[:, s] / (said[:, s] @ said[:, s]) for s in (0, 1)]
    size = erb.RATE // 10
    tenths = [sound[: len(sound) // size * size].reshape(-1, size, 2) for sound in (said, heard)]
    before, after = (np.square(each).sum(axis=1) + 1e-9 for each in tenths)
    loud = before.sum(axis=1) > np.quantile(before.sum(axis=1), 0.7)
    moved = 10 * np.log10(after[loud, 1] / after[loud, 0]) - 10 * np.log10(before[loud, 1] / before[loud, 0])
    delays = [delay(sound) for sound in (said, heard)]
    return float(gain), abs(20 * np.log10(abs(share[1] / share[0]))), float(np.std(moved)), abs(delays[1] - delays[0])


def delay(sound: np.ndarray, most: int = 48) -> float:
    """By how many samples the right side is later than the left."""
    left, right = np.fft.rfft(sound[:, 0]), np.fft.rfft(sound[:, 1])
    alike = np.fft.irfft(right * np.conj(left), len(sound))
    near = np.concatenate([alike[-most:], alike[: most + 1]])
    return float(np.argmax(np.abs(near)) - most)


def speed() -> None:
    """Times real time, one and two channels: by the clock, and by processor time, which other work does not change."""
    rng, network = np.random.default_rng(0), registry.denoise()
    threads = os.environ.get("AVAI_THREADS", "default")
    for channels in (1, 2):
        sound = (0.1 * rng.standard_normal((30 * erb.RATE, channels))).astype(np.float32)
        clock, processor = [], []
        for _ in range(2):
            starts = time.perf_counter(), time.process_time()
            for _block in network.clean([sound]):
                pass
            clock.append(time.perf_counter() - starts[0])
            processor.append(time.process_time() - starts[1])
        print(f"  {channels} channel(s), {threads} thread(s): {30 / min(clock):.0f} x real time", end="")
        print(f", {30 / min(processor):.0f} x by processor time")


def draw() -> None:
    """Spectrograms of a voice over rain, before and after, and of the voice alone: 5 s, frequency upward to 8 kHz."""
    import cv2
    from PIL import Image

    name = "libri_2033-164914-0000.flac"
    voice = speech()[name][: 5 * erb.RATE]
    noise = Noises().take("rain", len(voice))
    noisy = voice + noise * np.sqrt(np.mean(voice**2) / np.mean(noise**2) / 10**0.5)
    colours = cv2.applyColorMap(np.arange(0, 256, 8, dtype=np.uint8), cv2.COLORMAP_INFERNO).reshape(-1, 3)[:, ::-1]
    white = np.full((6, 800), len(colours), np.uint8)
    rows = [shades(sound, len(colours)) for sound in (noisy, ours(noisy), voice)]
    image = Image.fromarray(np.concatenate([rows[0], white, rows[1], white, rows[2]]))
    image.putpalette([*colours.reshape(-1).tolist(), 255, 255, 255])
    image.save(PICTURE, optimize=True)
    print(f"{PICTURE.relative_to(ROOT)}: {name}, {PICTURE.stat().st_size // 1000} kB")


def shades(sound: np.ndarray, count: int) -> np.ndarray:
    """A spectrogram (160, 800) in ``count`` steps over 60 dB."""
    import cv2

    hops = np.pad(sound, (0, -len(sound) % erb.HOP)).astype(np.float32)
    spectra = erb.Analysis(1).spectra(hops[None])[0][:, :160]
    level = np.clip((20 * np.log10(np.abs(spectra) + 1e-9) + 90) / 60, 0, 1).T[::-1]
    wide = cv2.resize(level.astype(np.float32), (800, 160), interpolation=cv2.INTER_AREA)
    return np.asarray(np.minimum(wide * count, count - 1), np.uint8)


if __name__ == "__main__":
    main()
