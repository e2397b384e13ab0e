"""Pictures of high dynamic range, of full range and interlaced ones become ordinary ones."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from odd import make

from avai.media import Form, Timeline, frame_times, frames, joined, probe, render

F = Fraction
NITS = (0, 1, 10, 50, 100, 203, 400, 1000)


def pq(nits: float) -> float:
    """The signal of a light by SMPTE ST 2084."""
    light = (nits / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * light) / (1 + 18.6875 * light)) ** 78.84375


def graded(path, transfer: int, signals, *, count: int = 3):
    """A film in 10 bits whose stripes have these signals, marked as BT.2020 with a transfer characteristic."""
    size = (320, 180)
    luma = np.repeat([round(64 + 876 * signal) for signal in signals], size[0] // len(signals)).astype(np.uint16)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx265", rate=25, options={"x265-params": "log-level=none", "crf": "8"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p10le"
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc, context.color_range = 9, 9, transfer, 1
        for number in range(count):
            frame = VideoFrame(*size, "yuv420p10le")
            frame.planes[0].update(np.tile(luma, (size[1], 1)).tobytes())
            for plane in frame.planes[1:]:
                plane.update(np.full((size[1] // 2, size[0] // 2), 512, np.uint16).tobytes())
            frame.pts, frame.time_base = number, F(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_shown_on_an_ordinary_screen(tmp_path, transfer) -> None:
    signals = [pq(nits) for nits in NITS] if transfer == 16 else np.linspace(0, 1, 8)
    source = graded(tmp_path / "hdr.mp4", transfer, signals)
    render(Timeline(joined(source, [(F(0), F(3, 25))])), tmp_path / "out.mp4", form=Form(quality="best"))
    with av.open(str(tmp_path / "out.mp4")) as file:
        frame = next(file.decode(video=0))
        assert frame.format.name == "yuv420p"
        assert (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range) == (1, 1, 1, 1)
        planes = frame.to_ndarray()
    levels = [float(planes[40:140, 40 * stripe + 12 : 40 * stripe + 28].mean()) for stripe in range(8)]
    assert levels == sorted(levels)
    assert levels[0] < 20
    assert 140 < levels[5] < 215  # a white paper (203 nits) is light, and what is lighter still differs from it
    assert levels[7] > levels[6] + 8
    assert levels[7] <= 236
    assert np.abs(planes[180:].astype(int) - 128).max() <= 3  # grey stays grey


def test_full_range_is_not_crushed(tmp_path) -> None:
    def ramp(number: int, size: tuple[int, int]):
        levels = np.linspace(0, 255, size[0])[None, :, None]
        return np.broadcast_to(levels, (size[1], size[0], 3)).astype(np.uint8)

    source = make.clip(tmp_path / "full.mp4", picture=ramp, pixels="yuvj420p", count=5, options={"crf": "8"})
    render(Timeline(joined(source, [(F(0), F(1, 5))])), tmp_path / "out.mp4", form=Form(quality="best"))
    image = next(frames(tmp_path / "out.mp4")).image.mean(axis=(0, 2))
    assert np.abs(image - np.linspace(0, 255, len(image))).max() < 8
    assert probe(tmp_path / "out.mp4").video.pixel_format == "yuv420p"


def bar(moment: int, size: tuple[int, int]):
    image = np.full((size[1], size[0], 3), 30, np.uint8)
    image[:, 8 + 3 * moment : 28 + 3 * moment] = 220
    return image


def woven(number: int, size: tuple[int, int]):
    """Two moments in one picture, line by line."""
    image = bar(2 * number, size)
    image[1::2] = bar(2 * number + 1, size)[1::2]
    return image


def comb(image) -> float:
    """How much neighboring lines differ where those of one field are alike."""
    luma = image.astype(float).mean(axis=2)
    return float(np.abs(luma[1:-1] - (luma[:-2] + luma[2:]) / 2).mean())


def test_interlaced_pictures_lose_their_comb(tmp_path) -> None:
    options = {"x264-params": "tff=1", "flags": "+ildct+ilme", "crf": "8"}
    source = make.clip(tmp_path / "woven.mp4", picture=woven, count=20, options=options)
    assert max(comb(frame.image) for frame in frames(source)) > 3
    track = joined(source, [(F(4, 25), F(8, 25)), (F(12, 25), F(16, 25))])
    render(Timeline(track), tmp_path / "out.mp4", form=Form(quality="best"))
    made = list(frames(tmp_path / "out.mp4"))
    assert [frame.time for frame in made] == [F(number, 25) for number in range(8)]
    assert frame_times(tmp_path / "out.mp4").end == F(8, 25)
    for frame, number in zip(made, (4, 5, 6, 7, 12, 13, 14, 15), strict=True):
        assert comb(frame.image) < 1
        columns = np.flatnonzero(frame.image[:, :, 0].mean(axis=0) > 125)
        assert abs(columns[0] - (8 + 6 * number)) <= 3, number
