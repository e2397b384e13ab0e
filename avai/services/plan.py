"""What would be kept of a clip by conditions, and why: the plan of an edit, before anything is rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from avai import media
from avai.contracts import ClipInfo, Conditions, Dropped, Edit, EditPiece, Note, Plan, PlanRequest
from avai.errors import RequestError, note
from avai.progress import Progress, part, quiet
from avai.services import seeing as eye
from avai.services.beats import beats_of
from avai.services.choosing import Choice, chosen, target_of
from avai.services.fitting import SLIVER, edges_in_speech, on_beats
from avai.services.known import Known
from avai.services.liking import Liking, heard_liking, seen_liking, wish_of
from avai.services.ranges import ranges_of
from avai.services.selection import Unit, cut_at
from avai.services.spans import Stretch, complement, long_enough, overlap, shared, union

BEST = 5.0
"""The best moment, which may come first, lasts so many seconds at most."""
BRIEF = 0.15
OFF = 0.1
"""A length that is farther from the asked one is told."""
MOST_BYTES = 5_000_000
EARLIER: TypeAdapter[Edit | Plan] = TypeAdapter(Edit | Plan)


@dataclass(frozen=True)
class Cut:
    """A plan, with the exact times of its pieces, (start, end, speed) each, and what is known of the clip."""

    plan: Plan
    exact: list[tuple[Fraction, Fraction, Fraction]]
    known: Known


def plan(request: PlanRequest, out: Path, progress: Progress = quiet) -> Plan:
    """The stretches that the conditions keep and leave out; writes ``plan.json``.

    Raises ``RequestError`` when the clip has nothing that a condition asks for, or when the conditions leave nothing:
    the sentence says which one did it.
    """
    result = planned(request, out, progress).plan.model_copy(update={"files": ("plan.json",)})
    (out / "plan.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def planned(request: PlanRequest, out: Path, progress: Progress) -> Cut:
    """The plan. What was found out about the clip before is not found out again; ``out`` is for what is read twice."""
    info = media.probe(request.clip)
    if info.kind == "picture":
        raise RequestError("media.is_picture")
    opened = request.edit is not None
    beside = opened and any(getattr(request, name) != each.default for name, each in Conditions.model_fields.items())
    if opened:
        request = _opened(request, eye.picture_span(info)[1] if info.video else info.duration)
    if request.track > max(len(info.audio), 1):
        raise RequestError("edit_note.no_track", track=request.track, count=len(info.audio))
    known = Known(
        request.clip,
        info,
        part(progress, 0.0, 0.3),
        part(progress, 0.3, 0.9),
        request.silence_db,
        request.shortest_silence,
        max(request.track - 1, 0),
    )
    warnings = [*_told_of_tracks(info, request.track), *([note("edit_note.edit_alone")] if beside else [])]
    if request.without and not info.video:
        warnings.append(note("edit_note.no_picture_for"))
        request = request.model_copy(update={"without": ()})
    if request.speed and (request.target or request.ratio or request.longest or request.best_first):
        raise RequestError("edit_note.speed_alone")
    include, exclude = (ranges_of(texts, known.duration) for texts in (request.include, request.exclude))
    if overlap(union(include), union(exclude)):
        raise RequestError("edit_note.both")
    hand = ranges_of(request.cut, known.duration)
    liking = _liking(request, known, part(progress, 0.3, 0.9))
    choice = chosen(request, known, liking, union(include), union(exclude), bool(hand), part(progress, 0.9, 1.0))
    warnings += choice.notes
    units = choice.units
    if request.on_beat and not hand:
        units = _on_beats(known, units, out, warnings, part(progress, 0.92, 1.0))
    if hand:
        units = [Unit(a, b, 1.0, _by_hand((a, b), choice.units)) for a, b in hand]
        if request.best_first and hand[0] > min(hand):
            units[0] = _as_first(units[0])
    elif request.best_first:
        units = _best_first(known, units)
    exact, whys = _pieces(request, known, units, choice.excluded)
    if not exact:
        raise RequestError("edit_note.cut_too_short" if hand else "edit_note.nothing_left")
    pieces, at = [], Fraction(0)
    for (start, end, speed), why in zip(exact, whys, strict=True):
        pieces.append(
            EditPiece(
                start=round(float(start), 6),
                end=round(float(end), 6),
                at=round(float(at), 6),
                why=why,
                speed=float(speed),
            )
        )
        at += (end - start) / speed
    shown = [(float(start), float(end)) for start, end, _ in exact]
    target = None if hand else target_of(request, known)
    if target is not None:
        warnings += _off(known, shown, target, bool(choice.notes))
    warnings += known.notes()
    asked = {name: getattr(request, name) for name in Conditions.model_fields}
    found = Plan(
        source_duration=known.duration,
        duration=float(at),
        pieces=tuple(pieces),
        dropped=_dropped(choice, shown, known),
        layers=known.layers,
        asked=Conditions.model_validate(asked),
        warnings=tuple(warnings),
    )
    return Cut(found, exact, known)


def _told_of_tracks(info: ClipInfo, track: int) -> list[Note]:
    """What was noticed of the clip; that it has several sounds only where nobody chose among them, or wants all."""
    if track == 1 or len(info.audio) < 2:
        return list(info.warnings)
    others = [each for each in info.warnings if each.code != "media.several_tracks"]
    return [*others, note("edit_note.first_heard")] if track == 0 else others


def _off(known: Known, shown: Sequence[Stretch], target: float, told: bool) -> list[Note]:
    """What of the asked length could not be had: its seconds, if that is not ``told``, or pauses to cut in."""
    found = []
    got = sum(end - start for start, end in shown)
    if abs(got - target) > OFF and not told:
        found.append(note("edit_note.target_missed", asked=round(target, 1), got=round(got, 1)))
    first, last = known.seen
    inner = [time for stretch in shown for time in stretch if first + SLIVER < time < last - SLIVER]
    count = edges_in_speech(inner, known.spoken)
    if count:
        found.append(note("edit_note.cut_in_speech", count=count))
    return found


def _opened(request: PlanRequest, duration: float) -> PlanRequest:
    """The request that an earlier ``edit.json`` or ``plan.json`` holds, for this clip: its conditions and its cut."""
    assert request.edit
    try:
        if not request.edit.is_file() or request.edit.stat().st_size > MOST_BYTES:
            raise RequestError("edit_note.bad_edit")
        text = request.edit.read_text(encoding="utf-8-sig")  # some editors of text put a mark first
        earlier: Plan = EARLIER.validate_json(text)
    except (OSError, ValidationError, UnicodeDecodeError):
        raise RequestError("edit_note.bad_edit") from None
    if any(piece.end <= piece.start for piece in earlier.pieces):
        raise RequestError("edit_note.bad_edit")
    beyond = next((piece.start for piece in earlier.pieces if piece.start >= duration), None)
    if beyond is not None:
        raise RequestError("edit_note.other_clip", start=round(beyond, 2), seconds=round(duration, 2))
    asked = {name: getattr(earlier.asked, name) for name in Conditions.model_fields}
    kept = [piece for piece in earlier.pieces if piece.speed == 1]
    cut = request.cut or tuple(f"{piece.start:.6f}-{piece.end:.6f}" for piece in kept)
    if request.model is None:
        asked["like"] = ()
    return request.model_copy(update={**asked, "cut": cut, "edit": None})


def _liking(request: PlanRequest, known: Known, progress: Progress) -> Liking | None:
    """Where the model hears or sees what is liked; None without a model."""
    wish = wish_of(request, bool(known.info.audio))
    if wish is None:
        return None
    if wish.model.kind == "sound":
        assert known.hearing
        return heard_liking(wish, known.hearing, known.duration, progress)
    if known.change is None:
        raise RequestError("edit_note.no_picture_for_model")
    looks = eye.look_often(request.clip, known.duration, progress)
    return seen_liking(wish, looks, known.shots, known.duration)


def _by_hand(stretch: Stretch, units: Sequence[Unit]) -> tuple[str, ...]:
    """Why a stretch of a cut made by hand is in it: for the reasons of the plan, or because a person wants it."""
    here = [unit for unit in units if overlap([stretch], [(unit.start, unit.end)])]
    covered = shared(stretch, [(unit.start, unit.end) for unit in here])
    why = [code for unit in here for code in unit.why if covered > 0.1]
    return tuple(dict.fromkeys([*why, *(["hand"] if covered < 0.9 else [])]))


def _on_beats(known: Known, units: list[Unit], out: Path, warnings: list[Note], progress: Progress) -> list[Unit]:
    """The units with their edges on the beats of the sound, where it has a steady one."""
    beats = beats_of(known.clip, known.info, out, progress, known.number)
    if not len(beats):
        warnings.append(note("edit_note.no_beat"))
        return units
    spans = on_beats([(unit.start, unit.end) for unit in units], beats)
    middles = [(a + b) / 2 for a, b in spans]
    near = [min(units, key=lambda unit: abs((unit.start + unit.end) / 2 - middle)) for middle in middles]
    return [Unit(a, b, unit.worth, unit.why) for (a, b), unit in zip(spans, near, strict=True)]


def _best_first(known: Known, units: list[Unit]) -> list[Unit]:
    """The best moment in front of the others, which keep their order."""
    parts = cut_at([(unit.start, unit.end) for unit in units], known.shots, BEST, 1.0)
    best = max(parts, key=lambda part: known.moments.mean(*part))
    home = next(unit for unit in units if unit.start - 1e-6 <= best[0] < unit.end)
    first = _as_first(Unit(*best, home.worth, home.why))
    rest = []
    for unit in units:
        for a, b in complement([best], unit.end) if unit is home else [(unit.start, unit.end)]:
            if min(b, unit.end) - max(a, unit.start) > SLIVER:
                rest.append(Unit(max(a, unit.start), min(b, unit.end), unit.worth, unit.why))
    return [first, *rest]


def _as_first(unit: Unit) -> Unit:
    """The unit as the best moment, which comes first."""
    return Unit(unit.start, unit.end, unit.worth, ("first", *(each for each in unit.why if each != "all")))


def _pieces(
    request: PlanRequest, known: Known, units: Sequence[Unit], excluded: Sequence[Stretch]
) -> tuple[list[tuple[Fraction, Fraction, Fraction]], list[tuple[str, ...]]]:
    """The units with their edges on frames; with ``speed``, what lies between them too, played faster, but for
    what is excluded."""

    def edge(time: float) -> Fraction:
        return known.frames.nearest_edge(Fraction(time)) if known.frames else Fraction(time).limit_denominator(10**6)

    found = [(edge(unit.start), edge(unit.end), Fraction(1), unit.why) for unit in units]
    if request.speed:
        spans = [(float(a), float(b)) for a, b, *_ in found]
        fast = Fraction(request.speed).limit_denominator(100)
        between = overlap(complement([*spans, *excluded], known.duration), [known.seen])
        found += [(edge(a), edge(b), fast, ("fast",)) for a, b in between if b - a > SLIVER]
        found.sort(key=lambda piece: piece[0])
    whole: list[tuple[Fraction, Fraction, Fraction, tuple[str, ...]]] = []
    for start, end, speed, why in found:
        if end <= start:
            continue
        if whole and whole[-1][1] == start and whole[-1][2] == speed and whole[-1][3] == why:
            whole[-1] = (whole[-1][0], end, speed, why)
        else:
            whole.append((start, end, speed, why))
    return [piece[:3] for piece in whole], [piece[3] for piece in whole]


def _dropped(choice: Choice, shown: list[Stretch], known: Known) -> tuple[Dropped, ...]:
    """What is left out, cut where the reason changes: no picture yet, excluded, a condition, too short, by hand, or
    not among the best."""
    duration = known.duration
    planned_in = union((unit.start, unit.end) for unit in choice.units)
    reasons: list[tuple[str, list[Stretch]]] = [
        ("no_picture", [(0.0, known.seen[0])] if known.seen[0] > SLIVER else []),
        ("excluded", choice.excluded),
        *((rule.why, rule.out) for rule in choice.rules),
        ("hand", planned_in),
        (choice.over, choice.weighed),
        ("short", [(0.0, duration)]),
    ]
    found: list[Dropped] = []
    for start, end in complement(shown, duration):
        left = [(start, end)]
        parts: list[tuple[Stretch, str]] = []
        for code, spans in reasons:
            parts += [(stretch, code) for stretch in long_enough(overlap(left, union(spans)), SLIVER)]
            left = overlap(left, complement(spans, duration))
        told = [each for each in parts if each[0][1] - each[0][0] >= BRIEF]
        parts = sorted(told or parts) or [((start, end), choice.over)]
        # what is too brief to tell of, or was left over by snapping to frames, goes to its neighbour: all is tiled
        edges = [start, *(a for (a, _), _ in parts[1:]), end]
        for (a, b), (_, code) in zip(pairwise(edges), parts, strict=True):
            if found and found[-1].end == round(a, 6) and found[-1].why == (code,):
                found[-1] = found[-1].model_copy(update={"end": round(b, 6)})
            elif b > a:
                found.append(Dropped(start=round(a, 6), end=round(b, 6), why=(code,)))
    return tuple(found)
