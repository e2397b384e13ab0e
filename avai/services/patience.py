"""Waiting for a long call that cannot be interrupted, such as one step of a network, without going deaf to Stop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
EVERY = 0.2
"""Seconds between two reports."""
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="patience")


def waited(call: Callable[[], T], report: Callable[[], None]) -> T:
    """What ``call`` gives. Meanwhile ``report`` is called five times a second; when it raises, that comes out at once.

    The call then runs to its end in its thread and what it gives is dropped, so it must write nothing.
    """
    task = _THREAD.submit(call)
    try:
        while True:
            try:
                return task.result(timeout=EVERY)
            except TimeoutError:
                if task.done():
                    raise
                report()
    finally:
        task.cancel()
