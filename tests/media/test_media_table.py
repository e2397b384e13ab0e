"""Every row of the tables beside the shared media, and the same oddities made by a script."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from avai.contracts import ClipInfo
from avai.errors import RequestError
from avai.media import PictureCheck, SoundCheck, audio_blocks, frame_times, frames, open_clip, probe

ROOT = Path(__file__).resolve().parents[2]


def rows(name: str) -> list[dict[str, str]]:
    path = Path(os.environ.get("AVAI_SHARED") or ROOT.parent / "shared") / "media" / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def looked_over(path: Path) -> tuple[ClipInfo, set[str]]:
    """What a file is, and all that is said about it after everything was decoded once."""
    info = probe(path)
    notes = {note.code for note in info.warnings}
    if info.video:
        check = PictureCheck()
        seen = 0
        for frame in frames(path, size=64):
            check.see(frame.image)
            seen += 1
            assert frame.image.shape[0] <= 64
        times = frame_times(path)
        assert seen == len(times.times)
        assert float(times.end) == pytest.approx(info.video.start + info.video.duration, abs=1e-6)
        notes |= {note.code for note in check.notes()}
    if info.audio:
        sound = SoundCheck()
        count = 0
        for block in audio_blocks(path, rate=16_000, check=sound):
            assert abs(block).max(initial=0) <= 1.0
            count += len(block)
        assert count / 16_000 == pytest.approx(info.audio[0].start + info.audio[0].duration, abs=0.03)
        notes |= {note.code for note in sound.notes()}
    return info, notes


@pytest.mark.parametrize("row", rows("SOURCES.csv"), ids=lambda row: row["file"])
def test_real_media(shared, row) -> None:
    path = shared / "media" / row["file"]
    if not row["seconds"]:
        info = probe(path)
        assert info.kind == "picture"
        assert (info.width, info.height) == (int(row["width"]), int(row["height"]))
        return
    info, notes = looked_over(path)
    assert info.duration == pytest.approx(float(row["seconds"]), abs=0.06)
    assert (info.video is not None) == bool(row["width"])
    if info.video:
        assert (info.video.width, abs(info.video.height - int(row["height"])) <= 1) == (int(row["width"]), True)
        assert info.video.rate == pytest.approx(float(row["fps"]), rel=0.002)
        assert not info.video.variable_rate
    assert bool(info.audio) == (row["audio"] not in ("", "none"))
    assert ("media.silent" in notes) == ("silent" in row["audio"])
    assert notes <= {"media.silent", "media.clipped"}


EXPECTED = {
    "one_frame.mp4": "media.one_frame",
    "all_black.mp4": "media.all_black",
    "sound_longer_than_picture.mp4": "media.sound_longer",
    "three_audio_tracks.mp4": "media.several_tracks",
    "truncated_tail.mp4": "media.truncated",
    "silence_one_hour.flac": "media.silent",
    "nan_float.wav": "media.nan_replaced",
    "clipped_loud.wav": "media.clipped",
    "truncated_no_moov.mp4": "media.unfinished",
    "text_renamed.mp4": "media.unknown",
    "empty.mp4": "media.empty",
    "one_sample.wav": "media.too_short",
    "header_only.wav": "media.nothing",
}


@pytest.mark.parametrize("row", rows("odd/ODD.csv"), ids=lambda row: row["file"])
def test_odd_media(shared, row) -> None:
    path = shared / "media" / "odd" / row["file"]
    if row["outcome"] == "refused":
        with pytest.raises(RequestError) as refused:
            probe(path)
        assert refused.value.key == EXPECTED[row["file"]]
    elif row["outcome"] == "still":
        assert probe(path).kind == "picture"
        with pytest.raises(RequestError, match="still picture"):
            open_clip(path)
    else:
        info, notes = looked_over(path)
        assert info.duration > 0
        if row["outcome"] == "warning":
            assert EXPECTED[row["file"]] in notes
        else:
            assert notes <= {"media.silent"} if "silent" in row["what_is_odd"] else not notes


def test_odd_details(shared) -> None:
    odd = shared / "media" / "odd"
    sizes = {"rotated_portrait.mp4": (180, 320), "anamorphic_par.mp4": (1024, 576), "odd_size_444.mp4": (321, 181)}
    for name, size in sizes.items():
        info = probe(odd / name)
        assert (info.width, info.height) == size
    assert probe(odd / "vfr.mp4").video.variable_rate
    assert probe(odd / "edit_list_preroll.mov").duration == pytest.approx(3.3, abs=0.01)
    assert (probe(odd / "exif_rotated.jpg").width, probe(odd / "exif_rotated.jpg").height) == (400, 267)
    cover = probe(odd / "cover_art.mp3")
    assert cover.kind == "sound"
    assert cover.cover


MADE = {
    "whole.mp4": set(),
    "rotated.mp4": set(),
    "wide_pixels.mp4": set(),
    "odd_444.mp4": set(),
    "vfr.mp4": set(),
    "late.mov": set(),
    "one_frame.mp4": {"media.one_frame"},
    "no_sound.mp4": set(),
    "black.mp4": {"media.all_black", "media.silent"},
    "long_sound.mp4": {"media.sound_longer"},
    "vp9.webm": set(),
    "mpeg4.avi": set(),
    "hevc.mp4": set(),
    "moves.gif": set(),
    "gif_named.mp4": set(),
    "short_tail.mp4": {"media.truncated"},
    "short_tail.mkv": {"media.truncated"},
    "clock_back.ts": {"media.clock_back"},
    "covered.mp3": set(),
    "surround.flac": set(),
    "loud.wav": {"media.clipped"},
    "silent.wav": {"media.silent"},
    "wild.wav": {"media.nan_replaced", "media.over_full_scale"},
}


@pytest.mark.parametrize("name", MADE)
def test_made_oddities(odd, name) -> None:
    _, notes = looked_over(odd[name])
    assert notes - {"media.damaged_frames"} == MADE[name]


@pytest.mark.parametrize("name", ["empty.mp4", "text.mp4", "no_index.mp4", "one_sample.wav", "header_only.wav"])
def test_made_refusals(odd, name) -> None:
    with pytest.raises(RequestError):
        probe(odd[name])


def test_a_clock_that_jumps_back(odd) -> None:
    """What comes again at times that were shown already is left out of the times as of the pictures, and counted."""
    times = frame_times(odd["clock_back.ts"]).times
    assert list(times) == sorted(set(times))
    assert len(times) == 100
    (warning,) = probe(odd["clock_back.ts"]).warnings
    assert warning.values == {"count": 100}


def test_made_details(odd) -> None:
    assert (probe(odd["rotated.mp4"]).width, probe(odd["rotated.mp4"]).height) == (96, 160)
    assert (probe(odd["wide_pixels.mp4"]).width, probe(odd["wide_pixels.mp4"]).height) == (228, 96)
    assert (probe(odd["turned.jpg"]).width, probe(odd["turned.jpg"]).height) == (96, 160)
    assert probe(odd["vfr.mp4"]).video.variable_rate
    plays = {name: probe(odd[name]).plays_in_browser for name in ("whole.mp4", "vp9.webm", "hevc.mp4", "mpeg4.avi")}
    assert plays == {"whole.mp4": True, "vp9.webm": True, "hevc.mp4": False, "mpeg4.avi": False}
    assert probe(odd["covered.mp3"]).cover


def test_bundled_media(gradio_media) -> None:
    for path in sorted((gradio_media / "videos").glob("*.mp4")):
        info, notes = looked_over(path)
        assert info.kind == "video"
        assert notes <= {"media.silent", "media.clipped", "media.sound_longer"}
