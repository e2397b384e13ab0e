"""How a stored picture is to be shown: turned upright, with square pixels, in its right colours."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from av.video.frame import VideoFrame
from av.video.stream import VideoStream

UNSPECIFIED, BT709, BT470BG, SMPTE170M, SMPTE240M, FCC, BT2020, BT2020C = 2, 1, 5, 6, 7, 4, 9, 10
SQUARE = Fraction(1, 40)  # encoders round sizes: aspects this near to 1 are square, and not scaled
_HD = 720  # untagged pictures this high or higher are BT.709, as browsers take them


@dataclass(frozen=True)
class Geometry:
    """``width`` and ``height`` as shown; ``rotation`` in degrees counterclockwise that makes it upright."""

    width: int
    height: int
    rotation: int
    pixel_aspect: Fraction
    stored: tuple[int, int]

    @property
    def plain(self) -> bool:
        """Whether the stored picture is shown as it is."""
        return self.rotation == 0 and self.pixel_aspect == 1


def geometry(stream: VideoStream, frame: VideoFrame) -> Geometry:
    """The geometry of a stream, told from its first decoded frame."""
    rotation = round(frame.rotation / 90) * 90 % 360
    aspect = Fraction(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or 1)
    if not Fraction(1, 16) <= aspect <= 16 or abs(aspect - 1) < SQUARE:
        aspect = Fraction(1)
    width, height = frame.width, frame.height
    if aspect >= 1:
        width = max(1, round(width * aspect))
    else:
        height = max(1, round(height / aspect))
    if rotation in (90, 270):
        width, height = height, width
    return Geometry(width, height, rotation, aspect, (frame.width, frame.height))


def matrix(frame: VideoFrame) -> int:
    """The colour matrix of a frame as swscale numbers it (1 BT.709, 5 BT.601, 9 BT.2020)."""
    if frame.colorspace in (BT709, FCC, SMPTE240M):
        return frame.colorspace
    if frame.colorspace in (BT2020, BT2020C):
        return 9
    if frame.colorspace in (BT470BG, SMPTE170M):
        return 5
    return 1 if frame.height >= _HD else 5


def full_range(frame: VideoFrame) -> bool:
    """Whether luma uses all of 0..255."""
    return frame.color_range == 2 or frame.format.name.startswith("yuvj")


def fitted(width: int, height: int, longer: int) -> tuple[int, int]:
    """The size with its longer side at most ``longer``, in the same shape, never enlarged."""
    scale = min(Fraction(1), Fraction(longer, max(width, height)))
    return max(1, round(width * scale)), max(1, round(height * scale))
