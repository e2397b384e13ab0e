"""Summarise: representative pictures, shots, an importance curve, chapters and a short version of a video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from avai import media
from avai.contracts import Note, Picture, Shot, Skim, SkimPiece, Span, SummarizeRequest, Summary
from avai.errors import note
from avai.media.timeline import Timeline, Track, crossfaded, joined
from avai.progress import Progress, part, quiet
from avai.services import hearing as ear
from avai.services import seeing as eye
from avai.services.chapters import chapters_of, in_skim, write_film, write_lists
from avai.services.choice import choose, choose_first
from avai.services.glimpse import glimpse
from avai.services.liking import Liking, Wish, heard_liking, seen_liking, wish_of
from avai.services.moments import STEP, Moments, curve, fitted, pick
from avai.services.preview import draw_strip
from avai.services.report import write_report
from avai.services.spans import Stretch, covers
from avai.services.storyboard import enough, fewer, write_first, write_pictures

FADE = Fraction(12, 100)
"""Sound is cross-faded over this many seconds at the joins of the skim."""


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
    first = eye.look(request.clip, duration, part(progress, 0.0, 0.05))
    if enough(first, request.pictures):
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
    moments = curve(duration, change, looks, hearing)
    if liking:
        moments = liking.weighed(moments)
    chapters = chapters_of(shots, hearing, duration)
    skim = _skim(request, out, shots, moments, hearing, seen, chapters, warnings, part(progress, 0.76, 0.94))
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


def _skim(
    request: SummarizeRequest,
    out: Path,
    shots: tuple[Shot, ...],
    moments: Moments,
    hearing: ear.Hearing | None,
    seen: Stretch,
    chapters: list[Span],
    warnings: list[Note],
    progress: Progress,
) -> Skim:
    """Choose and write the short version; the whole video when it is no longer than what was asked for."""
    lasts = seen[1] - seen[0]
    if lasts <= request.seconds:
        if lasts < request.seconds - 0.5:
            warnings.append(note("summarize_note.shorter_than_skim", seconds=round(lasts, 1)))
        wanted = [seen]
    else:
        wanted = pick(shots, moments, hearing, request.seconds, seen)
    spans = _on_frames(request.clip, wanted)
    if lasts > request.seconds:
        spans = _on_frames(request.clip, fitted([(float(a), float(b)) for a, b in spans], request.seconds, seen))
    if not spans:
        warnings.append(note("summarize_note.too_short_for_skim"))
        return Skim(duration=0.0, pieces=())
    picture = joined(request.clip, spans)
    sound = crossfaded(picture, FADE) if hearing else Track()
    pieces = tuple(
        SkimPiece(start=round(float(p.start), 6), end=round(float(p.end), 6), at=round(float(p.at), 6))
        for p in picture.pieces
    )
    named = in_skim(pieces, chapters)
    written = media.render(Timeline(picture, sound), out / "skim.mp4", progress, chapters=named)
    return Skim(duration=float(written.duration), pieces=pieces, file="skim.mp4")


def _glimpse(request: SummarizeRequest, out: Path, skim: Skim, seen: Stretch, progress: Progress) -> None:
    """Write ``preview.webp`` from the skim, or from the video where it is too short for one."""
    if skim.file:
        pieces = [(piece.at, piece.at + piece.end - piece.start) for piece in skim.pieces]
        glimpse(out / skim.file, pieces, out / "preview.webp", progress)
    else:
        glimpse(request.clip, [seen], out / "preview.webp", progress)


def _on_frames(clip: Path, wanted: list[Stretch]) -> list[tuple[Fraction, Fraction]]:
    """The stretches with their edges on frames, without those that have no frame."""
    edges = media.snap(clip, [edge for span in wanted for edge in span])
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
