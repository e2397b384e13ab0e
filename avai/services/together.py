"""Several ears hear the same sound at once, each in a thread of its own, while the sound is still being decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from queue import Full, Queue
from typing import Any

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float32]
Ear = Callable[[Iterator[Block]], Any]

AHEAD = 3
"""Blocks that may wait for an ear: memory stays flat, and what is decoded is about what has been heard."""

LOOK = 0.1
"""Seconds between looks at whether the person pressed Stop."""


class Together:
    """Ears by name. ``give`` hands a block to all of them, ``heard`` waits for what each made of the whole.

    A context manager: leaving it, by an exception too, ends the threads within a batch. What an ear raises is raised
    by the next ``give`` or by ``heard``.
    """

    def __init__(self, **ears: Ear) -> None:
        self._waiting: dict[str, Queue[Block | None]] = {name: Queue(AHEAD) for name in ears}
        self._stopped = False
        self._threads = ThreadPoolExecutor(len(ears))
        self._made: dict[str, Future[Any]] = {
            name: self._threads.submit(ear, self._blocks(self._waiting[name])) for name, ear in ears.items()
        }

    def __enter__(self) -> Together:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        for queue in self._waiting.values():
            with suppress(Full):  # a full queue wakes its ear by itself
                queue.put_nowait(None)
        self._threads.shutdown()

    def give(self, block: Block | None, look: Callable[[], None]) -> None:
        """Hand on the next block, None after the last; ``look`` is called often while an ear is behind."""
        for name, queue in self._waiting.items():
            while True:
                if self._made[name].done():
                    self._made[name].result()
                    break
                with suppress(Full):
                    queue.put(block, timeout=LOOK)
                    break
                look()

    def heard(self, look: Callable[[], None]) -> dict[str, Any]:
        """What each ear made of the sound; ``look`` is called often until then."""
        self.give(None, look)
        made: dict[str, Any] = {}
        for name, future in self._made.items():
            while name not in made:
                with suppress(NotYet):
                    made[name] = future.result(timeout=LOOK)
                    break
                look()
        return made

    def _blocks(self, queue: Queue[Block | None]) -> Iterator[Block]:
        while not self._stopped and (block := queue.get()) is not None:
            yield block
