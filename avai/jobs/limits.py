"""How long a job may take and how much memory it may hold."""

from __future__ import annotations

from avai.config import Settings
from avai.errors import Fault

UNTIL_MEASURED = 60.0  # seconds that a worker has, beside the base, to say how long the clips are


class Limits:
    """The limits of one job: its time limit follows the length of its clips, once that is known."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.seconds = settings.base_seconds + UNTIL_MEASURED

    def measured(self, length: float) -> None:
        """The clips of the job are ``length`` seconds long, all together."""
        self.seconds = self._settings.base_seconds + self._settings.seconds_per_second * length

    def broken(self, seconds: float, memory: int) -> Fault | None:
        """The limit that a job has passed after ``seconds`` with ``memory`` resident bytes, if any."""
        if memory > self._settings.worker_memory:
            return Fault("job.memory")
        if seconds > self.seconds:
            return Fault("job.too_long", minutes=max(1, round(self.seconds / 60)))
        return None
