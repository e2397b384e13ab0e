"""A cut on the page: flips, ranges and undoing, and what is asked for then."""

from __future__ import annotations

from pathlib import Path

import pytest

from avai.contracts import ClipInfo, Conditions, Dropped, EditPiece, Plan, Strip
from avai.ui.cutting import Cutting
from avai.ui.give import Clip
from avai.ui.strip import Given


def cutting(
    pieces: list[tuple[float, float]], length: float = 10.0, speed: float | None = None, first: int = 0
) -> Cutting:
    info = ClipInfo(kind="sound", container="wav", bytes=1, duration=length)
    clip = Clip(Path("a.wav"), info, Given(Strip(duration=length), None), Path("a.wav"))
    kept = [EditPiece(start=a, end=b, at=0, why=("best",)) for a, b in pieces]
    kept[first] = kept[first].model_copy(update={"why": ("first", "best")}) if first else kept[first]
    kept = [kept[first], *kept[:first], *kept[first + 1 :]]
    edges = [0.0, *(edge for piece in pieces for edge in piece), length]
    gaps = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
    fast = [EditPiece(start=a, end=b, at=0, why=("fast",), speed=speed) for a, b in gaps] if speed else []
    out = [] if speed else [Dropped(start=a, end=b, why=("silence",)) for a, b in gaps]
    asked = Conditions(speed=speed)
    plan = Plan(source_duration=length, duration=4, pieces=(*kept, *fast), dropped=tuple(out), asked=asked)
    return Cutting.of(clip, plan)


def test_an_untouched_cut_asks_for_nothing() -> None:
    cut = cutting([(1, 3), (5, 7)])
    assert not cut.changed
    assert cut.cut() == ()
    assert cut.duration == 4


def test_a_flip_is_asked_for_and_undone() -> None:
    cut = cutting([(1, 3), (5, 7)])
    other = cut.flipped(2)  # from 3 to 5
    assert other.cut() == ("1.000000-7.000000",)
    assert other.stretches[2].said == ("hand",)
    assert other.undone().cut() == ()
    assert cut.flipped(99) is cut
    assert other.number > cut.number
    assert other.undone().number > other.number


def test_what_was_undone_is_done_again_until_something_else_is_changed() -> None:
    cut = cutting([(1, 3), (5, 7)])
    twice = cut.flipped(1).flipped(2)
    once = twice.undone()
    assert once.undone().redone().redone().cut() == twice.cut() == ("3.000000-7.000000",)
    assert once.undone().redone().cut() == once.cut()
    assert once.redone().undone().cut() == once.cut()
    other = once.flipped(0)
    assert other.redone() is other
    assert cut.redone() is cut


def test_a_range_cuts_stretches_where_it_begins_and_ends() -> None:
    cut = cutting([(1, 3), (5, 7)]).ranged(2, 6, False)
    assert cut.cut() == ("1.000000-2.000000", "6.000000-7.000000")
    assert cut.ranged(0, 10, True).cut() == ("0.000000-10.000000",)


def test_the_best_moment_stays_in_front() -> None:
    cut = cutting([(1, 3), (5, 7)], first=1)
    assert cut.flipped(0).cut() == ("5.000000-7.000000", "0.000000-3.000000")


@pytest.mark.parametrize("speed", [2.0, 4.0])
def test_what_is_left_out_takes_its_part_where_it_is_played_faster(speed: float) -> None:
    cut = cutting([(1, 3), (5, 7)], speed=speed)
    assert cut.duration == pytest.approx(4 + 6 / speed)
    assert cut.flipped(0).duration == pytest.approx(5 + 5 / speed)


def test_an_order_made_by_hand_stays() -> None:
    cut = cutting([(1, 3), (5, 7), (8, 9)], first=2)
    assert [each.start for each in cut.pieces] == [8, 1, 5]
    assert [each.start for each in cut.flipped(1).flipped(4).pieces] == [8, 5]
