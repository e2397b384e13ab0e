"""The form of a file: codec, quality, size and shape. What was tuned was tuned by ``benchmarks/forms.py``."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from av.codec.codec import Codec, UnknownCodecError

from avai.errors import RequestError

CodecName = Literal["h264", "h265", "vp9", "av1"]
Quality = Literal["small", "good", "best"]
Fit = Literal["crop", "blur", "bars"]


@dataclass(frozen=True)
class Encoder:
    """How FFmpeg is asked for a codec: its encoders, their options, ``crf`` of each quality, the mark in the file.

    ``sound`` goes with it: AAC with what comes from MPEG, Opus with what is free, as every Chromium plays both pairs.
    """

    name: str
    crf: Mapping[Quality, int]
    options: Mapping[str, str]
    tag: str = ""
    sound: str = "aac"


ENCODERS: Mapping[CodecName, Encoder] = {
    "h264": Encoder("libx264", {"small": 26, "good": 20, "best": 16}, {"preset": "veryfast"}),
    "h265": Encoder(
        "libx265",
        {"small": 27, "good": 21, "best": 17},
        {"preset": "superfast", "x265-params": "log-level=none"},
        tag="hvc1",  # Apple plays no other
    ),
    "vp9": Encoder(
        "libvpx-vp9",
        {"small": 40, "good": 32, "best": 24},
        {"b": "0", "deadline": "realtime", "cpu-used": "7", "row-mt": "1"},
        sound="libopus",
    ),
    "av1": Encoder("libsvtav1", {"small": 42, "good": 32, "best": 24}, {"preset": "8"}, sound="libopus"),
}


@dataclass(frozen=True)
class CropPath:
    """Where the window of a crop stands in its source: ``points`` are (time, x, y), times in seconds that rise, x and
    y the middle of the window in parts of the upright picture's width and height. Between two points it moves evenly;
    two points of one time are a jump."""

    points: tuple[tuple[float, float, float], ...] = ((0.0, 0.5, 0.5),)

    def at(self, time: Fraction | float) -> tuple[float, float]:
        """The middle of the window at a time."""
        number = bisect_right(self.points, float(time), key=lambda point: point[0])
        before = self.points[max(number - 1, 0)]
        after = self.points[min(number, len(self.points) - 1)]
        span = after[0] - before[0]
        share = min(max((float(time) - before[0]) / span, 0.0), 1.0) if span > 0 else 0.0
        return before[1] + share * (after[1] - before[1]), before[2] + share * (after[2] - before[2])


@dataclass(frozen=True)
class Form:
    """What a file is to be: all MP4. ``side`` is the shorter side in pixels (None: as it is; never enlarged), ``shape``
    width by height (None: as it is), ``fit`` how the picture meets another shape; ``paths`` has the way of the window
    of a ``crop`` for each source, which is in the middle without."""

    codec: CodecName = "h264"
    quality: Quality = "good"
    side: int | None = None
    shape: Fraction | None = None
    fit: Fit = "bars"
    paths: Mapping[Path, CropPath] = field(default_factory=dict)

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """The size of the film out of upright pictures of this size: even sides, nothing in it enlarged.

        A crop has the largest window of its shape; with bars or blur the shorter side is that of the picture.
        """
        shape = self.shape or Fraction(width, height)
        side = Fraction(min(width, height))
        if self.shape and self.fit == "crop":
            side = min(width / max(shape, Fraction(1)), height * min(shape, Fraction(1)))
        side = min(side, Fraction(self.side)) if self.side else side
        across, down = (side * shape, side) if shape >= 1 else (side, side / shape)
        return _even(across), _even(down)

    @property
    def canvas_fit(self) -> str:
        """How a canvas is to take pictures of another shape."""
        return "fill" if self.fit == "crop" else self.fit


@cache
def codecs() -> tuple[CodecName, ...]:
    """The codecs that this machine can write."""
    return tuple(name for name in get_args(CodecName) if _there(ENCODERS[name].name))


def encoder_of(form: Form) -> Encoder:
    """What writes a form; ``media.no_encoder`` when it is not on this machine."""
    if form.codec not in codecs():
        names = ", ".join(NAMES[name] for name in codecs())
        raise RequestError("media.no_encoder", codec=NAMES[form.codec], names=names)
    os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 writes its settings to the terminal, past FFmpeg's log
    return ENCODERS[form.codec]


NAMES: Mapping[CodecName, str] = {"h264": "H.264", "h265": "H.265", "vp9": "VP9", "av1": "AV1"}


def _there(encoder: str) -> bool:
    try:
        Codec(encoder, "w")
    except UnknownCodecError:
        return False
    return True


def _even(length: Fraction) -> int:
    return max(2, int(length) // 2 * 2)
