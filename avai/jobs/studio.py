"""The studio's engine in the web process: lines of jobs, workers that take from them, folders that are swept."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from avai.config import Settings
from avai.contracts import Request
from avai.jobs import folders
from avai.jobs.job import Job
from avai.jobs.process import Setup
from avai.jobs.slot import Slot
from avai.jobs.waiting import WaitingLine

OWN_WARM = "avai.services:warm"
OWN_MEASURE = "avai.services:seconds_of"
LIGHT = frozenset({"probe", "preview", "material", "card", "variants"})


class Studio:
    """Runs services in worker processes; one studio a process.

    Services that need no network (``light``) have a line and a worker of their own, so that a clip can be looked at
    while the networks load or a long job runs. ``services`` maps names to ``module:function``; None means the
    studio's own. ``warm`` loads networks in the other workers, ``measure`` tells how long a request's clips are.
    """

    def __init__(
        self,
        settings: Settings,
        services: Mapping[str, str] | None = None,
        *,
        warm: str | None = OWN_WARM,
        measure: str | None = OWN_MEASURE,
        light: frozenset[str] = LIGHT,
    ) -> None:
        self._settings = settings
        self._light = light if services is None else light & services.keys()
        self._closing = threading.Event()
        self._full_line = WaitingLine(settings.queue)
        self._light_line = WaitingLine(settings.queue)
        full = Setup(services, warm, measure)
        self._slots = [Slot(self._full_line, full, settings, self._closing) for _ in range(max(1, settings.workers))]
        self._light_slots = (
            [Slot(self._light_line, Setup(services, None, measure), settings, self._closing)] if self._light else []
        )
        self._sweeper = threading.Thread(target=self._sweep, daemon=True, name="avai-sweeper")
        self._jobs: list[Job] = []
        self._lock = threading.Lock()
        self._run: Path | None = None

    def start(self) -> None:
        """Start the workers and return at once; what runs that have ended left behind is removed."""
        jobs_dir = Path(self._settings.jobs_dir)
        self._run = folders.run_folder(jobs_dir)
        folders.sweep_dead(jobs_dir)
        for thread in (*self._slots, *self._light_slots, self._sweeper):
            thread.start()
        atexit.register(self.close)

    @property
    def folder(self) -> Path:
        """The folder of this run, for this user alone: jobs write below it, uploads may; closing removes it, and the
        next start does so where the process was killed."""
        if self._run is None:
            raise RuntimeError("the studio is not running")
        return self._run

    @property
    def state(self) -> Literal["waking", "ready"]:
        """``ready`` when a worker has loaded its networks, else ``waking``."""
        return "ready" if any(slot.ready.is_set() for slot in self._slots) else "waking"

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers, those with networks first."""
        return [slot.pid for slot in (*self._slots, *self._light_slots) if slot.pid is not None]

    def submit(self, service: str, request: Request) -> Job:
        """Have a service run on a request.

        Raises ``RequestError("job.queue_full")`` when too many jobs wait.
        """
        if self._closing.is_set():
            raise RuntimeError("the studio is closed")
        line = self._light_line if service in self._light else self._full_line
        job = Job(service, request, folders.new_folder(self.folder), line)
        try:
            line.put(job)
        except Exception:
            folders.remove(job.folder)
            raise
        with self._lock:
            self._jobs.append(job)
        return job

    def close(self) -> None:
        """Stop all jobs, end all workers, remove all folders."""
        if self._closing.is_set() or self._run is None:
            return
        self._closing.set()
        atexit.unregister(self.close)
        for thread in (*self._slots, *self._light_slots, self._sweeper):
            thread.join()
        for job in self._jobs:
            job.stop()
        folders.remove(self._run)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _sweep(self) -> None:
        """Remove folders of jobs that ended long enough ago."""
        keep = self._settings.keep_minutes * 60
        while not self._closing.wait(min(30.0, max(0.2, keep / 10))):
            now = time.monotonic()
            with self._lock:
                old = [job for job in self._jobs if job.ended is not None and now - job.ended > keep]
                self._jobs = [job for job in self._jobs if job not in old]
            for job in old:
                folders.remove(job.folder)
