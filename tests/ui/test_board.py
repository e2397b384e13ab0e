"""What a change of the storyboard asks for: no more pictures change than is wished for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from avai.contracts import Picture, Skim, Storyboard, Summary
from avai.ui.storyboard import Shown, Wish

FOLDER = Path("job")


def pictures(*times: float) -> tuple[Picture, ...]:
    return tuple(Picture(time=time, file=f"{time}.jpg", shot=0, good=1.0) for time in times)


def shown(*times: float, asked: int) -> Shown:
    summary = Summary(duration=60, shots=(), pictures=pictures(*times), skim=Skim(duration=0, pieces=()))
    return Shown.first(cast(Any, None), FOLDER, summary, asked)


def after(before: Shown, wish: Wish, *times: float) -> Shown:
    return before.other(FOLDER, Storyboard(duration=60, pictures=pictures(*times)), wish)


def test_a_drop_leaves_the_others() -> None:
    assert shown(1, 2, 3, asked=3).sure(Wish(pictures=3, dropped=(2,))) == (3, (1, 3))


def test_more_are_added_to_what_is_there() -> None:
    assert shown(1, 2, 3, asked=3).sure(Wish(pictures=5)) == (5, (1, 2, 3))


def test_fewer_and_one_a_scene_keep_only_what_is_pinned() -> None:
    board = shown(1, 2, 3, asked=3)
    assert board.sure(Wish(pictures=2, pinned=(3,))) == (2, (3,))
    assert board.sure(Wish(pictures=0, pinned=(3,))) == (0, (3,))


def test_what_was_put_back_is_as_it_was() -> None:
    board = after(shown(1, 2, 3, asked=3), Wish(pictures=3, dropped=(2,)), 1, 3, 4)
    board = after(board, Wish(pictures=3, dropped=(2, 1)), 3, 4, 5)
    assert board.sure(Wish(pictures=3, dropped=(2,))) == (3, (1, 3, 4))
    assert board.sure(Wish(pictures=3)) == (3, (1, 2, 3))


def test_of_two_that_were_dropped_together_one_comes_back_for_what_took_its_place() -> None:
    board = after(shown(1, 2, 3, asked=3), Wish(pictures=3, dropped=(2, 1)), 3, 4, 5)
    assert board.sure(Wish(pictures=3, dropped=(2,))) == (3, (1, 3))


def test_no_more_come_back_than_there_are_places() -> None:
    dropped = tuple(float(each) for each in range(10, 40))
    board = after(shown(1, 2, asked=2), Wish(pictures=3, dropped=dropped), 1, 2, 3)
    places, sure = board.sure(Wish(pictures=3, pinned=(3,)))
    assert places == len(sure) == 3
    assert 3 in sure
