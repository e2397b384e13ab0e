"""What would be kept of a clip: every condition does what it says, alone and with others, and says why."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from avai import media
from avai.contracts import EditRequest, Plan, PlanRequest
from avai.errors import RequestError
from avai.services.edit import edit
from avai.services.plan import plan
from avai.services.ranges import ranges_of

LOUD = [(1.0, 3.0), (5.0, 8.0), (10.0, 11.0)]
Film = Callable[..., Path]
Pictures = list[np.ndarray]


@pytest.fixture(scope="module")
def clip(film: Film, photographs: Pictures, saxophone: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photographs A B A C and black, 3 s each and 2 s; a saxophone at the times of LOUD, silence between."""
    sound = np.zeros(14 * 48000, np.float32)
    for start, end in LOUD:
        sound[int(start * 48000) : int(end * 48000)] = saxophone[: int((end - start) * 48000)]
    a, b, c = photographs[:3]
    folder = tmp_path_factory.mktemp("plan")
    return film(folder / "plan.mp4", [(a, 3.0), (b, 3.0), (a, 3.0), (c, 3.0), (np.zeros_like(a), 2.0)], sound=sound)


@pytest.fixture(scope="module")
def song(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound of the clip alone."""
    path = tmp_path_factory.mktemp("song") / "song.wav"
    sound = media.audio(clip)
    media.write_wav(path, sound.samples, sound.rate)
    return path


def stretches(found: Plan) -> list[tuple[float, float]]:
    return [(round(each.start, 2), round(each.end, 2)) for each in found.pieces]


def planned(clip: Path, out: Path, **asked: object) -> Plan:
    found = plan(PlanRequest.model_validate({"clip": clip, **asked}), out)
    every = sorted([(p.start, p.end) for p in found.pieces] + [(d.start, d.end) for d in found.dropped])
    assert every[0][0] == 0
    assert every[-1][1] == pytest.approx(found.source_duration, abs=0.05)
    assert all(one[1] == pytest.approx(other[0], abs=1e-5) for one, other in pairwise(every))
    assert found.duration == pytest.approx(sum((p.end - p.start) / p.speed for p in found.pieces), abs=1e-4)
    return found


def test_repeats_and_black_are_left_out(clip: Path, tmp_path: Path) -> None:
    found = planned(clip, tmp_path, without=("repeats", "black"))
    assert stretches(found) == [(0, 6), (9, 12)]
    assert [each.why for each in found.dropped] == [("repeats",), ("black",)]


def test_a_still_picture_is_left_out(film: Film, photographs: Pictures, tmp_path: Path) -> None:
    moving = photographs[1]
    still = np.repeat(photographs[0][:, :1], moving.shape[1], axis=1)  # stripes, in which a pan is not seen
    shaken = [(np.roll(moving, 37 * step, axis=1), 0.2) for step in range(20)]
    path = film(tmp_path / "moves.mp4", [(still, 5.0), *shaken, (still, 5.0)])
    found = planned(path, tmp_path, without=("still",))
    ((start, end),) = stretches(found)
    assert start == pytest.approx(5, abs=0.4)
    assert end == pytest.approx(9, abs=0.4)


def test_by_hand_wins_over_conditions(clip: Path, tmp_path: Path) -> None:
    found = planned(clip, tmp_path, drop_silence=True, margin=0, include=("0:12-",), exclude=("0:05-0:08",))
    assert any(each.start == pytest.approx(12, abs=0.05) and "included" in each.why for each in found.pieces)
    assert not any(each.start < 7.9 and each.end > 5.1 for each in found.pieces)
    assert ("excluded",) in {each.why for each in found.dropped}


def test_a_cut_by_hand_is_made_exactly_in_its_order(clip: Path, tmp_path: Path) -> None:
    found = planned(clip, tmp_path, drop_silence=True, cut=("5-8", "1-3", "12-13"))
    assert stretches(found) == [(5, 8), (1, 3), (12, 13)]
    assert found.pieces[0].why == ("sound",)
    assert found.pieces[2].why == ("hand",)


def test_the_best_moment_comes_first(clip: Path, tmp_path: Path) -> None:
    found = planned(clip, tmp_path, best_first=True)
    assert "first" in found.pieces[0].why
    rest = [each.start for each in found.pieces[1:]]
    assert rest == sorted(rest)


def test_what_would_be_left_out_is_played_faster(clip: Path, tmp_path: Path) -> None:
    found = planned(clip, tmp_path, drop_silence=True, speed=4)
    assert {each.speed for each in found.pieces} == {1.0, 4.0}
    assert not found.dropped
    assert all(each.why == ("fast",) for each in found.pieces if each.speed == 4)
    assert found.duration < 0.75 * found.source_duration


def test_what_is_excluded_is_not_played_faster_either(clip: Path, tmp_path: Path) -> None:
    found = planned(clip, tmp_path, drop_silence=True, speed=4, exclude=("12-14",))
    assert [each.why for each in found.dropped] == [("excluded",)]


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_share_of_the_length(clip: Path, tmp_path: Path, share: float) -> None:
    assert planned(clip, tmp_path, ratio=share).duration == pytest.approx(14 * share, abs=0.1)


def test_a_tag_is_kept_and_another_left_out(clip: Path, tmp_path: Path) -> None:
    silent = planned(clip, tmp_path, drop=("silence",))
    assert all(any(a - 0.2 < p.start and p.end < b + 0.4 for a, b in LOUD) for p in silent.pieces)
    assert {each.why for each in silent.dropped} == {("heard:silence",)}
    music = planned(clip, tmp_path, keep=("music",), margin=0.1)
    assert all("heard:music" in each.why for each in music.pieces)
    assert ("unnamed",) in {each.why for each in music.dropped}


def test_a_preset_sets_what_is_not_asked() -> None:
    talk = PlanRequest(clip=Path("x"), preset="talk", shortest=2)
    assert (talk.drop_silence, talk.margin, talk.shortest) == (True, 0.1, 2)
    assert PlanRequest.model_validate(talk.model_dump()) == talk


def test_a_sound_alone_is_cut_by_the_same_conditions(song: Path, tmp_path: Path) -> None:
    result = edit(EditRequest(clip=song, drop_silence=True, margin=0.1), tmp_path)
    assert len(result.pieces) == len(LOUD)
    assert result.files[0] == "edit.m4a"
    info = media.probe(tmp_path / "edit.m4a")
    assert info.kind == "sound"
    assert info.duration == pytest.approx(result.duration, abs=0.01)
    assert "edit_note.no_picture_for" in {each.code for each in planned(song, tmp_path, without=("black",)).warnings}
    assert planned(song, tmp_path, preset="teaser", target=4).duration == pytest.approx(4, abs=0.1)


def test_an_edit_opens_again(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = edit(EditRequest(clip=clip, drop_silence=True, target=4, margin=0.1), tmp_path / "one")
    again = edit(EditRequest(clip=clip, edit=tmp_path / "one" / "edit.json"), tmp_path / "two")
    assert again.pieces == first.pieces
    assert again.asked == first.asked
    (tmp_path / "bad.json").write_text('{"pieces": 3}', encoding="utf-8")
    with pytest.raises(RequestError) as caught:
        plan(PlanRequest(clip=clip, edit=tmp_path / "bad.json"), tmp_path)
    assert caught.value.key == "edit_note.bad_edit"


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"drop": ("silence", "music", "other", "saxophone"), "shortest": 5}, None),
        ({"exclude": ("0-",)}, "edit_note.took_all.exclude"),
        ({"include": ("1-4",), "exclude": ("3-5",)}, "edit_note.both"),
        ({"speed": 2, "target": 5}, "edit_note.speed_alone"),
        ({"keep": ("dog",)}, "edit_note.not_heard"),
        ({"without": ("black",), "shortest": 30, "drop_silence": True}, "edit_note.took_all.short"),
        ({"include": ("5-2",)}, "edit_note.range_backwards"),
        ({"include": ("soon",)}, "edit_note.bad_range"),
        ({"exclude": ("1:00-2:00",)}, "edit_note.range_behind"),
    ],
)
def test_conditions_that_leave_nothing_say_which_did_it(
    clip: Path, tmp_path: Path, asked: dict[str, object], key: str | None
) -> None:
    with pytest.raises(RequestError) as caught:
        plan(PlanRequest.model_validate({"clip": clip, **asked}), tmp_path)
    assert key is None or caught.value.key == key
    for language in ("en", "zh"):
        assert "{" not in caught.value.sentence(language)
    assert not list(tmp_path.glob("plan*"))


def test_a_threshold_above_all_that_sounds_is_named(
    film: Film, photographs: Pictures, saxophone: np.ndarray, tmp_path: Path
) -> None:
    soft = film(tmp_path / "soft.mp4", [(photographs[0], 3.0)], sound=0.02 * saxophone[: 3 * 48000])
    with pytest.raises(RequestError) as caught:
        plan(PlanRequest(clip=soft, drop_silence=True, silence_db=-10, margin=0), tmp_path)
    assert caught.value.key == "edit_note.took_all.silence"


def test_ranges_are_read_as_people_write_them() -> None:
    asked = ["0:10-0:12.5", "90 – 95", "-5", "1:02:03-", "0:10 to 20", "１：００－１：１０"]
    assert ranges_of(asked, 4000) == [(10, 12.5), (90, 95), (0, 5), (3723, 4000), (10, 20), (60, 70)]
