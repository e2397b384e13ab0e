"""Edit: cut a clip by conditions, and say of each stretch why it was kept or left out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from avai import media
from avai.contracts import ClipInfo, Dropped, Edit, EditPiece, EditRequest, Layer, Note, Preference, Shot, Span
from avai.errors import RequestError, note
from avai.media.timeline import Timeline, Track, joined
from avai.progress import Progress, part, quiet
from avai.services import hearing as ear
from avai.services import seeing as eye
from avai.services.moments import Moments, curve
from avai.services.preview import draw_strip
from avai.services.spans import Stretch, complement, long_enough, overlap, padded, shared

LIKED: dict[Preference, str] = {"speech": "speech", "music": "music", "action": "motion", "sharp": "good"}
"""Which part of the importance curve each preference looks at."""
UNIT = 4.0
"""Without a longest piece, shots are weighed in units of about this many seconds."""


@dataclass(frozen=True)
class Unit:
    """A stretch that is kept or left out as a whole, what it is worth from 0 to 1, and why it would be kept."""

    start: float
    end: float
    worth: float
    why: tuple[str, ...]

    @property
    def length(self) -> float:
        return self.end - self.start


def edit(request: EditRequest, out: Path, progress: Progress = quiet) -> Edit:
    """Cut by the request's conditions; writes ``edit.json``, ``edit.mp4`` and ``strip.json`` with ``film.jpg``.

    First silence goes (with ``drop_silence``), then what is left is weighed by what is preferred and the best is kept
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
    hearing = ear.listen(request.clip, info.duration, part(progress, 0.0, 0.25)) if info.audio else None
    if hearing:
        warnings += hearing.notes
    kept = [seen]
    layers = ear.layers(hearing, request.silence_db, request.shortest_silence) if hearing else {}
    if request.drop_silence and hearing:
        kept = _without_silence(request, hearing, seen)
    if request.target is not None and request.target > sum(end - start for start, end in kept) + 0.05:
        warnings.append(
            note("edit_note.target_too_long", asked=request.target, got=round(sum(b - a for a, b in kept), 1))
        )
    units = _units(request, info, kept, hearing, part(progress, 0.25, 0.6))
    chosen = _chosen(request, units, kept)
    pieces = _joined(chosen)
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
        dropped=_dropped(request, [(float(a), float(b)) for a, b in spans], kept, layers, seen),
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
    loud = ear.sounding(hearing, request.silence_db, shortest, count_clicks=False)
    kept = overlap(padded(long_enough(loud, 0.05), request.margin, request.margin, seen[1]), [seen])
    kept = long_enough(kept, min(request.shortest, seen[1] - seen[0]))
    if not kept:
        raise RequestError("edit_note.silence_took_all")
    return kept


def _units(
    request: EditRequest, info: ClipInfo, kept: list[Stretch], hearing: ear.Hearing | None, progress: Progress
) -> list[Unit]:
    """The kept stretches; weighed in shots and shorter units when something must be chosen among them."""
    silence_went = "sound" if request.drop_silence else "all"
    all_fits = request.target is None or request.target >= sum(end - start for start, end in kept)
    if all_fits and request.longest is None and not request.prefer:
        return [Unit(start, end, 1.0, (silence_went,)) for start, end in kept]
    duration = eye.picture_span(info)[1]
    change = eye.watch(request.clip, duration, part(progress, 0.0, 0.7))
    shots = eye.shots(change, duration)
    looks = eye.look(request.clip, duration, part(progress, 0.7, 1.0), [(shot.start + shot.end) / 2 for shot in shots])
    moments = curve(duration, change, looks, hearing)
    size = request.longest or max(UNIT, request.shortest)
    units = []
    for start, end in _cut_at(kept, shots, size, request.shortest):
        worth, why = _worth(request.prefer, moments, start, end)
        units.append(Unit(start, end, worth, why or ((silence_went,) if all_fits else ("best",))))
    return units


