"""Edit: cut a clip by conditions, and say of each stretch why it was kept or left out."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from avai import media
from avai.contracts import ClipInfo, Dropped, Edit, EditPiece, EditRequest, Layer, Note, Preference, Span
from avai.errors import RequestError, note
from avai.media.timeline import Timeline, Track, joined
from avai.progress import Progress, part, quiet
from avai.services import hearing as ear
from avai.services import seeing as eye
from avai.services.layers import layers_of, sounding
from avai.services.liking import Liking, Wish, heard_liking, seen_liking, wish_of
from avai.services.moments import Moments, curve
from avai.services.preview import draw_strip
from avai.services.selection import Unit, choose, cut_at, joined_units
from avai.services.spans import Stretch, complement, long_enough, overlap, padded, shared

LIKED: dict[Preference, str] = {"speech": "speech", "music": "music", "action": "motion", "sharp": "good"}
"""Which part of the importance curve each preference looks at."""
SLIVER = 0.04
UNIT = 4.0
"""Without a longest piece, shots are weighed in units of about this many seconds."""


def edit(request: EditRequest, out: Path, progress: Progress = quiet) -> Edit:
    """Cut by the request's conditions; writes ``edit.json``, ``edit.mp4`` and ``strip.json`` with ``film.jpg``.

    First silence goes (with ``drop_silence``), and with a model what it does not take for what is liked; then what is
    left is weighed by what is preferred and the best is kept
    until ``target``. Cuts are on frames of the source; sound is cut at the same times. Raises ``RequestError`` when
    there is no moving picture, no sound to find silence in, or when the conditions leave nothing.
    """
    info = eye.video_of(request.clip)
    seen = eye.picture_span(info)
    duration = seen[1]
    warnings: list[Note] = list(info.warnings)
    if request.drop_silence and not info.audio:
        raise RequestError("edit_note.no_sound")
    if info.video and info.video.duration < 2 / max(info.video.rate, 1.0):
        warnings.append(note("edit_note.too_short_to_cut"))
    wish = wish_of(request, bool(info.audio))
    hearing = ear.listen(request.clip, info.duration, part(progress, 0.0, 0.25)) if info.audio else None
    if hearing:
        warnings += hearing.notes
    kept = [seen]
    layers = layers_of(hearing, request.silence_db, request.shortest_silence) if hearing else {}
    if request.drop_silence and hearing:
        kept = _without_silence(request, hearing, seen)
    liking = _liked(request, wish, info, hearing, part(progress, 0.25, 0.4)) if wish else None
    if liking:
        kept = _like(request, liking, kept, heard=wish is not None and wish.model.kind == "sound")
    total = sum(end - start for start, end in kept)
    if request.target is not None and request.target > total + 0.05:
        warnings.append(note("edit_note.target_too_long", asked=request.target, got=round(total, 1)))
    units = _units(request, info, kept, hearing, liking, part(progress, 0.4 if liking else 0.25, 0.6))
    wanted = [unit for unit in units if set(unit.why) & set(request.prefer)] if request.target is None else []
    pieces = joined_units(choose(wanted or units, kept, request.target, request.shortest, request.longest))
    got = sum(piece.length for piece in pieces)
    if request.target is not None and request.longest is not None and got < min(request.target, total) - 0.1:
        warnings.append(note("edit_note.longest_left_less", longest=request.longest, got=round(got, 1)))
    edges = media.snap(request.clip, [edge for unit in pieces for edge in (unit.start, unit.end)])
    spans = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    whys = [unit.why for unit, (a, b) in zip(pieces, spans, strict=True) if b > a]
    spans = [(a, b) for a, b in spans if b > a]
    if not spans:
        raise RequestError("edit_note.nothing_left")
    picture = joined(request.clip, spans)
    written = media.render(
        Timeline(picture, picture if info.audio else Track()), out / "edit.mp4", part(progress, 0.6, 0.95)
    )
    strip = draw_strip(request.clip, info, out, part(progress, 0.95, 1.0))
    (out / "strip.json").write_text(strip.model_dump_json(), encoding="utf-8")
    result = Edit(
        source_duration=duration,
        duration=float(written.duration),
        pieces=tuple(
            EditPiece(start=round(float(p.start), 6), end=round(float(p.end), 6), at=round(float(p.at), 6), why=why)
            for p, why in zip(picture.pieces, whys, strict=True)
        ),
        dropped=_dropped(request, [(float(a), float(b)) for a, b in spans], kept, layers, seen, liking),
        layers=layers,
        warnings=tuple(warnings),
        files=("edit.mp4", "edit.json", "strip.json", "film.jpg"),
    )
    (out / "edit.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def _without_silence(request: EditRequest, hearing: ear.Hearing, seen: Stretch) -> list[Stretch]:
    """What sounds while there is picture, with the margin on both sides; pieces shorter than the shortest go."""
    if hearing.nothing:
        raise RequestError("edit_note.all_silent")
    shortest = request.shortest_silence + 2 * request.margin
    loud = sounding(hearing, request.silence_db, shortest, count_clicks=False)
    kept = overlap(padded(long_enough(loud, 0.05), request.margin, request.margin, seen[1]), [seen])
    kept = long_enough(kept, min(request.shortest, seen[1] - seen[0]))
    if not kept:
        raise RequestError("edit_note.silence_took_all")
    return kept


def _liked(request: EditRequest, wish: Wish, info: ClipInfo, hearing: ear.Hearing | None, progress: Progress) -> Liking:
    """Where the model hears or sees what is liked."""
    duration = eye.picture_span(info)[1]
    if wish.model.kind == "sound":
        assert hearing
        return heard_liking(wish, hearing, duration, progress)
    shots = eye.shots(eye.watch(request.clip, info, part(progress, 0.0, 0.5)), duration)
    return seen_liking(wish, eye.look_often(request.clip, duration, part(progress, 0.5, 1.0)), shots, duration)


def _like(request: EditRequest, liking: Liking, kept: list[Stretch], heard: bool) -> list[Stretch]:
    """What is kept of what is liked: a sound with the margin on both sides, a picture just while it is there."""
    if not liking.stretches:
        raise liking.nothing("edit_note.nothing_like")
    margin = request.margin if heard else 0.0
    wanted = long_enough(liking.stretches, 0.05 if heard else request.shortest)
    kept = overlap(kept, padded(wanted, margin, margin, kept[-1][1]))
    kept = long_enough(kept, min(request.shortest, max((b - a for a, b in kept), default=0.0)))
    if not kept:
        raise RequestError("edit_note.nothing_left")
    return kept


def _units(
    request: EditRequest,
    info: ClipInfo,
    kept: list[Stretch],
    hearing: ear.Hearing | None,
    liking: Liking | None,
    progress: Progress,
) -> list[Unit]:
    """The kept stretches; weighed in shots and shorter units when something must be chosen among them."""
    silence_went = "like" if liking else "sound" if request.drop_silence else "all"
    all_fits = request.target is None or request.target >= sum(end - start for start, end in kept)
    if all_fits and request.longest is None and not request.prefer:
        return [Unit(start, end, 1.0, (silence_went,)) for start, end in kept]
    duration = eye.picture_span(info)[1]
    change = eye.watch(request.clip, info, progress)
    shots = eye.shots(change, duration)
    moments = curve(duration, change, change.looks, hearing)
    if liking:
        moments = liking.weighed(moments)
    size = request.longest or max(UNIT, request.shortest)
    units = []
    for start, end in cut_at(kept, shots, size, request.shortest):
        worth, why = _worth(request.prefer, moments, start, end)
        why = why or ((silence_went,) if all_fits else ("best",))
        units.append(Unit(start, end, worth, tuple(dict.fromkeys(("like", *why))) if liking else why))
    return units


def _worth(prefer: tuple[Preference, ...], moments: Moments, start: float, end: float) -> tuple[float, tuple[str, ...]]:
    """Mean of the preferred parts of the curve (the curve itself when nothing is), and those that are strong."""
    if not prefer:
        return moments.mean(start, end), ()
    parts = {name: moments.mean(start, end, LIKED[name]) for name in prefer if LIKED[name] in moments.parts}
    worth = sum(parts.values()) / len(prefer) + 0.05 * moments.mean(start, end)
    return worth, tuple(name for name, value in parts.items() if value >= 0.5)


def _dropped(
    request: EditRequest,
    spans: list[Stretch],
    kept: list[Stretch],
    layers: dict[Layer, tuple[Span, ...]],
    seen: Stretch,
    liking: Liking | None,
) -> tuple[Dropped, ...]:
    """What was left out, cut where the reason changes: no picture yet, not what is liked, silence, too short between
    silences, or not among the best."""
    unlike = complement(liking.stretches, seen[1]) if liking else []
    quiet_parts = [(span.start, span.end) for span in layers.get("silence", ())]
    over = ("target",) if request.target is not None else ("not_preferred",) if request.prefer else ("longest",)
    found = []
    for start, end in complement(spans, seen[1]):
        gap = [(start, end)]
        reasons = [((a, b), ("no_picture",)) for a, b in overlap(gap, [(0.0, seen[0])])]
        reasons += [((a, b), over) for a, b in overlap(gap, kept)]
        went = overlap(overlap(gap, [seen]), complement(kept, seen[1]))
        reasons += [(stretch, ("unlike",)) for stretch in overlap(went, unlike)]
        for stretch in overlap(went, complement(unlike, seen[1])) if liking else went:
            reasons.append((stretch, ("silence",) if shared(stretch, quiet_parts) > 0.5 else ("short",)))
        # what snapping to frames left over goes to its neighbour, so that kept and dropped tile the source
        parts = sorted(reason for reason in reasons if reason[0][1] - reason[0][0] >= SLIVER) or [((start, end), over)]
        edges = [start, *(a for (a, _), _ in parts[1:]), end]
        found += [
            Dropped(start=round(a, 6), end=round(b, 6), why=why)
            for (a, b), (_, why) in zip(pairwise(edges), parts, strict=True)
        ]
    return tuple(found)
