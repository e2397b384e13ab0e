"""Summarise on films with known scenes: every scene once, shots on the frame, a skim of the asked length."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from avai import media
from avai.contracts import Note, Span, SummarizeRequest, Summary
from avai.errors import RequestError, note
from avai.progress import quiet
from avai.services.chapters import write_film
from avai.services.seeing import shots, watch
from avai.services.summarize import summarize


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


def chapters_in(film: Path) -> list[tuple[float, float, str]]:
    with av.open(str(film)) as container:
        return [
            (
                float(each["start"] * each["time_base"]),
                float(each["end"] * each["time_base"]),
                each["metadata"]["title"],
            )
            for each in container.chapters()
        ]


def test_the_skim_has_a_chapter_for_each_piece(summary: tuple[Summary, Path]) -> None:
    result, out = summary
    found = chapters_in(out / "skim.mp4")
    assert len(found) == len(result.skim.pieces)
    for (start, end, name), piece in zip(found, result.skim.pieces, strict=True):
        assert start == pytest.approx(piece.at, abs=1e-5)
        assert end == pytest.approx(piece.at + piece.end - piece.start, abs=1e-5)
        assert name == f"0:{int(piece.start):02} Music"


def test_the_film_is_copied_with_its_chapters(summary: tuple[Summary, Path], compilation: Path) -> None:
    result, out = summary
    assert chapters_in(out / "film_chapters.mp4") == [(0.0, 15.0, "Music")]
    assert (out / "chapters.txt").read_text(encoding="utf-8") == "0:00 Music\n"
    before, after = media.probe(compilation), media.probe(out / "film_chapters.mp4")
    assert after.video == before.video
    assert {"chapters.txt", "film_chapters.mp4"} <= set(result.files)


def test_films_that_cannot_be_copied_are_left_out_with_a_sentence(
    compilation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chapters = [Span(start=0, end=15, label="music")]
    info = media.probe(compilation)
    damaged = info.model_copy(update={"warnings": (note("media.truncated", readable="1", promised="2"),)})
    for given, limit, code in ((damaged, 500_000_000, "broken_for_chapters"), (info, 1000, "too_big_for_chapters")):
        monkeypatch.setenv("AVAI_MAX_COPY_BYTES", str(limit))
        warnings: list[Note] = []
        assert write_film(compilation, given, chapters, tmp_path, warnings, quiet) == ""
        assert [each.code for each in warnings] == [f"summarize_note.{code}"]
    assert list(tmp_path.iterdir()) == []


def test_a_report_goes_with_it(summary: tuple[Summary, Path]) -> None:
    result, out = summary
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "report.html" in result.files
    assert "abacd.mp4" in page
    assert page.count("data:image/jpeg") == len(result.pictures) + 1  # the first stands in for the preview as well
    assert page.count("data:image/webp") == 1


def test_a_small_preview_goes_with_it(summary: tuple[Summary, Path]) -> None:
    result, out = summary
    with Image.open(out / "preview.webp") as image:
        assert image.size == (320, 180)
        assert image.info["loop"] == 0
        assert image.n_frames > 20
    assert "preview.webp" in result.files
