"""Limits and folders, each settable by an environment variable. The one place; README has the same table."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "models"
ASSETS = ROOT / "assets"


@dataclass(frozen=True)
class Settings:
    """What can be set from outside: field ``max_seconds`` is read from ``AVAI_MAX_SECONDS``, and so on."""

    max_seconds: float = 7200.0
    max_bytes: int = 2_000_000_000
    max_pixels: int = 8192 * 4352
    max_copy_bytes: int = 500_000_000
    workers: int = 1
    threads: int = 2
    queue: int = 20
    worker_memory: int = 3_000_000_000
    base_seconds: float = 60.0
    seconds_per_second: float = 6.0
    keep_minutes: float = 60.0
    jobs_dir: str = str(Path(tempfile.gettempdir()) / "avai-jobs")


MEANINGS: dict[str, str] = {
    "max_seconds": "longest clip taken, seconds",
    "max_bytes": "largest file taken, bytes",
    "max_pixels": "largest picture taken, width x height",
    "max_copy_bytes": "largest video copied to give it chapters, bytes",
    "workers": "worker processes",
    "threads": "threads of the networks in each worker",
    "queue": "jobs that may wait",
    "worker_memory": "a worker above this many bytes of memory is ended",
    "base_seconds": "time limit of a job: this many seconds ...",
    "seconds_per_second": "... and this many more for each second of the clips",
    "keep_minutes": "how long a job's folder is kept",
    "jobs_dir": "where the folders of jobs are made",
}


def settings() -> Settings:
    """The settings in force now: defaults, overridden by ``AVAI_*`` variables.

    Raises ``ValueError`` that names the variable when its value is not a number.
    """
    given: dict[str, Any] = {}
    for field in fields(Settings):
        name = f"AVAI_{field.name.upper()}"
        text = os.environ.get(name)
        if text is None or text == "":
            continue
        kind: Any = type(field.default)
        try:
            given[field.name] = kind(text)
        except ValueError:
            raise ValueError(f"{name} should be a number, not {text!r}") from None
    return Settings(**given)
