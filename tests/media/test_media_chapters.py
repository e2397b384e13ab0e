"""Chapters are read back where they were put, and a film that gets them keeps every packet in its place."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from odd import make

from avai import media
from avai.errors import Cancelled
from avai.media.clock import base, common_start, packets
from avai.media.timeline import Timeline

Packets = list[tuple[bytes, Fraction, bool]]
NAMES = ["Speech over rain", "音乐中的说话声", 'A "name" <b>&amp;</b>\nof two lines']


def streams_of(path: Path) -> list[Packets]:
    """Of the picture and each sound: bytes, time of showing since the clip's common start, whether it stands alone."""
    start = common_start(path)
    with media.open_clip(path) as source:
        streams = [source.picture(), *source.audio]
        found: dict[int, Packets] = {stream.index: [] for stream in streams}
        for packet in packets(source, *streams):
            if packet.size and packet.pts is not None:
                time = packet.pts * base(packet.stream) - start
                found[packet.stream_index].append((bytes(packet), time, packet.is_keyframe))
    return list(found.values())


def chapters_of(path: Path) -> list[tuple[Fraction, Fraction, str]]:
    """Start, end and name of each, since the clip's common start."""
    start = common_start(path)
    with av.open(str(path)) as container:
        return [
            (
                each["start"] * Fraction(each["time_base"] or 0) - start,
                each["end"] * Fraction(each["time_base"] or 0) - start,
                each["metadata"]["title"],
            )
            for each in container.chapters()
        ]


def given_to(film: Path) -> list[media.Chapter]:
    end = media.frame_times(film).end
    edges = [Fraction(0), end / 3, end * 2 / 3, end]
    return [media.Chapter(a, b, name) for a, b, name in zip(edges[:-1], edges[1:], NAMES, strict=True)]


def check(film: Path, out: Path, suffix: str) -> None:
    given = given_to(film)
    made = media.with_chapters(film, given, out / "film")
    assert made == out / f"film{suffix}"
    tick = 0.0011 if suffix == ".mkv" else 1e-4  # Matroska tells milliseconds
    for ours, theirs in zip(streams_of(made), streams_of(film), strict=True):
        assert [data for data, _, _ in ours] == [data for data, _, _ in theirs], film.name
        assert [float(t) for _, t, _ in ours] == pytest.approx([float(t) for _, t, _ in theirs], abs=tick), film.name
        assert [key for _, _, key in ours] == [key for _, _, key in theirs], film.name
    read = chapters_of(made)
    assert [name for _, _, name in read] == [" ".join(each.name.split()) for each in given]
    for (start, end, _), each in zip(read, given, strict=True):
        assert float(start) == pytest.approx(float(each.start), abs=tick), film.name
        assert float(end) == pytest.approx(float(each.end), abs=tick), film.name
    before, after = media.probe(film), media.probe(made)
    assert (after.width, after.height, len(after.audio)) == (before.width, before.height, len(before.audio))
    assert after.duration == pytest.approx(before.duration, abs=0.05)
    assert [each.name for each in out.iterdir()] == [made.name]


@pytest.mark.parametrize("name", ["a.mp4", "b.mp4", "world.mp4"])
def test_real_films(name: str, gradio_media: Path, tmp_path: Path) -> None:
    check(gradio_media / "videos" / name, tmp_path, ".mp4")


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("audio_starts_late.mov", ".mp4"),
        ("edit_list_preroll.mov", ".mp4"),
        ("hevc_10bit.mp4", ".mp4"),
        ("vp9_opus.webm", ".mp4"),
        ("av1.mp4", ".mp4"),
        ("rotated_portrait.mp4", ".mp4"),
        ("vfr.mp4", ".mp4"),
        ("mpeg4_mp3.avi", ".mp4"),
        ("no_audio.mp4", ".mp4"),
        ("one_frame.mp4", ".mp4"),
        ("subtitle_track.mp4", ".mp4"),
        ("three_audio_tracks.mp4", ".mp4"),
        ("sound_longer_than_picture.mp4", ".mp4"),
        ("../film_tears_of_steel_battle.webm", ".mkv"),
    ],
)
def test_odd_films(name: str, suffix: str, shared: Path, tmp_path: Path) -> None:
    """Late sound, hidden pre-roll, several sounds, other codecs and clocks: all in its place."""
    check(shared / "media" / "odd" / name, tmp_path, suffix)


@pytest.mark.parametrize(("container", "later"), [("mkv", 0.0), ("ts", 1.4), ("mov", 0.51)])
def test_other_containers_and_clocks(container: str, later: float, gradio_media: Path, tmp_path: Path) -> None:
    """The clock of a broadcast begins anywhere."""
    given = tmp_path / f"given.{container}"
    make.copied(given, gradio_media / "videos" / "a.mp4", later=later)
    out = tmp_path / "out"
    out.mkdir()
    made = media.with_chapters(given, given_to(given), out / "film")
    assert made is not None
    starts = [float(start) for start, _, _ in chapters_of(made)]
    assert starts[0] <= 0  # the first begins with the file, even where its streams begin a moment later
    assert starts[1:] == pytest.approx([float(each.start) for each in given_to(given)][1:], abs=1e-4)
    ours, theirs = streams_of(made), streams_of(given)
    for one, other in zip(ours, theirs, strict=True):
        assert [float(t) for _, t, _ in one] == pytest.approx([float(t) for _, t, _ in other], abs=1e-3)


def test_pcm_and_reordered_frames_go_into_matroska(tmp_path: Path) -> None:
    """Sound that MP4 does not take; what is stored before it is due (frames, what an encoder fills) moves nothing."""
    given = tmp_path / "given.mov"
    with av.open(str(given), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"bf": "2"})
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        coded = container.add_stream("aac", rate=48_000, layout="mono")
        for number in range(50):
            shade = np.full((120, 160, 3), number * 5, np.uint8)
            frame = av.VideoFrame.from_ndarray(shade, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        for start in range(0, 96_000, 960):
            block = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), "s16", "mono")
            block.sample_rate, block.pts, block.time_base = 48_000, start, Fraction(1, 48_000)
            container.mux(audio.encode(block))
        for start in range(0, 96_000, 1024):
            block = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            block.sample_rate, block.pts, block.time_base = 48_000, start, Fraction(1, 48_000)
            container.mux(coded.encode(block))
        container.mux(coded.encode())
    out = tmp_path / "out"
    out.mkdir()
    check(given, out, ".mkv")


def test_a_render_has_its_chapters(gradio_media: Path, tmp_path: Path) -> None:
    film = gradio_media / "videos" / "world.mp4"
    track = media.joined(film, [(Fraction(0), Fraction(1)), (Fraction(2), Fraction(3))])
    given = [media.Chapter(0, Fraction(1001, 1000), "One"), media.Chapter(Fraction(1001, 1000), 2, "二")]
    media.render(Timeline(track, media.Track()), tmp_path / "film.mp4", chapters=given)
    read = chapters_of(tmp_path / "film.mp4")
    assert read == [(0, Fraction(1001, 1000), "One"), (Fraction(1001, 1000), 2, "二")]
    assert media.probe(tmp_path / "film.mp4").plays_in_browser


def test_stop_leaves_nothing(gradio_media: Path, tmp_path: Path) -> None:
    film = gradio_media / "videos" / "world.mp4"

    def stop(done: float, what: str) -> None:
        if done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        media.with_chapters(film, given_to(film), tmp_path / "film", stop)
    assert list(tmp_path.iterdir()) == []
