"""What people give to teach from, understood: which clip is of which class, and what is left out and why.

Files are found (``found``, ``archive``), their classes read off labels, tables (``tables``) or their folders and names
(``layout``), and what can be learnt from is sifted out (``sifting``).
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from avai.contracts import Kind, Layout, LeftOut, Material, MaterialRequest, Note, TaughtClass
from avai.errors import RequestError, note
from avai.progress import Progress, part, quiet
from avai.services.archive import Room, is_archive, members
from avai.services.found import MOST_FILES, LeftOuts, OnDisk, Place, name_of, walk
from avai.services.labelling import labelled
from avai.services.layout import MADE_UP, label_of
from avai.services.sifting import Candidate, Given, listed, sift

__all__ = ["Gathered", "Given", "check", "gather", "material", "told"]

MOST_CLASSES = 200
MOST_SAID = 20
MODEL = ".avai"
RESERVED, INSTEAD = "other", "background"
"""``other`` is what the studio answers for none of the classes: such a class is taught under another name."""


@dataclass(frozen=True)
class Gathered:
    """All that was understood. ``clips`` are in an order that hangs on labels and contents alone, not on paths."""

    kind: Kind
    clips: tuple[Given, ...]
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[Note, ...] = ()
    layout: tuple[Layout, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels in their order."""
        return tuple(sorted({clip.label for clip in self.clips}))

    @property
    def silent(self) -> tuple[str, ...]:
        """Labels of the classes that are silence on purpose: nothing is to be heard in any of their clips."""
        return tuple(sorted({clip.label for clip in self.clips if clip.silent}))


