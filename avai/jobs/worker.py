"""The worker: reads jobs from its standard input, runs them one after another, says on its standard output how it goes.

Both ways go lines of JSON, so nothing that a worker says is ever unpickled in the web process. Run as
``python -m avai.jobs.worker SETUP``, where SETUP is JSON: ``services`` (name to ``module:function``, or null for the
studio's own), ``warm`` and ``measure`` (``module:function`` or null).

    in   {"run": id, "service": name, "task": task, "request": JSON, "out": folder, "scratch": folder}
         {"stop": id}   {"finish": id}
    out  {"kind": "ready"}  and for a job: {"kind": "begun" | "length" | "progress" | "done" | "failed", ...}
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import json
import logging
import os
import queue
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from avai.contracts import REQUESTS
from avai.errors import Cancelled, Enough, Fault
from avai.jobs.failures import sentence_of

OWN_SERVICES = "avai.services:SERVICES"
REPORT_EVERY = 0.1  # seconds
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)

Message = dict[str, Any]


class Line:
    """The worker's end of the line to the web process."""

    def __init__(self, source: TextIO, sink: BinaryIO) -> None:
        self.runs: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.stopped: set[str] = set()
        self.finished: set[str] = set()
        self._source = source
        self._sink = sink
        threading.Thread(target=self._listen, daemon=True).start()

    def say(self, kind: str, **values: Any) -> None:
        """Send a message."""
        self._sink.write(json.dumps({"kind": kind, **values}).encode() + b"\n")
        self._sink.flush()

    def _listen(self) -> None:
        for text in self._source:
            message = json.loads(text)
            if "stop" in message:
                self.stopped.add(message["stop"])
            elif "finish" in message:
                self.finished.add(message["finish"])
            else:
                self.runs.put(message)
        os._exit(0)  # the web process is gone: so is whoever waits for this work


class Reporter:
    """The ``Progress`` of a job: passes it on, not too often. Raises ``Cancelled`` from when stop was asked on, and
    ``Enough`` a single time when the person wants what there is so far."""

    def __init__(self, line: Line, job: str) -> None:
        self._line = line
        self._job = job
        self._said = ("", 0.0)
        self._enough = False

    def __call__(self, done: float, what: str) -> None:
        if self._job in self._line.stopped:
            raise Cancelled
        if self._job in self._line.finished and not self._enough:
            self._enough = True
            raise Enough
        now = time.monotonic()
        if what != self._said[0] or now - self._said[1] >= REPORT_EVERY:
            self._said = (what, now)
            self._line.say("progress", done=float(done), what=what)


def find(name: str) -> Any:
    """What ``"module:name"`` names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def serve(line: Line, services: Mapping[str, str] | None, warm: str | None, measure: str | None) -> None:
    """Warm up, say so, and run what is asked until the line closes."""
    if warm is not None:
        try:
            find(warm)()
        except Exception:  # a job that needs what is damaged says so; the others can run
            logging.exception("the networks could not be loaded")
    line.say("ready")
    while True:
        run(line, line.runs.get(), services, measure)


def run(line: Line, message: Message, services: Mapping[str, str] | None, measure: str | None) -> None:
    """Run one job and say how it ended."""
    job = message["run"]
    tempfile.tempdir = message["scratch"]
    line.say("begun")
    try:
        known: Mapping[str, str] = find(OWN_SERVICES) if services is None else services
        request = REQUESTS[message["task"]].model_validate_json(message["request"])
        service: Callable[..., Any] = find(known[message["service"]])
        reporter = Reporter(line, job)
        reporter(0.0, "job.starting")
        for seconds in find(measure)(request) if measure is not None else ():
            line.say("length", seconds=float(seconds))
            reporter(0.0, "job.measuring")
        result = service(request, Path(message["out"]), reporter)
        line.say("done", result=result.model_dump_json())
    except Exception as error:
        said = sentence_of(error, job)
        trace = traceback.format_exc() if isinstance(said, Fault) else ""
        line.say("failed", error=type(said).__name__, key=said.key, values=said.values, trace=trace)
    finally:
        line.stopped.discard(job)
        line.finished.discard(job)
        tempfile.tempdir = None


def settle() -> None:
    """Make this process one that ends with its parent, first when memory runs out, and lets the page go before it."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the web process, which ends its workers
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500")
    if hasattr(os, "nice"):
        os.nice(5)


def main() -> None:
    """Keep the line for messages alone: what libraries print goes to the log, what they read is empty."""
    setup = json.loads(sys.argv[1])
    source = os.fdopen(os.dup(0), encoding="utf-8")
    sink = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    settle()
    serve(Line(source, sink), setup["services"], setup["warm"], setup["measure"])


if __name__ == "__main__":
    main()
