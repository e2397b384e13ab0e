"""Which of the files that were found are clips, and what says which class each is of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path, PurePath

from avai.contracts import Layout, Note
from avai.errors import RequestError, note
from avai.progress import Progress, part
from avai.services import layout, tables
from avai.services.archive import is_archive
from avai.services.found import Found, LeftOuts, OnDisk, Place, text_in
from avai.services.sifting import Candidate
from avai.services.tables import Shelf, Table

WRITTEN = (".csv", ".tsv", ".txt")
ENDING = re.compile(r"[ _.-]?(labels?|label track|tags|annotations?|标签)$", re.IGNORECASE)
"""What a label track may be called beside its recording's name."""


def labelled(
    places: Sequence[Place], left: LeftOuts, warnings: list[Note], progress: Progress
) -> tuple[list[Candidate], tuple[Layout, ...]]:
    """The clips with what people call their classes, and how that was told: by labels given with them, tables, label
    tracks, folders or names."""
    found: dict[Layout, list[Candidate]] = {"labels": [], "table": [], "spans": [], "folders": [], "names": []}
    lists: list[tuple[Found, Table]] = []
    open_places: list[list[Found]] = []
    for number, place in enumerate(places):
        clips, texts = _sorted_out(place, left, part(progress, number / len(places), (number + 1) / len(places)))
        if place.label:
            found["labels"] += [Candidate(each, place.label, layout.source_of(each.stem)) for each in clips]
            for each in texts:
                left.add(each.name, RequestError("material_note.text"))
            continue
        tracks: list[tuple[Found, Table]] = []
        for each, table in _tables(texts, clips, left):
            (tracks if table.spans else lists).append((each, table))
        spans, told = _by_tracks(tracks, clips, left)
        found["spans"] += spans
        if spans:
            for each in clips:
                if each not in told:
                    left.add(each.name, RequestError("material_note.no_labels"))
            clips = []
        open_places.append(clips)
    found["table"], used = _by_tables(lists, open_places, left, warnings)
    for clips in open_places:
        if used.intersection(clips):
            for each in clips:
                if each not in used:
                    left.add(each.name, RequestError("material_note.not_in_table"))
            clips.clear()
    known = bool(found["labels"] or found["table"] or found["spans"])
    ways = layout.classes_of([[each.parts for each in clips] for clips in open_places], known)
    for clips, (way, names) in zip(open_places, ways, strict=True):
        for each, name in zip(clips, names, strict=True):
            if layout.label_of(name):
                found["folders" if way == "folders" else "names"].append(
                    Candidate(each, name, layout.source_of(each.stem))
                )
            else:
                left.add(each.name, RequestError("material_note.no_class"))
    return list(chain(*found.values())), tuple(way for way, clips in found.items() if clips)


def _sorted_out(place: Place, left: LeftOuts, progress: Progress) -> tuple[list[Found], list[Found]]:
    """Clips and pictures, and what is written about them."""
    clips, texts = [], []
    for number, each in enumerate(place.files):
        progress(number / len(place.files), "doing.gathering")
        if each.suffix in WRITTEN and (each.container is None or each.container.kind == "playlist"):
            texts.append(each)
        elif each.container is None or each.container.kind == "playlist":
            left.add(each.name, _why_not(each))
        else:
            clips.append(each)
    return clips, texts


def _why_not(each: Found) -> RequestError:
    """Why a file is neither sound nor picture."""
    if not each.size:
        return RequestError("media.empty")
    head = each.head(4096)
    if not head:
        return RequestError("media.damaged")
    try:
        if is_archive(each):
            return RequestError("material_note.nested")
    except RequestError as error:
        return error
    return RequestError("media.unknown" if text_in(head) is None else "material_note.text")


def _tables(texts: Sequence[Found], clips: Sequence[Found], left: LeftOuts) -> Iterator[tuple[Found, Table]]:
    for each in texts:
        text = each.text()
        if text is None or not text.strip():
            left.add(each.name, RequestError("media.empty" if not each.size else "media.unknown"))
            continue
        try:
            yield each, tables.read(text, each.suffix)
        except RequestError as error:
            # a text is one among sounds, unless it stands beside a recording of the same name
            aside = each.suffix == ".txt" and error.key != "media.bad_labels"
            left.add(each.name, RequestError("material_note.text") if aside else error)


def _by_tracks(
    tracks: Sequence[tuple[Found, Table]], clips: Sequence[Found], left: LeftOuts
) -> tuple[list[Candidate], set[Found]]:
    """Stretches of recordings by the label tracks that lie beside them."""
    spans: list[Candidate] = []
    told: set[Found] = set()
    for each, table in tracks:
        recording = _recording(each, clips, alone=len(tracks) == 1)
        if recording is None:
            left.add(each.name, RequestError("material_note.no_recording"))
            continue
        told.add(recording)
        for row in table.rows:
            span = Candidate(recording, row.label, row.source, row.fold, row.start, row.end)
            if not layout.label_of(row.label):
                left.add(span.name, RequestError("material_note.no_class"))
            elif row.start is not None:
                spans.append(span)
    return spans, told


def _recording(track: Found, clips: Sequence[Found], alone: bool) -> Found | None:
    """The recording that a label track is about: of its name, or the only one."""
    stems = {track.stem.casefold(), ENDING.sub("", track.stem).casefold()}
    named = [each for each in clips if each.stem.casefold() in stems]
    beside = [each for each in named if each.parts[:-1] == track.parts[:-1]]
    if beside or named:
        return (beside or named)[0]
    return clips[0] if alone and len(clips) == 1 else None


def _by_tables(
    lists: Sequence[tuple[Found, Table]], places: Sequence[Sequence[Found]], left: LeftOuts, warnings: list[Note]
) -> tuple[list[Candidate], set[Found]]:
    """Files by the tables that name them, wherever they lie in what was given, or else beside a table."""
    shelf = Shelf(chain(*places))
    beside: dict[str, OnDisk | None] = {}
    found: list[Candidate] = []
    for each, table in lists:
        mine, missing = [], 0
        for row in table.rows:
            there = shelf.find(row)
            if there is None and row.file not in beside:
                beside[row.file] = _beside(each, row.file)
            file, whole = there or (beside[row.file], False)
            if file is None:
                missing += 1
                continue
            if not layout.label_of(row.label):
                left.add(file.name, RequestError("material_note.no_class"))
                continue
            start, end = (None, None) if whole else (row.start, row.end)
            mine.append(Candidate(file, row.label, row.source or layout.source_of(file.stem), row.fold, start, end))
        if not mine:
            left.add(each.name, RequestError("material_note.no_files"))
        elif missing:
            warnings.append(note("material_note.missing", name=each.name, count=missing, all=len(table.rows)))
        found += mine
    return found, {each.file for each in found}


def _beside(table: Found, name: str) -> OnDisk | None:
    """A file beneath the folder of a table that was given by itself; nothing outside of it, whatever the table says."""
    if not isinstance(table, OnDisk) or not name or "\0" in name:
        return None
    folder = table.path.parent.resolve()
    path = folder / Path(*PurePath(name.replace("\\", "/")).parts)
    try:
        inside = path.is_file() and path.resolve() == path and path.is_relative_to(folder)
    except (OSError, ValueError):
        return None
    if not inside:
        return None
    return OnDisk((folder.name, *path.relative_to(folder).parts), path.stat().st_size, path)
