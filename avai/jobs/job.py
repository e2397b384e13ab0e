"""A job: one run of a service, as the page sees it, and what the supervisor tells it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from avai.contracts import Request, Result
from avai.errors import Cancelled, StudioError
from avai.jobs import folders

if TYPE_CHECKING:
    from avai.jobs.waiting import WaitingLine

State = Literal["queued", "running", "done", "failed", "stopped"]
ENDED: frozenset[State] = frozenset({"done", "failed", "stopped"})

HEARTBEAT = 0.4  # seconds: an update at least twice a second
SURE_AFTER = 1.0  # seconds and
SURE_FROM = 0.04  # share done before the time left is worth saying
LEAP, AT_ONCE = 0.1, 0.5  # a share done within so many seconds was remembered: it says nothing of the rest


@dataclass(frozen=True)
class Update:
    """How a job stands. ``position`` is its place among those that wait (1 is next, 0 when it does not wait), ``done``
    goes from 0 to 1, ``what`` is the key of a text, ``left`` the seconds that remain, when they can be told."""

    state: State
    position: int = 0
    done: float = 0.0
    what: str = ""
    left: float | None = None


class Job:
    """One run of one service. Made by ``Studio.submit``.

    ``id`` is short, for the log and for sentences; ``folder`` has an unguessable name and holds the result's files.
    """

    def __init__(self, service: str, request: Request, folder: Path, line: WaitingLine) -> None:
        self.id = secrets.token_hex(4)
        self.service = service
        self.request = request
        self.folder = folder
        self.stop_asked: float | None = None
        self.finish_asked = False
        self.ended: float | None = None
        self.hung = False
        self._line = line
        self._changed = threading.Condition()
        self._version = 0
        self._state: State = "queued"
        self._done = 0.0
        self._what = "job.waiting"
        self._started = 0.0
        self._reported = 0.0
        self._remembered = 0.0
        self._result: Result | None = None
        self._error: StudioError | None = None

    # ---- for the page --------------------------------------------------------------------------------------------

    def updates(self) -> Iterator[Update]:
        """How the job stands, at each change and at least twice a second; the last one says how it ended."""
        while True:
            seen = self._version
            update = self.update()
            yield update
            if update.state in ENDED:
                return
            with self._changed:
                if self._version == seen:
                    self._changed.wait(HEARTBEAT)

    def update(self) -> Update:
        """How the job stands now."""
        position = self._line.position(self)
        with self._changed:
            if self._state != "queued":
                position = 0
            return Update(self._state, position, self._done, self._what, self._left(time.monotonic()))

    def stop(self) -> None:
        """Ask for the end of the job; returns at once. Its files are gone when its state is ``stopped``."""
        with self._changed:
            if self.stop_asked is None:
                self.stop_asked = time.monotonic()
        self._line.withdraw(self)

    def finish(self) -> None:
        """Ask for what there is so far; returns at once. A service that can end early ends well, and one that has
        nothing yet stops; a job that waits is stopped. ``stop`` still ends it."""
        self.finish_asked = True
        if self._line.position(self):
            self.stop()

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the end and give the result.

        Raises ``RequestError``, ``Cancelled`` or ``Fault`` as the job ended, ``TimeoutError`` when it has not.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._state in ENDED, timeout):
                raise TimeoutError(f"job {self.id} has not ended after {timeout} s")
            if self._error is not None:
                raise self._error
            assert self._result is not None
            return self._result

    # ---- for the supervisor --------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A worker has taken the job."""
        with self._changed:
            self._state, self._what = "running", "job.starting"
            self._started = self._reported = time.monotonic()
            self._tell()

    def report(self, done: float, what: str) -> None:
        """Progress. It never goes back, so that the time left does not jump."""
        with self._changed:
            now, before = time.monotonic(), self._done
            self._done, self._what = max(self._done, min(done, 1.0)), what
            if self._done - before > LEAP and now - self._reported < AT_ONCE:
                self._remembered += self._done - before
            self._reported = now
            self._tell()

    def end(self, outcome: Result | StudioError) -> None:
        """The job is done, has failed or was stopped; what comes later is not heard."""
        with self._changed:
            if self._state in ENDED:
                return
            folders.remove(folders.scratch_of(self.folder))
            if isinstance(outcome, Result):
                self._result, self._state, self._done = outcome, "done", 1.0
            else:
                folders.remove(self.folder)
                self._error = outcome
                self._state = "stopped" if isinstance(outcome, Cancelled) else "failed"
            self.ended = time.monotonic()
            self._tell()

    def _left(self, now: float) -> float | None:
        spent, worked = self._reported - self._started, self._done - self._remembered
        if self._state != "running" or worked < SURE_FROM or spent < SURE_AFTER:
            return None
        return max(0.0, spent * (1 - self._done) / worked - (now - self._reported))

    def _tell(self) -> None:
        self._version += 1
        self._changed.notify_all()
