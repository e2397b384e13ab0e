"""Pictures of one shape in a frame of another: a window that is cut out, a blurred ground behind."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.uint8]  # yuv420p as one array (height * 3 / 2, width)

GROUND = 64  # pixels of the longer side of the ground before it is enlarged: nothing in it can be told
SOFT = 1.5  # standard deviation of the blur, in such pixels


def split(planes: Planes) -> tuple[Planes, Planes, Planes]:
    """Luma (h, w) and the two chroma planes (h / 2, w / 2)."""
    width = planes.shape[1]
    height = planes.shape[0] * 2 // 3
    luma, chroma = planes[:height], planes[height:].reshape(2, height // 2, width // 2)
    return luma, chroma[0], chroma[1]


def together(parts: Sequence[Planes]) -> Planes:
    """The planes of luma and of the two chromas as one array."""
    height, width = parts[0].shape
    chroma = np.concatenate([np.ascontiguousarray(part).reshape(-1) for part in parts[1:]])
    return np.concatenate((parts[0], chroma.reshape(height // 2, width)))


def windowed(planes: Planes, size: tuple[int, int], middle: tuple[float, float]) -> Planes:
    """The part of a picture of ``size`` (width, height) whose middle is nearest to ``middle`` (x, y in parts of the
    picture's width and height), moved by whole pixels of luma."""
    luma = split(planes)[0]
    height, width = luma.shape
    left = min(max(round(middle[0] * width - size[0] / 2), 0), max(width - size[0], 0))
    top = min(max(round(middle[1] * height - size[1] / 2), 0), max(height - size[1], 0))
    parts = []
    for part, step in zip(split(planes), (1, 2, 2), strict=True):
        across, down = size[0] // step, size[1] // step
        # Half a pixel of chroma is the mean of two, so that colours keep to what they colour.
        at = left / step + (across - 1) / 2, top / step + (down - 1) / 2
        parts.append(np.asarray(cv2.getRectSubPix(np.ascontiguousarray(part), (across, down), at), np.uint8))
    return together(parts)


def blurred(planes: Planes, size: tuple[int, int]) -> Planes:
    """The picture blurred and enlarged until it fills ``size`` (width, height)."""
    scale = GROUND / max(size)
    parts = []
    for part, step in zip(split(planes), (1, 2, 2), strict=True):
        height, width = part.shape
        across, down = size[0] // step, size[1] // step
        seen = min(width / across, height / down)
        wide, high = max(1, round(across * seen)), max(1, round(down * seen))
        left, top = (width - wide) // 2, (height - high) // 2
        tiny = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
        small = cv2.resize(part[top : top + high, left : left + wide], tiny, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), SOFT)
        parts.append(np.asarray(cv2.resize(small, (across, down), interpolation=cv2.INTER_CUBIC), np.uint8))
    return together(parts)
