"""Compose on real clips: the right frames in the right places, the sound under them, and its loudness."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pyloudnorm
import pytest
import soundfile

from avai import media
from avai.contracts import ComposeRequest, Composition, Strip
from avai.errors import Cancelled, RequestError
from avai.services.compose import compose
from avai.services.loudness import true_peaks

RATE = 48000
SIZE = (480, 270)


@pytest.fixture(scope="module")
def clips(gradio_media: Path) -> tuple[Path, ...]:
    """Three real clips of two sizes, about 30, 7 and 5 s."""
    return tuple(gradio_media / "videos" / name for name in ("world.mp4", "a.mp4", "b.mp4"))


@pytest.fixture(scope="module")
def sax(gradio_media: Path) -> Path:
    return gradio_media / "audio" / "sax.wav"


@pytest.fixture(scope="module")
def made(
    clips: tuple[Path, ...], sax: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Composition, Path, list[np.ndarray]]:
    """A film of 12 s with a Chinese title, its folder and all its frames."""
    out = tmp_path_factory.mktemp("made")
    result = compose(ComposeRequest(clips=clips, sound=sax, seconds=12, title="海边的一天 By the sea"), out)
    return result, out, pictures(out / "composition.mp4")


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def source_at(clip: Path, time: float) -> np.ndarray:
    # a hair later: times in the result are rounded to a microsecond
    return media.frame_at(clip, Fraction(time) + Fraction(1, 1000), size=SIZE).image


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def test_length_is_exact_to_the_frame(made: tuple[Composition, Path, list[np.ndarray]]) -> None:
    result, out, frames = made
    assert result.duration == 12.0
    assert len(frames) == 12 * 30
    info = media.probe(out / "composition.mp4")
    assert info.duration == pytest.approx(12.0, abs=0.001)
    assert info.video
    assert (info.video.width, info.video.height) == SIZE
    assert info.plays_in_browser


def test_pieces_tile_the_film(made: tuple[Composition, Path, list[np.ndarray]]) -> None:
    pieces = made[0].pieces
    assert sorted(piece.clip for piece in pieces) == [0, 1, 2]
    assert pieces[0].clip == 0
    assert pieces[0].join == "start"
    assert 2.0 <= pieces[0].at <= 3.0  # the title card ends on a beat
    for before, after in pairwise(pieces):
        assert before.at + before.end - before.start == pytest.approx(after.at + after.overlap, abs=1e-5)
        assert (after.join == "dissolve") == (after.overlap > 0)
    assert pieces[-1].at + pieces[-1].end - pieces[-1].start == pytest.approx(12.0, abs=1e-5)


def test_every_piece_shows_its_clip(made: tuple[Composition, Path, list[np.ndarray]], clips: tuple[Path, ...]) -> None:
    result, _, frames = made
    for piece, following in zip(result.pieces, [*result.pieces[1:], None], strict=True):
        first = round((piece.at + piece.overlap) * 30)
        last = round((piece.at + piece.end - piece.start - (following.overlap if following else 0)) * 30) - 1
        for number in (first, (first + last) // 2, last):
            wanted = source_at(clips[piece.clip], piece.start + number / 30 - piece.at)
            assert difference(frames[number], wanted) < 6, (piece, number)
        unlike = 0 if piece.clip == 1 else 1  # the third clip is a part of the first
        assert difference(frames[(first + last) // 2], source_at(clips[unlike], 2.0)) > 30


def numbered(path: Path, name: int, rate: int, seconds: float) -> Path:
    """A clip whose every frame says which clip and which frame it is: 12 bars, bright or dark."""
    with av.open(str(path), "w") as film:
        video = film.add_stream("libx264", rate=rate, options={"crf": "12", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = 240, 120, "yuv420p"
        for number in range(round(seconds * rate)):
            bits = [(name << 9 | number) >> bit & 1 for bit in range(12)]
            image = np.repeat(np.repeat(np.array(bits, np.uint8)[None, :, None] * 170 + 40, 120, 0), 20, 1)
            frame = av.VideoFrame.from_ndarray(np.repeat(image, 3, axis=2), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            film.mux(video.encode(frame))
        film.mux(video.encode())
    return path


def read_number(image: np.ndarray) -> tuple[int, int]:
    bits = image.mean(axis=(0, 2)).reshape(12, 20)[:, 5:15].mean(axis=1) > 125
    value = sum(int(bit) << at for at, bit in enumerate(bits))
    return value >> 9, value & 511


@pytest.mark.parametrize("join", ["cut", "dissolve"])
def test_every_frame_is_the_right_one(tmp_path: Path, sax: Path, join: str) -> None:
    rates = (25, 25, 30, 24)
    given = tuple(numbered(tmp_path / f"{name}.mp4", name, rate, 4) for name, rate in enumerate(rates))
    (tmp_path / "out").mkdir()
    result = compose(ComposeRequest(clips=given, sound=sax, seconds=9, join=join), tmp_path / "out")
    frames = pictures(tmp_path / "out" / "composition.mp4")
    assert len(frames) == 9 * 25
    checked = 0
    for piece, following in zip(result.pieces, [*result.pieces[1:], None], strict=True):
        assert piece.start * rates[piece.clip] == pytest.approx(round(piece.start * rates[piece.clip]), abs=1e-3)
        first = round((piece.at + piece.overlap) * 25)
        last = round((piece.at + piece.end - piece.start - (following.overlap if following else 0)) * 25)
        for number in range(first, last):
            time = piece.start + number / 25 - piece.at
            shown = [int((time + ahead) * rates[piece.clip] + 1e-3) for ahead in (0.0, 0.01)]  # or just about to be
            clip, frame = read_number(frames[number])
            assert clip == piece.clip
            assert shown[0] <= frame <= shown[1], (piece, number)
            checked += 1
    assert checked > 9 * 25 * 0.8


def test_the_middle_of_a_dissolve_is_a_blend(
    made: tuple[Composition, Path, list[np.ndarray]], clips: tuple[Path, ...]
) -> None:
    result, _, frames = made
    joins = [(a, b) for a, b in pairwise(result.pieces) if b.join == "dissolve"]
    assert joins
    for before, after in joins:
        number = round((after.at + after.overlap / 2) * 30)
        one = source_at(clips[before.clip], before.start + number / 30 - before.at).astype(float)
        other = source_at(clips[after.clip], after.start + number / 30 - after.at).astype(float)
        shares = [difference(frames[number], one * (1 - share) + other * share) for share in (0.0, 0.5, 1.0)]
        assert shares[1] < 8
        assert shares[1] < 0.5 * min(shares[0], shares[2])


def test_the_title_is_there_and_gone(made: tuple[Composition, Path, list[np.ndarray]]) -> None:
    result, _, frames = made
    card = round(result.pieces[0].at * 30)
    ink = frames[card // 2].max(axis=2) > 150
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert 0.01 < ink.mean() < 0.2
    assert abs((rows[0] + rows[-1]) / 2 - 135) < 10
    assert abs((columns[0] + columns[-1]) / 2 - 240) < 10
    assert frames[0].max() < 40
    assert frames[card - 1].max() < 60


def test_loudness_of_the_file(made: tuple[Composition, Path, list[np.ndarray]]) -> None:
    result, out, _ = made
    sound = media.audio(out / "composition.mp4")
    loudness = pyloudnorm.Meter(sound.rate).integrated_loudness(sound.samples.astype(float))
    assert loudness == pytest.approx(-14, abs=0.5)
    assert result.loudness == pytest.approx(loudness, abs=0.1)
    assert not result.warnings


def test_the_sound_is_in_place(made: tuple[Composition, Path, list[np.ndarray]], sax: Path) -> None:
    result, out, _ = made
    (cut,) = result.sound_pieces
    assert (cut.start, cut.at) == (0.0, 0.0)
    heard = media.audio(out / "composition.mp4", rate=RATE, mono=True).samples[:, 0]
    assert len(heard) == pytest.approx(12 * RATE, abs=1)
    given = soundfile.read(sax, dtype="float32", always_2d=True)[0].mean(axis=1)
    here = slice(3 * RATE, 9 * RATE)
    lags = range(-40, 41)
    alike = [float(np.corrcoef(heard[here], given[3 * RATE + lag : 9 * RATE + lag])[0, 1]) for lag in lags]
    assert lags[int(np.argmax(alike))] == 0
    assert max(alike) > 0.99
    end = np.abs(heard[-RATE // 20 :]).max()
    assert end < 0.1 * np.abs(heard).max()  # the sound goes on: it is faded where the film ends


def test_joins_land_on_beats(made: tuple[Composition, Path, list[np.ndarray]], sax: Path, tmp_path: Path) -> None:
    from avai.services.music import listen

    beats = listen(sax).beats
    assert len(beats) > 20
    for piece in made[0].pieces:
        middle = piece.at + piece.overlap / 2
        assert np.abs(beats - middle).min() <= 1 / 30


def test_what_is_written(made: tuple[Composition, Path, list[np.ndarray]]) -> None:
    result, out, _ = made
    assert Composition.model_validate_json((out / "composition.json").read_text()) == result
    assert {"duration", "pieces", "loudness", "warnings"} <= set(json.loads((out / "composition.json").read_text()))
    strip = Strip.model_validate_json((out / "strip.json").read_text())
    assert strip.duration == pytest.approx(12.0, abs=0.001)
    assert strip.peaks
    assert strip.tiles
    assert sorted(result.files) == sorted(path.name for path in out.iterdir())  # nothing else is left


def test_order_by_likeness_and_as_given(
    film: Callable[..., Path], photographs: list[np.ndarray], sax: Path, tmp_path: Path
) -> None:
    cheetah, lion, tower, _ = photographs
    given = tuple(
        film(tmp_path / f"{name}.mp4", [(image, 2.0)])
        for name, image in (("a", cheetah), ("b", tower), ("c", np.roll(cheetah, 60, axis=1)), ("d", lion))
    )
    request = ComposeRequest(clips=given, sound=sax, seconds=6)
    (tmp_path / "likeness").mkdir()
    by_likeness = compose(request, tmp_path / "likeness")
    assert [piece.clip for piece in by_likeness.pieces[:2]] == [0, 2]
    assert by_likeness.pieces[1].join == "cut"  # they match already
    assert by_likeness.pieces[-1].join == "dissolve"
    (tmp_path / "given").mkdir()
    as_given = compose(request.model_copy(update={"order": "given", "join": "cut"}), tmp_path / "given")
    assert [piece.clip for piece in as_given.pieces] == [0, 1, 2, 3]
    assert {piece.join for piece in as_given.pieces[1:]} == {"cut"}
    assert as_given.duration == by_likeness.duration == 6.0


def cut_sound(sax: Path, seconds: float, out: Path) -> Path:
    soundfile.write(out, soundfile.read(sax)[0][: round(seconds * RATE)], RATE)
    return out


def test_without_a_length_it_is_that_of_the_shorter(clips: tuple[Path, ...], sax: Path, tmp_path: Path) -> None:
    for name in ("clips", "sound"):
        (tmp_path / name).mkdir()
    by_clips = compose(ComposeRequest(clips=(clips[2], clips[1]), sound=sax), tmp_path / "clips")
    assert 9.0 < by_clips.duration <= 12.04  # the clips have 12 s, the sound 16
    assert len(by_clips.sound_pieces) == 1
    four = cut_sound(sax, 4, tmp_path / "four.wav")
    by_sound = compose(ComposeRequest(clips=(clips[2], clips[1]), sound=four), tmp_path / "sound")
    assert by_sound.duration == 4.0
    assert [(piece.start, piece.end, piece.at) for piece in by_sound.sound_pieces] == [(0.0, 4.0, 0.0)]


def test_more_than_there_is(clips: tuple[Path, ...], sax: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    four = cut_sound(sax, 4, tmp_path / "four.wav")
    request = ComposeRequest(clips=(clips[2],) * 3, sound=four, seconds=200, loudness=-20, join="cut")
    result = compose(request, tmp_path / "out")
    assert {warning.code for warning in result.warnings} == {"compose_note.clips_short", "compose_note.sound_repeated"}
    assert result.duration == 15.0
    assert len(result.sound_pieces) > 2
    sound = media.audio(tmp_path / "out" / "composition.mp4")
    assert pyloudnorm.Meter(sound.rate).integrated_loudness(sound.samples) == pytest.approx(-20, abs=0.5)


def test_silence_and_short_clips_are_warned_of(
    film: Callable[..., Path], photographs: list[np.ndarray], tmp_path: Path
) -> None:
    one = film(tmp_path / "one.mp4", [(photographs[0], 0.04)])
    two = film(tmp_path / "two.mp4", [(photographs[1], 2.0)])
    soundfile.write(tmp_path / "silence.wav", np.zeros(5 * RATE), RATE)
    (tmp_path / "out").mkdir()
    result = compose(ComposeRequest(clips=(one, two), sound=tmp_path / "silence.wav", title="A 😀"), tmp_path / "out")
    assert [piece.clip for piece in result.pieces] == [1]
    assert {warning.code for warning in result.warnings} >= {
        "compose_note.clip_too_short",
        "media.silent",
        "compose_note.letters_missing",
    }
    assert result.loudness == -120.0
    with pytest.raises(RequestError) as refused:
        compose(ComposeRequest(clips=(one,), sound=tmp_path / "silence.wav"), tmp_path / "out")
    assert refused.value.key == "compose_error.all_too_short"


def test_more_clips_than_fit(clips: tuple[Path, ...], sax: Path, tmp_path: Path) -> None:
    result = compose(ComposeRequest(clips=(clips[2],) * 8, sound=sax, seconds=2, order="given"), tmp_path)
    assert [piece.clip for piece in result.pieces] == [0, 1, 2, 3]
    assert [warning.code for warning in result.warnings] == ["compose_note.clips_left_out"]
    assert len(pictures(tmp_path / "composition.mp4")) == 60


def test_a_stop_leaves_nothing(clips: tuple[Path, ...], sax: Path, tmp_path: Path) -> None:
    for moment in (0.2, 0.45, 0.58, 0.8):

        def stop(done: float, what: str, moment: float = moment) -> None:
            if done > moment:
                raise Cancelled

        with pytest.raises(Cancelled):
            compose(ComposeRequest(clips=clips[2:], sound=sax, seconds=3, title="Stop"), tmp_path, stop)
        assert not list(tmp_path.iterdir())


def test_progress_goes_on(clips: tuple[Path, ...], sax: Path, tmp_path: Path) -> None:
    seen: list[tuple[float, str]] = []
    compose(
        ComposeRequest(clips=clips[2:], sound=sax, seconds=3, title="Go"), tmp_path, lambda *step: seen.append(step)
    )
    values = [done for done, _ in seen]
    assert min(np.diff(values)) > -0.01
    assert values[-1] == 1.0
    from avai.words import texts

    assert {what for _, what in seen} <= set(texts("en"))


@pytest.fixture
def wrong(gradio_media: Path, clips: tuple[Path, ...], sax: Path, tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "empty.mp4").touch()
    soundfile.write(tmp_path / "blip.wav", np.ones(4000) * 0.1, RATE)
    return {
        "picture": gradio_media / "images" / "lion.jpg",
        "video": clips[2],
        "sound": sax,
        "empty": tmp_path / "empty.mp4",
        "blip": tmp_path / "blip.wav",
    }


@pytest.mark.parametrize(
    ("given", "sound", "key", "says"),
    [
        ((), "sound", "compose_error.no_clips", "at least one"),
        (("video", "sound"), "sound", "compose_error.clip_is_sound", "Clip 2 (sax.wav)"),
        (("picture",), "sound", "compose_error.picture", "Clip 1 (lion.jpg)"),
        (("video", "empty"), "sound", "compose_error.clip", "Clip 2 (empty.mp4): This file is empty"),
        (("video",), "picture", "compose_error.sound_is_picture", "lion.jpg"),
        (("video",), "empty", "media.empty", "empty"),
        (("video",), "blip", "compose_error.sound_too_short", "0.5 s"),
    ],
)
def test_refused_in_one_sentence(
    wrong: dict[str, Path], tmp_path: Path, given: tuple[str, ...], sound: str, key: str, says: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(RequestError) as refused:
        compose(ComposeRequest(clips=tuple(wrong[name] for name in given), sound=wrong[sound]), out)
    assert refused.value.key == key
    assert says in str(refused.value)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.sentence("zh"))
    assert not list(out.iterdir())


def test_a_video_without_sound_is_no_sound(
    film: Callable[..., Path], photographs: list[np.ndarray], clips: tuple[Path, ...], tmp_path: Path
) -> None:
    mute = film(tmp_path / "mute.mp4", [(photographs[0], 1.0)])
    with pytest.raises(RequestError) as refused:
        compose(ComposeRequest(clips=clips, sound=mute), tmp_path)
    assert refused.value.key == "compose_error.no_sound"


def test_clips_of_every_shape(shared: Path, tmp_path: Path) -> None:
    folder = shared / "media"
    given = tuple(
        folder / name
        for name in (
            "odd/anamorphic_par.mp4",
            "sport_squats_portrait.mp4",
            "odd/vfr.mp4",
            "odd/rotated_portrait.mp4",
            "odd/fps_29_97.mp4",
            "odd/gif_renamed.mp4",
            "odd/truncated_tail.mp4",
        )
    )
    request = ComposeRequest(clips=given, sound=folder / "odd" / "surround_5_1.m4a", seconds=14, title="Shapes")
    result = compose(request, tmp_path)
    frames = pictures(tmp_path / "composition.mp4")
    assert frames[0].shape == (576, 1024, 3)
    assert result.duration == pytest.approx(14, abs=0.02)
    assert {piece.clip for piece in result.pieces} == set(range(7))
    rate = media.probe(tmp_path / "composition.mp4").video
    assert rate
    for piece in result.pieces:
        middle = frames[round((piece.at + (piece.end - piece.start) / 2) * rate.rate)]
        edge, centre = middle[200:400, :150].max(), middle[200:400, 400:600].max()
        upright = piece.clip in (1, 3)
        assert (edge < 24) == upright, piece  # an upright clip has bars, the others fill the width (or nearly)
        assert centre > 24
    assert "compose_note.about_clip" in {warning.code for warning in result.warnings}
    assert "truncated_tail.mp4" in next(w.text for w in result.warnings if w.code == "compose_note.about_clip")


def test_music_longer_than_the_clips_ends_on_its_beat(clips: tuple[Path, ...], shared: Path, tmp_path: Path) -> None:
    from avai.services.music import listen

    sound = shared / "media" / "music_vibe_ace.ogg"
    result = compose(ComposeRequest(clips=(clips[2],) * 3, sound=sound), tmp_path)
    assert 11.8 < result.duration < 13.4
    soundfile.write(tmp_path / "begin.wav", media.audio(sound, rate=RATE, end=20).samples, RATE)
    beats = listen(tmp_path / "begin.wav").beats
    assert np.abs(beats - result.duration).min() < 0.06
    assert result.loudness == pytest.approx(-14, abs=0.5)
    decoded = media.audio(tmp_path / "composition.mp4")
    soundfile.write(tmp_path / "decoded.wav", decoded.samples, decoded.rate, subtype="FLOAT")
    assert 20 * np.log10(true_peaks(tmp_path / "decoded.wav").max()) <= -0.5  # AAC adds a little to -2


def test_a_black_clip_and_a_whisper_are_told(shared: Path, sax: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "whisper.wav", 0.001 * soundfile.read(sax)[0], RATE)
    (tmp_path / "out").mkdir()
    black = shared / "media" / "odd" / "all_black.mp4"
    result = compose(ComposeRequest(clips=(black,), sound=tmp_path / "whisper.wav", seconds=2), tmp_path / "out")
    assert [warning.code for warning in result.warnings] == ["compose_note.about_clip", "compose_note.loudness_missed"]
    assert result.loudness < -25
