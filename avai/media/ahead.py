"""An iterator that is worked on in a thread of its own, a few items ahead of who takes them."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")

_WAIT = 0.05


class Ahead(Generic[Item]):
    """Gives what ``items`` gives, in order, and raises what it raises; at most ``most`` items wait.

    FFmpeg works without Python's lock, so decoding goes on while the taker encodes. ``close`` ends the thread and
    waits for it: only then may be closed what ``items`` reads from.
    """

    def __init__(self, items: Iterator[Item], most: int) -> None:
        self._items = items
        self._waiting: Queue[tuple[Item | None, BaseException | None]] = Queue(most)
        self._left = Event()
        self._over = False
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        if self._over:
            raise StopIteration
        item, error = self._waiting.get()
        if error is not None:
            self._over = True
            raise error
        assert item is not None
        return item

    def close(self) -> None:
        """End the work, wherever it is."""
        self._over = True
        self._left.set()
        while self._thread.is_alive():
            try:
                self._waiting.get(timeout=_WAIT)  # it may stand before a full queue
            except Empty:
                continue

    def _work(self) -> None:
        last: BaseException = StopIteration()
        try:
            for item in self._items:
                self._waiting.put((item, None))
                if self._left.is_set():
                    break
        except BaseException as error:
            last = error
        finally:
            close = getattr(self._items, "close", None)
            if close is not None:
                close()  # here, where it ran: what it holds is given back before the taker goes on
            self._waiting.put((None, last))
