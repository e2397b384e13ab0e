"""The drawing of a sound shows what is in it, where it is, however it comes in blocks."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import soundfile

from avai.contracts import RecognizeRequest, SoundDrawing, Strip
from avai.services.drawing import BANDS, COLUMNS, OVERVIEW, RATE, TILE, WAVE_RATE, Drawing, drawn, height
from avai.services.recognize import recognize


def parts_of(drawing: SoundDrawing, out: Path) -> list[np.ndarray]:
    """The pictures of a spectrogram, lowest band first."""
    whole = (out / drawing.mel).read_bytes()
    cuts = [whole[a:b] for a, b in zip(drawing.parts, drawing.parts[1:], strict=False)]
    return [cv2.imdecode(np.frombuffer(each, np.uint8), cv2.IMREAD_GRAYSCALE)[::-1] for each in cuts]


def wave_of(drawing: SoundDrawing, out: Path) -> np.ndarray:
    """Lowest, highest and RMS of each step, full scale 1."""
    return np.frombuffer((out / drawing.wave).read_bytes(), "<i2").reshape(-1, 3) / 32767


def tone(hertz: float, seconds: float) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def taken(samples: np.ndarray, out: Path, name: str, block: int) -> tuple[Drawing, SoundDrawing]:
    with Drawing(out, name) as drawing:
        for at in range(0, len(samples), block):
            drawing.take(samples[at : at + block])
        return drawing, drawing.finish()


@pytest.mark.parametrize("hertz", [200, 1000, 5000])
def test_a_tone_stands_at_its_frequency_and_time(hertz: float, tmp_path: Path) -> None:
    samples = np.zeros(4 * RATE, np.float32)
    samples[RATE : 2 * RATE] = tone(hertz, 1)
    _, sound = taken(samples, tmp_path, "tone", 12_345)
    (picture,) = parts_of(sound, tmp_path)
    assert picture.shape == (BANDS, 4 * COLUMNS)
    assert (picture[:, 75].argmax() + 0.5) / BANDS == pytest.approx(height(hertz), abs=1 / BANDS)
    loud = np.flatnonzero(picture.max(axis=0) > 128) / COLUMNS
    assert (loud[0], loud[-1]) == pytest.approx((1.0, 2.0), abs=0.05)
    wave = wave_of(sound, tmp_path)
    assert len(wave) == 4 * WAVE_RATE
    assert wave[WAVE_RATE + 5 : 2 * WAVE_RATE - 5, 1] == pytest.approx(0.5, abs=0.1)
    assert wave[: WAVE_RATE - 1].max() == wave[2 * WAVE_RATE + 1 :].max() == 0


def test_it_does_not_depend_on_how_the_blocks_are_cut(saxophone: np.ndarray, tmp_path: Path) -> None:
    samples = np.tile(saxophone[: 10 * RATE], 10)[: 99 * RATE + 77]
    sounds = [taken(samples, tmp_path, f"b{block}", block)[1] for block in (len(samples), 160_000, 999)]
    waves = [(tmp_path / sound.wave).read_bytes() for sound in sounds]
    assert waves[0] == waves[1] == waves[2]
    first, *others = (parts_of(sound, tmp_path) for sound in sounds)
    for other in others:
        for a, b in zip(first, other, strict=True):
            assert np.abs(a.astype(int) - b).max() <= 1
    assert [sound.black for sound in sounds] == [sounds[0].black] * 3


def test_a_long_sound_has_tiles_and_an_overview_that_agree(tmp_path: Path) -> None:
    samples = np.zeros(150 * RATE, np.float32)
    samples[100 * RATE : 101 * RATE] = tone(1000, 1)
    _, sound = taken(samples, tmp_path, "long", 160_000)
    *tiles, overview = parts_of(sound, tmp_path)
    assert [tile.shape[1] for tile in tiles] == [TILE, TILE, TILE // 2]
    assert overview.shape[1] <= OVERVIEW
    assert overview.max(axis=0).argmax() / sound.overview_columns == pytest.approx(100.5, abs=0.6)
    assert tiles[1].max(axis=0).argmax() / COLUMNS == pytest.approx(40.5, abs=0.6)


def test_peaks_are_evenly_over_the_duration_and_nothing_beyond_the_sound(tmp_path: Path) -> None:
    drawing, _ = taken(np.concatenate([tone(440, 1), np.zeros(RATE, np.float32)]), tmp_path, "half", 160_000)
    assert drawing.peaks(4, 4.0) == pytest.approx((0.5, 0, 0, 0), abs=0.01)
    assert len(drawing.peaks(1600, 4.0)) == 1600
    assert np.count_nonzero(drawing.peaks(1600, 4.0)) == 400


def test_ten_minutes_are_drawn_in_well_under_a_second(saxophone: np.ndarray, tmp_path: Path) -> None:
    minute = np.tile(saxophone, 2)[: 60 * RATE]
    begun = time.process_time()
    with Drawing(tmp_path, "minutes") as drawing:
        for _ in range(10):
            for at in range(0, len(minute), 10 * RATE):
                drawing.take(minute[at : at + 10 * RATE])
        drawing.finish()
    assert time.process_time() - begun < 0.6


def test_recognise_draws_the_sound_and_the_cleaned_sound(saxophone: np.ndarray, tmp_path: Path) -> None:
    noisy = 0.3 * saxophone[: 4 * 48000] + 0.02 * np.random.default_rng(0).standard_normal(4 * 48000)
    soundfile.write(tmp_path / "noisy.wav", noisy, 48000)
    out = tmp_path / "out"
    out.mkdir()
    result = recognize(RecognizeRequest(clip=tmp_path / "noisy.wav", denoise=True, split=False), out)
    strip = Strip.model_validate_json((out / "strip.json").read_text(encoding="utf-8"))
    assert {name for sound in strip.sounds for name in (sound.wave, sound.mel)} <= set(result.files)
    (before,), (after,) = (parts_of(sound, out) for sound in strip.sounds)
    assert before.shape == after.shape == (BANDS, 4 * COLUMNS)
    assert after[-20:].mean() < before[-20:].mean()
    again = drawn(tmp_path / "noisy.wav", tmp_path, "again", 4.0)
    assert (tmp_path / again.wave).read_bytes() == (out / strip.sounds[0].wave).read_bytes()
    assert max(strip.peaks) == pytest.approx(np.abs(noisy).max(), rel=0.1)
