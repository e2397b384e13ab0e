"""The head that every benchmark prints: machine, date and versions."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import version


def head(title: str, *packages: str) -> None:
    """Print what the figures below were measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    print(f"# {title}")
    print(f"{date.today()}, {platform.machine()}, {cores} cores, Python {platform.python_version()}, {versions}\n")
