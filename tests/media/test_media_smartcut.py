"""A smart cut keeps the packets it can, frame for frame, as one clean stream of H.264; or it says why it does not."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from odd import make

from avai.errors import Cancelled
from avai.media import (
    Rendered,
    Timeline,
    Track,
    audio,
    avc,
    frame_times,
    frames,
    joined,
    open_clip,
    probe,
    render,
    smartplan,
    snap,
)
from avai.media.picture_track import Clips
from avai.media.pictures import FrameReader
from avai.media.smartcut import Refusal, smart_cut

F = Fraction
LEAST = 40.0  # dB, of frames that were encoded anew


def moving(number: int, size: tuple[int, int]) -> np.ndarray:
    """The number above, and below something that never stands still."""
    image = make.numbered_picture(number, size)
    y, x = np.mgrid[size[1] // 2 : size[1], 0 : size[0]]
    image[size[1] // 2 :] = (128 + 90 * np.sin((x + 3 * number) / 9) * np.cos((y - number) / 7))[..., None]
    return image


def cut(path: Path, spans: list[tuple[float, float]]) -> Track:
    edges = snap(path, [edge for span in spans for edge in span])
    return joined(path, zip(edges[::2], edges[1::2], strict=True))


def decoded(path: Path) -> list[np.ndarray]:
    with FrameReader(path) as reader:
        return [frame.to_ndarray() for _, frame in reader.read()]


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal to noise in dB, infinite for the same."""
    error = np.mean((one.astype(float) - other) ** 2)
    return float("inf") if error == 0 else 10 * np.log10(255**2 / error)


def planned(timeline: Timeline) -> smartplan.Plan:
    source = timeline.picture.pieces[0].source
    clips = Clips(timeline)
    try:
        with open_clip(source) as original:
            sets = avc.headers(original.picture().codec_context.extradata)
            return smartplan.plan(timeline, original, sets, clips.times[source], clips.look.unit)
    finally:
        clips.close()


def fate(plan: smartplan.Plan) -> Iterator[tuple[int, bool]]:
    """The number of each frame of the output in the source, and whether it was copied."""
    for step in plan.steps:
        for number in range(step.first, step.last):
            yield number, step.key <= number < step.rest


def warnings(path: Path) -> str:
    """What FFmpeg has to say of decoding it."""
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "warning", "-i", str(path), "-f", "null", "-"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stderr


def assert_exact(timeline: Timeline, out: Path, least: float = LEAST) -> int:
    """Every frame is where it should be and like the source's, copied ones the same; gives how many were copied."""
    plan = planned(timeline)
    source, written = decoded(timeline.picture.pieces[0].source), decoded(out)
    assert len(written) == len(plan.times)
    copied = 0
    for picture, (number, same) in zip(written, fate(plan), strict=True):
        found = likeness(picture, source[number])
        assert found >= (float("inf") if same else least), (number, same, found)
        copied += same
    times = frame_times(out)
    assert times.times == tuple(tick * plan.unit for tick in plan.times)
    assert times.end == timeline.picture.length
    assert warnings(out) == ""
    return copied


SPANS = [(0.9, 3.3), (3.3, 4.1), (6.3, 7.9), (1.0, 2.7), (8.2, 10.0)]
PYRAMID = {"bf": "4", "x264-params": "b-pyramid=normal:ref=4:b-adapt=0"}
CASES = {
    "25.mp4": {"gop": 25},
    "29_97.mp4": {"rate": F(30000, 1001), "gop": 30},
    "29_97.mkv": {"rate": F(30000, 1001), "gop": 30},
    "59_94.mov": {"rate": F(60000, 1001), "gop": 45, "count": 600},
    "pyramid.mp4": {"gop": 30, "options": PYRAMID},
    "pyramid.mkv": {"gop": 30, "options": PYRAMID},
    "no_reordering.mp4": {"gop": 25, "options": {"bf": "0"}},
    "baseline.mp4": {"gop": 25, "options": {"profile": "baseline"}},
    "main.mp4": {"gop": 25, "options": {"profile": "main"}},
    "slices.mp4": {"gop": 25, "options": {"x264-params": "slices=4:sps-id=31"}},
    "vfr.mp4": {"rate": F(30), "gop": 20, "steps": (1, 2, 1, 5, 3), "count": 130},
    "vfr.mkv": {"rate": F(30), "gop": 20, "steps": (1, 2, 1, 5, 3), "count": 130},
    "full_range.mp4": {"gop": 25, "pixels": "yuvj420p"},
    "upright.mp4": {"gop": 25, "rotation": 90},
    "wide_pixels.mp4": {"gop": 25, "aspect": F(64, 45)},
}


