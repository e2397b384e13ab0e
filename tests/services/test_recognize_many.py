"""Many files at once: one table, a folder a file, one zip; what cannot be used is listed and stops nothing."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from avai.__main__ import shell
from avai.contracts import LAYERS, Recognition, RecognitionTable, RecognizeManyRequest, RecognizeRequest
from avai.errors import Cancelled, RequestError
from avai.services import recognize_many as module
from avai.services import seconds_of
from avai.services.naming import folder_names, shown
from avai.services.recognize import recognize
from avai.services.recognize_many import recognize_many
from avai.ui import controls

TABLE = ["recognitions.json", "recognitions.csv", "recognitions.zip"]


def sound(path: Path, samples: np.ndarray) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    soundfile.write(path, samples, 48000)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def given(saxophone: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two saxophones of one name from two folders, an empty file named like a formula, a second of silence with a
    Chinese name, and a text."""
    folder = tmp_path_factory.mktemp("given")
    clips = [
        sound(folder / "monday" / "sax.wav", saxophone[: 3 * 48000]),
        sound(folder / "tuesday" / "sax.wav", saxophone[3 * 48000 : 5 * 48000]),
        folder / "=HYPERLINK(1).mp4",
        sound(folder / '会议\n"录音".wav', np.zeros(48000)),
        folder / "notes.mp3",
    ]
    clips[2].touch()
    clips[4].write_text("to do\n" * 99)
    return clips


@pytest.fixture(scope="module")
def made(given: list[Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[RecognitionTable, Path]:
    out = tmp_path_factory.mktemp("out")
    return recognize_many(RecognizeManyRequest(clips=tuple(given)), out), out


def test_those_heard_and_those_not_are_told_in_the_order_given(made: tuple[RecognitionTable, Path]) -> None:
    result, out = made
    assert [(each.clip, each.name) for each in result.clips] == [(0, "sax.wav"), (1, "sax.wav"), (3, '会议 "录音".wav')]
    assert [(each.clip, each.reason.code) for each in result.unread] == [(2, "media.empty"), (4, "media.unknown")]
    assert 2 < result.clips[0].layers["music"] <= 3
    assert "music" in {each.label for each in result.clips[0].sounds}
    assert result.clips[2].verdict is None
    assert result.clips[2].layers == {"speech": 0, "music": 0, "other": 0, "silence": 1}
    assert result.clips[2].warnings[0].code == "media.silent"
    assert RecognitionTable.model_validate_json((out / TABLE[0]).read_text(encoding="utf-8")) == result


def test_the_table_is_for_spreadsheets(made: tuple[RecognitionTable, Path]) -> None:
    rows = rows_of(made[1] / TABLE[1])
    assert [row["file"] for row in rows] == ["sax.wav", "sax.wav", "'=HYPERLINK(1).mp4", '会议 "录音".wav', "notes.mp3"]
    assert 0.03 < float(rows[0]["minutes_music"]) <= 0.05
    assert re.match(r"[a-z_]+ [01]\.\d\d; ", rows[0]["sounds"])
    assert rows[2]["problem"] == "This file is empty (0 bytes). Save or upload it again."
    assert all(list(row) == ["file", "folder", "minutes", *(f"minutes_{each}" for each in LAYERS), "verdict",
                             "confidence", "sounds", "warnings", "problem"] for row in rows)  # fmt: skip
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1.wav", "'=1+1.wav"),
        ("a;=1+1; @x.wav", "a;'=1+1; '@x.wav"),
        ("＝１.wav", "'＝１.wav"),
        ("music 0.90; rain 0.50", "music 0.90; rain 0.50"),
        ("take-1 (a+b).wav", "take-1 (a+b).wav"),
    ],
)
def test_no_spreadsheet_finds_a_formula(cell: str, written: str) -> None:
    assert module._harmless(cell) == written


