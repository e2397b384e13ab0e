"""Edit: cut a clip by conditions, and say of each stretch why it was kept or left out."""

from __future__ import annotations

from pathlib import Path

from avai import media
from avai.contracts import Edit, EditRequest
from avai.media.timeline import Timeline, Track, joined
from avai.progress import Progress, part, quiet
from avai.services.plan import planned
from avai.services.preview import draw_strip


def edit(request: EditRequest, out: Path, progress: Progress = quiet) -> Edit:
    """Cut by the request's conditions, or exactly as its ``cut`` says; writes ``edit.json``, ``edit.mp4`` (a sound
    alone: ``edit.m4a``) and ``strip.json`` with ``film.jpg``.

    Cuts are on frames of the source; sound is cut at the same times. Raises ``RequestError`` as ``plan`` does.
    """
    cut = planned(request, out, part(progress, 0.0, 0.6))
    info = cut.known.info
    track = joined(request.clip, [(start, end) for start, end, _ in cut.exact])
    name = "edit.mp4" if info.video else "edit.m4a"
    timeline = Timeline(track if info.video else Track(), track if info.audio else Track())
    written = media.render(timeline, out / name, part(progress, 0.6, 0.95))
    strip = draw_strip(request.clip, info, out, part(progress, 0.95, 1.0))
    (out / "strip.json").write_text(strip.model_dump_json(), encoding="utf-8")
    plan = {field: getattr(cut.plan, field) for field in type(cut.plan).model_fields}
    files = (name, "edit.json", "strip.json", *([strip.film] if strip.film else []))
    result = Edit.model_validate(
        {
            **plan,
            "duration": written.duration,
            "files": files,
            "bytes_before": request.clip.stat().st_size,
            "bytes_after": (out / name).stat().st_size,
            "width": written.width,
            "height": written.height,
        }
    )
    (out / "edit.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result