@pytest.mark.parametrize("name", CASES)
def test_frames_are_exact_and_copied_ones_the_same(tmp_path, name) -> None:
    source = make.clip(tmp_path / name, picture=moving, sound=make.beeps(10.0), **{"count": 250} | CASES[name])
    track = cut(source, SPANS)
    timeline = Timeline(track, track)
    rendered = smart_cut(timeline, tmp_path / "out.mp4")
    assert isinstance(rendered, Rendered), rendered
    copied = assert_exact(timeline, tmp_path / "out.mp4")
    assert 0.5 * rendered.frames <= copied < rendered.frames
    render(timeline, tmp_path / "whole.mp4")
    assert frame_times(tmp_path / "out.mp4").times == frame_times(tmp_path / "whole.mp4").times
    assert np.array_equal(audio(tmp_path / "out.mp4").samples, audio(tmp_path / "whole.mp4").samples)
    before, after = probe(source), probe(tmp_path / "out.mp4")
    assert after.plays_in_browser
    assert after.audio[0].duration == pytest.approx(float(track.length), abs=0.0001)
    assert (after.width, after.height, after.video.rotation) == (before.width, before.height, before.video.rotation)


def test_times_between_frames_are_kept_as_render_keeps_them(tmp_path) -> None:
    source = make.clip(tmp_path / "source.mp4", picture=moving, sound=make.beeps(10.0), count=250, gop=25)
    track = joined(source, [(F(91, 100), F(331, 100)), (F(499, 100), F(787, 100))])
    assert isinstance(smart_cut(Timeline(track, track), tmp_path / "out.mp4"), Rendered)
    render(Timeline(track, track), tmp_path / "whole.mp4")
    times = [frame_times(tmp_path / name) for name in ("out.mp4", "whole.mp4")]
    assert times[0].times == times[1].times
    assert times[0].end == times[1].end == track.length
    numbers = [[make.number_of(frame.image) for frame in frames(tmp_path / name)] for name in ("out.mp4", "whole.mp4")]
    assert numbers[0] == numbers[1]


def test_colours_are_told_as_in_the_source(tmp_path) -> None:
    tags = {"x264-params": "colorprim=bt470bg:transfer=smpte170m:colormatrix=bt470bg:range=tv"}
    source = make.clip(tmp_path / "source.mp4", picture=moving, count=250, gop=25, options=tags)
    assert isinstance(smart_cut(Timeline(cut(source, SPANS)), tmp_path / "out.mp4"), Rendered)
    looks = []
    for path in (source, tmp_path / "out.mp4"):
        with FrameReader(path) as reader:
            looks.append(
                {
                    (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range)
                    for _, frame in reader.read()
                }
            )
    assert looks[0] == looks[1]
    assert len(looks[1]) == 1


def test_a_cut_can_be_cut_again(tmp_path) -> None:
    """Its header has parameter sets of two encoders, and its frames begin behind an edit list."""
    source = make.clip(tmp_path / "source.mp4", picture=moving, sound=make.beeps(10.0), count=250, gop=20)
    for number in range(3):
        track = cut(source, [(0.1 + number / 10, 3.3), (3.9, 10.0 - 1.3 * number)])
        assert isinstance(smart_cut(Timeline(track, track), tmp_path / f"{number}.mp4"), Rendered)
        source = tmp_path / f"{number}.mp4"
        assert_exact(Timeline(track, track), source)


def test_a_whole_film_is_copied_whole(tmp_path) -> None:
    source = make.clip(tmp_path / "source.mp4", picture=moving, count=120, gop=30)
    track = joined(source, [(F(0), frame_times(source).end)])
    assert isinstance(smart_cut(Timeline(track), tmp_path / "out.mp4"), Rendered)
    assert assert_exact(Timeline(track), tmp_path / "out.mp4") == 120


