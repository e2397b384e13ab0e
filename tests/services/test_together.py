"""Ears that hear at once: every block once and in order, errors told, threads ended whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from avai.services.together import AHEAD, Ear, Together


def block(number: int) -> np.ndarray:
    return np.full(10, number, np.float32)


def nothing() -> None:
    """Nobody pressed Stop."""


def total(blocks: Iterator[np.ndarray]) -> list[float]:
    return [float(each[0]) for each in blocks]


def slow(blocks: Iterator[np.ndarray]) -> list[float]:
    return [float(each[0]) for each in blocks if time.sleep(0.01) is None]


def hear_all(look: Callable[[], None], **ears: Ear) -> dict[str, object]:
    with Together(**ears) as together:
        for number in range(100):
            together.give(block(number), look)
        return together.heard(look)


def test_each_ear_hears_every_block_in_order() -> None:
    with Together(one=total, other=slow) as ears:
        for number in range(20):
            ears.give(block(number), nothing)
        heard = ears.heard(nothing)
    assert heard == {"one": [*map(float, range(20))], "other": [*map(float, range(20))]}


def test_no_more_waits_than_an_ear_can_hold() -> None:
    heard: list[int] = []
    with Together(other=lambda blocks: [heard.append(1) for _ in blocks if time.sleep(0.02) is None]) as ears:
        for number in range(12):
            ears.give(block(number), nothing)
            assert number + 1 - len(heard) <= AHEAD + 2


def test_what_an_ear_raises_is_raised_here_and_no_thread_is_left() -> None:
    def broken(blocks: Iterator[np.ndarray]) -> None:
        next(blocks)
        raise ValueError("deaf")

    before = threading.active_count()
    with pytest.raises(ValueError, match="deaf"):
        hear_all(nothing, one=broken, other=total)
    assert threading.active_count() == before


def test_stop_is_noticed_while_an_ear_is_behind() -> None:
    def stuck(blocks: Iterator[np.ndarray]) -> None:
        for _ in blocks:
            time.sleep(0.3)

    def stop() -> None:
        raise KeyboardInterrupt

    before, began = threading.active_count(), time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        hear_all(stop, one=stuck)
    assert time.perf_counter() - began < 2
    assert threading.active_count() == before
