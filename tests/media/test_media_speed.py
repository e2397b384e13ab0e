"""A piece played faster keeps its pitch, its length to the sample, and picture and sound together."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from odd import make
from test_media_sound import onsets

from avai.media import Piece, Timeline, Track, audio, frame_times, frames, joined, probe, render
from avai.media.sound_track import mixed_blocks
from avai.media.stretch import stretched
from avai.media.timeline import crossfaded

F = Fraction
RATE = 48_000


def played(samples, speed: Fraction):
    blocks = (samples[at : at + 24_000] for at in range(0, len(samples), 24_000))
    return np.concatenate(list(stretched(blocks, speed)))


def pitch(samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / RATE)[spectrum.argmax()])


@pytest.mark.parametrize("speed", [F(3, 4), F(11, 10), F(3, 2), F(2), F(4), F(10)])
def test_a_tone_keeps_its_pitch_and_is_smooth(speed) -> None:
    made = played(make.tone(10.0), speed)[:, 0]
    assert len(made) == round(10 * RATE / speed)
    assert pitch(made) == pytest.approx(440, abs=0.5)
    inner = made[4800:-4800]
    assert np.abs(np.diff(inner, 2)).max() < 1.5 * 0.5 * (2 * np.pi * 440 / RATE) ** 2
    level = np.sqrt((inner[: len(inner) // 480 * 480].reshape(-1, 480) ** 2).mean(axis=1))
    assert level.min() > 0.33
    assert level.max() < 0.37


@pytest.mark.parametrize("speed", [F(11, 10), F(3, 2), F(2), F(3), F(4)])
def test_beeps_stay_where_they_are(speed) -> None:
    found = onsets(played(make.beeps(20.0), speed), RATE)
    for beep in np.arange(0.5, 19.5, 0.5):
        assert min(abs(found - beep / float(speed))) < 0.008


def test_sound_without_an_end_and_shorter_than_a_window() -> None:
    assert len(played(make.tone(0.01), F(2))) == 240
    assert not list(stretched(iter(()), F(2)))


def flash(number: int, size: tuple[int, int]):
    return np.full((size[1], size[0], 3), 235 if number % 25 < 4 and number > 3 else 16, np.uint8)


@pytest.mark.parametrize("speeds", [(F(3, 2), F(1), F(4), F(1)), (F(1), F(8), F(1), F(13, 10))])
def test_flash_and_beep_stay_together(tmp_path, speeds) -> None:
    """Sound stands exactly, pictures on the frames of a constant rate: they are half a frame apart at most, and what
    the windows of faster sound take."""
    source = make.clip(tmp_path / "source.mp4", count=1000, picture=flash, sound=make.beeps(40.0, every=1.0))
    edges = [F(frame, 25) for frame in (12, 263, 338, 763, 975)]
    track = joined(source, pairwise(edges), speeds=speeds)
    rendered = render(Timeline(track, track), tmp_path / "out.mp4")
    info = probe(tmp_path / "out.mp4")
    assert not info.video.variable_rate
    assert rendered.frames == round(track.length * 25)
    assert info.audio[0].duration == pytest.approx(float(track.length), abs=1 / RATE)
    levels = np.array([frame.image.mean() for frame in frames(tmp_path / "out.mp4", size=16)])
    times = np.array([float(time) for time in frame_times(tmp_path / "out.mp4").times])
    flashes = times[np.flatnonzero((levels[1:] > 125) & (levels[:-1] <= 125)) + 1]
    beeps = onsets(audio(tmp_path / "out.mp4").samples, RATE)
    for piece in track.pieces:
        for second in range(1, 40):
            if piece.speed > 2 or not piece.start < second < piece.end:
                continue  # a flash of four frames may fall between two
            at = float(piece.at + (second - piece.start) / piece.speed)
            assert min(abs(beeps - at)) < 0.008
            assert min(abs(flashes - at)) <= 0.0201


def test_length_and_fades_of_a_faster_piece(tmp_path) -> None:
    source = make.pcm(tmp_path / "tone.wav", make.tone(8.0), RATE)
    for speed in (F(3, 2), F(7, 3)):
        piece = Piece(source, F(1), F(7), F(1, 4), speed=speed)
        assert piece.until == F(1, 4) + 6 / speed
        whole = np.concatenate(list(mixed_blocks(Track((piece,)), piece.until + F(1, 4))))[:, 0]
        first, last = round(piece.at * RATE), round(piece.until * RATE)
        assert not whole[:first].any()
        assert not whole[last:].any()
        heard = np.flatnonzero(np.abs(whole) > 0.05)
        assert heard[0] - first < 100
        assert last - heard[-1] < RATE // 50
        assert np.abs(np.diff(whole, 2)).max() < 6 * 0.5 * (2 * np.pi * 440 / RATE) ** 2
        assert pitch(whole[first:last]) == pytest.approx(440, abs=1)


def test_a_crossfade_takes_more_of_a_faster_source(tmp_path) -> None:
    source = make.pcm(tmp_path / "tone.wav", make.tone(8.0), RATE)
    track = joined(source, [(F(0), F(2)), (F(4), F(6))], speeds=(F(2), F(4)))
    one, other = crossfaded(track, [(F(1, 20), F(1, 10))]).pieces
    assert (one.end, one.until) == (F(2) + F(1, 5), F(1) + F(1, 10))
    assert (other.start, other.at, other.until) == (F(4) - F(1, 5), F(1) - F(1, 20), F(3, 2))


def test_a_speed_that_makes_no_sense_is_ours() -> None:
    for speed in (F(0), F(-1), F(1000)):
        with pytest.raises(ValueError, match="speed"):
            Piece(make.Path("a"), F(0), F(1), F(0), speed=speed)
