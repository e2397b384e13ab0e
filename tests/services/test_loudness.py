"""Loudness against pyloudnorm and known signals; the limiter against measured true peaks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from avai.services.loudness import CEILING, Meter, blocks_of, even, measure, true_peaks

RATE = 48000


def tone(seconds: float, hertz: float, level: float, phase: float = 0.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    mono = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * time + phase)
    return np.stack([mono, mono], axis=1).astype(np.float32)


def written(path: Path, samples: np.ndarray) -> Path:
    soundfile.write(path, samples, RATE, subtype="FLOAT", format="WAV")
    return path


def test_a_tone_measures_what_the_standard_says() -> None:
    # BS.1770: a 997 Hz sine at 0 dBFS in one channel is -3.01 LUFS, in two 0.0; here -23 dBFS in two
    assert measure([tone(5, 997, -23)], RATE) == pytest.approx(-23.0, abs=0.1)


def test_blocks_of_any_size_agree_with_pyloudnorm(gradio_media: Path) -> None:
    sax, rate = soundfile.read(gradio_media / "audio" / "sax.wav", always_2d=True)
    whole = pyloudnorm.Meter(rate).integrated_loudness(sax)
    pieces = [sax[start : start + 7777] for start in range(0, len(sax), 7777)]
    assert measure(pieces, rate) == pytest.approx(whole, abs=0.01)


def test_silence_and_too_little_have_no_loudness() -> None:
    assert measure([np.zeros((RATE, 2))], RATE) == float("-inf")
    assert Meter(RATE, 2).integrated() == float("-inf")
    assert measure([tone(0.3, 997, -10)], RATE) == float("-inf")


def test_peaks_between_samples_are_seen(tmp_path: Path) -> None:
    # a quarter of the rate at 45 degrees: samples at 0.707 of a peak that is never sampled
    path = written(tmp_path / "tone.wav", tone(1, RATE / 4, 0, np.pi / 4))
    peaks = true_peaks(path)
    assert 20 * np.log10(peaks[100:-100].max()) == pytest.approx(0.0, abs=0.1)
    assert len(peaks) == RATE // 16


@pytest.mark.parametrize("target", [-30.0, -23.0, -14.0])
def test_evened_to_target(gradio_media: Path, tmp_path: Path, target: float) -> None:
    out = tmp_path / "evened.wav"
    done = even(gradio_media / "audio" / "sax.wav", out, target)
    assert done.after == pytest.approx(target, abs=0.1)
    assert measure(blocks_of(out), RATE) == pytest.approx(target, abs=0.1)
    assert soundfile.info(out).frames == soundfile.info(gradio_media / "audio" / "sax.wav").frames


def test_limiting_keeps_the_ceiling_and_says_so(tmp_path: Path) -> None:
    quiet = tone(6, 440, -26)
    quiet[RATE : RATE + 2400] = tone(0.05, 440, -1)  # a bang: the gain must give way there, and there only
    source = written(tmp_path / "in.wav", quiet)
    done = even(source, tmp_path / "out.wav", -14.0)
    assert done.limited
    assert done.after == pytest.approx(-14.0, abs=0.1)
    assert 20 * np.log10(true_peaks(tmp_path / "out.wav").max()) <= CEILING + 0.05
    before, after = (soundfile.read(path, always_2d=True)[0] for path in (source, tmp_path / "out.wav"))
    calm = after[4 * RATE : 5 * RATE].std() / before[4 * RATE : 5 * RATE].std()
    loud = after[RATE : RATE + 2400].std() / before[RATE : RATE + 2400].std()
    assert calm > 3 > 1 > loud


def test_silence_stays_silence(tmp_path: Path) -> None:
    done = even(written(tmp_path / "in.wav", np.zeros((RATE, 1), np.float32)), tmp_path / "out.wav", -14.0)
    assert done.after == float("-inf")
    assert not soundfile.read(tmp_path / "out.wav")[0].any()


def test_a_whisper_is_not_blown_up(tmp_path: Path) -> None:
    done = even(written(tmp_path / "in.wav", tone(3, 440, -65)), tmp_path / "out.wav", -14.0)
    assert done.after == pytest.approx(done.before + 30, abs=0.1)


def test_gain_does_not_depend_on_blocks(tmp_path: Path, gradio_media: Path) -> None:
    even(gradio_media / "audio" / "sax.wav", tmp_path / "a.wav", -8.0)
    before, after = soundfile.read(gradio_media / "audio" / "sax.wav")[0], soundfile.read(tmp_path / "a.wav")[0]
    loud = np.abs(before) > 0.02
    both = loud[1:] & loud[:-1]
    gain = np.where(loud, after, 1.0) / np.where(loud, before, 1.0)
    assert np.abs(np.diff(np.log(gain)))[both].max() < 0.01  # no jump anywhere, block edges included
