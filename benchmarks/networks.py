"""Each network against its original and against float32; size, time to load, speed.

make bench ONLY=networks
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import numpy as np
from report import head

from avai.config import MODELS, settings
from avai.networks import logmel, registry, shots
from avai.networks.registry import Registry
from training import originals, real

MINUTES = 5


def main() -> None:
    head("Networks", "tensorflow", "keras", "numpy")
    print(f"{settings().threads} threads; speeds are the better of two runs\n")
    sizes()
    equality()
    speed()
    windows()


def sizes() -> None:
    rows = {row["file"]: row for row in json.loads((MODELS / "manifest.json").read_text(encoding="utf-8"))}
    fresh = Registry()
    for name in ("sound", "speech", "denoise", "frame", "shots", "glance", "faces", "still"):
        file = f"{name}.safetensors"
        took(f"{name}, {rows[file]['bytes'] / 1e6:.2f} MB: load, check, warm up", getattr(fresh, name))
    took(f"esc10, {rows['esc10.avai']['bytes'] / 1e6:.2f} MB: load, check", lambda: fresh.classes("esc10"))


def equality() -> None:
    print("\nWhat is stored here against the published original, on real input; figures for the float32 rebuild are")
    print("printed by training/import_*.py:")
    scores, embedding = registry.sound().look(originals.sound_input())
    originals.compare("sound scores", scores, most=1)
    originals.compare("sound embedding", embedding, most=1)
    originals.compare("speech", registry.speech().listen([originals.speech_input()]), most=1)
    originals.compare_denoise(*registry.denoise().judged(*originals.denoise_input()))
    originals.compare("frame", registry.frame().look(originals.frame_input()).embedding, most=1)
    originals.compare("shots", registry.shots().transitions(originals.shots_input()), most=1)
    originals.compare("faces", originals.faces_row(*registry.faces().judged(originals.faces_input())), most=1)


def speed() -> None:
    print()
    sax = real.sound(real.media() / "audio" / "sax.wav")
    samples = np.tile(sax, MINUTES * 60 * logmel.RATE // len(sax) + 1)[: MINUTES * 60 * logmel.RATE]
    blocks = [samples[start : start + 160_000] for start in range(0, len(samples), 160_000)]
    sound, speech, frame, ends = registry.sound(), registry.speech(), registry.frame(), registry.shots()
    seconds = MINUTES * 60
    print(f"log-mel: {seconds / best(lambda: list(logmel.patches(blocks))):.0f} x real time")
    print(f"sound: {seconds / best(lambda: sound.hear(blocks)):.0f} x real time, log-mel included")
    print(f"speech: {seconds / best(lambda: speech.listen(blocks)):.0f} x real time")
    images = real.pictures(real.media() / "videos" / "world.mp4", (320, 180))[:96]
    print(f"frame: {len(images) / best(lambda: frame.look(images)):.0f} pictures of 320 x 180 a second")
    tiny = real.pictures(real.media() / "videos" / "world.mp4", (shots.WIDTH, shots.HEIGHT))[:600]
    print(f"shots: {len(tiny) / best(lambda: ends.transitions(tiny)):.0f} frames a second")
    print(f"glance: {len(tiny) / best(lambda: registry.glance().ends(tiny)):.0f} frames a second")


def windows() -> None:
    """Windows of 200 against the original's 100, where shared films are there."""
    media = real.shared() / "media"
    films = [
        path for path in (media / "film_sintel_trailer.mp4", media / "music_band_live_session.mp4") if path.exists()
    ]
    if films:
        arrays = registry.arrays("shots")
        networks = {size: shots.Shots(arrays, size) for size in (shots.ORIGINAL_WINDOW, shots.WINDOW)}
    for path in films:
        images = real.pictures(path, (shots.WIDTH, shots.HEIGHT))
        found = {size: network.transitions(images) for size, network in networks.items()}
        small, large = (found[size] > 0.5 for size in networks)
        starts = [int(np.sum(each[1:] & ~each[:-1])) for each in (small, large)]
        print(f"{path.name}: {starts[0]} ends of shots in windows of 100, {starts[1]} in windows of 200; ", end="")
        print(f"{int(np.sum(small != large))} of {len(images)} frames decided otherwise")


def took(what: str, action: Callable[[], object]) -> None:
    start = time.perf_counter()
    action()
    print(f"{what}: {time.perf_counter() - start:.2f} s")


def best(action: Callable[[], object]) -> float:
    times = []
    for _ in range(2):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
