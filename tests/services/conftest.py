"""Clips for the services: real ones from gradio's package, and some made here with known content."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

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
