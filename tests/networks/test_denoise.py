"""The noise suppressor is its original, streams, keeps every sample in its place, and takes noise away from a voice."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from avai.networks import erb, registry
from training import originals, real


def cleaned(sound: np.ndarray, left: float = 0.0, block: int = 48_000) -> np.ndarray:
    blocks = (sound[start : start + block] for start in range(0, len(sound), block))
    return np.concatenate(list(registry.denoise().clean(blocks, left)))


def si_sdr(clean: np.ndarray, heard: np.ndarray) -> float:
    """Scale-invariant ratio of signal to distortion in dB (Le Roux et al., ICASSP 2019)."""
    target = clean * (heard @ clean) / (clean @ clean)
    return float(10 * np.log10((target @ target) / ((heard - target) @ (heard - target))))


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """Four seconds of a voice, 48 kHz."""
    return real.sound(real.media() / "audio" / "cate_blanch.mp3", erb.RATE)[48_000 : 5 * 48_000]


@pytest.fixture(scope="module")
def noise(voice: np.ndarray) -> np.ndarray:
    """Noise as loud as the voice, darker the deeper, as rain and wind are."""
    white = np.random.default_rng(5).standard_normal(len(voice))
    shape = 1 / (1 + np.fft.rfftfreq(len(voice), 1 / erb.RATE) / 1000)
    dark = np.fft.irfft(np.fft.rfft(white) * shape, len(voice))
    return (dark * np.sqrt(np.mean(voice**2) / np.mean(dark**2))).astype(np.float32)


def test_equals_its_original() -> None:
    originals.compare_denoise(*registry.denoise().judged(*originals.denoise_input()))


def test_bands_tile_the_spectrum_and_the_window_gives_back_what_it_took() -> None:
    assert erb.widths().sum() == erb.BINS
    assert erb.widths().min() == 2
    samples = np.random.default_rng(0).standard_normal((2, 10 * erb.HOP)).astype(np.float32)
    back = erb.Synthesis().samples(erb.Analysis(2).spectra(samples))
    np.testing.assert_allclose(back, samples[:, : -erb.HOP], atol=1e-5)


def test_noise_goes_and_the_voice_stays_in_its_place(voice: np.ndarray, noise: np.ndarray) -> None:
    heard = cleaned((voice + noise)[:, None])[:, 0]
    assert si_sdr(voice, heard) - si_sdr(voice, voice + noise) > 8
    late = si_sdr(voice[:-1], heard[1:])
    assert si_sdr(voice, heard) > late + 1
    assert si_sdr(voice, cleaned(voice[:, None])[:, 0]) > 15


@pytest.mark.parametrize("name", ["libri_3080-5032-0005.flac", "libri_2414-128291-0005.flac"])
def test_clean_speech_is_kept_from_the_first_word_on(name: str, shared: Path) -> None:
    clean = real.sound(shared / "data" / "speech" / name, erb.RATE)[: 4 * erb.RATE]
    assert si_sdr(clean, cleaned(clean[:, None])[:, 0]) > 35


@pytest.mark.parametrize("block", [1, 479, 10_000, 24_000, 24_001])
def test_what_comes_out_does_not_depend_on_how_the_sound_was_cut(block: int, voice: np.ndarray) -> None:
    sound = voice[: 50_001 if block > 1 else 3_000, None]
    np.testing.assert_array_equal(cleaned(sound, block=block), cleaned(sound, block=len(sound)))


@pytest.mark.parametrize("length", [1, 480, 481, 1439, 23_999, 24_000, 24_001])
def test_as_long_as_what_came_in(length: int, voice: np.ndarray) -> None:
    assert cleaned(voice[:length, None]).shape == (length, 1)


def test_nothing_comes_of_nothing() -> None:
    assert list(registry.denoise().clean([])) == []
    assert list(registry.denoise().clean([np.zeros((0, 2), np.float32)])) == []
    assert not cleaned(np.zeros((48_000, 2), np.float32)).any()


def test_what_is_left_of_the_original_is_as_much_as_was_asked(voice: np.ndarray, noise: np.ndarray) -> None:
    sound = (voice + noise)[:, None]
    np.testing.assert_allclose(cleaned(sound, left=1.0), sound, atol=1e-6)
    np.testing.assert_allclose(cleaned(sound, left=0.3), 0.3 * sound + 0.7 * cleaned(sound), atol=1e-5)


def test_the_stereo_image_stays(voice: np.ndarray, noise: np.ndarray) -> None:
    """A voice to the left, noise of its own on each side: what is kept of the voice stands where it stood."""
    sides = np.stack([voice + noise, 0.5 * voice + noise[::-1]], axis=1)
    heard = cleaned(sides)
    kept = [side @ voice / (voice @ voice) for side in heard.T]
    assert 20 * np.log10(kept[1] / kept[0]) == pytest.approx(-6, abs=0.2)
    assert si_sdr(voice, heard[:, 0]) - si_sdr(voice, sides[:, 0]) > 5


@pytest.mark.parametrize("sides", [(1.0, -1.0), (1.0, 0.0), (0.0, 1.0)])
def test_a_voice_on_one_side_or_upside_down_on_the_other_is_kept(
    sides: tuple[float, float], voice: np.ndarray, noise: np.ndarray
) -> None:
    heard = cleaned(np.stack([side * voice + noise for side in sides], axis=1))
    loud = int(np.argmax(np.abs(sides)))
    assert si_sdr(voice, sides[loud] * heard[:, loud]) > si_sdr(voice, voice + noise) + 3


def test_channels_that_part_are_judged_as_if_they_had_always_been_two(voice: np.ndarray, noise: np.ndarray) -> None:
    """Two equal channels give what one gives, and what they give later does not jump where they part."""
    one = (voice + 0.3 * noise)[:, None]
    np.testing.assert_allclose(cleaned(np.repeat(one, 2, axis=1)), np.repeat(cleaned(one), 2, axis=1), atol=1e-6)
    parting = np.repeat(one, 2, axis=1)
    parting[-1, 1] += 1e-3
    np.testing.assert_allclose(cleaned(parting)[:-960], np.repeat(cleaned(one), 2, axis=1)[:-960], atol=1e-5)


def test_an_hour_streams_in_flat_memory(voice: np.ndarray) -> None:
    """What is held between blocks after twenty seconds is what was held after eight."""
    import tracemalloc

    def held(seconds: int) -> int:
        stream = registry.denoise().clean(itertools.repeat(voice[:24_000, None]))
        tracemalloc.start()
        for _ in itertools.islice(stream, 2 * seconds):
            pass
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        stream.close()
        return size

    held(1)
    assert held(20) < held(8) + 100_000
