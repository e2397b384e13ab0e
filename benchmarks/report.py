"""The head that every benchmark prints: machine, date and versions."""

from __future__ import annotations

import os
import platform
import re
from datetime import date
from importlib.metadata import version
from pathlib import Path


def head(title: str, *packages: str) -> None:
    """Print what the figures below were measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    print(f"# {title}")
    print(f"{date.today()}, {platform.machine()}, {cores} cores, Python {platform.python_version()}, {versions}\n")


def peak_mb() -> float:
    """The most memory that this process has had: not ru_maxrss, which it has from the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024
