"""A slot: the thread that keeps one worker alive, gives it jobs from a line and holds them to their limits."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from avai.config import Settings
from avai.contracts import RESULTS, Result
from avai.errors import Cancelled, Enough, Fault, RequestError, StudioError
from avai.jobs import folders
from avai.jobs.failures import sentence_of
from avai.jobs.job import Job
from avai.jobs.limits import Limits, Stillness
from avai.jobs.process import Setup, WorkerGone, WorkerProcess
from avai.jobs.waiting import WaitingLine

log = logging.getLogger("avai.jobs")

TICK = 0.1  # seconds between looks at stop, time and memory
GRACE = 0.8  # seconds that a worker has to end by itself once stop was asked: all is over within one
WARM_WITHIN = 180.0  # seconds to load the networks
TRIES = 3  # workers in a row that end before they are ready: then those who wait are told
ERRORS: dict[str, type[StudioError]] = {kind.__name__: kind for kind in (RequestError, Cancelled, Enough, Fault)}


class Slot(threading.Thread):
    """One worker after another. ``ready`` is set while one that has loaded its networks is there."""

    def __init__(self, line: WaitingLine, setup: Setup, settings: Settings, closing: threading.Event) -> None:
        super().__init__(daemon=True, name="avai-slot")
        self.ready = threading.Event()
        self._line = line
        self._setup = setup
        self._settings = settings
        self._closing = closing
        self._worker: WorkerProcess | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the worker that is there now."""
        return self._worker.pid if self._worker else None

    def run(self) -> None:
        """Start workers and serve until the studio closes."""
        failed = 0
        while not self._closing.is_set():
            try:
                worker = self._worker = WorkerProcess(self._setup, self._settings)
            except OSError:  # no process or no memory to be had
                failed += 1
                log.exception("a worker could not be started")
                self._rest(failed)
                continue
            try:
                self._wait_until_ready(worker)
                failed = 0
                self.ready.set()
                self._serve(worker)
            except WorkerGone:
                failed += not self.ready.is_set()
                log.error("worker %d ended by %s, without a job", worker.pid, worker.ending())
            finally:
                self.ready.clear()
                worker.kill()
            self._rest(failed)

    def _rest(self, failed: int) -> None:
        """Wait before the next worker, the longer the more have failed in a row, and tell those who wait."""
        if failed >= TRIES:
            self._line.fail_all(Fault("job.no_worker"))
        self._closing.wait(min(failed * failed, 30))

    def _wait_until_ready(self, worker: WorkerProcess) -> None:
        until = time.monotonic() + WARM_WITHIN
        while not self._closing.is_set():
            message = worker.receive(TICK)
            if message is not None and message["kind"] == "ready":
                return
            if time.monotonic() > until:
                worker.kill()

    def _serve(self, worker: WorkerProcess) -> None:
        """Give jobs to the worker while it lives; one that has grown too large between jobs is replaced."""
        while not self._closing.is_set():
            job = self._line.take(TICK)
            if job is not None:
                try:
                    job.end(self._outcome(worker, job))
                except WorkerGone:  # before it had begun, or it hung: that is not the job's fault
                    self._line.put_first(job)
                    raise
                if not self.ready.is_set():
                    return
            elif worker.receive(0) is None and worker.memory() > self._settings.worker_memory:
                return

    def _outcome(self, worker: WorkerProcess, job: Job) -> Result | StudioError:
        """Run one job, and take the blame for what goes wrong on this side, with a fresh worker afterwards."""
        try:
            return self._run(worker, job)
        except WorkerGone:
            raise
        except Exception as error:
            log.exception("job %s (%s) failed", job.id, job.service)
            self.ready.clear()
            return sentence_of(error, job.id)

    def _run(self, worker: WorkerProcess, job: Job) -> Result | StudioError:
        """Run one job to its end and say how it ended. A worker that had to be killed leaves ``ready`` cleared.

        Raises ``WorkerGone`` when the worker ended before it had begun, or hung for the first time with this job.
        """
        self._hand_over(worker, job)
        limits = Limits(self._settings)
        taken = time.monotonic()
        stillness = Stillness(taken, worker.computed())
        begun = stop_told = finish_told = False
        while True:
            try:
                message = worker.receive(TICK)
            except WorkerGone:
                if not begun:
                    raise
                self.ready.clear()
                return self._crash(worker, job)
            if message is not None and message["kind"] == "begun":
                begun = True
                job.begin()
            if message is not None and (outcome := self._heard(job, limits, message)) is not None:
                return outcome if job.stop_asked is None else Cancelled()
            now = time.monotonic()
            if job.stop_asked is not None and not stop_told:
                worker.send({"stop": job.id})
                stop_told = True
            if job.finish_asked and not finish_told:
                worker.send({"finish": job.id})
                finish_told = True
            broken: StudioError | None = limits.broken(now - taken, worker.memory())
            if stillness.hangs(now, worker.computed(), message is not None):
                broken = self._hung(worker, job)
            if self._closing.is_set() or (job.stop_asked is not None and now - job.stop_asked > GRACE):
                broken = Cancelled()
            if broken is not None:
                self.ready.clear()
                worker.kill()
                if not isinstance(broken, Cancelled):
                    log.error("job %s (%s) was ended: %s", job.id, job.service, broken)
                return broken

    def _hand_over(self, worker: WorkerProcess, job: Job) -> None:
        scratch = folders.scratch_of(job.folder)
        scratch.mkdir(mode=0o700, exist_ok=True)
        worker.send(
            {
                "run": job.id,
                "service": job.service,
                "task": job.request.task,
                "request": job.request.model_dump_json(),
                "out": str(job.folder),
                "scratch": str(scratch),
            }
        )

    def _heard(self, job: Job, limits: Limits, message: dict[str, Any]) -> Result | StudioError | None:
        """What a message of the worker means for the job; its outcome, when it has one."""
        match message:
            case {"kind": "progress", "done": done, "what": what}:
                job.report(done, what)
            case {"kind": "length", "seconds": seconds}:
                limits.measured(seconds)
            case {"kind": "done", "result": result}:
                (job.folder / "request.json").write_text(job.request.model_dump_json(indent=2), encoding="utf-8")
                return RESULTS[job.request.task].model_validate_json(result)
            case {"kind": "failed", "error": error, "key": key, "values": values, "trace": trace}:
                if trace:
                    log.error("job %s (%s) failed\n%s", job.id, job.service, trace)
                return ERRORS[error](key, **values)
        return None

    def _hung(self, worker: WorkerProcess, job: Job) -> StudioError:
        """End a worker that hangs. Its job is tried once more by the next one, from an empty folder."""
        log.error("job %s (%s): its worker %d hung", job.id, job.service, worker.pid)
        worker.kill()
        if job.stop_asked is not None or job.hung:
            return Fault("job.hung", id=job.id)
        job.hung = True
        folders.empty(job.folder)
        raise WorkerGone

    def _crash(self, worker: WorkerProcess, job: Job) -> StudioError:
        log.error("job %s (%s): its worker ended by %s", job.id, job.service, worker.ending())
        return Cancelled() if job.stop_asked is not None else Fault("job.crashed", id=job.id)
