"""Clean-up: noise goes, voices stay where and as long as they were, films get their picture back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from avai import media
from avai.contracts import RecognizeRequest
from avai.errors import Cancelled
from avai.networks import registry
from avai.progress import quiet
from avai.services.cleaning import clean, left_at, write_cleaned
from avai.services.recognize import recognize

RATE = 48_000


@pytest.fixture(scope="module")
def voice(gradio_media: Path) -> np.ndarray:
    """Six seconds of a voice, mono at 48 kHz."""
    return media.audio(gradio_media / "audio" / "cate_blanch.mp3", rate=RATE, mono=True).samples[RATE : 7 * RATE, 0]


def noise(count: int, seed: int) -> np.ndarray:
    """A hiss."""
    return 0.03 * np.random.default_rng(seed).standard_normal(count).astype(np.float32)


def made(clip: Path, folder: Path, strength: float = 1.0) -> tuple[np.ndarray, int]:
    clean(clip, folder / "cleaned.wav", media.probe(clip), strength, quiet)
    return soundfile.read(folder / "cleaned.wav", always_2d=True)


def level(samples: np.ndarray) -> float:
    """RMS in dB."""
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-12))


def test_noise_falls_and_the_voice_stays(voice: np.ndarray, tmp_path: Path) -> None:
    sound = np.concatenate([np.zeros(2 * RATE, np.float32), voice]) + noise(2 * RATE + len(voice), 1)
    soundfile.write(tmp_path / "noisy.wav", sound, RATE)
    cleaned, rate = made(tmp_path / "noisy.wav", tmp_path)
    assert (rate, cleaned.shape) == (RATE, (len(sound), 1))
    assert level(cleaned[RATE : 2 * RATE]) < level(sound[RATE : 2 * RATE]) - 20
    assert level(cleaned[2 * RATE :]) == pytest.approx(level(voice), abs=1.5)


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (11_025, 2), (44_100, 2), (96_000, 1), (48_000, 6)])
def test_any_rate_and_channels(rate: int, channels: int, voice: np.ndarray, tmp_path: Path) -> None:
    sound = resample_poly(voice[: 2 * RATE] + noise(2 * RATE, 2), rate, RATE)
    soundfile.write(tmp_path / "noisy.wav", np.repeat(sound[:, None], channels, axis=1), rate)
    cleaned, now = made(tmp_path / "noisy.wav", tmp_path)
    assert (now, cleaned.shape) == (RATE, (-(-len(sound) * RATE // rate), min(channels, 2)))
    again = resample_poly(cleaned[:, 0], rate, RATE)[: len(sound)]
    alike = np.fft.irfft(np.fft.rfft(again) * np.conj(np.fft.rfft(sound)))
    assert int(np.argmax(alike)) == 0  # in its place, to the sample
    assert np.corrcoef(again, sound)[0, 1] > 0.9


def test_strength_goes_from_as_it_was_to_all_of_it(voice: np.ndarray, tmp_path: Path) -> None:
    quiet_part = slice(RATE // 2, 2 * RATE)
    sound = np.concatenate([np.zeros(2 * RATE, np.float32), voice]) + noise(2 * RATE + len(voice), 3)
    soundfile.write(tmp_path / "noisy.wav", sound, RATE)
    as_it_was, _ = made(tmp_path / "noisy.wav", tmp_path, 0.0)
    np.testing.assert_allclose(as_it_was[:, 0], sound.clip(-1, 1), atol=1e-4)
    falls = [
        level(sound[quiet_part]) - level(made(tmp_path / "noisy.wav", tmp_path, s)[0][quiet_part])
        for s in (0.25, 0.5, 0.75, 1.0)
    ]
    assert falls[:2] == pytest.approx([-20 * np.log10(left_at(s)) for s in (0.25, 0.5)], abs=1.5)
    assert falls == sorted(falls)


def test_odd_sounds_come_out_as_long_and_finite(shared: Path, tmp_path: Path) -> None:
    for name in ("wav_8bit.wav", "wav_mulaw_8k.wav", "nan_float.wav", "surround_5_1.m4a", "clipped_loud.wav"):
        clip = shared / "media" / "odd" / name
        cleaned, _ = made(clip, tmp_path)
        assert len(cleaned) == len(media.audio(clip, rate=RATE).samples), name
        assert np.isfinite(cleaned).all()


def test_a_film_gets_its_picture_and_the_cleaned_sound(
    film: Callable[..., Path], photographs: list[np.ndarray], voice: np.ndarray, tmp_path: Path
) -> None:
    clip = film(tmp_path / "film.mp4", [(photographs[0], 4.0)], sound=voice[: 4 * RATE] + noise(4 * RATE, 4))
    out = tmp_path / "out"
    out.mkdir()
    result = recognize(RecognizeRequest(clip=clip, denoise=True, split=False), out)
    assert {"cleaned.wav", "cleaned.mp4"} <= set(result.files)
    before, after = media.probe(clip), media.probe(out / "cleaned.mp4")
    assert after.video == before.video
    assert after.duration == pytest.approx(before.duration, abs=1e-3)
    heard = media.audio(out / "cleaned.mp4", rate=RATE).samples[:, 0]
    meant, _ = soundfile.read(out / "cleaned.wav")
    assert np.corrcoef(heard[: len(meant)], meant[: len(heard)])[0, 1] > 0.98


def test_a_film_whose_picture_no_container_takes_gets_its_sound_and_a_note(voice: np.ndarray, tmp_path: Path) -> None:
    import av

    path = tmp_path / "raw.avi"
    with av.open(str(path), "w") as container:
        video = container.add_stream("rawvideo", rate=10)
        audio = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), "rgb24")))
        block = av.AudioFrame.from_ndarray((voice[None, :RATE] * 32767).astype(np.int16), "s16", "mono")
        block.sample_rate = RATE
        container.mux(audio.encode(block))
    files, notes = write_cleaned(path, tmp_path, media.probe(path), 1.0, quiet)
    assert files == ["cleaned.wav"]
    assert [each.code for each in notes] == ["recognize_note.picture_not_copied"]


def test_music_without_speech_is_warned_of(gradio_media: Path, tmp_path: Path) -> None:
    result = recognize(RecognizeRequest(clip=gradio_media / "audio" / "sax.wav", denoise=True, split=False), tmp_path)
    assert "recognize_note.cleaned_without_speech" in {each.code for each in result.warnings}


def test_stop_leaves_nothing_and_progress_is_told_often(voice: np.ndarray, tmp_path: Path) -> None:
    registry.denoise()
    clip = tmp_path / "long.wav"
    soundfile.write(clip, np.tile(np.stack([voice, -voice[::-1]], axis=1), (3, 1)), RATE)
    out = tmp_path / "out"
    out.mkdir()
    times = [time.perf_counter()]
    seen = []

    def watch(done: float, what: str) -> None:
        times.append(time.perf_counter())
        seen.append(done)
        if done > 0.9:
            raise Cancelled

    with pytest.raises(Cancelled):
        clean(clip, out / "cleaned.wav", media.probe(clip), 1.0, watch)
    assert list(out.iterdir()) == []
    assert seen == sorted(seen)
    assert float(np.median(np.diff(times))) < 0.25
