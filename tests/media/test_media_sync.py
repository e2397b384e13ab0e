"""Picture and sound of a cut keep together, and nothing is heard of what was dropped.

``benchmarks/sync.py`` is the long form.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from odd import make

from avai.media import Form, Timeline, Track, audio, frame_times, joined, probe, render
from benchmarks import flashes

F = Fraction
RATE = 48_000


@pytest.mark.parametrize("name", flashes.BEATS)
def test_many_cuts_keep_picture_and_sound_together(tmp_path, name) -> None:
    made = flashes.plan(flashes.BEATS[name], 40, 1.5)
    source = flashes.write(made, tmp_path / "source.mov")
    track = flashes.cut(made, source)
    render(Timeline(track, track), tmp_path / "out.mp4")
    found = flashes.measured(made, track, tmp_path / "out.mp4")
    assert found.flashes > 40
    assert found.missing == 0
    assert found.apart < 1  # ms, of the 20 that are allowed
    assert found.left_db < -75
    assert found.step < 5


def test_the_measure_hears_what_is_left_and_clicks(tmp_path) -> None:
    """Sound that is cut 10 ms late, and without fades, is found out."""
    made = flashes.plan(flashes.BEATS["25"], 10, 1.5)
    source = flashes.write(made, tmp_path / "source.mov")
    track = flashes.cut(made, source)
    late = Track(tuple(replace(p, start=p.start + F(1, 100), end=p.end + F(1, 100)) for p in track.pieces))
    render(Timeline(track, late), tmp_path / "late.mp4")
    found = flashes.measured(made, track, tmp_path / "late.mp4")
    assert 9 < found.apart < 11
    assert found.left_db > -10
    hard = Track(tuple(replace(p, fade_in=F(0), fade_out=F(0), start=p.start + F(1, 1700)) for p in track.pieces))
    render(Timeline(track, hard), tmp_path / "hard.mp4")
    assert flashes.measured(made, track, tmp_path / "hard.mp4").step > 5


@pytest.mark.parametrize("codec", ["vp9", "av1"])
def test_opus_is_as_much_in_step(tmp_path, codec) -> None:
    made = flashes.plan(flashes.BEATS["29.97"], 10, 1.5)
    source = flashes.write(made, tmp_path / "source.mov")
    track = flashes.cut(made, source)
    render(Timeline(track, track), tmp_path / "out.mp4", form=Form(codec, "best"))
    found = flashes.measured(made, track, tmp_path / "out.mp4")
    assert found.missing == 0
    assert found.apart < 2


def test_sound_that_starts_later_or_ends_before_is_silent_there(tmp_path, odd) -> None:
    late = joined(odd["late.mov"], [(F(1), F(3))])  # the sound begins at 1.5 s
    render(Timeline(late, late), tmp_path / "late.mp4")
    samples = audio(tmp_path / "late.mp4").samples[:, 0]
    assert len(samples) == 2 * RATE
    assert np.abs(samples[: RATE // 2 - 50]).max() < 0.01
    assert np.flatnonzero(np.abs(samples) > 0.2)[0] / RATE == pytest.approx(1.0, abs=0.001)
    short = make.clip(tmp_path / "short.mp4", sound=make.tone(2.0))  # of four seconds
    track = joined(short, [(F(1), F(5, 2)), (F(3), F(4))])
    render(Timeline(track, track), tmp_path / "short_out.mp4")
    samples = audio(tmp_path / "short_out.mp4").samples[:, 0]
    info = probe(tmp_path / "short_out.mp4")
    assert info.audio[0].duration == pytest.approx(2.5, abs=1 / RATE)
    assert info.warnings == ()
    assert np.abs(samples[: RATE - 2400]).max() > 0.45
    assert np.abs(samples[RATE + 2400 :]).max() < 0.001


def test_sound_that_goes_on_without_picture_ends_with_the_track(tmp_path, odd) -> None:
    track = joined(odd["long_sound.mp4"], [(F(1), F(2))])
    render(Timeline(track, track), tmp_path / "out.mp4")
    assert frame_times(tmp_path / "out.mp4").end == 1
    assert len(audio(tmp_path / "out.mp4").samples) == RATE
