"""A rendered film has the right frames at the right times and the sound in step, and is whole or not there."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from odd import make
from test_media_sound import onsets

from avai.errors import Cancelled, RequestError
from avai.media import (
    Piece,
    Timeline,
    Track,
    audio,
    crossfaded,
    frame_at,
    frame_times,
    frames,
    joined,
    preview,
    probe,
    render,
    snap,
)

F = Fraction


def cut(path: Path, spans: list[tuple[float, float]]) -> Track:
    edges = snap(path, [edge for span in spans for edge in span])
    return joined(path, zip(edges[::2], edges[1::2], strict=True))


def numbers(path: Path) -> list[int]:
    return [make.number_of(frame.image) for frame in frames(path)]


CASES = {
    "25": {"rate": F(25), "count": 200},
    "29.97": {"rate": F(30000, 1001), "count": 240},
    "59.94, few keys": {"rate": F(60000, 1001), "count": 480, "gop": 1000},
    "vfr": {"rate": F(30), "count": 100, "steps": (1, 2, 1, 5, 3)},
    "open groups": {"rate": F(24), "count": 190, "options": {"x264-params": "open-gop=1:bframes=3:b-pyramid=strict"}},
}


@pytest.mark.parametrize("name", CASES)
def test_cuts_are_on_the_frame_and_sound_in_step(tmp_path, name) -> None:
    seconds = 8.0
    source = make.clip(tmp_path / "source.mp4", sound=make.beeps(seconds), **CASES[name])
    track = cut(source, [(0.9, 2.2), (2.2, 3.1), (6.3, 7.6), (1.0, 1.7)])
    rendered = render(Timeline(track, track), tmp_path / "out.mp4")
    times = frame_times(source).times
    expected: list[tuple[F, int]] = []
    for piece in track.pieces:
        kept = [(piece.at + time - piece.start, at) for at, time in enumerate(times) if piece.start <= time < piece.end]
        expected += kept
    assert numbers(tmp_path / "out.mp4") == [number for _, number in expected]
    written = frame_times(tmp_path / "out.mp4")
    assert list(written.times) == [time for time, _ in expected]
    assert written.end == track.length
    assert rendered.frames == len(expected)
    assert rendered.duration == pytest.approx(float(track.length))
    info = probe(tmp_path / "out.mp4")
    assert info.audio[0].duration == pytest.approx(float(track.length), abs=0.0001)
    assert info.plays_in_browser
    beeps = [
        float(piece.at) + beep - float(piece.start)
        for piece in track.pieces
        for beep in np.arange(0.5, seconds, 0.5)
        if piece.start < F(beep) < piece.end - F(1, 50)
    ]
    found = onsets(audio(tmp_path / "out.mp4").samples, 48_000)
    assert len(beeps) >= 6
    for beep in beeps:
        assert min(abs(found - beep)) < 0.001, (beep, found)


def test_no_click_at_a_cut(tmp_path) -> None:
    source = make.clip(tmp_path / "tone.mov", sound=make.tone(8.0), sound_codec="pcm_s16le", count=200)
    spans = [(F(k) * F(77, 100), F(k) * F(77, 100) + F(531, 1000)) for k in range(8)]
    for track in (joined(source, spans), crossfaded(joined(source, spans), [(F(1, 20), F(1, 20))] * 7)):
        render(Timeline(sound=track), tmp_path / "out.m4a")
        samples = audio(tmp_path / "out.m4a").samples[:, 0]
        assert len(samples) == round(track.length * 48_000)
        jump = np.abs(np.diff(samples, 2)).max()
        smooth = 0.5 * (2 * np.pi * 440 / 48_000) ** 2
        assert jump < 6 * smooth
        assert np.abs(samples[4800:-4800]).max() < 0.75


def test_pieces_that_continue_each_other_have_no_dip(tmp_path) -> None:
    source = make.pcm(tmp_path / "tone.wav", make.tone(3.0), make.RATE)
    track = joined(source, [(F(0), F(1)), (F(1), F(2)), (F(2), F(3))])
    render(Timeline(sound=track), tmp_path / "out.m4a")
    samples = audio(tmp_path / "out.m4a").samples[:, 0]
    loudness = np.sqrt((samples[: 48_000 * 3].reshape(-1, 1200) ** 2).mean(axis=1))
    assert loudness[2:-2].min() > 0.34


def test_sound_is_placed_to_the_sample_with_gain_and_mix(tmp_path) -> None:
    click = np.zeros((48_000, 2), np.float32)
    click[24_000] = 0.5
    source = make.pcm(tmp_path / "click.wav", click, 48_000)
    pieces = (
        Piece(source, F(0), F(1), F(1, 3), gain=1.0),
        Piece(source, F(1, 4), F(3, 4), F(2), gain=0.5),
        Piece(source, F(0), F(1), F(2) - F(1, 4)),
    )
    from avai.media.sound_track import mixed_blocks

    whole = np.concatenate(list(mixed_blocks(Track(pieces), F(3))))
    assert len(whole) == 3 * 48_000
    found = np.flatnonzero(np.abs(whole[:, 0]) > 0.1)
    assert list(found) == [16_000 + 24_000, 96_000 + 12_000]
    assert whole[found[1], 0] == pytest.approx(0.75, abs=0.001)


def test_a_loud_mix_does_not_wrap(tmp_path, odd) -> None:
    pieces = tuple(Piece(odd["loud.wav"], F(0), F(1), F(k, 1000)) for k in range(3))
    render(Timeline(sound=Track(pieces)), tmp_path / "out.m4a")
    assert np.abs(audio(tmp_path / "out.m4a").samples).max() <= 1.0


def test_dissolves_blend_from_one_to_the_other(tmp_path) -> None:
    def grey(level: int):
        return lambda number, size: np.full((size[1], size[0], 3), level, np.uint8)

    dark = make.clip(tmp_path / "dark.mp4", picture=grey(40), count=50)
    light = make.clip(tmp_path / "light.mp4", picture=grey(220), count=50, size=(192, 96))
    track = Track((Piece(dark, F(0), F(2), F(0)), Piece(light, F(0), F(2), F(1))))
    rendered = render(Timeline(track), tmp_path / "out.mp4")
    levels = [float(frame.image[:, 40:120].mean()) for frame in frames(tmp_path / "out.mp4")]
    assert rendered.frames == len(levels) == 75
    assert (rendered.width, rendered.height) == make.SIZE
    assert levels[10] == pytest.approx(40, abs=4)
    assert levels[70] == pytest.approx(220, abs=40)  # bars above and below
    assert all(after >= before - 1 for before, after in pairwise(levels[24:51]))
    share = (levels[37] - levels[10]) / (levels[70] - levels[10])
    assert share == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("fit", ["bars", "fill"])
def test_other_shapes_are_fitted_not_stretched(tmp_path, odd, fit) -> None:
    track = Track((Piece(odd["rotated.mp4"], F(0), F(4, 5), F(0)),))
    render(Timeline(track, size=(320, 180), fit=fit), tmp_path / "out.mp4")
    image = next(frames(tmp_path / "out.mp4")).image
    assert image.shape == (180, 320, 3)
    sides = float(image[:, :40].mean()), float(image[:, -40:].mean())
    assert (max(sides) < 20) == (fit == "bars")


@pytest.mark.parametrize("name", ["rotated.mp4", "wide_pixels.mp4", "odd_444.mp4", "hevc.mp4", "moves.gif", "vp9.webm"])
def test_odd_pictures_become_plain_ones(tmp_path, odd, name) -> None:
    before = probe(odd[name])
    track = cut(odd[name], [(0.2, 0.6)])
    render(Timeline(track), tmp_path / "out.mp4")
    after = probe(tmp_path / "out.mp4")
    assert after.plays_in_browser
    assert after.video.pixel_format == "yuv420p"
    assert after.video.rotation == 0
    assert (after.width, after.height) == (before.width // 2 * 2, before.height // 2 * 2)
    assert after.video.duration == pytest.approx(0.4, abs=0.002)
    one, other = next(frames(tmp_path / "out.mp4")).image, next(frames(odd[name], start=track.pieces[0].start)).image
    assert np.abs(one.astype(int) - other[: one.shape[0], : one.shape[1]]).mean() < 14


def test_another_rate_and_many_sources(tmp_path, odd) -> None:
    names = ["whole.mp4", "vfr.mp4", "hevc.mp4"]
    pieces = [Piece(odd[name], F(0), F(1), F(at)) for at, name in enumerate(names)]
    rendered = render(Timeline(Track(tuple(pieces)), rate=F(30)), tmp_path / "out.mp4")
    assert rendered.frames == 90
    info = probe(tmp_path / "out.mp4")
    assert info.video.rate == pytest.approx(30)
    assert not info.video.variable_rate
    assert info.duration == pytest.approx(3.0)


@pytest.mark.parametrize("name", ["vp9.webm", "whole.mp4", "moves.gif"])
def test_a_constant_rate_repeats_and_drops_nothing(tmp_path, odd, name) -> None:
    """WebM rounds times to a millisecond: at its own constant rate each frame still comes once."""
    rate = F(probe(odd[name]).video.rate)
    edges = snap(odd[name], [0.4, 1.6])
    render(Timeline(joined(odd[name], [(edges[0], edges[1])]), rate=rate), tmp_path / "out.mp4")
    first = round(edges[0] * rate)
    assert numbers(tmp_path / "out.mp4") == list(range(first, first + round((edges[1] - edges[0]) * rate)))


def test_a_gap_is_black_and_silent(tmp_path, odd) -> None:
    whole = odd["whole.mp4"]
    track = Track((Piece(whole, F(0), F(1), F(0)), Piece(whole, F(1), F(2), F(2))))
    render(Timeline(track, track), tmp_path / "out.mp4")
    middle = next(frames(tmp_path / "out.mp4", start=F(3, 2)))
    assert middle.image.max() < 20
    assert np.abs(audio(tmp_path / "out.mp4", start=1.1, end=1.9).samples).max() < 0.01


CONTAINERS = {
    "a.mkv": {},
    "a.ts": {},
    "a.m2ts": {},
    "a.mpg": {"codec": "mpeg2video", "sound_codec": "mp2"},
    "h264.avi": {"sound_codec": "pcm_s16le"},
    "packed.avi": {"codec": "mpeg4", "sound_codec": "pcm_s16le", "options": {"bf": "2", "b": "2M"}},
    "a.mov": {"codec": "prores_ks", "pixels": "yuv422p10le", "sound_codec": "pcm_s24le"},
    "rgb.mkv": {"codec": "ffv1", "pixels": "bgr0", "sound_codec": "flac"},
    "mp3.mp4": {"sound_codec": "libmp3lame"},
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_is_cut_on_the_frame(tmp_path, name) -> None:
    source = make.clip(tmp_path / name, count=200, sound=make.beeps(8.0), **CONTAINERS[name])
    assert numbers(source) == list(range(200))
    times = frame_times(source).times
    for number in (50, 77, 150, 199):
        assert make.number_of(frame_at(source, times[number] + F(1, 100)).image) == number
    lead = onsets(audio(source).samples, 48_000)[0] - 0.5  # MPEG streams do not say the encoder's delay
    track = joined(source, [(times[128], times[158]), (times[25], times[52])])
    render(Timeline(track, track), tmp_path / "out.mp4")
    assert numbers(tmp_path / "out.mp4") == [*range(128, 158), *range(25, 52)]
    found = onsets(audio(tmp_path / "out.mp4").samples, 48_000)
    for piece, beep in ((0, 5.5), (0, 6.0), (1, 1.5), (1, 2.0)):
        at = track.pieces[piece].at + F(beep + lead) - track.pieces[piece].start
        assert min(abs(found - float(at))) < 0.001


def test_a_clip_without_sound_is_silent_in_a_film(tmp_path, odd) -> None:
    pieces = (Piece(odd["no_sound.mp4"], F(0), F(1), F(0)), Piece(odd["whole.mp4"], F(0), F(1), F(1)))
    render(Timeline(Track(pieces), Track(pieces)), tmp_path / "out.mp4")
    samples = audio(tmp_path / "out.mp4").samples
    assert np.abs(samples[:47_000]).max() < 0.01
    assert np.abs(samples[50_000:]).max() > 0.4


def test_only_what_is_kept_is_decoded(tmp_path, monkeypatch) -> None:
    from avai.media.pictures import FrameReader

    source = make.clip(tmp_path / "long.mp4", count=1500, gop=25)
    decoded = 0
    plain = FrameReader._decoded

    def counted(self):
        nonlocal decoded
        for frame in plain(self):
            decoded += 1
            yield frame

    monkeypatch.setattr(FrameReader, "_decoded", counted)
    track = joined(source, [(F(10), F(12)), (F(12), F(14)), (F(29, 2), F(15)), (F(50), F(51))])
    render(Timeline(track), tmp_path / "out.mp4")
    kept = round(track.length * 25)
    assert decoded < kept + 80


def test_what_nothing_needs_is_not_decoded_before_a_cut(tmp_path, monkeypatch) -> None:
    from avai.media.picture_track import Clip
    from avai.media.pictures import FrameReader

    source = make.clip(tmp_path / "long.mp4", count=240, gop=240, options={"bf": "3", "x264-params": "b-adapt=0"})
    times = frame_times(source)
    decoded = 0
    plain = FrameReader._decoded

    def counted(self):
        nonlocal decoded
        for frame in plain(self):
            decoded += 1
            yield frame

    monkeypatch.setattr(FrameReader, "_decoded", counted)
    with FrameReader(source) as reader:
        whole = [frame.to_ndarray() for _, frame in reader.read()]
    for first, last in ((200, 210), (101, 103), (38, 60)):
        decoded = 0
        with Clip(source, times) as clip:
            got = [(time, frame.to_ndarray()) for time, frame in clip.stretch(times.times[first], times.times[last])]
        assert [time for time, _ in got] == list(times.times[first:last])
        assert all(np.array_equal(one, other) for (_, one), other in zip(got, whole[first:last], strict=True))
        assert decoded < 0.75 * first + (last - first) + 8


def test_stop_leaves_nothing(tmp_path, odd) -> None:
    calls = 0

    def stop(done: float, what: str) -> None:
        nonlocal calls
        calls += 1
        assert 0 <= done <= 1
        if calls > 20:
            raise Cancelled

    track = cut(odd["whole.mp4"], [(0, 4)])
    with pytest.raises(Cancelled):
        render(Timeline(track, track), tmp_path / "out.mp4", stop)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_a_sentence(tmp_path, odd) -> None:
    track = cut(odd["whole.mp4"], [(0, 1)])
    with pytest.raises(RequestError) as refused:
        render(Timeline(track), tmp_path / "absent" / "out.mp4")
    assert refused.value.key == "media.cannot_write"
    with pytest.raises(RequestError) as refused:
        render(Timeline(), tmp_path / "out.mp4")
    assert refused.value.key == "media.nothing_kept"


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path, odd) -> None:
    """A limit on the size of files stands for the full disk: writing fails in the same place."""
    resource = pytest.importorskip("resource")
    assert resource
    program = f"""
        import resource
        from fractions import Fraction
        from pathlib import Path
        from avai.errors import RequestError
        from avai.media import Timeline, joined, render
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        track = joined(Path({str(odd["whole.mp4"])!r}), [(Fraction(0), Fraction(4))])
        try:
            render(Timeline(track, track), Path({str(tmp_path / "out.mp4")!r}))
        except RequestError as error:
            print(error.key)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "media.disk_full", done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_index_is_in_front(tmp_path, odd) -> None:
    render(Timeline(cut(odd["whole.mp4"], [(0, 1)])), tmp_path / "out.mp4")
    data = (tmp_path / "out.mp4").read_bytes()
    assert data.find(b"moov") < data.find(b"mdat")