def test_each_file_has_its_folder_and_the_zip_has_them_all(made: tuple[RecognitionTable, Path], tmp_path: Path) -> None:
    result, out = made
    assert [each.folder for each in result.clips] == ["sax", "sax (2)", "会议 _录音_"]
    with zipfile.ZipFile(out / TABLE[2]) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*(e.folder for e in result.clips), *TABLE[:2]])
    for row in result.clips:
        for folder in (out / row.folder, tmp_path / row.folder):
            assert all((folder / name).is_file() for name in row.files)
        assert sorted(path.name for path in (tmp_path / row.folder).iterdir()) == sorted(row.files)


def test_one_of_many_is_heard_as_it_is_alone(
    made: tuple[RecognitionTable, Path], given: list[Path], tmp_path: Path
) -> None:
    alone = recognize(RecognizeRequest(clip=given[1]), tmp_path)
    told = Recognition.model_validate_json((made[1] / "sax (2)" / "recognition.json").read_text(encoding="utf-8"))
    assert told.model_copy(update={"files": alone.files}) == alone


def test_none_usable_is_refused_with_the_reason_of_the_first(given: list[Path], tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        recognize_many(RecognizeManyRequest(clips=(given[4], given[2], tmp_path / "gone.wav")), tmp_path)
    assert str(caught.value).startswith("None of the 3 files could be used. The first, notes.mp3: This is not a video")
    assert "notes.mp3：" in caught.value.sentence("zh")
    with pytest.raises(RequestError) as alone:
        recognize_many(RecognizeManyRequest(clips=(given[2],)), tmp_path)
    assert alone.value.key == "media.empty"
    assert not list(tmp_path.iterdir())


def test_a_name_that_no_system_takes_is_listed_as_missing(given: list[Path], tmp_path: Path) -> None:
    refused = [Path("long" * 99 + ".wav"), tmp_path / "nul\0.wav", Path("half\ud83c.wav"), given[0] / "inside.wav"]
    result = recognize_many(RecognizeManyRequest(clips=(*refused, given[3]), split=False), tmp_path)
    assert [(each.clip, each.reason.code) for each in result.unread] == [(at, "media.missing") for at in range(4)]
    assert (result.unread[2].name, result.clips[0].clip) == ("half\ufffd.wav", 4)


def test_a_setting_that_is_wrong_is_said_once(given: list[Path], tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        recognize_many(RecognizeManyRequest(clips=tuple(given), only=("sexophone",)), tmp_path)
    assert caught.value.key == "recognize_note.unknown_label_near"


def test_progress_says_which_file_and_stop_is_heard_in_any(given: list[Path], tmp_path: Path) -> None:
    said: list[tuple[float, str]] = []

    def progress(done: float, what: str) -> None:
        said.append((done, what))
        if what.startswith("2 / 5"):
            raise Cancelled

    with pytest.raises(Cancelled):
        recognize_many(RecognizeManyRequest(clips=tuple(given)), tmp_path, progress)
    assert {what for _, what in said} == {"1 / 5 · sax.wav", "2 / 5 · sax.wav"}
    assert [done for done, _ in said] == sorted(done for done, _ in said)
    assert not (tmp_path / TABLE[0]).exists()


def test_a_fault_with_one_file_leaves_the_others(
    given: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: RecognizeRequest, out: Path, *rest: object) -> Recognition:
        if request.clip == given[0]:
            (out / "half.wav").touch()
            raise ValueError("a library's own trouble")
        return recognize(request, out)

    monkeypatch.setattr(module, "recognize", broken)
    result = recognize_many(RecognizeManyRequest(clips=(given[0], given[3])), tmp_path)
    assert [each.clip for each in result.clips] == [1]
    assert result.unread[0].reason.code == "recognize_many_note.fault"
    assert not (tmp_path / "sax").exists()


def test_a_full_disk_ends_it_all(given: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Recognition:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(module, "recognize", full)
    with pytest.raises(OSError, match="no room"):
        recognize_many(RecognizeManyRequest(clips=tuple(given)), tmp_path)


def test_what_cannot_be_read_does_not_keep_the_rest_from_being_measured(given: list[Path]) -> None:
    lengths = list(seconds_of(RecognizeManyRequest(clips=tuple(given))))
    assert lengths == pytest.approx([3, 3 + 2, 3 + 2 + 1, 3 + 2 + 1 + 1, 3 + 2 + 1 + 1 + 1], abs=0.1)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("a/b.mp3", "b"),
        ("雨声 第2段.wav", "雨声 第2段"),
        ("emoji 🎷.wav", "emoji 🎷"),
        ("会议 %22录音%22%0A二 50%.wav", "会议 _录音_ 二 50%"),
        ('what? "yes": <a|b>*.wav', "what_ _yes__ _a_b__"),
        ("tab\tand\nline.wav", "tab and line"),
        ("evil\u202egnp.wav", "evilgnp"),
        ("..wav", "clip"),
        ("....", "clip"),
        (".wav", "wav"),
        ("NUL.wav", "NUL_"),
        ("com1.part.wav", "com1.part_"),
        ("dots. . .wav", "dots"),
        ("x" * 240 + ".wav", "x" * 120),
        ("深" * 80 + ".wav", "深" * 40),
        ("recognitions.csv.wav", "recognitions.csv (2)"),
        (os.fsdecode(b"caf\xe9.wav"), "caf_"),
    ],
)
def test_a_folder_is_named_as_its_file_where_that_can_be(name: str, folder: str, tmp_path: Path) -> None:
    assert folder_names([Path(name)]) == [folder]
    (tmp_path / folder).mkdir()
    assert len(shown(Path(name)).splitlines()) == 1
    json.dumps(shown(Path(name))).encode()


def test_no_two_files_share_a_folder() -> None:
    names = folder_names(map(Path, ["a/x.wav", "b/X.mp3", "x (2).wav", "c/x.ogg", "caf\u00e9.wav", "cafe\u0301.wav"]))
    assert names == ["x", "X (2)", "x (2) (2)", "x (3)", "caf\u00e9", "caf\u00e9 (2)"]


def test_too_many_are_refused_in_a_sentence(given: list[Path]) -> None:
    refused = CliRunner().invoke(shell("en"), ["recognize-many", *[str(given[0])] * 1001, "--out", "unused"])
    assert refused.exit_code == 2
    assert refused.stderr.startswith("1001 files are too many at once. Give at most 1000")
    with pytest.raises(RequestError) as caught:
        controls.gathered(RecognizeManyRequest, {"clips": (given[0],) * 1001}, [], [])
    assert caught.value.values == {"count": 1001, "most": 1000}


def test_the_command_writes_it_all_and_replaces_it_whole(
    given: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    words = ["recognize-many", *map(str, given), "--no-split", "--out", str(out)]
    first = CliRunner().invoke(shell("en"), words)
    assert first.exit_code == 0, first.output
    assert "3 of 5 files heard" in first.stdout
    assert "=HYPERLINK(1).mp4: This file is empty" in first.stderr
    assert sorted(path.name for path in out.iterdir()) == sorted(["sax", "sax (2)", "会议 _录音_", *TABLE])
    assert sorted(path.name for path in (out / "sax").iterdir()) == sorted(
        ["recognition.json", "tags.csv", "tags.vtt", "labels.txt"]
    )
    (out / "sax (2)" / "mine.txt").write_text("kept")

    again = CliRunner().invoke(shell("en"), [*words[:1], str(given[0]), "--no-split", "--out", str(out)])
    assert (again.exit_code, (out / "sax (2)" / "tags.csv").exists()) == (2, True)
    replaced = CliRunner().invoke(shell("en"), [*words[:1], str(given[0]), "--out", str(out), "--overwrite"])
    assert replaced.exit_code == 0, replaced.output
    assert sorted(path.name for path in out.iterdir()) == sorted(["sax", "sax (2)", *TABLE])
    assert [path.name for path in (out / "sax (2)").iterdir()] == ["mine.txt"]
