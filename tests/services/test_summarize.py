"""Summarise on films with known scenes: every scene once, shots on the frame, a skim of the asked length."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from avai import media
from avai.contracts import Shot, SummarizeRequest, Summary
from avai.errors import RequestError
from avai.progress import quiet
from avai.services.hearing import listen
from avai.services.seeing import shots, watch
from avai.services.summarize import chapters_of, summarize


@pytest.fixture(scope="module")
def compilation(
    film: Callable[..., Path],
    photographs: list[np.ndarray],
    saxophone: np.ndarray,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A B A C D: five shots of 3 s, four scenes."""
    a, b, c, d = photographs
    sound = np.tile(saxophone, 2)[: 15 * 48000]
    return film(tmp_path_factory.mktemp("film") / "abacd.mp4", [(x, 3.0) for x in (a, b, a, c, d)], sound=sound)


@pytest.fixture(scope="module")
def summary(compilation: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, Path]:
    out = tmp_path_factory.mktemp("summary")
    return summarize(SummarizeRequest(clip=compilation, pictures=4, seconds=6), out), out


def test_shots_tile_the_video_on_the_frame(summary: tuple[Summary, Path]) -> None:
    shots = summary[0].shots
    assert [shot.start for shot in shots] == pytest.approx([0, 3, 6, 9, 12], abs=0.001)
    assert shots[-1].end == summary[0].duration
    assert all(a.end == b.start for a, b in itertools.pairwise(shots))


def test_every_scene_once(summary: tuple[Summary, Path]) -> None:
    result, out = summary
    scenes = sorted({0: 0, 1: 1, 2: 0, 3: 2, 4: 3}[int(picture.time // 3)] for picture in result.pictures)
    assert scenes == [0, 1, 2, 3]
    for picture in result.pictures:
        image = cv2.imread(str(out / picture.file))
        assert image.shape == (270, 480, 3)
    assert cv2.imread(str(out / "storyboard.jpg")) is not None


def test_the_skim_has_the_asked_length_and_plays(summary: tuple[Summary, Path]) -> None:
    result, out = summary
    info = media.probe(out / "skim.mp4")
    assert info.duration == pytest.approx(6.0, abs=0.5)
    assert info.plays_in_browser
    assert info.audio
    pieces = result.skim.pieces
    assert all(a.end <= b.start for a, b in itertools.pairwise(pieces))
    assert sum(piece.end - piece.start for piece in pieces) == pytest.approx(result.skim.duration, abs=0.05)


def test_the_json_is_the_result(summary: tuple[Summary, Path]) -> None:
    result, out = summary
    stored = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert stored.keys() >= {"duration", "shots", "pictures", "skim", "warnings"}
    assert Summary.model_validate(stored) == result
    assert all((out / name).is_file() for name in result.files)


def test_two_scenes_give_two_pictures_with_a_warning(
    film: Callable[..., Path], photographs: list[np.ndarray], tmp_path: Path
) -> None:
    a, b = photographs[:2]
    clip = film(tmp_path / "abab.mp4", [(x, 2.0) for x in (a, b, a, b)])
    result = summarize(SummarizeRequest(clip=clip, pictures=6, seconds=30), tmp_path)
    assert len(result.pictures) == 2
    codes = {warning.code for warning in result.warnings}
    assert codes >= {"summarize_note.fewer_pictures", "summarize_note.shorter_than_skim"}


def test_sound_is_refused(gradio_media: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        summarize(SummarizeRequest(clip=gradio_media / "audio" / "sax.wav"), tmp_path)
    assert caught.value.key == "summarize_note.no_picture"


@pytest.mark.parametrize("name", ["film_big_buck_bunny_30s.mp4"])
def test_cuts_of_a_real_film(shared: Path, name: str) -> None:
    truth = json.loads((shared / "media" / "shots.json").read_text(encoding="utf-8"))[name]
    clip = shared / "media" / name
    info = media.probe(clip)
    found = [shot.start for shot in shots(watch(clip, info, quiet), info.duration) if shot.transition == "cut"]
    for cut in truth["cuts"]:
        assert min(abs(cut - time) for time in found) <= 0.1
    assert len(found) <= len(truth["cuts"]) + 1


def test_a_night_is_not_called_black_and_black_is(
    film: Callable[..., Path], photographs: list[np.ndarray], tmp_path: Path
) -> None:
    night = (photographs[0] * 0.03).astype(np.uint8)
    night[100:130, 200:240] = 220
    assert night.mean() < 10
    black = np.zeros_like(night)
    codes = []
    for name, scenes in (("night", [(black, 1.0), (night, 3.0)]), ("black", [(black, 2.0)])):
        out = tmp_path / name
        out.mkdir()
        result = summarize(SummarizeRequest(clip=film(out / "clip.mp4", scenes), pictures=1), out)
        codes.append({warning.code for warning in result.warnings})
        if name == "night":
            assert result.pictures[0].time >= 1.0
    assert "media.all_black" not in codes[0]
    assert "media.all_black" in codes[1]


def test_chapters_are_named_by_what_is_heard(shared: Path) -> None:
    clip = shared / "media" / "film_tears_of_steel_battle.webm"
    duration = media.probe(clip).duration
    five = [Shot(start=start, end=min(start + 5, duration)) for start in np.arange(0, duration, 5)]
    chapters = chapters_of(tuple(five), listen(clip, duration, quiet), duration)
    assert chapters[0].start == 0
    assert chapters[-1].end == pytest.approx(duration, abs=0.001)
    assert len({chapter.label for chapter in chapters} - {"other"}) >= 2
