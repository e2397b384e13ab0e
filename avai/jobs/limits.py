"""How long a job may take, how much memory it may hold, and how long its worker may be still."""

from __future__ import annotations

from avai.config import Settings
from avai.errors import Fault

UNTIL_MEASURED = 60.0  # seconds that a worker has, beside the base, to say how long the first clip is


STILL = 20.0  # seconds without a word and without computing: the worker hangs
STIRS = 0.2  # seconds of processor time that count as computing


class Stillness:
    """Notices a worker that hangs: one that says nothing and computes nothing, as when threads of a library wait for
    each other. Long steps without progress compute, and are left alone."""

    def __init__(self, now: float, computed: float) -> None:
        self._since = now
        self._computed = computed

    def hangs(self, now: float, computed: float, heard: bool) -> bool:
        """Whether it has been still for ``STILL`` seconds; ``computed`` is its processor time so far."""
        if heard or computed - self._computed > STIRS:
            self._since, self._computed = now, computed
        return now - self._since > STILL


class Limits:
    """The limits of one job: its time limit follows the length of its clips, once that is known."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.seconds = settings.base_seconds + UNTIL_MEASURED

    def measured(self, length: float) -> None:
        """The clips of the job are ``length`` seconds long, those together that were looked at so far."""
        self.seconds = self._settings.base_seconds + self._settings.seconds_per_second * length

    def broken(self, seconds: float, memory: int) -> Fault | None:
        """The limit that a job has passed after ``seconds`` with ``memory`` resident bytes, if any."""
        if memory > self._settings.worker_memory:
            return Fault("job.memory")
        if seconds > self.seconds:
            return Fault("job.too_long", minutes=max(1, round(self.seconds / 60)))
        return None
