"""Real sounds and pictures to compare networks on, that gradio's package carries, and where the shared ones are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from avai.config import ROOT


def media() -> Path:
    """The folder of media in gradio's package."""
    spec = find_spec("gradio")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("gradio is not installed: pip install -r requirements-dev.txt")
    return Path(spec.submodule_search_locations[0]) / "media_assets"


def shared() -> Path:
    """The folder of shared media and data: ``AVAI_SHARED``, else ``../shared`` from the project's root."""
    return Path(os.environ.get("AVAI_SHARED") or ROOT.parent / "shared")


def sound(path: Path, rate: int = 16_000) -> npt.NDArray[np.float32]:
    """All of a file's sound, mono float32."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    parts: list[npt.NDArray[Any]] = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
        parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    return np.concatenate(parts)


def each_picture(path: Path, size: tuple[int, int] | None = None) -> Iterator[npt.NDArray[np.uint8]]:
    """The frames (h, w, 3) of a video, scaled to (width, height)."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            width, height = size or (frame.width, frame.height)
            yield frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()


def pictures(path: Path, size: tuple[int, int] | None = None, every: int = 1) -> npt.NDArray[np.uint8]:
    """Every so many frames (n, h, w, 3) of a video, scaled to (width, height)."""
    return np.stack(list(islice(each_picture(path, size), 0, None, every)))


def picture(path: Path) -> npt.NDArray[np.uint8]:
    """A photograph (h, w, 3), RGB."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise SystemExit(f"{path} is not a picture")
    return np.asarray(image, np.uint8)


def portrait() -> npt.NDArray[np.uint8]:
    """A photograph (600, 512, 3) of Grace Hopper, United States Navy, that matplotlib's package carries."""
    spec = find_spec("matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("matplotlib is not installed: pip install -r requirements-dev.txt")
    folder = Path(spec.submodule_search_locations[0])
    return picture(folder / "mpl-data" / "sample_data" / "grace_hopper.jpg")
