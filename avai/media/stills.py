"""Still pictures: their upright size, pictures in, JPEG files out; and small pictures that move, as WebP."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

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


def still(path: Path, size: int | None = None) -> NDArray[np.uint8]:
    """A still picture as shown: upright RGB (height, width, 3), the longer side at most ``size``; what is transparent
    lies on white. Raises ``RequestError`` as ``probe`` does, and ``media.damaged`` when it breaks off."""
    picture_size(path)
    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as image:
            if size is not None:
                image.draft(None, (size, size))  # a large JPEG is decoded at half, a quarter or an eighth
            image.load()
            upright = _eight_bits(ImageOps.exif_transpose(image) or image)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        raise RequestError("media.damaged") from None
    longer = max(upright.size)
    if size is not None and longer > size:
        small = tuple(max(1, round(side * size / longer)) for side in upright.size)
        upright = upright.resize((small[0], small[1]), Image.Resampling.BOX, reducing_gap=3.0)
    return np.array(upright, np.uint8)


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16-bit grey
        return Image.fromarray((np.clip(np.asarray(image, np.float64), 0, 65535) / 257).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")
    return image.convert("RGB")


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


def webp(images: Sequence[NDArray[np.uint8]], rate: float, quality: int = 60) -> bytes:
    """RGB pictures of one size (height, width, 3), ``rate`` a second, as a WebP file that plays over and over."""
    first, *others = [Image.fromarray(image) for image in images]
    data = BytesIO()
    first.save(
        data,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=round(1000 / rate),
        loop=0,
        quality=quality,
        method=4,
    )
    return data.getvalue()
