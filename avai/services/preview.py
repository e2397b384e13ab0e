"""A copy that every browser plays, and what the time strip draws."""

from __future__ import annotations

from pathlib import Path

from avai import media
from avai.contracts import ClipInfo, Preview, PreviewRequest, Strip
from avai.progress import Progress, part, quiet

PEAKS = 1000
TILES = 24


def preview(request: PreviewRequest, out: Path, progress: Progress = quiet) -> Preview:
    """The clip's facts, a small copy where a browser can't play the clip itself, and ``strip.json`` (a ``Strip``) with
    ``film.jpg``, a row of pictures.

    Raises ``RequestError`` for a file that cannot be used.
    """
    progress(0.0, "job.reading")
    info = media.probe(request.clip)
    strip = draw_strip(request.clip, info, out, part(progress, 0.0, 0.3))
    (out / "strip.json").write_text(strip.model_dump_json(), encoding="utf-8")
    file = ""
    if info.kind != "picture" and not info.plays_in_browser:
        file = "preview.mp4" if info.video else "preview.m4a"
        media.preview(request.clip, out / file, part(progress, 0.3, 1.0))
    files = tuple(name for name in (file, "strip.json", strip.film) if name)
    result = Preview(warnings=info.warnings, files=files, info=info, file=file)
    (out / "preview.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    return result


def draw_strip(clip: Path, info: ClipInfo, out: Path, progress: Progress = quiet) -> Strip:
    """Peaks of the sound, evenly over the duration, and ``film.jpg`` in ``out`` from the picture."""
    progress(0.0, "job.drawing")
    peaks = tuple(media.peaks(clip, PEAKS, part(progress, 0.0, 0.5))) if info.audio else ()
    drawing = part(progress, 0.5, 1.0)
    tiles = media.filmstrip(clip, out / "film.jpg", tiles=TILES, progress=drawing) if info.video else 0
    return Strip(duration=info.duration, peaks=peaks, film="film.jpg" if tiles else "", tiles=tiles)