def _cut_at(kept: list[Stretch], shots: tuple[Shot, ...], size: float, shortest: float) -> list[Stretch]:
    """Kept stretches cut at shot edges, and those longer than ``size`` into equal parts, none under ``shortest``."""
    found: list[Stretch] = []
    for stretch in kept:
        edges = [stretch[0]]
        for shot in shots[1:]:
            if edges[-1] + shortest <= shot.start <= stretch[1] - shortest:
                edges.append(shot.start)
        edges.append(stretch[1])
        for start, end in pairwise(edges):
            parts = max(int(-(-(end - start) // size)), 1)
            while parts > 1 and (end - start) / parts < shortest:
                parts -= 1
            found += [
                (start + (end - start) * i / parts, start + (end - start) * (i + 1) / parts) for i in range(parts)
            ]
    return found


def _worth(prefer: tuple[Preference, ...], moments: Moments, start: float, end: float) -> tuple[float, tuple[str, ...]]:
    """Mean of the preferred parts of the curve (the curve itself when nothing is), and those that are strong."""
    if not prefer:
        return moments.mean(start, end), ()
    parts = {name: moments.mean(start, end, LIKED[name]) for name in prefer if LIKED[name] in moments.parts}
    worth = sum(parts.values()) / len(prefer) + 0.05 * moments.mean(start, end)
    return worth, tuple(name for name, value in parts.items() if value >= 0.5)


def _chosen(request: EditRequest, units: list[Unit], kept: list[Stretch]) -> list[Unit]:
    """The best units until the target is full, in order of time; the last one taken is shortened to fit."""
    total = sum(unit.length for unit in units)
    if request.target is None or total <= request.target + 0.05:
        return _preferred(request, units)
    chosen: list[Unit] = []
    left = request.target
    for unit in sorted(units, key=lambda unit: -unit.worth):
        if left <= 0.02:
            break
        if unit.length <= left:
            chosen.append(unit)
        elif left >= request.shortest or not chosen:
            chosen.append(Unit(unit.start, unit.start + left, unit.worth, unit.why))
        else:
            continue
        left -= chosen[-1].length
    return _stretched(sorted(chosen, key=lambda unit: unit.start), left, kept)


def _preferred(request: EditRequest, units: list[Unit]) -> list[Unit]:
    """Without a target, a preference keeps the units that have what is preferred, when there are such."""
    if not request.prefer:
        return units
    return [unit for unit in units if set(unit.why) & set(request.prefer)] or units


def _stretched(chosen: list[Unit], left: float, kept: list[Stretch]) -> list[Unit]:
    """Lengthen chosen units inside the kept material, at their ends and then their starts, by ``left`` seconds."""
    units = list(chosen)
    for index, unit in enumerate(units):
        home = next((stretch for stretch in kept if stretch[0] <= unit.start < stretch[1]), (unit.start, unit.end))
        limit = units[index + 1].start if index + 1 < len(units) else home[1]
        more = min(max(min(home[1], limit) - unit.end, 0.0), max(left, 0.0))
        floor = max(home[0], units[index - 1].end if index else 0.0)
        earlier = min(max(unit.start - floor, 0.0), max(left - more, 0.0))
        left -= more + earlier
        units[index] = Unit(unit.start - earlier, unit.end + more, unit.worth, unit.why)
    return units


def _joined(units: list[Unit]) -> list[Unit]:
    """Neighbours that touch become one piece with the reasons of both."""
    pieces: list[Unit] = []
    for unit in units:
        if pieces and unit.start - pieces[-1].end < 1e-6:
            before = pieces[-1]
            why = tuple(dict.fromkeys([*before.why, *unit.why]))
            pieces[-1] = Unit(before.start, unit.end, max(before.worth, unit.worth), why)
        else:
            pieces.append(unit)
    return pieces


def _dropped(
    request: EditRequest,
    spans: list[Stretch],
    kept: list[Stretch],
    layers: dict[Layer, tuple[Span, ...]],
    seen: Stretch,
) -> tuple[Dropped, ...]:
    """What was left out, cut where the reason changes: no picture yet, silence, too short between silences, or not
    among the best."""
    quiet_parts = [(span.start, span.end) for span in layers.get("silence", ())]
    over = ("target",) if request.target is not None else ("not_preferred",)
    found = []
    for start, end in complement(spans, seen[1]):
        gap = [(start, end)]
        reasons = [((a, b), ("no_picture",)) for a, b in overlap(gap, [(0.0, seen[0])])]
        reasons += [((a, b), over) for a, b in overlap(gap, kept)]
        for stretch in overlap(overlap(gap, [seen]), complement(kept, seen[1])):
            reasons.append((stretch, ("silence",) if shared(stretch, quiet_parts) > 0.5 else ("short",)))
        found += [Dropped(start=round(a, 6), end=round(b, 6), why=why) for (a, b), why in reasons if b - a >= 0.02]
    return tuple(sorted(found, key=lambda piece: piece.start))