def test_a_damaged_source_gives_what_there_is(tmp_path, odd) -> None:
    track = cut(odd["short_tail.mp4"], [(0.4, 2.2)])
    render(Timeline(track, track), tmp_path / "out.mp4")
    assert probe(tmp_path / "out.mp4").duration == pytest.approx(1.8, abs=0.01)


@pytest.mark.parametrize("name", ["hevc.mp4", "mpeg4.avi", "vfr.mp4", "late.mov", "surround.flac", "one_frame.mp4"])
def test_a_preview_plays_everywhere(tmp_path, odd, name) -> None:
    before = probe(odd[name])
    out = tmp_path / ("p.mp4" if before.video else "p.m4a")
    assert preview(odd[name], out)
    after = probe(out)
    assert after.plays_in_browser
    assert after.duration == pytest.approx(before.duration, abs=0.06)
    assert not preview(odd["turned.jpg"], tmp_path / "none.mp4")


def test_real_film_keeps_its_pictures(tmp_path, gradio_media) -> None:
    source = gradio_media / "videos" / "world.mp4"
    track = cut(source, [(1.0, 2.0), (3.0, 3.5)])
    render(Timeline(track, track if probe(source).audio else Track()), tmp_path / "out.mp4")
    for at, time in ((F(0), track.pieces[0].start), (track.pieces[1].at, track.pieces[1].start)):
        one = next(frames(tmp_path / "out.mp4", start=at, size=128)).image.astype(int)
        other = next(frames(source, start=time, size=128)).image
        assert np.abs(one - other).mean() < 4
    with av.open(str(tmp_path / "out.mp4")) as file:
        assert file.streams.video[0].codec_context.pix_fmt == "yuv420p"
