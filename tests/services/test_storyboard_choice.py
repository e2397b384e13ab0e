"""The storyboard alone: every scene once, and again with pictures pinned, dropped, or in another number."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from avai.contracts import Storyboard, StoryboardRequest, SummarizeRequest
from avai.errors import RequestError
from avai.services import recall, seeing
from avai.services.storyboard import storyboard
from avai.services.summarize import summarize

SCENES = (0, 1, 0, 2, 3, 1)


@pytest.fixture(scope="module")
def clip(film: Callable[..., Path], photographs: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A B A C D B, 3 s each."""
    return film(tmp_path_factory.mktemp("board") / "abacdb.mp4", [(photographs[scene], 3.0) for scene in SCENES])


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    recall.forget()
    yield
    recall.forget()


def scenes_of(board: Storyboard) -> list[int]:
    return [SCENES[int(picture.time // 3)] for picture in board.pictures]


@pytest.fixture
def board(clip: Path, tmp_path: Path) -> Callable[..., Storyboard]:
    def make(**asked: object) -> Storyboard:
        out = tmp_path / str(len(list(tmp_path.iterdir())))
        out.mkdir()
        result = storyboard(StoryboardRequest(clip=clip, **asked), out)
        assert json.loads((out / "storyboard.json").read_text()) == result.model_dump(mode="json")
        assert all((out / name).stat().st_size for name in result.files)
        assert len(result.files) == len(result.pictures) + 3
        return result

    return make


def test_every_scene_once_in_order(board: Callable[..., Storyboard]) -> None:
    result = board(pictures=4)
    assert sorted(scenes_of(result)) == [0, 1, 2, 3]
    assert [picture.time for picture in result.pictures] == sorted(picture.time for picture in result.pictures)


def test_the_number_of_scenes_is_found(board: Callable[..., Storyboard]) -> None:
    result = board(pictures=0)
    assert sorted(scenes_of(result)) == [0, 1, 2, 3]
    assert not result.warnings


def test_more_than_there_is_to_show_is_said(board: Callable[..., Storyboard]) -> None:
    result = board(pictures=9)
    assert sorted(scenes_of(result)) == [0, 1, 2, 3]
    assert [warning.code for warning in result.warnings] == ["summarize_note.fewer_pictures"]


def test_what_is_dropped_goes_and_what_is_pinned_stays(board: Callable[..., Storyboard]) -> None:
    before = board(pictures=2)
    gone = before.pictures[0].time
    after = board(pictures=2, dropped=(gone,), pinned=(before.pictures[1].time,))
    assert len(after.pictures) == 2
    assert before.pictures[1].time in [picture.time for picture in after.pictures]
    assert all(abs(picture.time - gone) > 0.5 for picture in after.pictures)
    assert len(set(scenes_of(after))) == 2


def test_a_pinned_picture_takes_the_place_of_what_shows_the_same(board: Callable[..., Storyboard]) -> None:
    result = board(pictures=4, pinned=(1.0,))
    assert sorted(scenes_of(result)) == [0, 1, 2, 3]
    assert result.pictures[0].time == pytest.approx(1.0, abs=0.02)


def test_dropping_everything_is_refused(board: Callable[..., Storyboard]) -> None:
    times = tuple(float(time) for time in np.arange(0, 18, 0.5))
    with pytest.raises(RequestError) as caught:
        board(dropped=times)
    assert caught.value.key == "storyboard_note.all_dropped"


def test_after_a_summary_nothing_is_analysed_again(
    clip: Path, board: Callable[..., Storyboard], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "summary").mkdir()
    summary = summarize(SummarizeRequest(clip=clip, pictures=4, seconds=4), tmp_path / "summary")
    for name in ("_watched", "_looks"):
        monkeypatch.setattr(seeing, name, lambda *_: pytest.fail("analysed again"))
    again = board(pictures=4)
    assert [picture.time for picture in again.pictures] == [picture.time for picture in summary.pictures]
    assert scenes_of(board(pictures=3, dropped=(again.pictures[0].time,)))


def test_the_first_pictures_are_there_while_the_rest_is_found_out(
    gradio_media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeing, "_watched", lambda *_: pytest.fail("watched"))
    clip = gradio_media / "videos" / "world.mp4"
    with pytest.raises(pytest.fail.Exception, match="watched"):
        summarize(SummarizeRequest(clip=clip, pictures=2), tmp_path)
    first = Storyboard.model_validate_json((tmp_path / "first.json").read_bytes())
    assert first.pictures
    assert all((tmp_path / picture.file).exists() for picture in first.pictures)
