"""Summarise: representative pictures, shots, an importance curve, chapters and a short version of a video."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avai import exchange, media
from avai.contracts import Note, Picture, Shot, Span, SummarizeRequest, Summary
from avai.errors import note
from avai.labels import resolved
from avai.progress import Progress, part, quiet
from avai.services import hearing as ear
from avai.services import seeing as eye
from avai.services.choice import choose_first
from avai.services.layers import layers_of, mean_near
from avai.services.liking import Liking, Wish, heard_liking, seen_liking, wish_of
from avai.services.moments import STEP, Moments, curve
from avai.services.named import named
from avai.services.preview import draw_strip
from avai.services.skim import skim_of
from avai.services.spans import Stretch, covers
from avai.services.tags import tags
from avai.services.voices import music_score
from avai.words import sound_labels

MOST_TAGS = 40


def summarize(request: SummarizeRequest, out: Path, progress: Progress = quiet) -> Summary:
    """Pictures, shots, curve, chapters and skim; writes ``summary.json`` and the files it names.

    Files: ``storyboard.jpg``, ``picture_01.jpg``..., ``skim.mp4``, ``pictures.zip``, ``chapters.vtt``, ``strip.json``
    with ``film.jpg``. Raises ``RequestError`` when the clip has no moving picture.
    """
    info = eye.video_of(request.clip)
    seen = eye.picture_span(info)
    duration = seen[1]
    warnings: list[Note] = list(info.warnings)
    wish = wish_of(request, bool(info.audio))
    labels = resolved(request.tags)
    change = eye.watch(request.clip, duration, part(progress, 0.0, 0.4))
    shots = eye.shots(change, duration)
    looks = eye.look(request.clip, duration, part(progress, 0.4, 0.55), [(shot.start + shot.end) / 2 for shot in shots])
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
    pictures, board = _pictures(request, out, shots, looks, liking, part(progress, 0.72, 0.76))
    if len(pictures) < request.pictures:
        warnings.append(note("summarize_note.fewer_pictures", asked=request.pictures, got=len(pictures)))
    media.write_jpeg(out / "storyboard.jpg", board)
    files += ["storyboard.jpg", *(picture.file for picture in pictures)]
    moments = curve(duration, change, looks, hearing, request.picture, request.sound)
    if liking:
        moments = liking.weighed(moments)
    if labels:
        moments = _named(moments, labels, hearing, duration, warnings)
    skim, notes = skim_of(
        request.clip, request.seconds, seen, shots, looks, moments, hearing, out, part(progress, 0.76, 0.98)
    )
    warnings += notes
    if skim.file:
        files.append(skim.file)
    with zipfile.ZipFile(out / "pictures.zip", "w", zipfile.ZIP_STORED) as archive:
        for picture in pictures:
            archive.write(out / picture.file, picture.file)
    chapters = chapters_of(shots, hearing, duration)
    (out / "chapters.vtt").write_text(exchange.tags_vtt(chapters), encoding="utf-8")
    strip = draw_strip(request.clip, info, out, part(progress, 0.98, 1.0))
    (out / "strip.json").write_text(strip.model_dump_json(), encoding="utf-8")
    files += ["pictures.zip", "chapters.vtt", "strip.json", "film.jpg"]
    result = Summary(
        duration=duration,
        shots=shots,
        pictures=tuple(pictures),
        skim=skim,
        chapters=tuple(chapters),
        curve=tuple(round(float(value), 3) for value in moments.value),
        curve_step=STEP,
        warnings=tuple(warnings),
        files=tuple(files),
    )
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
) -> tuple[list[Picture], NDArray[np.uint8]]:
    """The chosen frames, written in full size, and the grid of them."""
    pictures: list[Picture] = []
    shown: list[tuple[float, NDArray[np.uint8]]] = []
    liked = covers(liking.stretches, looks.times) if liking else np.ones(len(looks.times), bool)
    chosen = choose_first(looks, liked, request.pictures, shots)
    starts = [shot.start for shot in shots]
    for number, index in enumerate(chosen, 1):
        progress(number / len(chosen), "doing.writing_pictures")
        frame = media.frame_at(request.clip, float(looks.times[index]))
        name = f"picture_{number:02d}.jpg"
        media.write_jpeg(out / name, frame.image)
        shown.append((float(frame.time), frame.image))
        pictures.append(
            Picture(
                time=round(float(frame.time), 4),
                file=name,
                shot=max(int(np.searchsorted(starts, float(frame.time), side="right")) - 1, 0),
                good=round(float(looks.good[index]), 3),
            )
        )
    columns = 3 if len(shown) > 2 else len(shown)
    return pictures, eye.storyboard(shown, columns)


def chapters_of(shots: tuple[Shot, ...], hearing: ear.Hearing | None, duration: float) -> list[Span]:
    """Stretches of at least a tenth of the video (10 s to 5 min) that begin at shots, named by what is heard most:
    speech, music or silence, else the sound that is heard longest and surest. Music, which goes on behind much, is
    weighed by how strongly it is heard rather than by how surely."""
    shortest = min(max(duration / 10, 10.0), 300.0)
    starts = [0.0]
    for shot in shots:
        if shot.start - starts[-1] >= shortest and duration - shot.start >= shortest / 2:
            starts.append(shot.start)
    layers = layers_of(hearing, None, 0.4) if hearing else {}
    heard = tags(hearing, sound_labels(), layers, MOST_TAGS) if hearing else ()
    if hearing:
        played = partial(mean_near, hearing, music_score(hearing.heard))
        layers["music"] = tuple(
            span.model_copy(update={"confidence": played(span.start, span.end)}) for span in layers["music"]
        )
    chapters = []
    for stretch in pairwise([*starts, duration]):
        label = _heard_most([span for spans in layers.values() for span in spans], stretch)
        if label == "other":
            label = _heard_most([tag for tag in heard if tag.label not in layers], stretch) or label
        chapters.append(Span(start=round(stretch[0], 3), end=round(stretch[1], 3), label=label or "silence"))
    return chapters


def _heard_most(spans: Iterable[Span], stretch: Stretch) -> str | None:
    """The label that fills most of a stretch, each span weighed by its confidence; None when none is there."""
    filled: dict[str, float] = {}
    for span in spans:
        time = min(stretch[1], span.end) - max(stretch[0], span.start)
        if time > 0:
            filled[span.label] = filled.get(span.label, 0.0) + time * span.confidence
    return max(filled, key=lambda label: filled[label], default=None)
