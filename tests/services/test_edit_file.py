"""The file that an edit makes: its form, what is copied, its tracks, and what goes with it to an editor."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from avai import media
from avai.contracts import EditRequest, PlanRequest
from avai.errors import RequestError
from avai.services.edit import edit
from avai.services.plan import plan

Film = Callable[..., Path]


@pytest.fixture(scope="module")
def clip(
    film: Film, photographs: list[np.ndarray], saxophone: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Four photographs of 3 s each under a saxophone."""
    folder = tmp_path_factory.mktemp("file")
    shown = [(photographs[number % 3], 3.0) for number in range(4)]
    return film(folder / "file.mp4", shown, sound=np.resize(saxophone, 12 * 48000))


def test_an_upright_film_in_another_format(clip: Path, tmp_path: Path) -> None:
    asked = EditRequest(clip=clip, include=("1-3",), exclude=("5-",), shape="9:16", codec="h265", size="360")
    result = edit(asked, tmp_path)
    info = media.probe(tmp_path / "edit.mp4")
    assert info.video
    assert info.video.codec == "hevc"
    assert info.video.width / info.video.height == pytest.approx(9 / 16, abs=0.02)
    assert (result.width, result.height) == (info.video.width, info.video.height)
    assert info.duration == pytest.approx(result.duration, abs=0.05)
    assert result.bytes_after == (tmp_path / "edit.mp4").stat().st_size


def test_pictures_are_copied_where_nothing_is_cut(clip: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=clip, exclude=("2-2.5",), smart=True), tmp_path)
    assert result.smart
    assert result.duration == pytest.approx(11.5, abs=0.05)


def test_it_is_said_why_nothing_could_be_copied(clip: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=clip, exclude=("2-2.5",), smart=True, codec="vp9", size="360"), tmp_path)
    assert not result.smart
    assert "edit_note.anew.form" in {each.code for each in result.warnings}


def test_what_is_played_faster_takes_its_part(clip: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=clip, cut=("0-4",), speed=4), tmp_path)
    assert result.duration == pytest.approx(4 + 8 / 4, abs=0.1)
    assert media.probe(tmp_path / "edit.mp4").duration == pytest.approx(result.duration, abs=0.1)


def test_a_sound_track_that_is_not_there_is_named(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        edit(EditRequest(clip=clip, track=3), tmp_path)
    assert caught.value.key == "edit_note.no_track"
    assert not list(tmp_path.iterdir())


def test_the_sound_track_that_is_kept_is_the_one_that_is_listened_to(
    clip: Path, saxophone: np.ndarray, tmp_path: Path
) -> None:
    sound = np.zeros(12 * 48000, np.float32)
    sound[: 4 * 48000] = saxophone[: 4 * 48000]
    media.write_wav(tmp_path / "part.wav", sound, 48000)
    picture, part = (media.joined(path, [(Fraction(0), Fraction(12))]) for path in (clip, tmp_path / "part.wav"))
    both = tmp_path / "both.mp4"
    media.render(media.Timeline(picture, picture, others=(part,)), both)
    kept = {
        track: plan(PlanRequest(clip=both, drop_silence=True, margin=0.2, track=track), tmp_path) for track in (0, 1, 2)
    }
    assert kept[0].duration == kept[1].duration > 11
    assert kept[2].duration == pytest.approx(4.2, abs=0.1)
    codes = [{each.code for each in found.warnings} for found in kept.values()]
    assert ["edit_note.first_heard" in each for each in codes] == [True, False, False]
    assert ["media.several_tracks" in each for each in codes] == [False, True, False]
    again = edit(EditRequest(clip=both, edit=tmp_path / "plan.json"), tmp_path)
    assert again.duration == pytest.approx(kept[2].duration, abs=0.05)
    assert len(media.probe(tmp_path / "edit.mp4").audio) == 1
    heard = media.audio(tmp_path / "edit.mp4", mono=True).samples
    assert np.abs(heard[-4800:]).max() < 0.01, "the silence behind the saxophone, not the other track"


def test_an_empty_sound_track_is_not_counted(tmp_path: Path) -> None:
    source = tmp_path / "three.mkv"
    with av.open(str(source), "w") as file:
        tracks = [file.add_stream("pcm_s16le", rate=48000, layout="mono") for _ in range(3)]
        for track, tone in ((tracks[0], 440), (tracks[2], 880)):
            samples = (9000 * np.sin(2 * np.pi * tone * np.arange(96000) / 48000)).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48000, 0
            file.mux([*track.encode(frame), *track.encode(None)])
    assert [each.number for each in media.probe(source).audio] == [0, 2]
    edit(EditRequest(clip=source, exclude=("0-1",), track=2), tmp_path)
    heard = media.audio(tmp_path / "edit.m4a", mono=True).samples[:, 0]
    assert np.abs(np.fft.rfft(heard)).argmax() / len(heard) * 48000 == pytest.approx(880, abs=2)


def test_project_files_go_with_it(clip: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=clip, exclude=("2-2.5",)), tmp_path)
    assert {"edit.otio", "edit.edl", "edit.xml", "edit.fcpxml"} <= set(result.files)
    assert all((tmp_path / name).stat().st_size for name in result.files)
    assert str(clip.parent) not in (tmp_path / "edit.otio").read_text(encoding="utf-8")
