"""A taught model in Recognise and at the trial: its classes over time, its silence and names, files that are none."""

from __future__ import annotations

import csv
import io
import json
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avai import media
from avai.contracts import CardRequest, JudgeRequest, RecognizeManyRequest, RecognizeRequest
from avai.errors import Cancelled, RequestError
from avai.services.card import card
from avai.services.judge import judge
from avai.services.models import model_of
from avai.services.recognize import recognize
from avai.services.recognize_many import recognize_many

RATE = 48_000


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory, saxophone: np.ndarray) -> Path:
    """Twelve seconds: a saxophone from 1.5 to 3, noise from 3.8 to 4.8, both at once without a rest from 6 to 12."""
    rng = np.random.default_rng(7)
    samples = np.zeros(12 * RATE, np.float32)
    samples[72_000:144_000] = saxophone[:72_000]
    samples[182_400:230_400] = rng.normal(0, 0.1, RATE)
    samples[288_000:432_000] = rng.normal(0, 0.1, 3 * RATE)
    samples[432_000:576_000] = saxophone[72_000:216_000]
    path = tmp_path_factory.mktemp("sounds") / "sounds.wav"
    soundfile.write(path, samples, RATE)
    return path


def test_the_classes_of_the_model_are_told_over_time(sounds: Path, sound_model: Path, tmp_path: Path) -> None:
    result = recognize(RecognizeRequest(clip=sounds, model=sound_model, split=False), tmp_path)
    told = [(each.label, each.start, each.end) for each in result.spans if each.label in ("noise", "saxophone")]
    true = [("saxophone", 1.5, 3.0), ("noise", 3.8, 4.8), ("noise", 6.0, 9.0), ("saxophone", 9.0, 12.0)]
    assert [each[0] for each in told] == [each[0] for each in true]
    assert np.array([each[1:] for each in told]) == pytest.approx(np.array([each[1:] for each in true]), abs=0.1)
    silent = [(each.start, each.end) for each in result.spans if each.label == "nothing"]
    assert silent == [(each.start, each.end) for each in result.layers["silence"]]
    assert {each.label for each in result.classes} == {"noise", "saxophone", "nothing", "other"}


def test_naming_says_how_far_it_is_and_can_be_stopped(sounds: Path, sound_model: Path, tmp_path: Path) -> None:
    """A network of one's own may take long on hours of sound."""
    said: list[float] = []

    def progress(done: float, what: str) -> None:
        if what == "doing.naming":
            said.append(done)

    def stop(done: float, what: str) -> None:
        if what == "doing.naming" and done > said[2]:
            raise Cancelled

    request = RecognizeRequest(clip=sounds, model=sound_model, split=False)
    (tmp_path / "stopped").mkdir()
    recognize(request, tmp_path, progress)
    assert said == sorted(said)
    assert len(set(said)) > 5
    with pytest.raises(Cancelled):
        recognize(request, tmp_path / "stopped", stop)


def test_names_of_the_model_choose_what_is_told(sounds: Path, sound_model: Path, tmp_path: Path) -> None:
    asked = {"model": sound_model, "split": False}
    result = recognize_many(RecognizeManyRequest(clips=(sounds, sounds), only=("Noise",), **asked), tmp_path)
    assert [[each.label for each in row.sounds] for row in result.clips] == [["noise"]] * 2
    with pytest.raises(RequestError, match="No sound is called"):
        recognize(RecognizeRequest(clip=sounds, never=("nothing",)), tmp_path)


def test_a_model_that_knows_silence_calls_it_by_its_name(sound_model: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(RATE), RATE)
    (tmp_path / "out").mkdir()
    result = recognize(
        RecognizeRequest(clip=tmp_path / "silence.wav", model=sound_model, split=False), tmp_path / "out"
    )
    assert (result.classes[0].label, result.classes[0].confidence) == ("nothing", 1.0)
    assert [(each.label, each.start, each.end) for each in result.spans] == [("nothing", 0.0, 1.0)]


