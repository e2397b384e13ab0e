"""Pictures made ready for the encoder: one size, upright, 8-bit 4:2:0, one colour matrix. No trip through RGB."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from avai.media.form import CropPath
from avai.media.geometry import Geometry, full_range, matrix
from avai.media.hdr import ToneMap, is_hdr
from avai.media.shapes import Planes, blurred, split, together, windowed

_BLACK_LUMA, _NO_CHROMA = 16, 128


class Canvas:
    """Fits pictures of one clip to ``size`` (width, height, both even).

    ``fit`` says what becomes of another shape: ``bars`` (black), ``blur`` (they show the picture, blurred) or ``fill``:
    its edges are cut off, and what is left follows ``path``.
    """

    def __init__(
        self, shape: Geometry, size: tuple[int, int], colours: int, fit: str = "bars", path: CropPath | None = None
    ) -> None:
        self.size = size
        self._fit = fit
        self._path = path or CropPath()
        self._tone = ToneMap()
        self._shape = shape
        self._colours = colours
        self._scaler = VideoReformatter()
        self._inner = _inner((shape.width, shape.height), size, fit)

    def frame(self, frame: VideoFrame, time: Fraction = Fraction(0)) -> VideoFrame:
        """The frame, shown at ``time`` of the clip: itself when it is ready as it is, else a new one."""
        ready = (
            self._shape.plain
            and not is_hdr(frame)
            and (frame.width, frame.height) == self.size
            and frame.format.name == "yuv420p"
            and not full_range(frame)
            and matrix(frame) == self._colours
        )
        return frame if ready else as_frame(self.planes(frame, time))

    def planes(self, frame: VideoFrame, time: Fraction = Fraction(0)) -> Planes:
        """The picture on the canvas, as planes."""
        turned = self._shape.rotation in (90, 270)
        width, height = self._inner[::-1] if turned else self._inner
        smaller = width < frame.width or height < frame.height
        if is_hdr(frame):
            frame = self._tone.mapped(frame, width, height)
        made = self._scaler.reformat(
            frame,
            width,
            height,
            format="yuv420p",
            interpolation="AREA" if smaller else "BICUBIC",
            src_colorspace=matrix(frame),
            dst_colorspace=self._colours,
            src_color_range=2 if full_range(frame) else 1,
            dst_color_range=1,
        )
        planes = np.asarray(made.to_ndarray(), np.uint8)
        if self._shape.rotation:
            parts = [np.rot90(part, self._shape.rotation // 90) for part in split(planes)]
            planes = together(parts)
        if self._inner == self.size:
            return planes
        if self._fit == "fill":
            return windowed(planes, self.size, self._path.at(time))
        return _placed(planes, blurred(planes, self.size) if self._fit == "blur" else black(self.size))


def black(size: tuple[int, int]) -> Planes:
    """A black picture."""
    width, height = size
    planes = np.full((height * 3 // 2, width), _NO_CHROMA, np.uint8)
    planes[:height] = _BLACK_LUMA
    return planes


def blend(one: Planes, other: Planes, share: float) -> Planes:
    """The linear mix of two pictures; ``share`` of the second, from 0 to 1."""
    return np.asarray(cv2.addWeighted(one, 1.0 - share, other, share, 0.0), np.uint8)


def as_frame(planes: Planes) -> VideoFrame:
    """Planes as a frame for the encoder."""
    return VideoFrame.from_ndarray(np.ascontiguousarray(planes), format="yuv420p")


def even(size: tuple[int, int]) -> tuple[int, int]:
    """The size with both sides even, as 4:2:0 needs; at least 2."""
    return max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)


def _inner(shape: tuple[int, int], size: tuple[int, int], fit: str) -> tuple[int, int]:
    """The size of the picture before bars are added or edges cut; sides that nearly fit take the canvas's own."""
    across, down = Fraction(size[0], shape[0]), Fraction(size[1], shape[1])
    scale = max(across, down) if fit == "fill" else min(across, down)
    width, height = (2 * max(1, round(side * scale / 2)) for side in shape)
    return (
        size[0] if abs(width - size[0]) <= 2 else width,
        size[1] if abs(height - size[1]) <= 2 else height,
    )


def _placed(planes: Planes, whole: Planes) -> Planes:
    """The picture in the middle of another; what hangs over is cut off."""
    for target, part in zip(split(whole), split(planes), strict=True):
        rows, columns = (_overlap(inner, outer) for inner, outer in zip(part.shape, target.shape, strict=True))
        target[rows[1], columns[1]] = part[rows[0], columns[0]]
    return whole


def _overlap(inner: int, outer: int) -> tuple[slice, slice]:
    """The slices of a centred part and of its canvas that coincide, along one side."""
    count = min(inner, outer)
    before, after = (inner - count) // 2, (outer - count) // 2
    return slice(before, before + count), slice(after, after + count)
