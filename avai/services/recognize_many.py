"""Recognise many: each of many files by itself, one table of them all, and one zip of what was written about them."""

from __future__ import annotations

import csv
import errno
import io
import logging
import re
import secrets
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from avai.contracts import (
    LAYERS,
    Note,
    Recognition,
    RecognitionTable,
    RecognizedClip,
    RecognizeManyRequest,
    RecognizeRequest,
    Span,
    UnreadClip,
    is_drawing,
)
from avai.errors import RequestError, StudioError, note
from avai.labels import heard_most, resolved
from avai.media.writing import written
from avai.progress import Progress, part, quiet
from avai.services.models import model_of
from avai.services.naming import folder_names, shown
from avai.services.recognize import recognize

SOUNDS = 5
"""How many of a clip's sounds stand in the table."""

OVERHEAD = 200_000
"""What a file takes beside its length, as if it had so many bytes more: a thousand short ones fill the bar evenly."""

TEXTS = (".csv", ".json", ".vtt", ".txt")
"""Endings of files that packing makes smaller."""

FORMULA = re.compile(r"(^|;\s*)([=+@\-＝＋＠－])")
"""What begins a formula, at full width too, at the start of a cell."""

log = logging.getLogger("avai.services")


def recognize_many(request: RecognizeManyRequest, out: Path, progress: Progress = quiet) -> RecognitionTable:
    """What is heard in each clip, as ``recognize`` tells it, with the same settings for all.

    Files: ``recognitions.json``, ``recognitions.csv`` (a row a clip), ``recognitions.zip`` (the table and a folder a
    clip); the folders lie in ``out`` too. A clip that cannot be used is listed with its reason and the others go on.
    Raises ``RequestError`` when none can be used, or when a setting is wrong for all.
    """
    model = model_of(request.model, "sound") if request.model else None
    classes = model.classes if model else ()
    resolved(request.only, classes), resolved(request.never, classes)
    settings = request.model_dump(exclude={"clips"})
    names, folders = [shown(clip) for clip in request.clips], folder_names(request.clips)
    heard: list[RecognizedClip] = []
    unread: list[UnreadClip] = []
    for number, (clip, share) in enumerate(zip(request.clips, _shares(request.clips), strict=True)):
        report = _numbered(part(progress, 0.95 * share[0], 0.95 * share[1]), number, names)
        report(0.0, "")
        folder = out / folders[number]
        folder.mkdir()
        try:
            alone = recognize(RecognizeRequest(clip=clip, **settings), folder, report, model)
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            unread.append(UnreadClip(clip=number, name=names[number], reason=_reason(error)))
        else:
            heard.append(_row(number, names[number], folder, alone))
    if not heard:
        raise _refusal(unread)
    result = RecognitionTable(
        clips=tuple(heard),
        unread=tuple(unread),
        warnings=(note("recognize_many_note.unread", count=len(unread), all=len(names)),) if unread else (),
        files=("recognitions.json", "recognitions.csv", "recognitions.zip"),
    )
    (out / "recognitions.csv").write_text(_csv(result), encoding="utf-8-sig", newline="")
    (out / "recognitions.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    _zip(out, result, part(progress, 0.95, 1.0))
    progress(1.0, "doing.done")
    return result


def _shares(clips: Sequence[Path]) -> Iterator[tuple[float, float]]:
    """From where to where each clip takes the bar, by the sizes of the files."""
    sizes = [OVERHEAD + _size(clip) for clip in clips]
    ends = [end / sum(sizes) for end in accumulate(sizes)]
    return zip([0.0, *ends], ends, strict=False)


def _size(clip: Path) -> int:
    """Its bytes; none where there is no such file, or no system takes such a name: that is said when its turn comes."""
    try:
        return clip.stat().st_size
    except (OSError, ValueError):
        return 0


def _numbered(progress: Progress, number: int, names: Sequence[str]) -> Progress:
    """Progress that says which clip is at hand rather than what is done with it."""
    text = f"{number + 1} / {len(names)} · {names[number]}"

    def report(done: float, what: str) -> None:
        progress(done, text)

    return report


def _reason(error: Exception) -> Note:
    """Why a clip gave no result, when that is about the clip; the error itself goes on when it is not."""
    if isinstance(error, RequestError) and not error.about_all:
        return error.noted()
    if isinstance(error, StudioError | MemoryError) or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        raise error
    number = secrets.token_hex(4)
    log.error("one of many clips (%s) failed", number, exc_info=error)
    return note("recognize_many_note.fault", id=number)


def _refusal(unread: Sequence[UnreadClip]) -> RequestError:
    """None could be used: the first one's reason, which mostly is that of all; itself, where there was but one."""
    first = unread[0]
    why = RequestError.of(first.reason)
    if len(unread) == 1:
        return why
    return RequestError(
        "recognize_many_note.none",
        count=len(unread),
        name=first.name,
        en=why.sentence("en"),
        zh=why.sentence("zh"),
    )


def _row(number: int, name: str, folder: Path, result: Recognition) -> RecognizedClip:
    """A clip's row of the table. What is said of its files is what a person takes away."""
    files = tuple(each for each in result.files if not is_drawing(each))
    said = result.model_copy(update={"files": files})
    (folder / "recognition.json").write_text(said.model_dump_json(indent=2), encoding="utf-8")
    return RecognizedClip(
        clip=number,
        name=name,
        folder=folder.name,
        duration=result.duration,
        verdict=result.classes[0] if result.classes else None,
        layers={layer: round(_seconds(result.layers[layer]), 3) for layer in LAYERS},
        sounds=tuple(heard_most(result.spans)[:SOUNDS]),
        warnings=result.warnings,
        files=files,
    )


def _seconds(spans: Sequence[Span]) -> float:
    return sum(span.end - span.start for span in spans)


def _csv(result: RecognitionTable) -> str:
    """A row for each clip in the order given, minutes with two decimals; a clip that gave no result has its reason."""
    rows = {each.clip: _cells(each) for each in result.clips}
    blank = [""] * (2 + len(LAYERS) + 4)
    rows |= {each.clip: [each.name, *blank, each.reason.text] for each in result.unread}
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    minutes = [f"minutes_{layer}" for layer in LAYERS]
    table.writerow(["file", "folder", "minutes", *minutes, "verdict", "confidence", "sounds", "warnings", "problem"])
    table.writerows([_harmless(cell) for cell in rows[number]] for number in sorted(rows))
    return text.getvalue()


def _cells(row: RecognizedClip) -> list[str]:
    verdict = row.verdict
    return [
        row.name,
        row.folder,
        f"{row.duration / 60:.2f}",
        *(f"{row.layers[layer] / 60:.2f}" for layer in LAYERS),
        verdict.label if verdict else "",
        f"{verdict.confidence:.2f}" if verdict else "",
        "; ".join(f"{sound.label} {sound.confidence:.2f}" for sound in row.sounds),
        " ".join(each.text for each in row.warnings),
        "",
    ]


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, also one that separates at semicolons (OWASP, CSV injection)."""
    return FORMULA.sub(r"\1'\2", cell)


def _zip(out: Path, result: RecognitionTable, progress: Progress) -> None:
    """The table and each clip's folder in one archive, whole or not at all; stored where packing would gain nothing."""
    names = ["recognitions.csv", "recognitions.json"]
    names += [f"{row.folder}/{file}" for row in result.clips for file in row.files]
    with written(out / "recognitions.zip") as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
        for number, name in enumerate(names):
            entry = zipfile.ZipInfo.from_file(out / name, name)
            entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(TEXTS) else zipfile.ZIP_STORED
            with (out / name).open("rb") as given, archive.open(entry, "w", force_zip64=True) as taken:
                while block := given.read(1 << 20):
                    progress(number / len(names), "doing.packing")
                    taken.write(block)
