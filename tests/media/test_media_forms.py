"""A file has the codec, quality, size and shape that were asked, and every form is cut on the frame."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from odd import make

from avai.errors import Cancelled, RequestError
from avai.media import CropPath, Form, Timeline, audio, codecs, form, frame_times, frames, joined, probe, render, snap

F = Fraction
NAMED = {"h264": ("h264", "aac"), "h265": ("hevc", "aac"), "vp9": ("vp9", "opus"), "av1": ("av1", "opus")}
WIDE, TALL, SQUARE = F(16, 9), F(9, 16), F(1)


def numbers(path) -> list[int]:
    return [make.number_of(frame.image) for frame in frames(path)]


@pytest.mark.parametrize("steps", [(1,), (1, 2, 1, 5, 3)])
@pytest.mark.parametrize("codec", codecs())
def test_every_codec_is_cut_on_the_frame(tmp_path, codec, steps) -> None:
    source = make.clip(
        tmp_path / "source.mp4", rate=F(30000, 1001), count=160, steps=steps, sound=make.beeps(8.0), gop=24
    )
    edges = snap(source, [0.4, 1.3, 2.2, 3.4])
    track = joined(source, [(edges[0], edges[1]), (edges[2], edges[3])])
    render(Timeline(track, track), tmp_path / "out.mp4", form=Form(codec))
    times = frame_times(source).times
    wanted = [(p.at + t - p.start, n) for p in track.pieces for n, t in enumerate(times) if p.start <= t < p.end]
    written = frame_times(tmp_path / "out.mp4")
    assert list(written.times) == [time for time, _ in wanted]
    assert written.end == track.length
    assert numbers(tmp_path / "out.mp4") == [number for _, number in wanted]
    info = probe(tmp_path / "out.mp4")
    assert (info.video.codec, info.audio[0].codec) == NAMED[codec]
    assert info.audio[0].duration == pytest.approx(float(track.length), abs=1 / 48_000)
    assert info.plays_in_browser == (codec != "h265")
    assert info.warnings == ()
    if codec == "h265":
        with av.open(str(tmp_path / "out.mp4")) as file:
            assert file.streams.video[0].codec_context.codec_tag == "hvc1"


def noisy(number: int, size: tuple[int, int]):
    soft = np.random.default_rng(number).normal(110, 40, (size[1] // 4, size[0] // 4, 3))
    return np.clip(np.kron(soft, np.ones((4, 4, 1))), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("codec", codecs())
def test_better_quality_is_nearer_and_larger(tmp_path, codec) -> None:
    source = make.clip(tmp_path / "source.mp4", picture=noisy, count=10, options={"crf": "4"})
    track = joined(source, [(F(0), F(2, 5))])
    given = np.stack([frame.image for frame in frames(source)]).astype(float)
    found = []
    for quality in ("small", "good", "best"):
        out = tmp_path / f"{quality}.mp4"
        render(Timeline(track), out, form=Form(codec, quality))
        made = np.stack([frame.image for frame in frames(out)])
        found.append((out.stat().st_size, -((made - given) ** 2).mean()))
    assert found == sorted(found)
    assert found[0][0] < 0.8 * found[2][0]


def test_the_default_is_what_it_was(tmp_path, odd) -> None:
    track = joined(odd["whole.mp4"], [(F(0), F(2))])
    render(Timeline(track, track), tmp_path / "one.mp4")
    render(Timeline(track, track), tmp_path / "other.mp4", form=Form(), crf=20, preset="veryfast")
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "other.mp4").read_bytes()


SIZES = [
    (Form(), (1920, 1080), (1920, 1080)),
    (Form(side=720), (1920, 1080), (1280, 720)),
    (Form(side=480), (1080, 1920), (480, 852)),
    (Form(side=1080), (640, 360), (640, 360)),
    (Form(shape=TALL, fit="crop"), (1920, 1080), (606, 1080)),
    (Form(shape=TALL, fit="bars"), (1920, 1080), (1080, 1920)),
    (Form(shape=TALL, fit="blur", side=720), (1920, 1080), (720, 1280)),
    (Form(shape=WIDE, fit="crop"), (1080, 1920), (1080, 606)),
    (Form(shape=WIDE, fit="bars"), (1080, 1920), (1920, 1080)),
    (Form(shape=SQUARE, fit="crop", side=480), (1280, 720), (480, 480)),
    (Form(shape=F(4, 5), fit="crop"), (1280, 720), (576, 720)),
    (Form(shape=F(4, 5), fit="blur"), (1280, 720), (720, 900)),
    (Form(), (161, 97), (160, 96)),
]


@pytest.mark.parametrize(("asked", "given", "wanted"), SIZES)
def test_sizes(asked, given, wanted) -> None:
    assert asked.size_of(*given) == wanted


def halves(number: int, size: tuple[int, int]):
    """Four upright stripes: black, red, green, white."""
    image = np.zeros((size[1], size[0], 3), np.uint8)
    for stripe, color in enumerate([(16, 16, 16), (220, 30, 30), (30, 200, 30), (235, 235, 235)]):
        image[:, stripe * size[0] // 4 : (stripe + 1) * size[0] // 4] = color
    return image


@pytest.fixture
def stripes(tmp_path):
    return make.clip(tmp_path / "stripes.mp4", picture=halves, size=(320, 180), count=50, options={"crf": "10"})


def first(path):
    return next(frames(path)).image.astype(int)


def test_bars_blur_and_crop(tmp_path, stripes) -> None:
    track = joined(stripes, [(F(0), F(1))])
    made = {}
    for fit in ("bars", "blur", "crop"):
        render(Timeline(track), tmp_path / f"{fit}.mp4", form=Form(shape=TALL, fit=fit, quality="best"))
        made[fit] = first(tmp_path / f"{fit}.mp4")
    assert made["bars"].shape == made["blur"].shape == (320, 180, 3)
    assert made["crop"].shape == (180, 100, 3)
    top, middle = made["bars"][:90], made["bars"][130:190]
    assert top.max() < 40
    assert np.abs(middle[:, 60:80] - (220, 30, 30)).mean() < 12
    ground = made["blur"][:90]
    assert np.abs(made["blur"][130:190] - middle).mean() < 8  # the picture itself is the same
    assert np.abs(np.diff(ground.mean(axis=2), axis=1)).max() < 12  # nothing sharp is in the ground
    assert ground[:, 20:60, 0].mean() > ground[:, 20:60, 1].mean() + 60  # red left of the middle, green right of it
    assert ground[:, 120:160, 1].mean() > ground[:, 120:160, 0].mean() + 60
    assert np.abs(made["crop"][:, 5:45] - (220, 30, 30)).mean() < 12
    assert np.abs(made["crop"][:, 55:95] - (30, 200, 30)).mean() < 12


def test_a_window_follows_its_path(tmp_path, stripes) -> None:
    """From the left to the right in the first second, then it jumps back."""
    way = CropPath(((0.0, 0.15, 0.5), (1.0, 0.85, 0.5), (1.0, 0.15, 0.5)))
    track = joined(stripes, [(F(0), F(2))])
    asked = Form(shape=TALL, fit="crop", quality="best", paths={stripes: way})
    render(Timeline(track), tmp_path / "out.mp4", form=asked)
    seen = list(frames(tmp_path / "out.mp4"))
    given = halves(0, (320, 180)).astype(int)
    for frame in (seen[0], seen[7], seen[12], seen[20], seen[24], seen[25], seen[40]):
        x = way.at(frame.time)[0]
        left = min(max(round(x * 320 - 50), 0), 220)
        difference = np.abs(frame.image[60:120] - given[60:120, left : left + 100]).mean(axis=(0, 2))
        assert np.sort(difference)[: -3 * 6].max() < 16, frame.time  # but where one stripe passes into the next


def test_where_a_path_is() -> None:
    way = CropPath(((1.0, 0.2, 0.4), (3.0, 0.6, 0.5), (3.0, 0.9, 0.5), (4.0, 0.8, 0.5)))
    places = [way.at(F(time)) for time in (0, 1, 2, 3, F(7, 2), 9)]
    wanted = [(0.2, 0.4), (0.2, 0.4), (0.4, 0.45), (0.9, 0.5), (0.85, 0.5), (0.8, 0.5)]
    assert np.allclose(places, wanted)
    assert CropPath().at(7) == (0.5, 0.5)


def test_another_size_of_a_turned_picture(tmp_path, odd) -> None:
    track = joined(odd["rotated.mp4"], [(F(0), F(4, 5))])
    render(Timeline(track), tmp_path / "out.mp4", form=Form(side=64, shape=SQUARE, fit="blur"))
    info = probe(tmp_path / "out.mp4")
    assert (info.width, info.height, info.video.rotation) == (64, 64, 0)


def test_sound_alone_is_aac_whatever_is_asked(tmp_path, odd) -> None:
    track = joined(odd["whole.mp4"], [(F(0), F(2))])
    render(Timeline(sound=track), tmp_path / "out.m4a", form=Form("vp9"))
    info = probe(tmp_path / "out.m4a")
    assert info.audio[0].codec == "aac"
    assert len(audio(tmp_path / "out.m4a").samples) == 96_000


def test_a_codec_that_is_missing_is_a_sentence(tmp_path, odd, monkeypatch) -> None:
    """As with a build of FFmpeg that has no SVT-AV1: the encoder is asked for by a name that it does not know."""
    monkeypatch.setitem(form.ENCODERS, "av1", replace(form.ENCODERS["av1"], name="libnone"))
    codecs.cache_clear()
    try:
        assert codecs() == ("h264", "h265", "vp9")
        with pytest.raises(RequestError) as refused:
            render(Timeline(joined(odd["whole.mp4"], [(F(0), F(1))])), tmp_path / "out.mp4", form=Form("av1"))
    finally:
        codecs.cache_clear()
    assert refused.value.key == "media.no_encoder"
    assert "AV1" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("codec", codecs())
def test_stop_leaves_nothing(tmp_path, odd, codec) -> None:
    calls = 0

    def stop(done: float, what: str) -> None:
        nonlocal calls
        calls += 1
        if calls > 30:
            raise Cancelled

    track = joined(odd["whole.mp4"], [(F(0), F(4))])
    with pytest.raises(Cancelled):
        render(Timeline(track, track), tmp_path / "out.mp4", stop, form=Form(codec))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("codec", codecs())
def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path, odd, codec) -> None:
    """A limit on the size of files stands for the full disk: writing fails in the same place."""
    assert pytest.importorskip("resource")
    program = f"""
        import resource
        from fractions import Fraction
        from pathlib import Path
        from avai.errors import RequestError
        from avai.media import Form, Timeline, joined, render
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        track = joined(Path({str(odd["whole.mp4"])!r}), [(Fraction(0), Fraction(4))])
        try:
            render(Timeline(track, track), Path({str(tmp_path / "out.mp4")!r}), form=Form({codec!r}))
        except RequestError as error:
            print(error.key)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "media.disk_full", done.stderr
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="this system schedules in another way")
@pytest.mark.parametrize("codec", codecs())
def test_no_codec_makes_itself_more_urgent_than_all_else(tmp_path, odd, codec) -> None:
    source = odd["whole.mp4"]
    track = joined(source, [(F(0), F(1))])
    seen = set()

    def look(done: float, what: str) -> None:
        for task in os.listdir("/proc/self/task"):
            with suppress(ProcessLookupError):  # it has just ended
                seen.add(os.sched_getscheduler(int(task)))

    render(Timeline(track, track), tmp_path / "out.mp4", look, form=Form(codec))
    assert seen == {os.SCHED_OTHER}
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
