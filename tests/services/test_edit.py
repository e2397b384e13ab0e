"""Edit on clips with known pauses: what is kept is what was asked for, and the cut is on the frame."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avai import media
from avai.contracts import Edit, EditRequest
from avai.errors import RequestError
from avai.services.edit import edit

LOUD = [(1.0, 3.0), (5.0, 8.0), (10.0, 11.0)]


@pytest.fixture(scope="module")
def pauses(
    film: Callable[..., Path],
    photographs: list[np.ndarray],
    saxophone: np.ndarray,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A saxophone at the times of LOUD, silence between; 12 s."""
    sound = np.zeros(12 * 48000, np.float32)
    for start, end in LOUD:
        sound[int(start * 48000) : int(end * 48000)] = saxophone[: int((end - start) * 48000)]
    folder = tmp_path_factory.mktemp("pauses")
    return film(folder / "pauses.mp4", [(photographs[0], 6.0), (photographs[1], 6.0)], sound=sound)


def test_dropping_silence_keeps_what_sounds_with_its_margin(pauses: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=pauses, drop_silence=True, margin=0.2), tmp_path)
    assert len(result.pieces) == len(LOUD)
    for piece, (start, end) in zip(result.pieces, LOUD, strict=True):
        assert piece.start == pytest.approx(start - 0.2, abs=0.08)
        assert piece.end == pytest.approx(end + 0.2, abs=0.12)
        assert piece.why == ("sound",)
    assert {why for stretch in result.dropped for why in stretch.why} == {"silence"}
    info = media.probe(tmp_path / "edit.mp4")
    assert info.duration == pytest.approx(sum(p.end - p.start for p in result.pieces), abs=0.04)
    assert info.plays_in_browser
    stored = json.loads((tmp_path / "edit.json").read_text(encoding="utf-8"))
    assert Edit.model_validate(stored) == result


def test_kept_and_dropped_tile_the_source(pauses: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=pauses, drop_silence=True, target=4), tmp_path)
    every = sorted([(p.start, p.end) for p in result.pieces] + [(d.start, d.end) for d in result.dropped])
    assert every[0][0] == 0.0
    assert every[-1][1] == pytest.approx(result.source_duration, abs=0.05)
    assert all(a[1] == pytest.approx(b[0], abs=1e-5) for a, b in itertools.pairwise(every))
    assert result.duration == pytest.approx(4.0, abs=0.1)


def test_a_target_longer_than_the_source_gives_the_source_and_says_so(pauses: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=pauses, target=60), tmp_path)
    assert result.duration == pytest.approx(12.0, abs=0.05)
    assert "edit_note.target_too_long" in {warning.code for warning in result.warnings}


def test_without_conditions_the_clip_comes_back_whole(pauses: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=pauses), tmp_path)
    assert [(p.start, round(p.end, 2), p.why) for p in result.pieces] == [(0.0, 12.0, ("all",))]


@pytest.mark.parametrize(("sound", "key"), [(None, "edit_note.no_sound"), (0.0, "edit_note.all_silent")])
def test_silence_cannot_be_dropped_without_sound(
    film: Callable[..., Path], photographs: list[np.ndarray], tmp_path: Path, sound: float | None, key: str
) -> None:
    silent = None if sound is None else np.zeros(3 * 48000, np.float32)
    clip = film(tmp_path / "quiet.mp4", [(photographs[0], 3.0)], sound=silent)
    with pytest.raises(RequestError) as caught:
        edit(EditRequest(clip=clip, drop_silence=True), tmp_path)
    assert caught.value.key == key
    assert not (tmp_path / "edit.mp4").exists()


def test_action_is_preferred_over_a_still(
    film: Callable[..., Path], photographs: list[np.ndarray], tmp_path: Path
) -> None:
    still, moving = photographs[:2]
    shaken = [(np.roll(moving, 40 * (step % 3), axis=1), 0.2) for step in range(20)]
    clip = film(tmp_path / "action.mp4", [(still, 5.0), *shaken, (still, 5.0)])
    result = edit(EditRequest(clip=clip, prefer=("action",), target=4), tmp_path)
    inside = sum(max(0.0, min(p.end, 9.0) - max(p.start, 5.0)) for p in result.pieces)
    assert inside > 0.8 * result.duration


def test_a_talk_is_cut_at_its_pauses(shared: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=shared / "media" / "talk_voice_with_pauses.mp4", drop_silence=True), tmp_path)
    assert result.duration < 0.5 * result.source_duration
    assert not any(piece.start < 38 and piece.end > 20 for piece in result.pieces)
    assert any(piece.start < 40.3 < piece.end for piece in result.pieces)
