"""Edit: cut a clip by conditions, and say of each stretch why it was kept or left out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from avai import media
from avai.contracts import Edit, EditRequest, Note
from avai.errors import note
from avai.media.timeline import Timeline, Track, joined, of_track
from avai.progress import Progress, part, quiet
from avai.services.framing import crop_path
from avai.services.handover import write_handover
from avai.services.known import Known
from avai.services.plan import Cut, planned
from avai.services.preview import draw_strip


def edit(request: EditRequest, out: Path, progress: Progress = quiet) -> Edit:
    """Cut by the request's conditions, or exactly as its ``cut`` says; writes ``edit.mp4`` (a sound alone:
    ``edit.m4a``), ``edit.json``, the project files of ``handover``, and ``strip.json`` with ``film.jpg``.

    Cuts are on frames of the source; sound is cut at the same times. Raises ``RequestError`` as ``plan`` does, and for
    a sound track or a codec that is not there.
    """
    cut = planned(request, out, part(progress, 0.0, 0.5))
    known, info, plan = cut.known, cut.known.info, cut.plan
    warnings = list(plan.warnings)
    name = "edit.mp4" if info.video else "edit.m4a"
    written, copied = _rendered(request, cut, out / name, warnings, part(progress, 0.5, 0.95))
    strip = draw_strip(request.clip, info, out, part(progress, 0.95, 1.0))
    (out / "strip.json").write_text(strip.model_dump_json(), encoding="utf-8")
    result = Edit.model_validate(
        {
            **{field: getattr(plan, field) for field in type(plan).model_fields},
            "duration": written.duration,
            "warnings": tuple(warnings),
            "bytes_before": request.clip.stat().st_size,
            "bytes_after": (out / name).stat().st_size,
            "width": written.width,
            "height": written.height,
            "smart": copied,
        }
    )
    projects = write_handover(result, info, request.clip, known.tags(), out, plan.asked.track)
    files = (name, "edit.json", *projects, "strip.json", *([strip.film] if strip.film else []))
    result = result.model_copy(update={"files": files})
    (out / "edit.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def _rendered(
    request: EditRequest, cut: Cut, out: Path, warnings: list[Note], progress: Progress
) -> tuple[media.Rendered, bool]:
    """The film, and whether its pictures were copied where they are not cut, which is tried where it is asked for."""
    known = cut.known
    spans = [(start, end) for start, end, _ in cut.exact]
    track = joined(request.clip, spans, speeds=[speed for *_, speed in cut.exact])
    numbers = [each.number for each in known.info.audio]
    kept = cut.plan.asked.track
    sounds = [of_track(track, number) for number in (numbers if kept == 0 else numbers[kept - 1 : kept])]
    timeline = Timeline(
        picture=track if known.info.video else Track(),
        sound=sounds[0] if sounds else Track(),
        others=tuple(sounds[1:]),
    )
    if request.smart and known.info.video:
        plain = (request.codec, request.size, request.shape) == ("h264", "original", "original")
        smart = media.smart_cut(timeline, out, progress) if plain else media.Refusal("form")
        if isinstance(smart, media.Rendered):
            return smart, True
        warnings.append(note(f"edit_note.anew.{smart.why}"))
    form = _form(request, known, spans, part(progress, 0.0, 0.3))
    begun = 0.3 if form.paths else 0.0
    return media.render(timeline, out, part(progress, begun, 1.0), form=form), False


def _form(request: EditRequest, known: Known, spans: list[tuple[Fraction, Fraction]], progress: Progress) -> media.Form:
    """The form that is asked for, with the way of the window where the picture is cropped."""
    shape = None if request.shape == "original" else Fraction(request.shape.replace(":", "/"))
    paths = {}
    if shape and known.info.video and request.fit == "crop":
        shots = [(shot.start, shot.end) for shot in known.shots]
        kept = sorted((float(start), float(end)) for start, end in spans)
        paths = {request.clip: crop_path(request.clip, known.info, shape, shots, kept, progress)}
    side = None if request.size == "original" else int(request.size)
    return media.Form(request.codec, request.quality, side, shape, request.fit, paths)
