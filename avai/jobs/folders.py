"""Where jobs write: ``<jobs_dir>/<run>/<job>``, each folder for this user alone.

A run is one web process, named by its process id and the moment it started, so that what a dead one left is known.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

import psutil

from avai.errors import RequestError


def run_folder(jobs_dir: Path) -> Path:
    """The folder of this process's jobs, made.

    Raises ``RequestError`` when ``jobs_dir`` cannot be used, or belongs to somebody else, who could read or exchange
    what is in it.
    """
    try:
        jobs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        foreign = jobs_dir.is_symlink() or (hasattr(os, "getuid") and jobs_dir.stat().st_uid != os.getuid())
    except OSError as error:
        raise RequestError("job.folder", folder=str(jobs_dir)) from error
    if foreign:
        raise RequestError("job.folder", folder=str(jobs_dir))
    jobs_dir.chmod(0o700)
    folder = jobs_dir / _run_name(psutil.Process())
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def new_folder(run: Path) -> Path:
    """A new job's empty folder, with a name that cannot be guessed."""
    folder = run / secrets.token_hex(16)
    folder.mkdir(mode=0o700)
    return folder


def scratch_of(folder: Path) -> Path:
    """Where a job's temporary files go: beside its folder, gone when the job has ended."""
    return folder.with_suffix(".tmp")


def remove(folder: Path) -> None:
    """The folder and all in it, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)


def empty(folder: Path) -> None:
    """Make a job's folder as it was at its start."""
    remove(scratch_of(folder))
    remove(folder)
    folder.mkdir(mode=0o700)


def sweep_dead(jobs_dir: Path) -> None:
    """Remove what runs that have ended left behind."""
    for folder in jobs_dir.iterdir():
        pid = folder.name.partition("-")[0]
        if folder.is_dir() and not folder.is_symlink() and pid.isdigit() and not _runs(int(pid), folder.name):
            remove(folder)


def _runs(pid: int, name: str) -> bool:
    try:
        return _run_name(psutil.Process(pid)) == name
    except psutil.NoSuchProcess:
        return False


def _run_name(process: psutil.Process) -> str:
    return f"{process.pid}-{round(process.create_time() * 100)}"
