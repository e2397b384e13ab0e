"""Pictures come out upright, in their shape and colours, at their times."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from odd import make

from avai.errors import RequestError
from avai.media import PictureCheck, frame_at, frame_times, frames, frames_at, frames_twice, probe, snap, write_jpeg


def test_every_frame_at_its_time(odd) -> None:
    seen = list(frames(odd["vfr.mp4"]))
    assert [make.number_of(frame.image) for frame in seen] == list(range(40))
    steps = np.cumsum([0, *([1, 1, 7, 2, 5] * 8)[:-1]])
    assert [frame.time for frame in seen] == [Fraction(int(step), 20) for step in steps]
    assert frame_times(odd["vfr.mp4"]).times == tuple(frame.time for frame in seen)


NUMBERED = ["whole.mp4", "vfr.mp4", "vp9.webm", "mpeg4.avi", "hevc.mp4", "moves.gif"]


@pytest.mark.parametrize("name", NUMBERED)
def test_the_picture_of_a_moment_is_exact(odd, name) -> None:
    times = frame_times(odd[name]).times
    for number in (0, 1, 13, len(times) - 2, len(times) - 1):
        assert make.number_of(frame_at(odd[name], times[number]).image) == number
        end = times[number + 1] if number + 1 < len(times) else times[number] + 100
        assert make.number_of(frame_at(odd[name], (times[number] + end) / 2).image) == number


@pytest.mark.parametrize("name", NUMBERED)
def test_pictures_of_many_moments_are_those_of_each(odd, name) -> None:
    times = frame_times(odd[name]).times
    wanted = [times[0], *times[3:9:2], times[9] + Fraction(1, 1000), *times[-6:-1], times[-1] + 1]
    for together, time in zip(frames_at(odd[name], wanted, 320), wanted, strict=True):
        alone = frame_at(odd[name], time, 320)
        assert together.time == alone.time
        assert np.array_equal(together.image, alone.image)


def test_two_sizes_in_one_decode(odd) -> None:
    clip = odd["vfr.mp4"]
    both = list(frames_twice(clip, (48, 27), 160, 2, PictureCheck()))
    for (small, _), alone in zip(both, frames(clip, size=(48, 27)), strict=True):
        assert small.time == alone.time
        assert np.array_equal(small.image, alone.image)
    larger = [large for _, large in both if large]
    assert [large.time for large in larger] == [frame.time for frame in frames(clip, rate=2)]
    assert larger[0].image.shape == next(frames(clip, size=160)).image.shape


def test_damaged_pictures_are_counted(odd) -> None:
    check = PictureCheck()
    seen = len(list(frames_twice(odd["zeroed.mp4"], (48, 27), 160, 2, check)))
    assert check.damaged >= 3
    assert seen + check.damaged <= 100
    (warning,) = check.notes()
    assert warning.code == "media.damaged_pictures"
    assert str(check.damaged) in warning.text


def test_what_is_smeared_is_not_looked_at(odd) -> None:
    """After damage, the pictures up to the next key frame (each twelfth) are given small but not large."""
    both = list(frames_twice(odd["zeroed.mp4"], (48, 27), 160, 25, PictureCheck()))
    looked = {round(large.time * 25): make.number_of(large.image) for _, large in both if large}
    assert all(number == shown for number, shown in looked.items())
    assert not looked.keys() & set(range(39, 48))
    assert {0, 20, 48, 60, 99} <= looked.keys()


@pytest.mark.parametrize("name", ["zeroed.mp4", "half_key.mp4"])
def test_where_a_key_frame_is_damaged_the_picture_before_is_shown(odd, name) -> None:
    times = [frame.time for frame in frames(odd[name], size=64)]
    wanted = [Fraction(number, 25) + Fraction(1, 100) for number in range(0, 100, 7)]
    shown = [max(time for time in times if time <= asked) for asked in wanted]
    assert [frame.time for frame in frames_at(odd[name], wanted, 64)] == shown
    assert [frame_at(odd[name], asked, 64).time for asked in wanted] == shown


def test_a_rounded_time_gives_the_frame_that_begins_there(tmp_path) -> None:
    clip = make.clip(tmp_path / "ntsc.mkv", rate=Fraction(30000, 1001), count=40)
    times = frame_times(clip).times
    for asked in ([float(time) for time in times], [round(float(time), 4) for time in times]):
        assert tuple(frame.time for frame in frames_at(clip, asked, 64)) == times


def test_key_frames_apart(odd) -> None:
    keys = [frame.time for frame in frames(odd["whole.mp4"], keys_only=True)]
    apart = [frame.time for frame in frames(odd["whole.mp4"], keys_only=True, apart=1.5)]
    assert apart[0] == keys[0]
    assert set(apart) < set(keys)
    assert all(after - before >= Fraction(3, 2) for before, after in pairwise(apart))


def test_a_part_is_half_open(odd) -> None:
    part = list(frames(odd["whole.mp4"], start=Fraction(30, 25), end=Fraction(37, 25)))
    assert [make.number_of(frame.image) for frame in part] == list(range(30, 37))


def test_rate_takes_the_first_of_each_cell(odd) -> None:
    taken = [make.number_of(frame.image) for frame in frames(odd["whole.mp4"], rate=5)]
    assert taken == list(range(0, 100, 5))
    later = [make.number_of(frame.image) for frame in frames(odd["whole.mp4"], rate=5, start=2)]
    assert later == taken[10:]
    assert len(list(frames(odd["vfr.mp4"], rate=3))) <= 19


def test_key_frames_alone(odd) -> None:
    for name in ("whole.mp4", "vp9.webm"):
        keys = [make.number_of(frame.image) for frame in frames(odd[name], keys_only=True)]
        assert keys[0] == 0
        assert 1 < len(keys) < 20
        assert [frame_times(odd[name]).times[number] for number in keys] == list(frame_times(odd[name]).keys)


def test_sizes(odd) -> None:
    def shape(name: str, **options: object) -> tuple[int, int]:
        height, width = next(frames(odd[name], **options)).image.shape[:2]
        return width, height

    assert shape("whole.mp4") == (160, 96)
    assert shape("whole.mp4", size=(48, 27)) == (48, 27)
    assert shape("whole.mp4", size=80) == (80, 48)
    assert shape("whole.mp4", size=4000) == (160, 96)
    assert shape("rotated.mp4") == (96, 160)
    assert shape("rotated.mp4", size=(27, 48)) == (27, 48)
    assert shape("wide_pixels.mp4") == (228, 96)
    assert shape("odd_444.mp4") == (161, 97)


def test_a_turned_picture_is_upright(odd) -> None:
    lying = next(frames(odd["whole.mp4"], start=Fraction(7, 25))).image
    turned = next(frames(odd["rotated.mp4"], start=Fraction(7, 25))).image
    assert np.abs(np.rot90(lying).astype(int) - turned).mean() < 6


@pytest.mark.parametrize(("height", "space", "pixels"), [(96, 5, "yuv420p"), (720, 1, "yuv420p"), (96, 5, "yuvj420p")])
def test_colours_are_right(tmp_path, height, space, pixels) -> None:
    """Untagged pictures are BT.601 when small and BT.709 when large; full range is seen."""
    import av

    wanted = np.zeros((height, 128, 3), np.uint8)
    wanted[:] = (200, 40, 60)
    path = tmp_path / "red.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mjpeg" if pixels == "yuvj420p" else "libx264", rate=10, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 128, height, pixels
        if pixels == "yuvj420p":
            stream.codec_context.color_range = 2
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(wanted, format="rgb24").reformat(
                format=pixels, dst_colorspace=space, dst_color_range=2 if pixels == "yuvj420p" else 1
            )
            frame.pts, frame.time_base, frame.colorspace = number, Fraction(1, 10), 2
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    got = next(frames(path)).image.mean(axis=(0, 1))
    assert got == pytest.approx([200, 40, 60], abs=5)


def test_snap_finds_the_edges_of_frames(odd) -> None:
    assert snap(odd["whole.mp4"], [0.019, 0.021, 1.239, 99]) == [0, Fraction(1, 25), Fraction(31, 25), 4]
    assert snap(odd["vfr.mp4"], [0.2, 0.3]) == [Fraction(1, 10), Fraction(9, 20)]
    assert snap(odd["silent.wav"], [0.3333]) == [Fraction(0.3333)]


def test_what_has_no_picture_says_so(odd) -> None:
    with pytest.raises(RequestError, match="no moving picture"):
        next(frames(odd["covered.mp3"]))


def test_a_broken_tail_gives_what_there_is(odd) -> None:
    numbers = [make.number_of(frame.image) for frame in frames(odd["short_tail.mp4"])]
    assert numbers[:50] == list(range(50))
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 100


def test_jpeg_out(tmp_path) -> None:
    write_jpeg(tmp_path / "p.jpg", make.numbered_picture(700))
    info = probe(tmp_path / "p.jpg")
    assert (info.kind, info.width, info.height) == ("picture", *make.SIZE)


def test_real_pictures(gradio_media) -> None:
    path = gradio_media / "videos" / "world.mp4"
    times = frame_times(path).times
    assert [frame.time for frame in frames(path, size=(48, 27))] == list(times)
    middle = times[len(times) // 2]
    whole = next(frame for frame in frames(path, size=(48, 27)) if frame.time == middle)
    assert np.abs(frame_at(path, middle, (48, 27)).image.astype(int) - whole.image).mean() < 4


def test_old_x264_in_444_is_decoded_right_after_a_seek(shared: Path) -> None:
    clip = shared / "media" / "animal_cockatoo.mp4"
    in_order = {frame.time: frame.image for frame in frames(clip, size=640, end=6)}
    sought = frame_at(clip, 5, size=640)
    assert sought.time == 5
    assert np.abs(sought.image.astype(int) - in_order[sought.time].astype(int)).mean() < 1
