"""How a service says how far it is, and how it learns that the person pressed Stop."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called at least four times a second in long loops; raises ``Cancelled`` when the work should end."""

    def __call__(self, done: float, what: str) -> None:
        """``done`` from 0 to 1; ``what`` is the key of a text such as ``doing.listening``, or what stands for itself,
        such as ``3 / 9 · rain.wav``."""


def quiet(done: float, what: str) -> None:
    """A progress that nobody looks at."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a step that takes the share ``start`` to ``end`` of the whole."""

    def report(done: float, what: str) -> None:
        progress(start + (end - start) * min(max(done, 0.0), 1.0), what)

    return report
