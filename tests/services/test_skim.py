"""The short version: what is asked for matters more, what is left out is said, and no word is cut or heard twice."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from avai import media
from avai.contracts import SummarizeRequest, Summary
from avai.errors import RequestError
from avai.media.timeline import joined
from avai.progress import quiet
from avai.services import skim
from avai.services.hearing import listen
from avai.services.picking import within
from avai.services.summarize import summarize
from avai.services.voices import speech_spans

RATE = 48_000


@pytest.fixture(scope="module")
def reel(
    tmp_path_factory: pytest.TempPathFactory,
    film: Callable[..., Path],
    photographs: list[np.ndarray],
    saxophone: np.ndarray,
) -> Path:
    """Black, a cheetah, a tower, a bus, the tower again: three seconds each; a saxophone over the bus alone."""
    cheetah, _, tower, bus = photographs
    scenes = [(np.zeros_like(bus), 3.0), (cheetah, 3.0), (tower, 3.0), (bus, 3.0), (tower, 3.0)]
    sound = np.random.default_rng(1).normal(0, 1e-4, 15 * RATE).astype(np.float32)
    sound[9 * RATE : 12 * RATE] = saxophone[: 3 * RATE]
    return film(tmp_path_factory.mktemp("reel") / "reel.mp4", scenes, sound=sound)


def summary(clip: Path, out: Path, **asked: object) -> Summary:
    return summarize(SummarizeRequest.model_validate({"clip": clip, "pictures": 1, **asked}), out)


def test_what_is_left_out_is_said(reel: Path, tmp_path: Path) -> None:
    result = summary(reel, tmp_path, seconds=6)
    spans = sorted((each.start, each.end) for each in (*result.skim.pieces, *result.skim.left_out))
    assert [spans[0][0], spans[-1][1]] == [0, pytest.approx(result.duration, abs=0.01)]
    assert all(a[1] == pytest.approx(b[0], abs=0.001) for a, b in pairwise(spans))
    whys = {round(each.start): each.why for each in result.skim.left_out}
    assert whys[0] == ("black",)


def test_what_looks_like_what_is_shown_is_called_so(reel: Path, tmp_path: Path) -> None:
    result = summary(reel, tmp_path, seconds=9)
    towers = [each for each in result.skim.pieces if 5.9 < each.start < 9 or each.end > 12.1]
    assert len(towers) <= 1
    assert ("same",) in [each.why for each in result.skim.left_out]


def test_a_named_sound_matters_most(reel: Path, tmp_path: Path) -> None:
    result = summary(reel, tmp_path, seconds=3, tags=("Saxophone",))
    assert [(each.start, each.end) for each in result.skim.pieces] == [
        (pytest.approx(9, abs=0.3), pytest.approx(12, abs=0.3))
    ]
    assert "summarize_note.not_heard" not in {each.code for each in result.warnings}


def test_a_name_that_no_sound_has_is_refused_with_the_nearest(reel: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        summary(reel, tmp_path, tags=("saxofone",))
    assert refused.value.values == {"name": "saxofone", "near": "saxophone"}


def test_a_sound_that_is_not_there_is_said(reel: Path, tmp_path: Path) -> None:
    warnings = summary(reel, tmp_path, seconds=3, tags=("狗", "saxophone")).warnings
    assert [each.text for each in warnings if each.code.endswith("not_heard")] == ["Not heard in this video: Dog."]


def test_a_sound_that_is_not_there_changes_nothing(reel: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain, asked = summary(reel, tmp_path / "plain", seconds=6), summary(reel, tmp_path, seconds=6, tags=("dog",))
    assert plain.curve == asked.curve
    assert plain.skim == asked.skim


def test_sliders_move_the_curve(reel: Path, tmp_path: Path) -> None:
    curves = {}
    for name, picture, sound in (("both", 0.5, 0.5), ("picture", 1, 0), ("sound", 0, 1), ("neither", 0, 0)):
        (tmp_path / name).mkdir()
        curves[name] = np.array(summary(reel, tmp_path / name, seconds=3, picture=picture, sound=sound).curve)
    heard = {name: float(curve[18:24].sum() / max(curve.sum(), 1e-9)) for name, curve in curves.items()}
    assert heard["sound"] > heard["both"] > heard["picture"] > 0
    assert heard["sound"] > 0.6
    assert not curves["neither"].any()


def test_edges_in_speech_without_a_pause_are_said(reel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skim, "speech_spans", lambda hearing: [(0.0, 15.0)])
    result = summary(reel, tmp_path, seconds=6)
    assert result.skim.duration == pytest.approx(6, abs=0.5)
    (warning,) = (each for each in result.warnings if each.code == "summarize_note.cut_in_speech")
    edges = [edge for piece in result.skim.pieces for edge in (piece.start, piece.end)]
    assert warning.values["count"] == sum(0.1 < edge < 14.9 for edge in edges)


def test_frames_that_lie_far_apart_are_said(
    film: Callable[..., Path], photographs: list[np.ndarray], tmp_path: Path
) -> None:
    clip = film(tmp_path / "slow.mp4", [(image, 10.0) for image in photographs], rate=1)
    for seconds in (3.0, 7.5):
        result = summary(clip, tmp_path, seconds=seconds)
        codes = {each.code for each in result.warnings}
        assert abs(result.skim.duration - seconds) <= 0.5 or "summarize_note.skim_length" in codes


def test_a_cross_fade_brings_in_no_speech() -> None:
    spans = [(Fraction(a), Fraction(b)) for a, b in ((0, 2), (4, 6), (8, 10))]
    # a word ends 20 ms before the second piece; the first piece's last word ends 50 ms before its end
    spoken = [(1.0, 1.95), (3.0, 3.98), (6.5, 7.0)]
    (first, second) = skim.overlaps(joined(Path("clip"), spans), spoken)
    assert first == (Fraction(20, 1000), Fraction(60, 1000))
    assert second == (Fraction(60, 1000), Fraction(60, 1000))


@pytest.mark.parametrize(
    ("name", "seconds"), [("talk_voice_with_pauses.mp4", 12.5), ("space_apollo15_moonwalk.mp4", 5.0)]
)
def test_no_edge_lies_inside_speech(shared: Path, tmp_path: Path, name: str, seconds: float) -> None:
    clip = shared / "media" / name
    duration = media.probe(clip).duration
    spoken = speech_spans(listen(clip, duration, quiet))
    result = summary(clip, tmp_path, seconds=seconds)
    assert result.skim.duration == pytest.approx(seconds, abs=0.5)
    edges = [edge for piece in result.skim.pieces for edge in (piece.start, piece.end)]
    assert not within(np.array([edge for edge in edges if 0.01 < edge < duration - 0.05]), spoken).any()


def test_the_skim_of_a_large_video_is_full_hd(
    film: Callable[..., Path], photographs: list[np.ndarray], tmp_path: Path
) -> None:
    large = [cv2.resize(photograph, (2560, 1440)) for photograph in photographs[:2]]
    clip = film(tmp_path / "large.mp4", [(image, 0.6) for image in large], rate=10)
    result = summarize(SummarizeRequest(clip=clip, pictures=2, seconds=5), tmp_path)
    written = media.probe(tmp_path / result.skim.file).video
    assert written
    assert (written.width, written.height) == (1920, 1080)
    assert cv2.imread(str(tmp_path / "picture_01.jpg")).shape == (1440, 2560, 3)
