"""The storyboard of a video alone: its best pictures within seconds, and again at once with others."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from avai import media
from avai.contracts import ClipInfo, Note, Picture, Shot, Storyboard, StoryboardRequest
from avai.errors import RequestError, note
from avai.progress import Progress, part, quiet
from avai.services import seeing as eye
from avai.services.choice import Taste, choose

SMALL = 640
"""The longer side of pictures that are soon replaced by others."""
WITHIN = 0.0005
"""Seconds by which a frame is asked for after its time: the time may have been rounded down, to before the frame."""


def storyboard(request: StoryboardRequest, out: Path, progress: Progress = quiet) -> Storyboard:
    """The pictures that stand for a video; writes ``storyboard.json`` and the files it names.

    Files: ``storyboard.jpg``, ``picture_01.jpg``..., ``pictures.zip``. From what is remembered of the video when it was
    summarised, else from its key frames, and where those are few from all of it. Raises ``RequestError`` when the clip
    has no moving picture, or all of its pictures are dropped.
    """
    info = eye.video_of(request.clip)
    looks, shots, notes = _seen(request, info, part(progress, 0.0, 0.8))
    chosen = choose(looks, request.pictures, shots, Taste(request.pinned, request.dropped))
    if not chosen:
        raise RequestError("storyboard_note.all_dropped")
    pictures, files = write_pictures(request.clip, chosen, looks, shots, out, part(progress, 0.8, 1.0))
    result = Storyboard(
        duration=eye.picture_span(info)[1],
        pictures=pictures,
        warnings=(*info.warnings, *notes, *fewer(request.pictures, len(pictures))),
        files=("storyboard.json", *files),
    )
    (out / "storyboard.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def _seen(
    request: StoryboardRequest, info: ClipInfo, progress: Progress
) -> tuple[eye.Looks, tuple[Shot, ...], tuple[Note, ...]]:
    """Looks, the shots where they are known, and what is odd about the pictures."""
    duration = eye.picture_span(info)[1]
    looks = eye.look(request.clip, duration, part(progress, 0.0, 0.2))
    if enough(looks, request.pictures) and not eye.was_watched(request.clip, progress):
        return looks, (), ()
    change = eye.watch(request.clip, info, part(progress, 0.2, 1.0))
    return eye.together([looks, change.looks]), eye.shots(change, duration), change.notes


def enough(looks: eye.Looks, pictures: int) -> bool:
    """Whether so many key frames show something that a storyboard can be made of them alone."""
    return int((~looks.blank).sum()) >= 2 * (pictures or 6)


def fewer(asked: int, got: int) -> list[Note]:
    """What to say when a video has less to show than was asked for."""
    return [note("summarize_note.fewer_pictures", asked=asked, got=got)] if got < asked else []


def write_pictures(
    clip: Path,
    chosen: Sequence[float],
    looks: eye.Looks,
    shots: Sequence[Shot],
    out: Path,
    progress: Progress,
) -> tuple[tuple[Picture, ...], list[str]]:
    """Write the frames at ``chosen`` in full size, the grid of them and a zip; what they are, and the files."""
    pictures, shown = [], []
    starts = [shot.start for shot in shots]
    for number, frame in enumerate(media.frames_at(clip, [time + WITHIN for time in chosen]), 1):
        progress(number / len(chosen), "doing.writing_pictures")
        time = float(frame.time)
        name = f"picture_{number:02d}.jpg"
        media.write_jpeg(out / name, frame.image)
        shown.append((time, frame.image))
        pictures.append(
            Picture(
                time=round(time, 4),
                file=name,
                shot=max(int(np.searchsorted(starts, time, side="right")) - 1, 0),
                good=round(float(looks.good[np.abs(looks.times - time).argmin()]), 3),
            )
        )
    media.write_jpeg(out / "storyboard.jpg", eye.storyboard(shown, 3 if len(shown) > 2 else len(shown)))
    with zipfile.ZipFile(out / "pictures.zip", "w", zipfile.ZIP_STORED) as archive:
        for picture in pictures:
            archive.write(out / picture.file, picture.file)
    return tuple(pictures), ["storyboard.jpg", *(picture.file for picture in pictures), "pictures.zip"]


def write_first(clip: Path, duration: float, chosen: Sequence[float], out: Path) -> None:
    """Write ``first.json``, a ``Storyboard`` in small pictures, for the page to show while the rest is found out."""
    pictures = []
    for number, frame in enumerate(media.frames_at(clip, [time + WITHIN for time in chosen], SMALL), 1):
        name = f"first_{number:02d}.jpg"
        media.write_jpeg(out / name, frame.image)
        pictures.append(Picture(time=round(float(frame.time), 4), file=name, shot=0, good=0.0))
    part_of = out / "first.json.part"
    part_of.write_text(Storyboard(duration=duration, pictures=tuple(pictures)).model_dump_json(), encoding="utf-8")
    part_of.replace(out / "first.json")
