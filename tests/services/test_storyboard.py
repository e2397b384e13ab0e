"""A storyboard alone: what is pinned stays the same frame, what is dropped does not come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avai.contracts import StoryboardRequest
from avai.errors import RequestError
from avai.services.storyboard import storyboard


@pytest.fixture(scope="module")
def clip(film: Callable[..., Path], photographs: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scenes of 3 s, at a rate whose frame times end in no decimal."""
    return film(tmp_path_factory.mktemp("film") / "abcd.mp4", [(each, 3.0) for each in photographs], rate=30)


def times_of(clip: Path, out: Path, **asked: object) -> list[float]:
    out.mkdir()
    return [each.time for each in storyboard(StoryboardRequest(clip=clip, **asked), out).pictures]


def test_what_is_pinned_stays_the_same_frame(clip: Path, tmp_path: Path) -> None:
    pinned = (1.3333, 4.6667)
    times = times_of(clip, tmp_path / "board", pictures=4, pinned=pinned)
    assert set(pinned) < set(times)
    assert len(times) == 4


def test_what_is_dropped_gives_its_place_to_another(clip: Path, tmp_path: Path) -> None:
    first = times_of(clip, tmp_path / "first", pictures=3)
    kept = tuple(first[1:])
    second = times_of(clip, tmp_path / "second", pictures=3, pinned=kept, dropped=(first[0],))
    assert set(kept) < set(second)
    assert len(second) == 3
    assert int(first[0] // 3) not in {int(time // 3) for time in second}


def test_nothing_is_left_when_all_is_dropped(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="taken out"):
        times_of(clip, tmp_path / "board", dropped=tuple(each / 4 for each in range(48)))
