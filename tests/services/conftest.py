"""Clips for the services: real ones from gradio's package, and some made here with known content."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest


def write_film(
    path: Path, scenes: list[tuple[np.ndarray, float]], rate: int = 25, sound: np.ndarray | None = None
) -> Path:
    """A film of stills with a slow pan, each for so many seconds; sound is mono at 48 kHz."""
    with av.open(str(path), "w") as film:
        height, width = scenes[0][0].shape[:2]
        video = film.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = film.add_stream("aac", rate=48000, layout="mono") if sound is not None else None
        number = 0
        for image, seconds in scenes:
            for step in range(round(seconds * rate)):
                frame = av.VideoFrame.from_ndarray(np.roll(image, step // 4, axis=1).copy(), "rgb24")
                frame.pts, frame.time_base = number, Fraction(1, rate)
                number += 1
                film.mux(video.encode(frame))
        film.mux(video.encode())
        if audio is not None and sound is not None:
            for start in range(0, len(sound), 1024):
                block = av.AudioFrame.from_ndarray(sound[None, start : start + 1024].astype(np.float32), "fltp", "mono")
                block.sample_rate, block.pts, block.time_base = 48000, start, Fraction(1, 48000)
                film.mux(audio.encode(block))
            film.mux(audio.encode())
    return path


@pytest.fixture(scope="session")
def film() -> Callable[..., Path]:
    return write_film


@pytest.fixture(scope="session")
def photographs(gradio_media: Path) -> list[np.ndarray]:
    """Four photographs of different things, 480x270."""
    import cv2

    found = []
    for name in ("cheetah1.jpg", "lion.jpg", "tower.jpg", "bus.png"):
        image = cv2.cvtColor(cv2.imread(str(gradio_media / "images" / name)), cv2.COLOR_BGR2RGB)
        scale = max(480 / image.shape[1], 270 / image.shape[0])
        wide = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found.append(np.ascontiguousarray(wide[:270, :480]))
    return found


@pytest.fixture(scope="session")
def saxophone(gradio_media: Path) -> np.ndarray:
    """Ten seconds of a saxophone that plays from the first sample on, mono at 48 kHz."""
    import soundfile
    from scipy.signal import resample_poly

    samples, rate = soundfile.read(gradio_media / "audio" / "sax.wav", dtype="float32", always_2d=True)
    return resample_poly(samples.mean(axis=1), 48000, rate)[48000 : 11 * 48000].astype(np.float32)


@pytest.fixture(scope="session")
def sound_model(saxophone: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was taught a saxophone and noise, six clips of 1.5 s each, and two of silence."""
    from scipy.signal import resample_poly

    from avai.networks import registry
    from avai.networks.excerpt import excerpt
    from avai.networks.sounding import levels_db
    from avai.networks.teaching import Example

    rng = np.random.default_rng(0)
    played = resample_poly(saxophone, 1, 3).astype(np.float32)
    long = 24_000
    clips = [played[at * long : (at + 1) * long] for at in range(6)]
    clips += [rng.normal(0, level, long).astype(np.float32) for level in (0.02, 0.03, 0.05, 0.08, 0.1, 0.2)]
    clips += [np.zeros(long, np.float32)] * 2
    examples = []
    for number, samples in enumerate(clips):
        heard = registry.sound().hear([samples])
        target = (1, 0, 2)[number // 6]
        examples.append(Example(target, number, (excerpt(heard, levels_db(samples), 0.0, 1.5),)))
    settings = {"seconds": 1.5, "silent": ["nothing"]}
    return _kept(examples, ("noise", "saxophone", "nothing"), settings, tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="session")
def picture_model(photographs: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was taught a tower and a bus on parts of their photographs; it has seen no cheetah."""
    import cv2

    from avai.networks import registry
    from avai.networks.teaching import Example

    rng = np.random.default_rng(0)
    examples = []
    for target, image in enumerate((photographs[3], photographs[2])):
        for number in range(6):
            top, left = int(rng.integers(0, 60)), int(rng.integers(0, 100))
            moved = np.roll(image, 10 * number, axis=1)[top : 270 - top // 2, left : 480 - left // 2]
            rough = cv2.resize(moved, (240, 135) if number % 2 else (480, 270), interpolation=cv2.INTER_AREA)
            look = registry.frame().look(rough[None])
            examples.append(Example(target, 6 * target + number, picture=look.embedding[0]))
    return _kept(examples, ("bus", "tower"), {}, tmp_path_factory.mktemp("picture"))


def _kept(examples: list[Any], classes: tuple[str, ...], settings: dict[str, object], folder: Path) -> Path:
    from dataclasses import replace

    from avai.networks.taught import dumps
    from avai.networks.teaching import quick

    model = quick(examples, classes).model
    path = folder / "model.avai"
    path.write_bytes(dumps(replace(model, settings={**model.settings, **settings})))
    return path
