"""A worker process seen from the web process: started, spoken with, measured, killed."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from avai.config import ROOT, Settings

Message = dict[str, Any]


@dataclass(frozen=True)
class Setup:
    """What a worker serves: ``services`` by name (None: the studio's own), ``warm`` to load its networks and
    ``measure`` to tell how long a request's clips are, clip by clip, each ``module:function``."""

    services: Mapping[str, str] | None
    warm: str | None
    measure: str | None


class WorkerGone(Exception):
    """The worker has ended and will say no more."""


class WorkerProcess:
    """A running worker. Started afresh, not forked, and not from this program's main module: it loads only its own."""

    def __init__(self, setup: Setup, settings: Settings) -> None:
        limits = {f"AVAI_{name.upper()}": str(value) for name, value in asdict(settings).items()}
        path = os.pathsep.join([str(ROOT), *(folder for folder in sys.path if folder)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "avai.jobs.worker", json.dumps(asdict(setup))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **limits, "PYTHONPATH": path},
        )
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._seen = psutil.Process(self._process.pid)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: Message) -> None:
        """Tell the worker something; one that has ended does not hear it."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def receive(self, timeout: float) -> Message | None:
        """The next thing that the worker says, None when it says nothing for ``timeout`` seconds.

        Raises ``WorkerGone`` when it has ended.
        """
        try:
            message = self._messages.get(timeout=timeout)
        except queue.Empty:
            return None
        if message is None:
            self._messages.put(None)
            raise WorkerGone
        return message

    def memory(self) -> int:
        """Resident bytes; 0 when it has ended."""
        try:
            return int(self._seen.memory_info().rss)
        except psutil.Error:
            return 0

    def computed(self) -> float:
        """Seconds of processor time that it has used; 0 when it has ended."""
        try:
            times = self._seen.cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def kill(self) -> None:
        """End it now and wait until it has ended."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def ending(self) -> str:
        """How it ended, for the log."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2)
        self.kill()
        code = self._process.returncode
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines, contextlib.suppress(ValueError):  # half a line: it was killed while writing
            for line in lines:
                self._messages.put(json.loads(line))
        self._messages.put(None)
