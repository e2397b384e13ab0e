"""Holds a service that runs in the shell's own process to the limits of a job."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import psutil

from avai.config import Settings
from avai.errors import Fault
from avai.jobs.limits import Limits

LOOK_EVERY = 0.25  # seconds


class Guard:
    """A context manager that looks at time and memory beside the work. Past a limit it calls ``last_words`` and ends
    the process with exit status 1, as a library that hangs would not hear an exception. The words are heard even while
    standard error is turned away, as it is when TensorFlow is imported."""

    def __init__(self, settings: Settings, last_words: Callable[[Fault], None]) -> None:
        self.limits = Limits(settings)
        self._last_words = last_words
        self._over = threading.Event()
        self._stderr = os.dup(2)
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        os.close(self._stderr)

    def _watch(self) -> None:
        began = time.monotonic()
        me = psutil.Process()
        while not self._over.wait(LOOK_EVERY):
            fault = self.limits.broken(time.monotonic() - began, me.memory_info().rss)
            if fault is not None:
                os.dup2(self._stderr, 2)
                self._last_words(fault)
                os._exit(1)
