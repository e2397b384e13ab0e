"""Clips whose picture and sound do not begin or end together, requests that go to extremes, and Stop."""

from __future__ import annotations

import random
import time
import zipfile
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from odd import make

from avai import media
from avai.contracts import Edit, EditRequest, RecognizeRequest, Request, Result, StoryboardRequest, SummarizeRequest
from avai.errors import Cancelled, RequestError
from avai.services.edit import edit
from avai.services.patience import waited
from avai.services.recognize import recognize
from avai.services.seeing import blank
from avai.services.storyboard import storyboard
from avai.services.summarize import summarize


@pytest.fixture(scope="module")
def clips(
    film: Callable[..., Path],
    photographs: list[np.ndarray],
    saxophone: np.ndarray,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """Two scenes of 3 s: with sound of 3 s alone; with sound that begins 2 s before the picture; one frame a second."""
    folder = tmp_path_factory.mktemp("awkward")
    scenes = [(image[::2, ::2][:134], 3.0) for image in photographs[:2]]
    short = film(folder / "short_sound.mp4", scenes, sound=saxophone[: 3 * 48000])
    whole = film(folder / "whole.mp4", scenes, sound=saxophone[: 8 * 48000])
    return {
        "short_sound": short,
        "late_picture": _later(whole, folder / "late_picture.mkv", Fraction(2)),
        "slow": film(folder / "slow.mp4", scenes * 2, rate=1, sound=saxophone),
    }


def _later(clip: Path, to: Path, by: Fraction) -> Path:
    """The clip with its picture moved ``by`` seconds."""
    with av.open(str(clip)) as source, av.open(str(to), "w") as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is None:
                continue
            if packet.stream.type == "video":
                shift = int(by / packet.time_base)
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            packet.stream = streams[packet.stream.index]
            target.mux(packet)
    return to


def test_a_picture_that_begins_late_is_used_to_its_end(clips: dict[str, Path], tmp_path: Path) -> None:
    result = summarize(SummarizeRequest(clip=clips["late_picture"], seconds=600), tmp_path)
    assert [shot.start for shot in result.shots] == pytest.approx([0, 5], abs=0.03)
    assert result.shots[-1].end == pytest.approx(8, abs=0.03)
    assert (result.skim.pieces[0].start, result.skim.duration) == pytest.approx((2, 6), abs=0.03)


@pytest.fixture(scope="module")
def broken(photographs: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two scenes of 2 s, each a moving photograph, with a tone: whole, and broken in several ways."""
    folder = tmp_path_factory.mktemp("broken")

    def scene(number: int, size: tuple[int, int]) -> np.ndarray:
        return np.roll(photographs[number // 50], number, axis=1)

    whole = make.clip(folder / "whole.mp4", size=(480, 270), picture=scene, gop=25, sound=make.tone(4.0))
    return {
        "whole": whole,
        "half_key": make.ends_in_key_frame(
            folder / "half_key.mp4", make.clip_with_index_in_front(folder / "front.mp4", whole)
        ),
        "zeroed": make.copied(folder / "zeroed.mp4", whole, zeroed=(51, 54)),
        "clock_back": make.clock_starts_again(folder / "clock_back.ts", whole, whole),
    }


def test_a_file_that_breaks_off_in_a_key_frame_is_used_up_to_there(broken: dict[str, Path], tmp_path: Path) -> None:
    result = summarize(SummarizeRequest(clip=broken["half_key"]), tmp_path)
    assert "media.truncated" in {each.code for each in result.warnings}
    assert [shot.start for shot in result.shots] == [0]
    assert media.probe(tmp_path / "skim.mp4").duration == pytest.approx(result.skim.duration, abs=0.05)
    assert all((tmp_path / name).is_file() for name in result.files)


def test_damaged_pictures_are_counted_and_said(broken: dict[str, Path], tmp_path: Path) -> None:
    result = summarize(SummarizeRequest(clip=broken["zeroed"], seconds=2), tmp_path)
    (said,) = [each for each in result.warnings if each.code == "media.damaged_pictures"]
    assert 2 <= int(said.values["count"]) <= 24
    assert [shot.start for shot in result.shots] == pytest.approx([0, 2], abs=0.1)


def test_where_no_key_frame_is_whole_the_others_are_shown(photographs: list[np.ndarray], tmp_path: Path) -> None:
    def moving(number: int, size: tuple[int, int]) -> np.ndarray:
        return np.roll(photographs[1], number, axis=1)

    whole = make.clip(tmp_path / "whole.mp4", size=(480, 270), picture=moving, gop=10, count=40, codec="mpeg4")
    clip = make.copied(tmp_path / "zeroed.mp4", whole, zeroed=range(0, 40, 10))
    result = storyboard(StoryboardRequest(clip=clip), tmp_path)
    assert result.pictures
    assert "media.damaged_pictures" in {each.code for each in result.warnings}


def test_a_clock_that_starts_again_is_said(broken: dict[str, Path], tmp_path: Path) -> None:
    result = summarize(SummarizeRequest(clip=broken["clock_back"]), tmp_path)
    assert [each.values for each in result.warnings if each.code == "media.clock_back"] == [{"count": 100}]
    assert result.duration == pytest.approx(4, abs=0.05)
    assert [shot.start for shot in result.shots] == pytest.approx([0, 2], abs=0.05)
    assert not [name for name in result.files if name.startswith("film_chapters")]


def test_black_pictures_make_no_storyboard_alone(photographs: list[np.ndarray], tmp_path: Path) -> None:
    """Key frames that are black do not count as enough; where all is black, it is said."""

    def flash(number: int, size: tuple[int, int]) -> np.ndarray:
        return photographs[number // 100] if number in range(63, 73) else np.zeros_like(photographs[0])

    for name, picture in {"flash": flash, "black": make.black_picture}.items():
        clip = make.clip(tmp_path / f"{name}.mp4", size=(480, 270), picture=picture, gop=5, rate=Fraction(10))
        (tmp_path / name).mkdir()
        result = storyboard(StoryboardRequest(clip=clip, pictures=3), tmp_path / name)
        assert len(result.pictures) == 1
        assert ("media.all_black" in {each.code for each in result.warnings}) == (name == "black")
        assert (media.still(tmp_path / name / "picture_01.jpg").max() > 100) == (name == "flash")


def test_an_almost_empty_card_shows_nothing_whatever_its_colour(photographs: list[np.ndarray]) -> None:
    for colour in ([60, 60, 60], [45, 55, 72], [0, 200, 90]):
        card = np.full((180, 320, 3), colour, np.uint8)
        card[85:90, 157:160] = [250, 220, 0]
        assert blank(card)
        card[80:100, 60:260:3] = [250, 220, 0]
        assert not blank(card)
    assert not blank(photographs[2])


def test_what_stands_before_the_picture_is_dropped_for_that(clips: dict[str, Path], tmp_path: Path) -> None:
    result = edit(EditRequest(clip=clips["late_picture"]), tmp_path)
    assert [(piece.start, piece.end) for piece in result.pieces] == [pytest.approx((2, 8), abs=0.03)]
    assert [(gap.start, gap.why) for gap in result.dropped] == [(0.0, ("no_picture",))]


def test_beyond_the_end_of_the_sound_is_silence(clips: dict[str, Path], tmp_path: Path) -> None:
    result = edit(EditRequest(clip=clips["short_sound"], drop_silence=True), tmp_path)
    assert result.layers["silence"][-1].end == pytest.approx(6, abs=0.01)
    assert result.dropped[-1].why == ("silence",)
    assert result.dropped[-1].end == pytest.approx(6, abs=0.01)


def test_a_skim_of_a_slow_video_has_the_asked_length(clips: dict[str, Path], tmp_path: Path) -> None:
    result = summarize(SummarizeRequest(clip=clips["slow"], seconds=3, pictures=1), tmp_path)
    assert result.skim.duration == pytest.approx(3.0, abs=0.5)


def _drawn(draw: random.Random) -> dict[str, Any]:
    """The fields of an edit, each from its extremes and its middle."""
    return {
        "drop_silence": draw.random() < 0.6,
        "target": draw.choice([None, 1, 2, 3.3, 7200]),
        "prefer": tuple(draw.sample(["speech", "music", "action", "sharp"], draw.choice([0, 0, 1, 4]))),
        "shortest": draw.choice([0.1, 0.5, 60]),
        "longest": draw.choice([None, 0.5, 2, 600]),
        "margin": draw.choice([0, 0.2, 2]),
        "shortest_silence": draw.choice([0.1, 0.4, 10]),
        "silence_db": draw.choice([None, -80, -10]),
    }


@pytest.mark.parametrize("name", ["short_sound", "late_picture"])
def test_any_edit_is_exact_or_refused(clips: dict[str, Path], tmp_path: Path, name: str) -> None:
    frames = media.frame_times(clips[name])
    draw = random.Random(name)
    for number in range(5):
        out = tmp_path / str(number)
        out.mkdir()
        try:
            result = edit(EditRequest(clip=clips[name], **_drawn(draw)), out)
        except RequestError:
            assert not list(out.iterdir())
            continue
        _check_edit(result, frames, media.probe(out / "edit.mp4").duration)


def _check_edit(result: Edit, frames: media.FrameTimes, written: float) -> None:
    """Pieces on frames, end to end in the output; with what was dropped they tile the source."""
    at = 0.0
    for piece in result.pieces:
        assert piece.at == pytest.approx(at, abs=1e-4)
        assert all(abs(float(frames.nearest_edge(Fraction(e))) - e) < 1e-3 for e in (piece.start, piece.end))
        at += piece.end - piece.start
    assert result.duration == pytest.approx(at, abs=1e-3)
    assert written == pytest.approx(at, abs=0.045)
    every = sorted((each.start, each.end) for each in (*result.pieces, *result.dropped))
    assert every[0][0] <= 0.021
    assert every[-1][1] == pytest.approx(float(frames.end), abs=0.021)
    assert all(before[1] == pytest.approx(after[0], abs=0.021) for before, after in pairwise(every))


@pytest.mark.parametrize(
    ("service", "request_"),
    [
        (recognize, RecognizeRequest(clip=Path(), denoise=True)),
        (summarize, SummarizeRequest(clip=Path(), seconds=3)),
        (edit, EditRequest(clip=Path(), target=2, prefer=("action",))),
    ],
    ids=["recognize", "summarize", "edit"],
)
def test_stopped_anywhere_nothing_half_written_stays(
    clips: dict[str, Path], tmp_path: Path, service: Callable[..., Result], request_: Request
) -> None:
    asked = request_.model_copy(update={"clip": clips["late_picture"]})
    calls: list[str] = []
    whole = tmp_path / "whole"
    whole.mkdir()
    service(asked, whole, lambda done, what: calls.append(what))
    for stop in np.linspace(0, 0.7 * len(calls), 4).astype(int):
        out = tmp_path / str(stop)
        out.mkdir()
        left = iter(range(stop))

        def progress(done: float, what: str, left: Any = left) -> None:
            if next(left, None) is None:
                raise Cancelled

        with pytest.raises(Cancelled):
            service(asked, out, progress)
        for path in out.iterdir():
            assert path.name in {each.name for each in whole.iterdir()}
            assert path.suffix != ".mp4" or media.probe(path).duration > 1
            assert path.suffix != ".zip" or zipfile.ZipFile(path).namelist()
            assert path.suffix != ".wav" or soundfile.info(path).duration > 1


@pytest.mark.parametrize(
    ("at", "left"),
    [("doing.listening", set()), ("doing.cutting_pieces", {"sound_wave.bin", "sound_mel.bin"})],
)
def test_a_stop_leaves_what_is_whole_and_nothing_else(
    saxophone: np.ndarray, tmp_path: Path, at: str, left: set[str]
) -> None:
    clip = tmp_path / "sound.wav"
    soundfile.write(clip, saxophone, 48000)
    out = tmp_path / "out"
    out.mkdir()

    def progress(done: float, what: str) -> None:
        if what == at and done > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        recognize(RecognizeRequest(clip=clip), out, progress)
    assert {path.name for path in out.iterdir()} == left


def test_a_long_call_hears_stop_at_once() -> None:
    began = time.monotonic()

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        waited(lambda: time.sleep(1.5), stop)
    assert time.monotonic() - began < 0.5
    assert waited(lambda: 7, lambda: None) == 7


def test_a_film_of_smears_alone_is_refused(
    film: Callable[..., Path], photographs: list[np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = film(tmp_path / "smears.mp4", [(photographs[0], 1.0)])
    real = media.frames_twice
    monkeypatch.setattr(media, "frames_twice", lambda *asked: ((small, None) for small, _ in real(*asked)))
    with pytest.raises(RequestError) as caught:
        summarize(SummarizeRequest(clip=clip), tmp_path)
    assert caught.value.key == "media.damaged"
