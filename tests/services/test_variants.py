"""Changed copies of a sound: heard, said, the same from the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avai import media
from avai.config import ASSETS
from avai.contracts import VariantsRequest
from avai.networks.augment import Changes
from avai.services.variants import RATE, changed, variants


def test_variants_of_a_sound_are_written_and_said(gradio_media: Path, tmp_path: Path) -> None:
    clip = gradio_media / "audio" / "sax.wav"
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    first, again = (variants(VariantsRequest(clip=clip, seed=3, count=2), folder) for folder in folders)
    assert first == again
    assert [each.file for each in first.variants] == ["variant_00.wav", "variant_01.wav", "variant_02.wav"]
    assert not first.variants[0].changes
    assert {note.code.split(".")[1] for note in first.variants[1].changes} >= {"speed", "pitch", "shift", "gain"}
    for each in first.variants:
        assert (folders[0] / each.file).read_bytes() == (folders[1] / each.file).read_bytes()
    sounds = [media.audio(folders[0] / each.file).samples for each in first.variants]
    assert len({len(sound) for sound in sounds}) == 3


def test_each_change_does_to_a_tone_what_it_says() -> None:
    time = np.arange(RATE) / RATE
    tone = (0.3 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)
    rng = np.random.default_rng(0)

    def highest(sound: np.ndarray) -> float:
        middle = sound[len(sound) // 4 : -len(sound) // 4]
        return float(np.abs(np.fft.rfft(middle)).argmax() * RATE / len(middle))

    assert highest(changed(tone, Changes(pitch=1.2), rng)) == pytest.approx(1200, rel=0.02)
    faster = changed(tone, Changes(speed=1.25), rng)
    assert len(faster) == pytest.approx(0.8 * RATE, rel=0.01)
    assert highest(faster) == pytest.approx(1000, rel=0.02)
    assert len(changed(tone, Changes(shift=(0.1, 0.0)), rng)) == round(0.9 * RATE)
    assert not changed(tone, Changes(gap=(16, 8)), rng)[RATE // 4 + 50 : RATE // 4 + 1900].any()
    bands = changed(tone, Changes(masks=((0, 64),)), rng)
    assert np.abs(bands).max() < 1e-3
    noise = changed(tone, Changes(noise=(-3.0,) * 5), rng) - tone
    assert 1e-4 < noise.std() < 0.1


def test_of_a_zip_the_first_sound_is_heard(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    made = variants(VariantsRequest(clip=ASSETS / "examples" / "three_sounds.zip", count=1), out)
    assert [each.file for each in made.variants] == ["variant_00.wav", "variant_01.wav"]
    assert media.probe(out / "variant_00.wav").duration == pytest.approx(1.2)
    assert {each.name for each in out.iterdir()} == {*made.files}
