"""Beats, ends and seams: of sounds whose beat is known, and of a real one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avai.services.music import RATE, Cut, Music, beats_heard, fitted, good_end, laid, listen


def clicks(seconds: float, every: float, first: float = 0.25) -> np.ndarray:
    """A drum on every beat, each fourth another one, over a chord that changes with the bar."""
    rng = np.random.default_rng(0)
    sound = np.zeros(round(seconds * RATE), np.float32)
    time = np.arange(len(sound)) / RATE
    bars = ((time - first) // (4 * every)).astype(int) % 4
    sound += 0.05 * np.sin(2 * np.pi * np.array([220.0, 277.2, 329.6, 246.9])[bars] * time).astype(np.float32)
    hit = np.exp(-np.arange(4800) / 600) * rng.standard_normal(4800)
    low = np.exp(-np.arange(9600) / 2400) * np.sin(2 * np.pi * 60 * np.arange(9600) / RATE)
    for number, at in enumerate(np.arange(first, seconds - 0.3, every)):
        shape = low if number % 4 == 0 else 0.4 * hit
        begin = round(at * RATE)
        sound[begin : begin + len(shape)] += 0.5 * shape.astype(np.float32)[: len(sound) - begin]
    return sound


def put(path: Path, samples: np.ndarray) -> Path:
    soundfile.write(path, samples, RATE, subtype="FLOAT", format="WAV")
    return path


@pytest.fixture(scope="module")
def drums(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Music]:
    path = put(tmp_path_factory.mktemp("drums") / "drums.wav", clicks(20, 0.5))
    return path, listen(path)


def test_beats_are_where_the_drum_is(drums: tuple[Path, Music]) -> None:
    beats = drums[1].beats
    off = (beats - 0.25 + 0.25) % 0.5 - 0.25
    assert len(beats) == pytest.approx(39, abs=2)
    assert np.abs(off).max() < 0.03


def test_what_has_no_beat_has_none(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rain = 0.1 * rng.standard_normal(12 * RATE).astype(np.float32)
    assert not len(listen(put(tmp_path / "rain.wav", rain)).beats)
    music = listen(put(tmp_path / "silence.wav", np.zeros(3 * RATE, np.float32)))
    assert music.silent
    assert not len(music.beats)


def test_speech_has_no_beat(shared: Path, tmp_path: Path) -> None:
    speech = soundfile.read(shared / "media" / "speech_zh_mandarin.wav", dtype="float32")[0]
    assert not len(listen(put(tmp_path / "speech.wav", np.repeat(speech, 3))).beats)


def test_longer_is_cut(drums: tuple[Path, Music]) -> None:
    path, music = drums
    assert fitted(music, path, 10 * RATE) == [Cut(0, 10 * RATE, 0, 0, round(1.5 * RATE))]
    assert fitted(music, path, music.length) == [Cut(0, music.length, 0)]


@pytest.mark.parametrize("seconds", [21.0, 27.3, 45.0, 100.0])
def test_shorter_is_repeated_in_time(drums: tuple[Path, Music], tmp_path: Path, seconds: float) -> None:
    path, music = drums
    length = round(seconds * RATE)
    cuts = fitted(music, path, length)
    assert len(cuts) > 1
    assert cuts[-1].until == length
    assert all(one.until - other.at == one.fade_out == other.fade_in for one, other in pairwise(cuts))
    times, _ = beats_heard(music, cuts)
    steps = np.diff(times[times < seconds - 2])
    assert np.abs(steps - 0.5).max() < 0.045  # the beat goes on over the seam
    laid(path, cuts, length, tmp_path / "long.wav")
    long = soundfile.read(tmp_path / "long.wav")[0]
    assert len(long) == length
    again = listen(tmp_path / "long.wav")
    found = again.beats[again.beats < seconds - 2]  # what follows fades out
    assert len(found) > 2 * (seconds - 3)
    assert np.abs(np.diff(found) - 0.5).max() < 0.05


def test_seams_of_whole_bars(drums: tuple[Path, Music]) -> None:
    path, music = drums
    cuts = fitted(music, path, 50 * RATE)
    period = (cuts[1].at - cuts[0].at) / RATE - (cuts[1].start - cuts[0].start) / RATE
    assert abs(period / 8.0 - round(period / 8.0)) * 8.0 < 0.05  # the chords come round every four bars of 2 s


def test_real_music_has_no_click_at_a_seam(gradio_media: Path, tmp_path: Path) -> None:
    sax = put(tmp_path / "sax.wav", soundfile.read(gradio_media / "audio" / "sax.wav", dtype="float32")[0])
    music = listen(sax)
    length = 40 * RATE
    cuts = fitted(music, sax, length)
    laid(sax, cuts, length, tmp_path / "long.wav")
    before, after = soundfile.read(sax)[0], soundfile.read(tmp_path / "long.wav")[0]
    assert np.abs(np.diff(after)).max() <= np.abs(np.diff(before)).max() * 1.05
    middle = slice(cuts[0].fade_in, cuts[0].end - cuts[0].fade_out)
    assert np.array_equal(after[middle], before[middle].astype(np.float32))
    assert np.abs(after[-RATE // 10 :]).max() < 0.2 * np.abs(after).max()


def test_a_very_short_sound_goes_round(tmp_path: Path) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)
    path = put(tmp_path / "tone.wav", tone)
    for seconds in (1.35, 3.0, 7.77):
        length = round(seconds * RATE)
        cuts = fitted(listen(path), path, length)
        assert max(cut.until for cut in cuts) == length
        laid(path, cuts, length, tmp_path / "long.wav")
        long = soundfile.read(tmp_path / "long.wav")[0]
        assert len(long) == length
        level = np.abs(long[: -RATE // 2]).reshape(-1, 5)[:, :].max()
        assert 0.25 < level < 0.45


def test_a_good_end_is_quiet() -> None:
    levels = np.full(1000, -20.0)
    levels[700:740] = -60.0
    music = Music(1000 * 1024, levels, np.zeros((1000, 25)), np.zeros(0), np.zeros(0))
    end = good_end(music, 12.0, 18.0)
    assert 700 <= end * RATE / 1024 <= 745
    assert good_end(music, 5.0, 5.0) == 5.0


def test_progress_can_stop_it(drums: tuple[Path, Music], tmp_path: Path) -> None:
    from avai.errors import Cancelled

    def stop(done: float, what: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        laid(drums[0], [Cut(0, RATE, 0)], RATE, tmp_path / "out.wav", stop)
