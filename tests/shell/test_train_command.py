"""``python -m avai train`` as a person runs it: one file, training.json beside it, and the model used at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from avai.__main__ import shell
from avai.config import ROOT
from avai.contracts import EditRequest, TrainRequest
from avai.errors import Enough, RequestError
from avai.services.train import train
from avai.shell import work
from avai.shell.output import Output

RATE = 16_000


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of four clips, with names in Chinese, and a text among them."""
    folder = tmp_path_factory.mktemp("given") / "sounds"
    time = np.arange(RATE) / RATE
    for number in range(4):
        rng = np.random.default_rng(number)
        hiss = 0.2 * rng.standard_normal(RATE)
        bell = 0.4 * np.sin(2 * np.pi * (600 + 50 * number) * time) * np.exp(-3 * time)
        for kind, samples in (("铃声", bell), ("hiss", hiss)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            soundfile.write(folder / kind / f"{number}.WAV", samples, RATE, format="WAV")
    (folder / "hiss" / "notes.txt").write_text("not a sound")
    return folder


@pytest.fixture(scope="module")
def made(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    model = tmp_path_factory.mktemp("models") / "new" / "bells.avai"
    line = [sys.executable, "-m", "avai", "train", str(sounds), "--out", str(model), "--seed", "5"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return model, subprocess.run(line, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=200)


def test_a_folder_becomes_one_file_and_a_json_beside_it(
    made: tuple[Path, subprocess.CompletedProcess[str]], sounds: Path, tmp_path: Path
) -> None:
    model, run = made
    assert run.returncode == 0, run.stderr
    assert sorted(path.name for path in model.parent.iterdir()) == ["bells.avai", "training.json"]
    told = json.loads((model.parent / "training.json").read_text(encoding="utf-8"))
    assert told["files"] == ["bells.avai", "training.json"]
    assert told["classes"] == ["hiss", "铃声"]
    assert told["accuracy"] == 1.0
    assert run.stdout.startswith("Taught 2 classes from 8 clips: 100.0 % right when tested (68-100 %), by ")
    assert run.stdout.strip().endswith(f"-> {model}")
    assert "notes.txt" in run.stderr
    assert "Traceback" not in run.stderr

    train(TrainRequest(material=(sounds,), seed=5), tmp_path)
    assert (tmp_path / "model.avai").read_bytes() == model.read_bytes(), "the page's workers make the same"


def test_the_model_is_used_at_once(made: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    clip = tmp_path / "fresh.wav"
    soundfile.write(clip, 0.2 * np.random.default_rng(99).standard_normal(2 * RATE), RATE)
    line = ["recognize", str(clip), "--model", str(made[0]), "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(shell("en"), line).exit_code == 0
    recognition = json.loads((tmp_path / "out" / "recognition.json").read_text())
    assert {each["label"] for each in recognition["classes"]} == {"hiss", "铃声", "other"}
    judged = CliRunner().invoke(shell("en"), ["judge", str(made[0]), str(clip)])
    assert json.loads(judged.output)["clips"][0]["scores"][0]["label"] == recognition["classes"][0]["label"]
    card = CliRunner().invoke(shell("en"), ["card", str(made[0])])
    assert json.loads(card.output)["classes"] == ["hiss", "铃声"]


def test_material_is_looked_at(sounds: Path) -> None:
    look = CliRunner().invoke(shell("en"), ["material", str(sounds)])
    material = json.loads(look.output)
    assert [(each["label"], each["clips"]) for each in material["classes"]] == [("hiss", 4), ("铃声", 4)]
    assert material["files"] == []


@pytest.mark.parametrize("name", ["folder.avai", "model.zip", "model", ".avai"])
def test_what_cannot_be_a_model_is_refused_before_any_work(sounds: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.avai").mkdir()
    with pytest.raises(RequestError, match=r"\.avai"):
        work._output(TrainRequest(material=(sounds,)), tmp_path / name, overwrite=True)


def test_a_model_is_replaced_only_when_asked_and_no_other_goes(tmp_path: Path) -> None:
    def put(name: str, text: str, overwrite: bool = False) -> None:
        with Output(tmp_path, "train", overwrite, (), name) as output:
            (output.unfinished / name).write_text(text)
            (output.unfinished / "training.json").write_text(json.dumps({"files": [name, "training.json"]}))
            output.keep()

    put("a.avai", "first")
    with pytest.raises(RequestError, match="--overwrite"):
        put("a.avai", "second")
    with pytest.raises(RequestError, match=r"training\.json"):
        put("b.avai", "second")
    assert (tmp_path / "a.avai").read_text() == "first"
    put("b.avai", "second", overwrite=True)
    put("a.avai", "third", overwrite=True)
    assert {path.name: path.read_text() for path in tmp_path.glob("*.avai")} == {"a.avai": "third", "b.avai": "second"}
    assert json.loads((tmp_path / "training.json").read_text())["files"][0] == "a.avai"


def test_one_ctrl_c_asks_for_the_best_so_far_a_second_ends(capfd: pytest.CaptureFixture[str]) -> None:
    said = []
    asked = TrainRequest(material=(Path("a"),), thorough=True)
    with work._ending_well(asked, lambda done, what: said.append(done), "en") as report:
        report(0.1, "doing.teaching")
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Enough):
            report(0.2, "doing.teaching")
        report(0.3, "doing.teaching")
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert said == [0.1, 0.3]
    assert "Press Ctrl-C again" in capfd.readouterr().err
    with (
        work._ending_well(EditRequest(clip=Path("a")), lambda done, what: None, "en"),
        pytest.raises(KeyboardInterrupt),
    ):
        os.kill(os.getpid(), signal.SIGINT)
