"""Results come into a folder whole or not at all, and replace nothing unasked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avai.errors import RequestError
from avai.shell.output import Output


def run(out: Path, text: str, *names: str, overwrite: bool = False, sources: tuple[Path, ...] = ()) -> None:
    """What a command does whose service writes ``names``."""
    with Output(out, "edit", overwrite, sources) as output:
        write_result(output, text, *names)
        output.keep()


def fail(out: Path, overwrite: bool = False) -> None:
    """What a command does whose service fails half-way."""
    with Output(out, "edit", overwrite) as output:
        write_result(output, "half", "edit.mp4")
        raise ZeroDivisionError


def write_result(output: Output, text: str, *names: str) -> None:
    for name in names:
        file = output.unfinished / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    (output.unfinished / "edit.json").write_text(json.dumps({"files": names}))


def tree(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_the_folder_is_made_and_filled_only_at_the_end(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "down"
    with Output(out, "edit", overwrite=False) as output:
        write_result(output, "new", "edit.mp4", "pieces/1.wav")
        assert not (out / "edit.mp4").exists()
        output.keep()
    assert sorted(tree(out)) == ["edit.json", "edit.mp4", "pieces/1.wav"]
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []


def test_work_that_fails_leaves_nothing_not_even_folders(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        fail(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_former_result_is_replaced_only_when_asked_and_other_files_never(tmp_path: Path) -> None:
    run(tmp_path, "old", "edit.mp4", "extra.csv")
    (tmp_path / "mine.txt").write_text("mine")
    before = tree(tmp_path)

    with pytest.raises(RequestError) as refused, Output(tmp_path, "edit", overwrite=False):
        raise AssertionError("the work should not begin")
    assert "--overwrite" in str(refused.value)
    assert tree(tmp_path) == before

    with pytest.raises(ZeroDivisionError):
        fail(tmp_path, overwrite=True)
    assert tree(tmp_path) == before, "the former result stays until the new one is whole"

    run(tmp_path, "new", "edit.mp4", overwrite=True)
    after = tree(tmp_path)
    assert sorted(after) == ["edit.json", "edit.mp4", "mine.txt"], "what the former run wrote is gone"
    assert after["edit.mp4"] == "new"
    assert after["mine.txt"] == "mine"


def test_two_tasks_share_a_folder(tmp_path: Path) -> None:
    for task, name in (("edit", "edit.json"), ("recognize", "recognition.json")):
        with Output(tmp_path, task, overwrite=False) as output:
            (output.unfinished / name).write_text('{"files": []}')
            output.keep()
    assert sorted(tree(tmp_path)) == ["edit.json", "recognition.json"]


def test_a_file_of_the_persons_own_is_not_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / "edit.mp4").write_text("mine")
    with pytest.raises(RequestError):
        run(tmp_path, "new", "edit.mp4")
    assert tree(tmp_path) == {"edit.mp4": "mine"}


@pytest.mark.parametrize("listed", [True, False])
def test_a_file_that_is_worked_on_is_never_replaced(tmp_path: Path, listed: bool) -> None:
    source = tmp_path / "edit.mp4"
    source.write_text("source")
    if listed:
        (tmp_path / "edit.json").write_text('{"files": ["edit.mp4"]}')
    with pytest.raises(RequestError) as refused:
        run(tmp_path, "new", "edit.mp4", overwrite=True, sources=(source,))
    assert refused.value.key == "shell.replaces_source"
    assert source.read_text() == "source"


def test_a_result_that_names_files_elsewhere_is_not_believed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    precious = tmp_path / "precious.txt"
    precious.write_text("precious")
    (out / "edit.json").write_text(json.dumps({"files": ["../precious.txt", str(precious)]}))
    run(out, "new", "edit.mp4", overwrite=True)
    assert precious.read_text() == "precious"


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RequestError) as refused, Output(tmp_path / "file" / "out", "edit", overwrite=False):
        raise AssertionError("the work should not begin")
    assert refused.value.key == "shell.out"
