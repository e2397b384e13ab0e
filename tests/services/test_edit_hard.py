"""Edit under conditions that contradict each other, damaged edits, and clips that are hard to cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avai import media, words
from avai.contracts import EditRequest, PlanRequest
from avai.errors import RequestError
from avai.services.edit import edit
from avai.services.plan import plan

Film = Callable[..., Path]


@pytest.fixture(scope="module")
def clip(
    film: Film, photographs: list[np.ndarray], saxophone: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Three photographs of 3.3 s each; a saxophone under the first two, then silence."""
    sound = np.zeros(round(9.9 * 48000), np.float32)
    sound[: 6 * 48000] = saxophone[: 6 * 48000]
    shown = [(photograph, 3.3) for photograph in photographs[:3]]
    return film(tmp_path_factory.mktemp("hard") / "hard.mp4", shown, sound=sound)


@pytest.fixture(scope="module")
def talk(gradio_media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody who speaks without a pause."""
    sound = media.audio(gradio_media / "audio" / "audio_sample.wav")
    path = tmp_path_factory.mktemp("talk") / "talk.wav"
    media.write_wav(path, sound.samples, sound.rate)
    return path


def refused(asked: PlanRequest, out: Path) -> RequestError:
    with pytest.raises(RequestError) as caught:
        plan(asked, out)
    assert not list(out.glob("plan*"))
    return caught.value


def test_layers_are_called_by_their_names_where_they_are_not_heard(clip: Path, tmp_path: Path) -> None:
    error = refused(PlanRequest(clip=clip, keep=("other",)), tmp_path)
    assert error.key == "edit_note.not_heard"
    for language in words.LANGUAGES:
        assert words.name_of("other", language) in error.sentence(language)
        assert words.name_of("other", language) in words.say("why.heard", language, sounds="other")


def test_stretches_shorter_than_a_frame_are_no_conditions(clip: Path, tmp_path: Path) -> None:
    assert refused(PlanRequest(clip=clip, cut=("1-1.001",)), tmp_path).key == "edit_note.cut_too_short"
    found = plan(PlanRequest(clip=clip, cut=tuple(f"{n / 1000}-{(n + 1) / 1000}" for n in range(2000))), tmp_path)
    assert all(each.end > each.start for each in found.pieces)


@pytest.mark.parametrize("asked", [{}, {"ratio": 1}, {"keep": ("music",)}, {"longest": 0.5, "shortest": 2}])
def test_the_longest_piece_may_be_the_shortest(clip: Path, tmp_path: Path, asked: dict[str, object]) -> None:
    wish = {"clip": clip, "longest": 0.7, "shortest": 0.7, **asked}
    found = plan(PlanRequest.model_validate(wish), tmp_path)
    assert found.pieces
    assert all(each.end - each.start <= 0.75 for each in found.pieces)


def test_what_is_wanted_by_hand_and_longer_than_the_target_is_told(clip: Path, tmp_path: Path) -> None:
    found = plan(PlanRequest(clip=clip, include=("1-5",), target=2), tmp_path)
    assert found.duration == pytest.approx(2, abs=0.1)
    (told,) = (each for each in found.warnings if each.code == "edit_note.include_too_long")
    assert told.values == {"asked": 2.0, "wanted": 4.0}


def test_a_target_that_frames_do_not_allow_is_told(film: Film, photographs: list[np.ndarray], tmp_path: Path) -> None:
    slow = film(tmp_path / "slow.mp4", [(photographs[0], 6.0)], rate=1)
    found = plan(PlanRequest(clip=slow, target=2.5), tmp_path)
    assert abs(found.duration - 2.5) > 0.1
    (told,) = (each for each in found.warnings if each.code == "edit_note.target_missed")
    assert told.values["got"] == found.duration


def test_cuts_inside_speech_are_told(shared: Path, tmp_path: Path) -> None:
    found = plan(PlanRequest(clip=shared / "media" / "speech_zh_mandarin.wav", longest=2, target=4), tmp_path)
    (told,) = (each for each in found.warnings if each.code == "edit_note.cut_in_speech")
    assert told.values["count"] == 4


def edited(clip: Path, folder: Path, **asked: object) -> Path:
    folder.mkdir()
    plan(PlanRequest.model_validate({"clip": clip, **asked}), folder)
    return folder / "plan.json"


def test_an_edit_of_a_longer_clip_is_named(clip: Path, talk: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.wav"
    media.write_wav(short, media.audio(talk).samples[:96000], 48000)
    error = refused(PlanRequest(clip=short, edit=edited(clip, tmp_path / "one", exclude=("-3",))), tmp_path)
    assert error.key == "edit_note.other_clip"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[:300],
        lambda text: text.replace('"start": 0.0', '"start": NaN'),
        lambda text: text.replace('"start": 0.0', '"start": -1e308'),
        lambda text: text.replace('"asked": {', '"asked": {"clip": "/etc/passwd",'),
        lambda text: text.replace('"preset": "none"', '"preset": ["talk"]'),
        lambda text: text.replace('"track": 1', '"track": 99'),
        lambda text: text.replace('"start": 0.0', '"start": 1.0'),
        lambda text: text + " " * 6_000_000,
        lambda text: "[" * 100_000,
        lambda text: "\x00\xff",
    ],
)
def test_a_damaged_edit_is_refused(change: Callable[[str], str], clip: Path, tmp_path: Path) -> None:
    path = edited(clip, tmp_path / "one", exclude=("1-2",))
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="latin-1")
    assert refused(PlanRequest(clip=clip, edit=path), tmp_path).key == "edit_note.bad_edit"
    assert refused(PlanRequest(clip=clip, edit=tmp_path), tmp_path).key == "edit_note.bad_edit"


def test_what_lies_in_an_edit_beyond_the_end_ends_with_the_clip(clip: Path, tmp_path: Path) -> None:
    path = edited(clip, tmp_path / "one", exclude=("1-2",))
    earlier = json.loads(path.read_text(encoding="utf-8"))
    earlier["pieces"][-1]["end"] = 1e9
    path.write_text(json.dumps(earlier), encoding="utf-8-sig")
    found = plan(PlanRequest(clip=clip, edit=path), tmp_path)
    assert found.pieces[-1].end == pytest.approx(9.9, abs=0.1)


def test_of_several_sound_tracks_it_is_not_said_that_the_first_was_taken_when_it_was_not(
    shared: Path, tmp_path: Path
) -> None:
    clip = shared / "media" / "odd" / "three_audio_tracks.mp4"
    for track, said in ((0, False), (1, True), (2, False)):
        out = tmp_path / str(track)
        out.mkdir()
        result = edit(EditRequest(clip=clip, exclude=("0.5-1",), track=track), out)
        assert ("media.several_tracks" in {each.code for each in result.warnings}) == said


def test_conditions_beside_an_edit_that_is_opened_are_told(clip: Path, tmp_path: Path) -> None:
    path = edited(clip, tmp_path / "one", exclude=("1-2",))
    said = [
        {each.code for each in plan(asked, tmp_path).warnings}
        for asked in (
            PlanRequest(clip=clip, edit=path),
            PlanRequest(clip=clip, edit=path, target=3),
            PlanRequest(clip=clip, edit=path, preset="talk"),
        )
    ]
    assert ["edit_note.edit_alone" in codes for codes in said] == [False, True, True]


def test_a_single_frame_is_said_once_to_be_one(film: Film, photographs: list[np.ndarray], tmp_path: Path) -> None:
    found = plan(PlanRequest(clip=film(tmp_path / "one.mp4", [(photographs[0], 0.04)])), tmp_path)
    assert [each.code for each in found.warnings] == ["media.one_frame"]


def test_an_edit_with_the_best_moment_first_opens_as_it_was(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    first = plan(PlanRequest(clip=clip, best_first=True, without=("repeats",), exclude=("1-2",)), folder)
    assert first.pieces[0].start > first.pieces[1].start
    again = plan(PlanRequest(clip=clip, edit=folder / "plan.json"), tmp_path)
    assert again.pieces == first.pieces
