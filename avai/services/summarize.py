"""Summarise: representative pictures, shots, an importance curve, chapters and a short version of a video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from avai.contracts import Note, Picture, Shot, Skim, SummarizeRequest, Summary
from avai.errors import note
from avai.labels import resolved
from avai.progress import Progress, part, quiet
from avai.services import hearing as ear
from avai.services import seeing as eye
from avai.services.chapters import chapters_of, write_film, write_lists
from avai.services.choice import choose, choose_first
from avai.services.glimpse import glimpse
from avai.services.liking import Liking, Wish, heard_liking, seen_liking, wish_of
from avai.services.moments import STEP, Moments, curve
from avai.services.named import named
from avai.services.preview import draw_strip
from avai.services.report import write_report
from avai.services.skim import Material, skim_of
from avai.services.spans import Stretch, covers
from avai.services.storyboard import fewer, write_first, write_pictures


def summarize(request: SummarizeRequest, out: Path, progress: Progress = quiet) -> Summary:
    """Pictures, shots, curve, chapters and skim; writes ``summary.json`` and the files it names.

    Files: ``storyboard.jpg``, ``picture_01.jpg``..., ``skim.mp4``, ``pictures.zip``, ``chapters.vtt``,
    ``chapters.txt``, ``film_chapters.mp4`` or ``.mkv``, ``preview.webp``, ``report.html``, ``strip.json`` with
    ``film.jpg``. Raises ``RequestError`` when the clip has no moving picture.
    """
    info = eye.video_of(request.clip)
    seen = eye.picture_span(info)
    duration = seen[1]
    warnings: list[Note] = list(info.warnings)
    wish = wish_of(request, bool(info.audio))
    labels = resolved(request.tags)
    first = eye.look(request.clip, duration, part(progress, 0.0, 0.05))
    if not first.blank.all():
        write_first(request.clip, duration, choose(first, request.pictures, ()), out)
    change = eye.watch(request.clip, info, part(progress, 0.05, 0.55))
    shots = eye.shots(change, duration)
    looks = eye.together([first, change.looks])
    hearing = None
    if info.audio:
        hearing = ear.listen(request.clip, info.duration, part(progress, 0.55, 0.7))
        warnings += hearing.notes
    warnings += change.notes
    files = ["summary.json"]
    liking = _liking(wish, looks, shots, hearing, duration, part(progress, 0.7, 0.72)) if wish else None
    if liking and not liking.stretches:
        warnings.append(liking.nothing("summarize_note.nothing_like").noted())
        liking = None
    pictures, written = _pictures(request, out, shots, looks, liking, part(progress, 0.72, 0.76))
    warnings += fewer(request.pictures, len(pictures))
    files += written
    moments = curve(duration, change, looks, hearing, request.picture, request.sound)
    if liking:
        moments = liking.weighed(moments)
    if labels:
        moments = _named(moments, labels, hearing, duration, warnings)
    chapters = chapters_of(shots, hearing, duration)
    material = Material(request.clip, seen, shots, looks, moments, hearing)
    skim, notes = skim_of(material, request.seconds, chapters, out, part(progress, 0.76, 0.94))
    warnings += notes
    if skim.file:
        files.append(skim.file)
    files += write_lists(chapters, out)
    film = write_film(request.clip, info, chapters, out, warnings, part(progress, 0.94, 0.96))
    files += [film] if film else []
    _glimpse(request, out, skim, seen, part(progress, 0.96, 0.97))
    files += ["preview.webp", "report.html"]
    strip = draw_strip(request.clip, info, out, part(progress, 0.98, 1.0))
    (out / "strip.json").write_text(strip.model_dump_json(), encoding="utf-8")
    files += ["strip.json", "film.jpg"]
    result = Summary(
        duration=duration,
        shots=shots,
        pictures=pictures,
        skim=skim,
        chapters=tuple(chapters),
        curve=tuple(round(float(value), 3) for value in moments.value),
        curve_step=STEP,
        warnings=tuple(warnings),
        files=tuple(files),
    )
    write_report(request.clip, info, result, out, out / "report.html")
    (out / "summary.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def _liking(
    wish: Wish,
    looks: eye.Looks,
    shots: tuple[Shot, ...],
    hearing: ear.Hearing | None,
    duration: float,
    progress: Progress,
) -> Liking:
    """Where the model hears or sees what is liked."""
    if wish.model.kind == "sound":
        assert hearing
        return heard_liking(wish, hearing, duration, progress)
    return seen_liking(wish, looks, shots, duration)


def _named(
    moments: Moments, labels: Sequence[str], hearing: ear.Hearing | None, duration: float, warnings: list[Note]
) -> Moments:
    """Moments that matter more where one of the labels is heard; a warning says which never are."""
    value, missing = named(hearing, labels, duration) if hearing else (None, labels)
    if missing:
        warnings.append(note("summarize_note.not_heard", labels=", ".join(missing)))
    return moments if value is None else moments.preferring(value, "named")


def _pictures(
    request: SummarizeRequest,
    out: Path,
    shots: tuple[Shot, ...],
    looks: eye.Looks,
    liking: Liking | None,
    progress: Progress,
) -> tuple[tuple[Picture, ...], list[str]]:
    """The chosen frames, those first that are liked, and their files."""
    liked = covers(liking.stretches, looks.times) if liking else np.ones(len(looks.times), bool)
    chosen = choose_first(looks, liked, request.pictures, shots)
    return write_pictures(request.clip, chosen, looks, shots, out, progress)


def _glimpse(request: SummarizeRequest, out: Path, skim: Skim, seen: Stretch, progress: Progress) -> None:
    """Write ``preview.webp`` from the skim, or from the video where it is too short for one."""
    if skim.file:
        pieces = [(piece.at, piece.at + piece.end - piece.start) for piece in skim.pieces]
        glimpse(out / skim.file, pieces, out / "preview.webp", progress)
    else:
        glimpse(request.clip, [seen], out / "preview.webp", progress)
