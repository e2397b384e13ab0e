"""``make run`` finds a Python that fits, or says in a sentence what is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from avai.config import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make_venv(folder: Path, python: Path | str) -> subprocess.CompletedProcess[str]:
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, folder)
    command = ["make", "--no-print-directory", ".venv/bin/python", f"PYTHON={python}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def python_like(folder: Path, text: str) -> Path:
    """A Python that answers by a script."""
    script = folder / "python3.12"
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)
    return script


def first_line(text: str) -> str:
    return text.strip().splitlines()[0]


def test_a_python_that_fits_makes_the_environment(tmp_path: Path) -> None:
    made = make_venv(tmp_path, Path(sys._base_executable))  # type: ignore[attr-defined]
    assert made.returncode == 0, made.stderr
    assert (tmp_path / ".venv" / "bin" / "pip").exists()


def test_no_python_that_fits_is_said(tmp_path: Path) -> None:
    made = make_venv(tmp_path, python_like(tmp_path, "exit 1"))
    assert made.returncode != 0
    assert "3.11, 3.12 or 3.13" in first_line(made.stderr)
    assert not (tmp_path / ".venv").exists()


def test_a_missing_venv_module_is_said_with_the_package_to_install(tmp_path: Path) -> None:
    answers = 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.12-venv;; esac'
    made = make_venv(tmp_path, python_like(tmp_path, answers))
    assert made.returncode != 0
    assert "apt-get install python3.12-venv" in first_line(made.stderr)
    assert "Traceback" not in made.stderr
    assert not (tmp_path / ".venv").exists()
