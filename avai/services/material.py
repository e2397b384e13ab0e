"""What people give to teach from, understood: which clip is of which class, and what is left out and why."""

from __future__ import annotations

import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from avai import media
from avai.contracts import Kind, LeftOut, Material, MaterialRequest, Note, TaughtClass
from avai.errors import RequestError, note
from avai.progress import Progress, quiet


@dataclass(frozen=True)
class Given:
    """A clip to learn from: the file ``path``, from ``start`` to ``end`` in seconds, of the class ``label``. Clips of
    one ``source`` are never on both sides of a test. ``name`` is what a person knows it by, ``digest`` its content's.
    ``fold`` is that of the data set's own table, where it has one."""

    path: Path
    label: str
    source: str
    name: str
    digest: str
    start: float
    end: float
    fold: int | None = None


@dataclass(frozen=True)
class Gathered:
    """All that was understood. ``clips`` are in an order that hangs on labels and contents alone, not on paths."""

    kind: Kind
    clips: tuple[Given, ...]
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[Note, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels in their order."""
        return tuple(sorted({clip.label for clip in self.clips}))


def material(request: MaterialRequest, out: Path, progress: Progress = quiet) -> Material:
    """What there is to learn from; writes ``material.json``."""
    unpacked = out / "unpacked"
    unpacked.mkdir()
    gathered = gather(request, unpacked, progress)
    shutil.rmtree(unpacked)
    result = told(gathered)
    (out / "material.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    return result


def told(gathered: Gathered) -> Material:
    """What was gathered, as a result."""
    classes = []
    for label in gathered.classes:
        mine = [clip for clip in gathered.clips if clip.label == label]
        classes.append(
            TaughtClass(
                label=label,
                clips=len(mine),
                seconds=round(sum(clip.end - clip.start for clip in mine), 3),
                sources=len({clip.source for clip in mine}),
            )
        )
    return Material(
        kind=gathered.kind,
        classes=tuple(classes),
        left_out=gathered.left_out,
        warnings=gathered.warnings,
        files=("material.json",),
    )


def gather(request: MaterialRequest, folder: Path, progress: Progress = quiet) -> Gathered:
    """Look through all that was given; zips are unpacked into ``folder``.

    Raises ``RequestError`` when nothing of it can be learnt from.
    """
    found: list[Given] = []
    left: list[LeftOut] = []
    labels = [*request.labels, *[""] * len(request.material)]
    kinds = set()
    for given, label in zip(request.material, labels, strict=False):
        for path, name in _files(given, folder):
            progress(0.0, "doing.gathering")
            try:
                info = media.probe(path)
            except RequestError as error:
                left.append(LeftOut(name=name, reason=note(error.key, **error.values)))
                continue
            kinds.add("picture" if info.kind == "picture" else "sound")
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found.append(Given(path, _label(label or path.parent.name), digest, name, digest, 0.0, info.duration))
    found = [clip for clip in found if clip.label not in request.without]
    if not found:
        raise RequestError("train_note.nothing")
    found.sort(key=lambda each: (each.label, each.digest))
    return Gathered("picture" if kinds == {"picture"} else "sound", tuple(found), tuple(left))


def _label(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.lower()).strip("_") or "class"


def _files(given: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    if given.is_dir():
        for path in sorted(given.rglob("*")):
            if path.is_file():
                yield path, str(path.relative_to(given))
    elif given.suffix.lower() == ".zip":
        with zipfile.ZipFile(given) as archive:
            archive.extractall(folder / given.stem)
        yield from _files(folder / given.stem, folder)
    else:
        yield given, given.name
