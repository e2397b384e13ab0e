"""A run as the page follows it: one job at a time for each session and place, ended by Stop or by leaving."""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path

from avai.contracts import Request, Result
from avai.jobs import Job, Studio
from avai.ui import status

Steps = Generator[str, None, tuple[Job, Result]]


class Runs:
    """The jobs that this page's sessions have under way. ``place`` is where in the page: a tab, or its preview."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self._jobs: dict[tuple[str, str], Job] = {}
        self._lock = threading.Lock()

    def follow(self, session: str, place: str, request: Request, language: str) -> Steps:
        """Run a request and give the status line at each change; returns the job and its result.

        A run that is still under way in the same place is stopped first. Raises what the job raises.
        """
        self.stop(session, place)
        job = self.studio.submit(request.task, request)
        with self._lock:
            self._jobs[session, place] = job
        try:
            for update in job.updates():
                yield status.working(update, language, self.studio.state == "waking")
            return job, job.result()
        finally:
            # also when the generator is closed because the reader has left
            job.stop()
            with self._lock:
                if self._jobs.get((session, place)) is job:
                    del self._jobs[session, place]

    def folder(self, session: str, place: str) -> Path | None:
        """Where the job that runs in a place writes, if one does."""
        with self._lock:
            job = self._jobs.get((session, place))
        return job.folder if job else None

    def stop(self, session: str, place: str) -> None:
        """Stop what runs in a place, if anything does."""
        with self._lock:
            job = self._jobs.get((session, place))
        if job:
            job.stop()

    def finish(self, session: str, place: str) -> None:
        """Ask what runs in a place, if anything does, for what it has so far."""
        with self._lock:
            job = self._jobs.get((session, place))
        if job:
            job.finish()

    def leave(self, session: str) -> None:
        """Stop all that a session has under way: its page was closed."""
        with self._lock:
            jobs = [job for (owner, _), job in self._jobs.items() if owner == session]
        for job in jobs:
            job.stop()
