"""Still pictures: their upright size, and JPEG files out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avai.config import settings
from avai.errors import RequestError
from avai.media.writing import written

_TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_ORIENTATION = 0x0112


def picture_size(path: Path) -> tuple[int, int]:
    """(width, height) of a still as shown, after its EXIF orientation. Nothing is decoded but the header."""
    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
            width, height = image.size
            turned = image.getexif().get(_ORIENTATION) in _TURNED
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise RequestError("media.damaged") from None
    if width * height > settings().max_pixels:
        raise RequestError("media.too_many_pixels", width=width, height=height)
    return (height, width) if turned else (width, height)


def write_jpeg(path: Path, image: NDArray[np.uint8], quality: int = 90) -> None:
    """Write an RGB picture (height, width, 3), whole or not at all. ``media.disk_full`` when there is no room."""
    with written(path) as part:
        part.write_bytes(jpeg(image, quality))


def jpeg(image: NDArray[np.uint8], quality: int = 90) -> bytes:
    """An RGB picture (height, width, 3), or a grey one (height, width), as the bytes of a JPEG file."""
    ordered = image[:, :, ::-1] if image.ndim == 3 else image
    fine, data = cv2.imencode(".jpg", np.ascontiguousarray(ordered), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not fine:
        raise ValueError(f"cannot make a JPEG of an array of shape {image.shape}")
    return bytes(data)
