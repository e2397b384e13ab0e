"""What was found out about a clip is asked for again by its content."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from avai.contracts import EditRequest, SummarizeRequest
from avai.errors import Cancelled
from avai.services import hearing, recall, seeing
from avai.services.edit import edit
from avai.services.summarize import summarize

REEL = Path(__file__).resolve().parents[2] / "assets" / "examples" / "reel.mp4"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    recall.forget()
    yield
    recall.forget()


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of each analysis that was really made."""
    made: list[str] = []
    for module, name in ((seeing, "_watched"), (seeing, "_looks"), (hearing, "_listened")):
        real = getattr(module, name)

        def noted(*args: object, real: object = real, name: str = name) -> object:
            made.append(name)
            return real(*args)  # type: ignore[operator]

        monkeypatch.setattr(module, name, noted)
    return made


def test_edit_after_summarise_analyses_nothing_again_and_cuts_the_same(tmp_path: Path, found: list[str]) -> None:
    for name in ("alone", "summary", "after"):
        (tmp_path / name).mkdir()
    asked = EditRequest(clip=REEL, target=5.0, prefer=("action",))
    alone = edit(asked, tmp_path / "alone")
    recall.forget()
    found.clear()

    summarize(SummarizeRequest(clip=REEL, seconds=4.0), tmp_path / "summary")
    assert sorted(found) == ["_listened", "_looks", "_watched"]
    copy = shutil.copy(REEL, tmp_path / "another name.mp4")
    after = edit(asked.model_copy(update={"clip": Path(copy)}), tmp_path / "after")
    assert len(found) == 3
    assert after.pieces == alone.pieces


def test_other_content_under_the_same_name_is_another_clip(tmp_path: Path) -> None:
    clip = tmp_path / "clip.bin"
    clip.write_bytes(b"one")
    assert recall.recall(clip, "length", lambda: len(clip.read_bytes()), lambda: None) == 3
    clip.write_bytes(b"three")
    assert recall.recall(clip, "length", lambda: len(clip.read_bytes()), lambda: None) == 5


def test_memory_does_not_grow_with_the_length_of_what_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "MOST_BYTES", 1000)
    clip = tmp_path / "clip.bin"
    clip.write_bytes(b"one")

    def looks(count: int) -> seeing.Looks:
        return seeing.Looks(np.zeros(count), *[np.zeros(0, np.float32)] * 2, np.zeros(0, bool), np.zeros(0, np.float32))

    made: list[int] = []

    def ask(number: int) -> None:
        def find() -> seeing.Looks:
            made.append(number)
            return looks(50)

        recall.recall(clip, number, find, lambda: None)

    for number in (0, 1, 2, 2, 1, 0):
        ask(number)
    assert made == [0, 1, 2, 0]
    long = recall.recall(clip, "long", lambda: looks(5000), lambda: None)
    assert len(long.times) == 5000
    assert recall.recall(clip, "long", lambda: None, lambda: None) is None


def test_what_was_stopped_is_not_kept_and_old_answers_go(tmp_path: Path) -> None:
    clip = tmp_path / "clip.bin"
    clip.write_bytes(b"one")

    def stopped() -> int:
        raise Cancelled

    with pytest.raises(Cancelled):
        recall.recall(clip, "a", stopped, lambda: None)
    assert recall.recall(clip, "a", lambda: 1, lambda: None) == 1
    for number in range(recall.MOST):
        recall.recall(clip, number, lambda: 2, lambda: None)
    assert recall.recall(clip, "a", lambda: 3, lambda: None) == 3
