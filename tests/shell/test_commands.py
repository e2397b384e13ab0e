"""The commands as a person runs them, in a process of their own, on real media."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from avai import media
from avai.__main__ import shell
from avai.config import ROOT
from avai.contracts import REQUESTS, EditRequest
from avai.shell import work

ENGLISH = {"LC_ALL": "C.UTF-8", "COLUMNS": "120"}


def avai(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "avai", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **ENGLISH, **environment},
        timeout=200,
    )


def one_sentence(text: str) -> bool:
    return len(text.strip().splitlines()) == 1 and "Traceback" not in text


def test_a_reader_that_has_enough_is_no_fault(gradio_media: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "avai", "probe", str(gradio_media / "videos" / "world.mp4")]
    run = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=60)
    os.close(writer)
    assert (run.returncode, run.stderr) == (0, "")


def test_probe_prints_json(gradio_media: Path) -> None:
    run = avai("probe", gradio_media / "videos" / "world.mp4")
    assert run.returncode == 0
    info = json.loads(run.stdout)
    assert info["kind"] == "video"
    assert (info["width"], info["height"]) == (info["video"]["width"], info["video"]["height"])
    assert run.stderr == ""


def test_recognize_writes_its_result_and_says_so_in_a_line(gradio_media: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    clip = gradio_media / "audio" / "sax.wav"
    run = avai("recognize", clip, "--no-split", "--out", out)
    assert run.returncode == 0, run.stderr
    recognition = json.loads((out / "recognition.json").read_text())
    assert set(recognition) >= {"duration", "classes", "spans", "layers", "warnings"}
    assert sorted(recognition["files"]) == sorted(file.name for file in out.iterdir())
    assert run.stdout.strip().endswith(str(out / "recognition.json"))
    assert one_sentence(run.stdout)
    assert all(line.startswith("Warning: ") for line in run.stderr.splitlines())

    again = avai("recognize", clip, "--out", out)
    assert again.returncode == 2
    assert one_sentence(again.stderr)
    assert "--overwrite" in again.stderr


def test_what_would_be_kept_is_said_and_then_rendered(gradio_media: Path, tmp_path: Path) -> None:
    clip = gradio_media / "videos" / "world.mp4"
    said = tmp_path / "said"
    run = avai("plan", clip, "--exclude", "0-1", "--exclude", "9-", "--out", said, LC_ALL="zh_CN.UTF-8")
    assert run.returncode == 0, run.stderr
    plan = json.loads((said / "plan.json").read_text())
    assert f"{plan['duration']:.1f}" in run.stdout
    assert [(piece["start"], piece["end"]) for piece in plan["pieces"]] == [(1, 9)]
    assert [path.name for path in said.iterdir()] == ["plan.json"]

    run = avai("edit", clip, "--edit", said / "plan.json", "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    edit = json.loads((tmp_path / "out" / "edit.json").read_text())
    assert edit["pieces"] == plan["pieces"]
    info = media.probe(tmp_path / "out" / "edit.mp4")
    assert info.video
    assert info.video.duration == pytest.approx(plan["duration"], abs=0.1)


@pytest.mark.parametrize(
    ("task", "language"), [("probe", "en"), ("recognize", "zh"), ("summarize", "en"), ("edit", "zh")]
)
def test_a_file_that_is_no_media_is_refused_in_a_sentence(tmp_path: Path, task: str, language: str) -> None:
    clip = tmp_path / "text.mp4"
    clip.write_text("this is not a film\n" * 100)
    out = () if task == "probe" else ("--out", tmp_path / "out")
    run = avai(task, clip, *out, LC_ALL="zh_CN.UTF-8" if language == "zh" else "C.UTF-8")
    assert run.returncode == 2
    assert one_sentence(run.stderr)
    assert run.stdout == ""
    assert any("\u4e00" <= letter <= "\u9fff" for letter in run.stderr) == (language == "zh")
    assert [path.name for path in tmp_path.iterdir()] == ["text.mp4"]


def test_a_value_out_of_range_is_refused_before_any_work(gradio_media: Path, tmp_path: Path) -> None:
    run = avai("summarize", gradio_media / "videos" / "a.mp4", "--pictures", "99", "--out", tmp_path / "out")
    assert run.returncode == 2
    assert "--pictures" in run.stderr
    assert "Traceback" not in run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ({"AVAI_BASE_SECONDS": "0.1", "AVAI_SECONDS_PER_SECOND": "0"}, "took longer"),
        ({"AVAI_WORKER_MEMORY": "50000000"}, "memory"),
    ],
)
def test_the_limits_of_a_job_hold_in_the_shell(
    gradio_media: Path, tmp_path: Path, limit: dict[str, str], says: str
) -> None:
    run = avai("recognize", gradio_media / "audio" / "sax.wav", "--out", tmp_path / "out", **limit)
    assert run.returncode == 1
    assert one_sentence(run.stderr)
    assert says in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_limit_is_said_while_a_library_has_turned_stderr_away() -> None:
    code = """
