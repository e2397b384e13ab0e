"""Recognise on real sound: it names what is there, when it is there, and refuses what it cannot hear."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avai.contracts import Recognition, RecognizeRequest
from avai.errors import Cancelled, RequestError
from avai.services.recognize import recognize


def seconds(result: Recognition, layer: str) -> float:
    return sum(span.end - span.start for span in result.layers[layer])


@pytest.fixture(scope="module")
def sparse(saxophone: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[float, float]]]:
    """A saxophone from 2 s to 5 s and from 8 s to 11 s of 13 s, silence between."""
    path = tmp_path_factory.mktemp("sound") / "sparse.wav"
    samples = np.zeros(13 * 48000, np.float32)
    loud = saxophone[: 3 * 48000]
    for at in (2, 8):
        samples[at * 48000 : (at + 3) * 48000] = loud
    soundfile.write(path, samples, 48000)
    return path, [(2.0, 5.0), (8.0, 11.0)]


def test_a_saxophone_is_music_and_a_saxophone(gradio_media: Path, tmp_path: Path) -> None:
    result = recognize(RecognizeRequest(clip=gradio_media / "audio" / "sax.wav"), tmp_path)
    assert {"saxophone", "music"} & {span.label for span in result.spans}
    assert seconds(result, "music") > 0.6 * result.duration
    assert seconds(result, "speech") < 0.1 * result.duration
    stored = json.loads((tmp_path / "recognition.json").read_text(encoding="utf-8"))
    assert stored.keys() >= {"duration", "classes", "spans", "layers", "warnings"}
    assert stored["spans"][0].keys() >= {"start", "end", "label", "confidence"}
    assert Recognition.model_validate(stored) == result


def test_silence_is_found_to_a_hundredth_and_pieces_are_what_sounds(
    sparse: tuple[Path, list[tuple[float, float]]], tmp_path: Path
) -> None:
    path, truth = sparse
    result = recognize(RecognizeRequest(clip=path, margin=0.0), tmp_path)
    loud_starts = [span.end for span in result.layers["silence"]][:2]
    assert loud_starts == pytest.approx([start for start, _ in truth], abs=0.06)
    with zipfile.ZipFile(tmp_path / "pieces.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".wav")]
        assert len(names) == 2
        archive.extractall(tmp_path)
    for name, (start, end) in zip(names, truth, strict=True):
        assert soundfile.info(tmp_path / name).duration == pytest.approx(end - start, abs=0.12)
    first = min(span.start for span in result.spans)
    assert first == pytest.approx(truth[0][0], abs=0.1)


def test_ticks_are_no_silence(tmp_path: Path) -> None:
    samples = np.zeros(6 * 48000, np.float32)
    for at in (1.0, 1.6, 2.2, 2.8):
        samples[int(at * 48000) : int(at * 48000) + 300] = 0.5
    soundfile.write(tmp_path / "ticks.wav", samples, 48000)
    result = recognize(RecognizeRequest(clip=tmp_path / "ticks.wav"), tmp_path)
    for at in (1.0, 1.6, 2.2, 2.8):
        assert any(span.start <= at < span.end for span in result.layers["other"])
        assert not any(span.start <= at < span.end for span in result.layers["silence"])
    with zipfile.ZipFile(tmp_path / "pieces.zip") as archive:
        assert 1 <= sum(name.endswith(".wav") for name in archive.namelist()) <= 4


def test_cleaning_lowers_the_noise_and_keeps_length_and_channels(saxophone: np.ndarray, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    noise = 0.02 * rng.standard_normal((40 * 48000, 2)).astype(np.float32)
    noise[10 * 48000 : 20 * 48000] += saxophone[:, None] * 0.5
    soundfile.write(tmp_path / "noisy.wav", noise, 48000)
    out = tmp_path / "out"
    out.mkdir()
    recognize(RecognizeRequest(clip=tmp_path / "noisy.wav", denoise=True, split=False), out)
    cleaned, rate = soundfile.read(out / "cleaned.wav")
    assert (rate, cleaned.shape) == (48000, noise.shape)
    before, after = (np.sqrt(np.mean(x[2 * 48000 : 8 * 48000] ** 2)) for x in (noise, cleaned))
    assert after < 0.7 * before
    seam = cleaned[int(29.4 * 48000) : int(30.1 * 48000)]
    assert np.abs(seam).max() < 0.2


def test_digital_silence_is_said_and_not_named(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros(5 * 16000, np.float32), 16000)
    result = recognize(RecognizeRequest(clip=tmp_path / "silent.wav"), tmp_path)
    assert result.spans == ()
    assert result.classes == ()
    assert seconds(result, "silence") == pytest.approx(5.0)
    assert result.warnings


def test_video_without_sound_is_refused_in_a_sentence(
    film: object, photographs: list[np.ndarray], tmp_path: Path
) -> None:
    clip = film(tmp_path / "mute.mp4", [(photographs[0], 2.0)])  # type: ignore[operator]
    with pytest.raises(RequestError) as caught:
        recognize(RecognizeRequest(clip=clip), tmp_path)
    assert caught.value.key == "recognize_note.no_sound"
    assert "没有声音" in caught.value.sentence("zh")


@pytest.mark.parametrize("name", ["speech_en_dialogue_two_voices.wav", "speech_zh_mandarin.wav"])
def test_speech_is_speech_and_none_of_the_ten(shared: Path, tmp_path: Path, name: str) -> None:
    result = recognize(RecognizeRequest(clip=shared / "media" / name), tmp_path)
    assert 0.5 * result.duration < seconds(result, "speech") < 0.95 * result.duration
    assert seconds(result, "music") < 0.1 * result.duration
    assert result.classes[0].label == "other"


@pytest.mark.parametrize(("clip", "label"), [("1-100032-A-0", "dog"), ("1-17150-A-12", "crackling_fire")])
def test_the_verdict_names_the_class(shared: Path, tmp_path: Path, clip: str, label: str) -> None:
    result = recognize(RecognizeRequest(clip=shared / "data" / "esc10" / "audio" / f"{clip}.ogg"), tmp_path)
    assert result.classes[0].label == label


def test_stop_ends_the_work(gradio_media: Path, tmp_path: Path) -> None:
    def stop(done: float, what: str) -> None:
        if done > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        recognize(RecognizeRequest(clip=gradio_media / "audio" / "sax.wav"), tmp_path, stop)
