"""Sound comes out right: to the sample, from the common start, whole or in blocks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from odd import make

from avai.errors import RequestError
from avai.media import SoundCheck, audio, audio_blocks, probe, write_wav


def onsets(samples: np.ndarray, rate: int, level: float = 0.2) -> np.ndarray:
    """Seconds at which bursts begin: louder than ``level`` after 50 ms of quiet."""
    loud = np.flatnonzero(np.abs(samples[:, 0]) > level)
    return loud[np.diff(loud, prepend=-rate) > rate // 20] / rate


def test_a_click_is_where_it_is(tmp_path) -> None:
    samples = np.zeros((32_000, 1), np.float32)
    samples[16_123] = 0.9
    path = make.pcm(tmp_path / "click.wav", samples)
    assert int(np.argmax(np.abs(audio(path).samples))) == 16_123
    for rate in (8_000, 44_100, 48_000):
        sound = audio(path, rate=rate)
        assert len(sound.samples) == 2 * rate
        assert np.argmax(np.abs(sound.samples)) / rate == pytest.approx(16_123 / 16_000, abs=1 / rate)


@pytest.mark.parametrize(
    ("name", "codec", "picture"),
    [
        ("a.mp4", "aac", "libx264"),
        ("a.mov", "pcm_s16le", "libx264"),
        ("a.mkv", "libopus", "libx264"),
        ("a.avi", "libmp3lame", "mpeg4"),
    ],
)
def test_encoder_delay_is_left_out(tmp_path, name, codec, picture) -> None:
    path = make.clip(tmp_path / name, sound=make.beeps(4.0), sound_codec=codec, codec=picture)
    found = onsets(audio(path).samples, make.RATE)
    slack = 0.03 if name.endswith("avi") else 0.001  # AVI has no way to say the delay of MP3
    assert found == pytest.approx(np.arange(1, 8) * 0.5, abs=slack)


def test_a_late_track_is_padded(odd) -> None:
    sound = audio(odd["late.mov"])
    assert not sound.samples[: round(1.45 * sound.rate)].any()
    assert onsets(sound.samples, sound.rate) == pytest.approx([2.0, 2.5, 3.0, 3.5], abs=0.001)


@pytest.mark.parametrize("name", ["whole.mp4", "vp9.webm", "covered.mp3", "mpeg4.avi", "late.mov", "surround.flac"])
def test_a_part_is_the_same_as_in_the_whole(odd, name) -> None:
    whole = audio(odd[name])
    first, last = round(0.31 * whole.rate), round(0.77 * whole.rate)
    part = audio(odd[name], start=Fraction(first, whole.rate), end=Fraction(last, whole.rate))
    assert np.array_equal(part.samples, whole.samples[first:last])


def test_a_far_part_is_the_same_as_in_the_whole(tmp_path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (20 * make.RATE, 2)).astype(np.float32)
    path = make.clip(tmp_path / "long.mp4", sound=noise, count=10, sound_codec="aac")
    whole = audio(path)
    for start in (Fraction(15), Fraction(12_345_678, 1_000_000)):
        part = audio(path, start=start, end=start + 1)
        first = round(start * whole.rate)
        assert np.allclose(part.samples, whole.samples[first : first + len(part.samples)], atol=1e-4)


def test_beyond_the_end_there_is_nothing(odd) -> None:
    for name in ("whole.mp4", "covered.mp3", "silent.wav"):
        assert len(audio(odd[name], start=50, end=51).samples) == 0


def test_blocks_are_the_whole(odd) -> None:
    whole = audio(odd["whole.mp4"], rate=16_000, mono=True).samples
    blocks = list(audio_blocks(odd["whole.mp4"], rate=16_000, seconds=0.7))
    assert [len(block) for block in blocks[:-1]] == [11_200] * (len(blocks) - 1)
    assert np.array_equal(np.concatenate(blocks), whole)


def test_surround_keeps_its_centre(odd) -> None:
    stereo = audio(odd["surround.flac"]).samples
    mono = audio(odd["surround.flac"], mono=True).samples
    assert stereo.shape[1] == 2
    assert np.sqrt((mono**2).mean()) > 0.08
    assert np.allclose(stereo[:, 0], stereo[:, 1])
    assert np.allclose(mono[:, 0], stereo[:, 0], atol=1e-6)


def test_wild_values_are_tamed_and_told(odd) -> None:
    sound = audio(odd["wild.wav"])
    assert np.isfinite(sound.samples).all()
    assert np.abs(sound.samples).max() <= 1
    assert {note.code for note in sound.notes} == {"media.nan_replaced", "media.over_full_scale"}
    assert next(note for note in sound.notes if "nan" in note.code).values["count"] == 22


def test_no_sound_is_a_sentence(odd) -> None:
    for name, key in {"no_sound.mp4": "no_sound", "header_only.wav": "no_sound", "one_sample.wav": "too_short"}.items():
        with pytest.raises(RequestError) as refused:
            audio(odd[name])
        assert refused.value.key == f"media.{key}"
        with pytest.raises(RequestError):
            list(audio_blocks(odd[name], rate=16_000))


def test_the_limit_of_length_holds_where_headers_lie(tmp_path, monkeypatch) -> None:
    path = make.pcm(tmp_path / "long.wav", np.zeros((160_000, 1), np.float32))
    data = bytearray(path.read_bytes())
    data[40:44] = (3200).to_bytes(4, "little")  # the header says a tenth of a second
    path.write_bytes(data)
    monkeypatch.setenv("AVAI_MAX_SECONDS", "5")
    assert audio(path).duration <= 5.1


def test_a_check_over_blocks_speaks_of_the_whole(odd) -> None:
    check = SoundCheck()
    for _ in audio_blocks(odd["silent.wav"], rate=16_000, check=check):
        pass
    assert [note.code for note in check.notes()] == ["media.silent"]


def test_wav_out_and_in_again(tmp_path) -> None:
    samples = make.tone(0.5, 22_050)
    samples[7] = np.nan
    write_wav(tmp_path / "out.wav", samples, 22_050)
    back = audio(tmp_path / "out.wav")
    assert back.rate == 22_050
    assert np.allclose(back.samples, np.nan_to_num(samples), atol=1e-4)
    assert [path.name for path in tmp_path.iterdir()] == ["out.wav"]


def test_real_sound(gradio_media) -> None:
    path = gradio_media / "audio" / "sax.wav"
    assert audio(path).duration == pytest.approx(probe(path).duration, abs=0.001)