REFUSED = {
    "hevc.mp4": ("codec", {"codec": "libx265", "options": {"preset": "ultrafast", "x265-params": "log-level=none"}}),
    "vp9.mkv": ("codec", {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}}),
    "stream.ts": ("container", {}),
    "open.mp4": ("open_gop", {"options": {"x264-params": "open-gop=1:bframes=3:b-pyramid=strict"}}),
    "few_keys.mp4": ("few_keys", {"gop": 1000}),
    "high10.mp4": ("pixels", {"pixels": "yuv420p10le"}),
    "444.mp4": ("pixels", {"pixels": "yuv444p"}),
    "interlaced.mp4": ("interlaced", {"options": {"x264-params": "tff=1"}}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_copied_is_refused_and_nothing_written(tmp_path, name) -> None:
    why, how = REFUSED[name]
    source = make.clip(tmp_path / name, picture=moving, count=150, **{"gop": 25} | how)
    track = cut(source, [(0.9, 3.3), (3.6, 5.2)])
    assert smart_cut(Timeline(track), tmp_path / "out.mp4") == Refusal(why)
    assert list(tmp_path.iterdir()) == [source]


def test_other_timelines_are_refused(tmp_path, odd) -> None:
    whole, vfr = odd["whole.mp4"], odd["vfr.mp4"]
    two = Track((cut(whole, [(0, 1)]).pieces[0], replace(cut(vfr, [(0, 1)]).pieces[0], at=F(1))))
    for timeline in (
        Timeline(two),
        Timeline(cut(whole, [(0, 2)]), size=(80, 48)),
        Timeline(cut(whole, [(0, 2)]), rate=F(30)),
        Timeline(sound=cut(whole, [(0, 2)])),
    ):
        assert smart_cut(timeline, tmp_path / "out.mp4") == Refusal("timeline")


def test_a_damaged_film_is_refused(tmp_path, odd) -> None:
    for name in ("short_tail.mp4", "zeroed.mp4"):
        track = cut(odd[name], [(0, 1.9)])
        assert isinstance(smart_cut(Timeline(track), tmp_path / "out.mp4"), Refusal | Rendered)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_stop_leaves_nothing(tmp_path, odd) -> None:
    calls = 0

    def stop(done: float, what: str) -> None:
        nonlocal calls
        calls += 1
        assert 0 <= done <= 1
        if calls > 20:
            raise Cancelled

    track = cut(odd["whole.mp4"], [(0.2, 4)])
    with pytest.raises(Cancelled):
        smart_cut(Timeline(track, track), tmp_path / "out.mp4", stop)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path, odd) -> None:
    """A limit on the size of files stands for the full disk: writing fails in the same place."""
    pytest.importorskip("resource")
    program = f"""
        import resource
        from fractions import Fraction
        from pathlib import Path
        from avai.errors import RequestError
        from avai.media import Timeline, joined
        from avai.media.smartcut import smart_cut
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        track = joined(Path({str(odd["whole.mp4"])!r}), [(Fraction(1, 5), Fraction(4))])
        try:
            print(smart_cut(Timeline(track, track), Path({str(tmp_path / "out.mp4")!r})))
        except RequestError as error:
            print(error.key)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "media.disk_full", done.stderr
    assert list(tmp_path.iterdir()) == []


REAL = {
    "film_sintel_trailer.mp4": [(3.0, 16.0), (20.0, 33.0), (35.5, 50.0)],
    "fixed_camera_people_in_room.mp4": [(3.0, 21.0), (40.0, 90.3)],
    "music_band_live_session.mp4": [(3.3, 16.0), (20.7, 33.0), (35.5, 50.0)],
    "talk_voice_with_pauses.mp4": [(1.0, 6.0), (7.0, 13.0)],
    "traffic_cars_from_above.mp4": [(1.1, 13.0), (14.6, 18.8), (20.0, 29.0)],
}


@pytest.mark.parametrize("name", REAL)
def test_real_films(tmp_path, shared, name) -> None:
    source = shared / "media" / name
    track = cut(source, REAL[name])
    timeline = Timeline(track, track if probe(source).audio else Track())
    assert isinstance(smart_cut(timeline, tmp_path / "out.mp4"), Rendered)
    assert_exact(timeline, tmp_path / "out.mp4")
    if timeline.sound.pieces:
        assert audio(tmp_path / "out.mp4").duration == pytest.approx(float(track.length), abs=0.0001)