import os, sys, time
from avai.config import Settings
from avai.shell.guard import Guard
with Guard(Settings(base_seconds=0.1, seconds_per_second=0), lambda fault: print("over", file=sys.stderr)) as guard:
    guard.limits.measured(0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    time.sleep(20)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=30)
    assert (run.returncode, run.stderr) == (1, "over\n")


def test_ctrl_c_ends_it_even_where_a_library_makes_another_error_of_it() -> None:
    script = (
        "import os, signal, time\n"
        "from avai.shell import work\n"
        "def loading():\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        time.sleep(5)\n"
        "    except KeyboardInterrupt:\n"
        "        raise ImportError('initialization failed')\n"
        "work._held(loading, 'en')"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 130
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("signal_sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_nothing_half_written(gradio_media: Path, tmp_path: Path, signal_sent: signal.Signals) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "avai", "recognize", str(gradio_media / "audio" / "sax.wav"), "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, **ENGLISH})
    while not out.exists():
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal_sent)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.strip() == "Stopped."
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_field_of_every_request_and_loads_no_network() -> None:
    program = (
        "import runpy, sys; sys.argv = ['avai', '--help']\n"
        "try: runpy.run_module('avai', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "heavy = {'tensorflow', 'keras', 'librosa', 'gradio', 'av', 'cv2'} & set(sys.modules)\n"
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    assert all(task in run.stdout for task in ("recognize", "summarize", "edit", "compose", "probe"))
    for task in ("recognize", "summarize", "edit", "compose", "train", "judge", "material"):
        shown = CliRunner().invoke(shell("en"), [task, "--help"], env={"COLUMNS": "200"}).output
        for name in REQUESTS[task].model_fields:
            assert (
                name.upper() in shown or name in ("clip", "clips", "material") or f"--{name.replace('_', '-')}" in shown
            )
        assert ("--out" in shown) == (task not in ("judge", "material"))
        assert ("--overwrite" in shown) == (task not in ("judge", "material"))


def test_options_become_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[Any] = []

    def take(kind: type[EditRequest], given: dict[str, Any], out: Path, overwrite: bool, language: str) -> int:
        got.extend([kind.model_validate(given), out, overwrite, language])
        return 0

    monkeypatch.setattr(work, "make", take)
    line = "edit a.mp4 --out o --drop-silence --prefer speech --prefer music --target 30 --silence-db -40 --overwrite"
    assert CliRunner().invoke(shell("zh"), line.split()).exit_code == 0
    request = EditRequest(
        clip=Path("a.mp4"), drop_silence=True, prefer=("speech", "music"), target=30.0, silence_db=-40.0
    )
    assert got == [request, Path("o"), True, "zh"]
    assert CliRunner().invoke(shell("en"), ["edit", "a.mp4", "--out", "o"]).exit_code == 0
    assert got[4] == EditRequest(clip=Path("a.mp4"))
    assert CliRunner().invoke(shell("en"), ["edit", "a.mp4", "--out", "o", "--prefer", "noise"]).exit_code == 2
    line = "edit a.mp4 --out o --preset talk --margin 0.2 --no-drop-silence"
    assert CliRunner().invoke(shell("en"), line.split()).exit_code == 0
    kept = got[8]
    assert (kept.drop_silence, kept.margin, kept.shortest_silence) == (False, 0.2, 0.3), "what is typed stands"
