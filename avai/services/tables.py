"""Tables and labels that say which file, or which stretch of a recording, is of which class.

Understood are ESC-50's ``meta/esc50.csv``, UrbanSound8K's, Kinetics' lists, tables of ours, label tracks of Audacity,
selection tables of Raven, and what people write by hand with columns of the same names.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from avai.errors import RequestError
from avai.exchange import read_audacity_labels
from avai.services.found import Found

MOST_ROWS = 200_000

FILE = (
    "file", "filename", "file_name", "filepath", "file_path", "path", "fname", "slice_file_name", "wav",
    "wav_file", "audio", "audio_file", "clip", "image", "picture", "video", "文件", "文件名", "路径",
)  # fmt: skip
VIDEO = ("youtube_id", "video_id", "ytid")
LABEL = (
    "label", "category", "class", "class_name", "classname", "event_label", "annotation", "word", "digit",
    "emotion", "species", "event", "tag", "command", "instrument", "genre", "scene", "scene_label", "target",
    "class_id", "classid", "labels", "类别", "标签", "分类", "类",
)  # fmt: skip
SOURCE = (
    "source_clip", "src_file", "source_file", "fsid", "recording", "recording_id", "group", "speaker",
    "speaker_id", "speaker_name", "client_id", "subject", "source", "来源", "说话人",
)  # fmt: skip
START = (
    "start", "onset", "begin", "start_time", "time_start", "begin_time", "begin_time_s", "start_s",
    "start_seconds", "from", "开始", "起始",
)  # fmt: skip
END = ("end", "offset", "stop", "end_time", "time_end", "end_time_s", "end_s", "end_seconds", "to", "结束")
LENGTH = ("duration", "length", "时长")


@dataclass(frozen=True)
class Row:
    """What a line says. ``file`` is a path in the words of the table, "" where the table is about one recording."""

    label: str
    file: str = ""
    source: str = ""
    fold: int | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class Table:
    """Lines about files, or (``spans``) about stretches of one recording."""

    rows: tuple[Row, ...]
    spans: bool = False


def read(text: str, suffix: str) -> Table:
    """The table or label track in a text. Raises ``RequestError`` that says what is missing in it."""
    if suffix == ".txt" and _looks_like_track(text):
        return Table(
            tuple(Row(each.label, start=each.start, end=each.end) for each in read_audacity_labels(text)), True
        )
    try:
        lines = _lines(text)
    except csv.Error:
        raise RequestError("material_note.bad_table") from None
    if lines and len(lines[0]) > 1 and re.search(r"\.\w{2,4}$", lines[0][0].strip()):
        lines.insert(0, ["file", "label"])  # a list without a heading
    heads = [re.sub(r"[\W_]+", "_", head.lower()).strip("_") for head in (lines[0] if lines else [])]
    column = {head: number for number, head in reversed(list(enumerate(heads)))}
    file, label = _first(column, FILE + VIDEO), _first(column, LABEL)
    start, end, length = (_first(column, names) for names in (START, END, LENGTH))
    if label is None or (file is None and (start is None or (end is None and length is None))):
        raise RequestError("material_note.columns", columns=", ".join(heads)[:100])
    cells = [line for line in lines[1:] if any(cell.strip() for cell in line)]
    source, video = _source(column, cells, {file, label}), _first(column, VIDEO)
    fold = column.get("fold")
    rows = []
    for number, line in enumerate(cells, 2):
        begin = _seconds(line, start, number)
        stop = _seconds(line, end, number)
        if stop is None and begin is not None and (lasts := _seconds(line, length, number)) is not None:
            stop = begin + lasts
        rows.append(
            Row(
                label=_cell(line, label),
                file=_cell(line, file),
                source=_cell(line, source) or _cell(line, video),
                fold=int(digits[0]) if (digits := re.search(r"\d{1,4}", _cell(line, fold))) else None,
                start=begin if stop is not None else None,
                end=stop if begin is not None else None,
            )
        )
    return Table(tuple(rows), spans=file is None)


class Shelf:
    """Files by the names that tables call them: a path or its end, in any case, with another ending where none has
    that one, or a Kinetics clip's number with its times."""

    def __init__(self, files: Iterable[Found]) -> None:
        self._named: dict[str, list[Found]] = defaultdict(list)
        self._stems: dict[str, list[Found]] = defaultdict(list)
        for each in files:
            self._named[_key(each.parts[-1])].append(each)
            self._stems[_key(each.stem)].append(each)

    def find(self, row: Row) -> tuple[Found, bool] | None:
        """The file of a row, and whether it is the very stretch that the row's times tell, cut out."""
        *folders, name = re.split(r"[/\\]", row.file)
        if row.start is not None and row.end is not None:
            cut = f"{name}_{int(row.start):06}_{int(row.end):06}"
            if there := self._stems.get(_key(cut)):
                return there[0], True
        stem = name.rpartition(".")[0] or name
        there = self._named.get(_key(name)) or self._stems.get(_key(name)) or self._stems.get(_key(stem))
        if not there:
            return None
        return max(there, key=lambda each: _alike(folders, each.parts[:-1])), False


def _alike(wanted: Sequence[str], folders: Sequence[str]) -> int:
    """How many folders, from the file up, are called the same."""
    count = 0
    for one, other in zip(reversed(wanted), reversed(folders), strict=False):
        if _key(one) != _key(other):
            break
        count += 1
    return count


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _looks_like_track(text: str) -> bool:
    """Whether the first line with anything on it begins with two numbers divided by a tab."""
    line = next((each for each in text.lstrip("\ufeff").splitlines() if each.strip()), "")
    return bool(re.match(r"\s*-?\d+([.,]\d+)?\t\s*-?\d+([.,]\d+)?(\t|$)", line))


def _lines(text: str) -> list[list[str]]:
    """Cells by line, divided by what the first line has most of."""
    text = text.lstrip("\ufeff")
    first = next((each for each in text.splitlines() if each.strip()), "")
    comma = max(",;\t|", key=first.count)
    lines: list[list[str]] = []
    for line in csv.reader(io.StringIO(text), delimiter=comma):
        if lines or any(cell.strip() for cell in line):
            lines.append(line)
        if len(lines) > MOST_ROWS:
            raise RequestError("material_note.too_many_rows", limit=MOST_ROWS)
    return lines


def _first(column: Mapping[str, int], names: Iterable[str]) -> int | None:
    return next((column[name] for name in names if name in column), None)


def _source(column: Mapping[str, int], cells: Sequence[Sequence[str]], taken: set[int | None]) -> int | None:
    """The column that tells what was cut from one thing: one that says the same of all tells nothing."""
    for name in SOURCE:
        at = column.get(name)
        if at is not None and at not in taken and len({_cell(line, at) for line in cells}) > 1:
            return at
    return None


def _cell(line: Sequence[str], at: int | None) -> str:
    return line[at].strip() if at is not None and at < len(line) else ""


def _seconds(line: Sequence[str], at: int | None, number: int) -> float | None:
    """Seconds, or hours, minutes and seconds divided by colons; None where there are none."""
    cell = _cell(line, at).replace(",", ".")
    if not cell:
        return None
    try:
        total = 0.0
        for each in cell.split(":"):
            total = total * 60 + float(each)
    except ValueError:
        total = -1.0
    if not isfinite(total) or total < 0:
        raise RequestError("material_note.bad_time", line=number)
    return total
