"""What ``app.py`` says when it cannot start: one sentence that says what to do, no traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import app
from avai.config import ROOT


def said_by(**settings: str) -> str:
    """What a start with these settings ends with."""
    ended = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    return ended.stderr.strip()


def test_nothing_to_complain_of_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AVAI_JOBS_DIR", str(tmp_path))
    assert app.complaint() == ""


def test_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "NEEDED", ("av", "no_such_package"))
    assert app.complaint().startswith("Not installed: no_such_package. Run: pip install -r requirements.txt")


def test_a_python_that_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert app.complaint() == "The studio needs Python 3.11 to 3.13; this is 3.9."


def test_a_taken_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        assert said_by(GRADIO_SERVER_PORT=taken).startswith(f"Port {taken} is taken by another program.")


def test_settings_that_are_no_numbers() -> None:
    assert said_by(AVAI_QUEUE="many").startswith("AVAI_QUEUE should be a number, not 'many'")
    assert said_by(GRADIO_SERVER_PORT="x") == "GRADIO_SERVER_PORT should be a number, not 'x'."


@pytest.mark.parametrize("seconds", [0.8, 2.0, 3.0])
def test_ended_while_it_starts_it_says_nothing_and_leaves_nothing(tmp_path: Path, seconds: float) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {"GRADIO_SERVER_PORT": str(port), "AVAI_JOBS_DIR": str(tmp_path / "jobs")}
    started = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
    time.sleep(seconds)
    started.terminate()
    _, said = started.communicate(timeout=20)
    assert "Traceback" not in said
    assert not [path for path in (tmp_path / "jobs").rglob("*") if path.is_file()]
