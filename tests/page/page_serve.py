"""The real page in a process of its own, and where the browser is."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
MICROPHONE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


@dataclass(frozen=True)
class Served:
    """The page under test: where it is, how long it took to answer, where it writes."""

    url: str
    seconds: float
    jobs: Path


def chromium() -> str | None:
    """The browser of the system, or None when there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@contextmanager
def serving(jobs: Path, **settings: str) -> Iterator[Served]:
    """``app.py`` on a free port, with settings such as ``AVAI_MAX_BYTES``, ended politely afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url = f"http://127.0.0.1:{port}/"
    env = (
        os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "", "AVAI_JOBS_DIR": str(jobs)} | settings
    )
    start = time.monotonic()
    with tempfile.TemporaryFile("w+") as log:
        app = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            while not _answers(url):
                log.seek(0)
                assert app.poll() is None, log.read()
                assert time.monotonic() - start < 60, "the page does not answer"
                time.sleep(0.1)
            yield Served(url, time.monotonic() - start, jobs)
        finally:
            app.send_signal(signal.SIGTERM)
            try:
                app.wait(20)
            except subprocess.TimeoutExpired:
                app.kill()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except OSError:
        return False
    return True
