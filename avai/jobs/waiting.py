"""The line of jobs that wait for a worker: first come, first served, with a limit."""

from __future__ import annotations

import threading
from collections import deque

from avai.errors import Cancelled, Fault, RequestError
from avai.jobs.job import Job


class WaitingLine:
    """Jobs in the order in which they came. Safe to use from many threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()

    def put(self, job: Job) -> None:
        """The job waits from now on. Raises ``RequestError("job.queue_full")`` when too many do already."""
        with self._changed:
            if len(self._jobs) >= self._most:
                raise RequestError("job.queue_full", waiting=len(self._jobs))
            self._jobs.append(job)
            self._changed.notify()

    def put_first(self, job: Job) -> None:
        """Give back a job that was taken."""
        with self._changed:
            self._jobs.appendleft(job)
            self._changed.notify()

    def take(self, timeout: float) -> Job | None:
        """The first job, or None when none comes within ``timeout`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._jobs) > 0, timeout)
            return self._jobs.popleft() if self._jobs else None

    def position(self, job: Job) -> int:
        """1 for the next job, 0 for one that does not wait."""
        with self._changed:
            return self._jobs.index(job) + 1 if job in self._jobs else 0

    def withdraw(self, job: Job) -> None:
        """End a job that waits; one that does not is left as it is."""
        with self._changed:
            if job not in self._jobs:
                return
            self._jobs.remove(job)
        job.end(Cancelled())

    def fail_all(self, fault: Fault) -> None:
        """End all jobs that wait."""
        while (job := self.take(0)) is not None:
            job.end(fault)