def material(request: MaterialRequest, out: Path, progress: Progress = quiet) -> Material:
    """What there is to learn from; writes ``material.json``. No network is asked."""
    with tempfile.TemporaryDirectory() as unpacked:
        result = told(gather(request, Path(unpacked), progress))
    (out / "material.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def told(gathered: Gathered) -> Material:
    """What was gathered, as a result."""
    groups: dict[str, list[Given]] = defaultdict(list)
    for clip in gathered.clips:
        groups[clip.label].append(clip)
    classes = [
        TaughtClass(
            label=label,
            clips=len(mine),
            seconds=round(sum(clip.end - clip.start for clip in mine), 3),
            sources=len({clip.source for clip in mine}),
        )
        for label, mine in sorted(groups.items())
    ]
    return Material(
        kind=gathered.kind,
        classes=tuple(classes),
        layout=gathered.layout,
        left_out=gathered.left_out,
        warnings=gathered.warnings,
        files=("material.json",),
    )


def check(gathered: Gathered) -> None:
    """Raises ``RequestError`` when there are too few classes or clips to teach a model and to tell how good it is."""
    for reason in _lacking(gathered.clips):
        raise RequestError.of(reason)


def gather(request: MaterialRequest, folder: Path, progress: Progress = quiet) -> Gathered:
    """Look through all that was given; files of zips are unpacked into ``folder`` under names of ours.

    A class with one clip, or one class alone, is gathered with a warning: ``check`` refuses it. Raises ``RequestError``
    when nothing of it can be learnt from.
    """
    left, warnings = LeftOuts(), list[Note]()
    with ExitStack() as held:
        places = _places(request, Room(folder), left, held, part(progress, 0.0, 0.1))
        candidates, layout = labelled(places, left, warnings, part(progress, 0.1, 0.2))
        candidates = [each for each in _merged(candidates, warnings) if each.label not in request.without]
        kind, candidates = _of_one_kind(candidates, left)
        clips = sift(candidates, kind, left, warnings, part(progress, 0.2, 1.0))
    if not clips:
        raise _nothing(left)
    warnings += _lacking(clips)
    if left.count > len(left.named):
        warnings.append(note("material_note.more_left_out", count=left.count, named=len(left.named)))
    named = sorted(left.named, key=lambda each: each.name)
    return Gathered(kind, tuple(clips), tuple(named), tuple(warnings), layout)


def _places(request: MaterialRequest, room: Room, left: LeftOuts, held: ExitStack, progress: Progress) -> list[Place]:
    """What was given, file by file; files that were given one by one are together, but for those with a label."""
    loose, places, count = Place(), list[Place](), 0
    labels = [*request.labels, *[""] * len(request.material)]
    for number, (given, label) in enumerate(zip(request.material, labels, strict=False)):
        progress(number / len(request.material), "doing.gathering")
        try:
            folder = given.is_dir()
            if folder:
                place = Place(label=label)
                for file in walk(given, left):
                    place.files.append(file)
                    count += 1
                    progress(number / len(request.material), "doing.gathering")
                    if count > MOST_FILES:
                        raise RequestError("material_note.too_many_files", limit=MOST_FILES)
                places.append(place)
                continue
            file = _single(given)
            if given.suffix.lower() == MODEL:
                raise RequestError("material_note.model")
            if is_archive(file):
                places.append(Place(list(members(given, file.stem, room, left, held)), label))
            elif label:
                places.append(Place([file], label))
            else:
                loose.files.append(file)
        except RequestError as error:
            left.add(given.name, error)
        except (OSError, ValueError):
            left.add(given.name, RequestError("media.missing"))
    return [*places, loose]


def _single(given: Path) -> OnDisk:
    """A file given by itself, known by the folder it lies in too, unless a program made that up."""
    if not given.is_file():
        raise RequestError("media.not_a_file" if given.exists() else "media.missing")
    parent = given.absolute().parent.name
    parts = (given.name,) if not parent or MADE_UP.fullmatch(parent) else (parent, given.name)
    return OnDisk(parts, given.stat().st_size, given)


def _of_one_kind(candidates: Sequence[Candidate], left: LeftOuts) -> tuple[Kind, list[Candidate]]:
    """Sounds or pictures, whatever there is more of."""
    pictures = [each for each in candidates if each.file.container and each.file.container.kind == "picture"]
    kind: Kind = "picture" if 2 * len(pictures) > len(candidates) else "sound"
    drawn = {id(each) for each in pictures}
    kept = []
    for each in candidates:
        if (id(each) in drawn) == (kind == "picture"):
            kept.append(each)
        else:
            left.add(each.name, RequestError(f"material_note.among_{kind}s"))
    return kind, kept


def _merged(candidates: Sequence[Candidate], warnings: list[Note]) -> list[Candidate]:
    """With labels in the place of what people call the classes."""
    names: dict[str, set[str]] = defaultdict(set)
    labels = []
    for each in candidates:
        labels.append(label := label_of(each.label))
        names[label].add(each.label)
    for label, group in [each for each in sorted(names.items()) if len(each[1]) > 1][:MOST_SAID]:
        said = listed(f"“{name_of((name,))}”" for name in group)
        warnings.append(note("material_note.merged", label=label, names=said))
    if RESERVED in names:
        warnings.append(note("material_note.reserved", label=INSTEAD))
    labels = [INSTEAD if label == RESERVED else label for label in labels]
    return [replace(each, label=label) for each, label in zip(candidates, labels, strict=True)]


def _lacking(clips: Sequence[Given]) -> list[Note]:
    """What must be more, or fewer, before a model can be taught."""
    counts: dict[str, int] = defaultdict(int)
    for clip in clips:
        counts[clip.label] += 1
    if len(counts) < 2:
        return [note("material_note.one_class", labels=listed(counts))]
    if len(counts) > MOST_CLASSES:
        return [note("material_note.too_many_classes", count=len(counts), limit=MOST_CLASSES)]
    single = [label for label, count in counts.items() if count < 2]
    return [note("material_note.single", labels=listed(single))] if single else []


def _nothing(left: LeftOuts) -> RequestError:
    """Why nothing is left: the one reason that there is, or the first and how many there are."""
    if not left.named:
        return RequestError("train_note.nothing")
    first = left.named[0]
    why = RequestError.of(first.reason)
    if left.count == 1:
        return why
    return RequestError(
        "material_note.nothing", count=left.count, name=first.name, en=why.sentence("en"), zh=why.sentence("zh")
    )
