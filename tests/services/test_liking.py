"""Keep what looks or sounds like this: a model taught on a few examples chooses in Edit and Summarise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avai.contracts import EditRequest, SummarizeRequest
from avai.errors import RequestError
from avai.services.edit import edit
from avai.services.summarize import summarize

RATE = 48_000


@pytest.fixture(scope="module")
def reel(
    tmp_path_factory: pytest.TempPathFactory,
    film: Callable[..., Path],
    photographs: list[np.ndarray],
    saxophone: np.ndarray,
) -> Path:
    """A cheetah, a tower, a bus, a tower: two seconds each; a saxophone over the bus, noise over the first tower."""
    cheetah, _, tower, bus = photographs
    sound = np.zeros(8 * RATE, np.float32)
    sound[2 * RATE : 4 * RATE] = np.random.default_rng(3).normal(0, 0.1, 2 * RATE)
    sound[4 * RATE : 6 * RATE] = saxophone[: 2 * RATE]
    path = tmp_path_factory.mktemp("reel") / "reel.mp4"
    return film(path, [(cheetah, 2.0), (tower, 2.0), (bus, 2.0), (tower, 2.0)], sound=sound)


def test_a_picture_model_keeps_what_looks_like_this(reel: Path, picture_model: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=reel, model=picture_model, like=("Tower",)), tmp_path)
    assert [(each.start, each.end) for each in result.pieces] == [
        (pytest.approx(2.0, abs=0.08), pytest.approx(4.0, abs=0.08)),
        (pytest.approx(6.0, abs=0.08), pytest.approx(8.0, abs=0.08)),
    ]
    assert {each.why for each in result.pieces} == {("like",)}
    assert {each.why for each in result.dropped} == {("unlike",)}


def test_without_a_name_any_class_is_liked_but_other(reel: Path, picture_model: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=reel, model=picture_model), tmp_path)
    assert [round(each.start) for each in result.pieces][:1] == [2]
    assert sum(each.end - each.start for each in result.pieces) == pytest.approx(6.0, abs=0.2)


def test_a_sound_model_keeps_what_sounds_like_this(reel: Path, sound_model: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=reel, model=sound_model, like=("saxophone",), margin=0), tmp_path)
    (piece,) = result.pieces
    assert (piece.start, piece.end) == (pytest.approx(4.0, abs=0.12), pytest.approx(6.0, abs=0.12))
    assert piece.why == ("like",)


def test_a_target_keeps_the_best_of_it(reel: Path, picture_model: Path, tmp_path: Path) -> None:
    request = EditRequest(clip=reel, model=picture_model, like=("tower",), target=3, drop_silence=True, margin=0)
    result = edit(request, tmp_path)
    # the second tower is silent
    assert all(each.start >= 1.9 and each.end <= 4.3 for each in result.pieces)
    assert all(each.why[0] == "like" for each in result.pieces)
    assert [note.code for note in result.warnings] == ["edit_note.target_too_long"]


def test_a_summary_prefers_what_looks_like_this(reel: Path, picture_model: Path, tmp_path: Path) -> None:
    request = SummarizeRequest(clip=reel, pictures=1, seconds=2, model=picture_model, like=("bus",))
    result = summarize(request, tmp_path)
    assert [4 <= each.time < 6 for each in result.pictures] == [True]
    # the saxophone is taken for speech, so the edges may lie a little before the bus
    assert all(each.start >= 3.7 and each.end <= 6.1 for each in result.skim.pieces)


def test_a_summary_says_when_nothing_is_like_this(
    film: Callable[..., Path], photographs: list[np.ndarray], picture_model: Path, tmp_path: Path
) -> None:
    path = film(tmp_path / "tower.mp4", [(photographs[2], 2.0)])
    (tmp_path / "out").mkdir()
    result = summarize(SummarizeRequest(clip=path, model=picture_model, like=("bus",)), tmp_path / "out")
    assert "summarize_note.nothing_like" in [note.code for note in result.warnings]


@pytest.mark.parametrize(("like", "key"), [(("kettle",), "model.like_unknown"), (("noise",), "edit_note.nothing_like")])
def test_what_is_not_there_is_said(
    like: tuple[str, ...],
    key: str,
    film: Callable[..., Path],
    photographs: list[np.ndarray],
    saxophone: np.ndarray,
    sound_model: Path,
    tmp_path: Path,
) -> None:
    path = film(tmp_path / "sax.mp4", [(photographs[0], 2.0)], sound=saxophone[: 2 * RATE])
    with pytest.raises(RequestError) as refused:
        edit(EditRequest(clip=path, model=sound_model, like=like), tmp_path)
    assert refused.value.key == key
    assert "Saxophone" in str(refused.value)


def test_a_sound_model_wants_sound(
    film: Callable[..., Path], photographs: list[np.ndarray], sound_model: Path, tmp_path: Path
) -> None:
    path = film(tmp_path / "mute.mp4", [(photographs[0], 1.0)])
    for ask in (
        lambda: edit(EditRequest(clip=path, model=sound_model), tmp_path),
        lambda: summarize(SummarizeRequest(clip=path, model=sound_model), tmp_path),
    ):
        with pytest.raises(RequestError) as refused:
            ask()
        assert refused.value.key == "model.no_sound"


def test_likes_want_a_model(reel: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        edit(EditRequest(clip=reel, like=("dog",)), tmp_path)
    assert refused.value.key == "model.like_without"