def test_clips_are_judged_in_their_order_with_something_to_play(
    sounds: Path, sound_model: Path, gradio_media: Path, saxophone: np.ndarray, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "b.flac", saxophone[: 2 * RATE], RATE)
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(1).normal(0, 0.1, 12 * RATE), RATE)
    (tmp_path / "c.wav").write_text("no sound")
    (tmp_path / "out").mkdir()
    picture = gradio_media / "images" / "tower.jpg"
    request = JudgeRequest(
        model=sound_model, clips=(tmp_path / "b.flac", tmp_path / "c.wav", tmp_path / "a.wav", picture)
    )
    result = judge(request, tmp_path / "out")
    assert [(each.clip, each.name, each.scores[0].label) for each in result.clips] == [
        (0, "b.flac", "saxophone"),
        (2, "a.wav", "noise"),
    ]
    assert [(each.clip, each.reason.code) for each in result.unread][1:] == [(3, "model.knows_sounds")]
    with wave.open(str(tmp_path / "out" / result.clips[1].file)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 44_100)
        assert file.getnframes() == 441_000


def test_pictures_are_judged(picture_model: Path, photographs: list[np.ndarray], sounds: Path, tmp_path: Path) -> None:
    tower = tmp_path / "tower.jpg"
    media.write_jpeg(tower, photographs[2])
    result = judge(JudgeRequest(model=picture_model, clips=(sounds, tower)), tmp_path)
    assert [(each.clip, each.scores[0].label, each.file) for each in result.clips] == [(1, "tower", "judged_02.jpg")]
    assert (tmp_path / "judged_02.jpg").stat().st_size > 1000
    assert [each.reason.code for each in result.unread] == ["model.knows_pictures"]


def test_a_model_says_what_it_is(sound_model: Path, tmp_path: Path) -> None:
    told = card(CardRequest(model=sound_model), tmp_path)
    assert (told.kind, told.classes) == ("sound", model_of(sound_model).classes)
    assert json.loads((tmp_path / "card.json").read_text())["classes"] == list(told.classes)


def changed(model: Path, **values: object) -> bytes:
    """The bytes of a model whose ``model.json`` says something else."""
    out = io.BytesIO()
    with zipfile.ZipFile(model) as given, zipfile.ZipFile(out, "w") as made:
        about = json.loads(given.read("model.json")) | values
        made.writestr("model.json", json.dumps(about))
        made.writestr("arrays.safetensors", given.read("arrays.safetensors"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (None, "model.missing"),
        (b"", "model.none"),
        (b"RIFF....WAVE", "model.none"),
        (b"PK\x03\x04 broken", "model.damaged"),
        ({"version": 99}, "model.version"),
        ({"kind": "smell"}, "model.damaged"),
        ({"method": "magic"}, "model.damaged"),
        ({"classes": ["a", "b"]}, "model.damaged"),
        ("large", "model.too_large"),
    ],
)
def test_what_is_no_model_is_refused_in_a_sentence(
    data: bytes | dict[str, object] | str | None, key: str, sound_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.avai"
    if data == "large":
        with path.open("wb") as file:
            file.truncate(25_000_001)
    elif data is not None:
        path.write_bytes(changed(sound_model, **data) if isinstance(data, dict) else data)  # type: ignore[arg-type]
    with pytest.raises(RequestError) as refused:
        model_of(path)
    assert refused.value.key == key
    assert "mine.avai" in str(refused.value)


def test_a_model_of_another_kind_is_refused(sounds: Path, picture_model: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        recognize(RecognizeRequest(clip=sounds, model=picture_model), tmp_path)
    assert refused.value.key == "model.knows_pictures"


def test_everyday_sounds_in_a_row_are_told_in_order(shared: Path, tmp_path: Path) -> None:
    """The bundled model, as if it were somebody's: clips of ESC-10 with silence between them."""
    from avai.config import MODELS

    labels = ("rooster", "chainsaw", "dog", "helicopter")
    folder = shared / "data" / "esc10"
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        names = {row["label"]: row["file"] for row in csv.DictReader(file) if row["fold"] == "5"}
    parts, rate = [], 44_100
    for label in labels:
        samples, rate = soundfile.read(folder / names[label], dtype="float32")
        parts += [samples[: 3 * rate], np.zeros(2 * rate, np.float32)]
    soundfile.write(tmp_path / "row.wav", np.concatenate(parts), rate)
    (tmp_path / "out").mkdir()
    request = RecognizeRequest(clip=tmp_path / "row.wav", model=MODELS / "esc10.avai", split=False)
    spans = [each for each in recognize(request, tmp_path / "out").spans if each.label != "other"]
    assert list(dict.fromkeys(each.label for each in spans)) == list(labels)
    for number, label in enumerate(labels):
        starts = [each.start for each in spans if each.label == label]
        assert all(5 * number - 0.1 <= start < 5 * number + 3 for start in starts)
