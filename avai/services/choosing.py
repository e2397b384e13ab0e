"""What of a clip an edit keeps: first what the conditions leave out goes, then the best of the rest is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from avai.contracts import Note, PlanRequest, Preference
from avai.errors import RequestError, note
from avai.progress import Progress
from avai.services.conditions import Ruling, rulings
from avai.services.fitting import SLIVER, fitted
from avai.services.known import Known
from avai.services.liking import Liking
from avai.services.moments import Moments
from avai.services.selection import Unit, choose, cut_at, joined_units
from avai.services.spans import Stretch, complement, long_enough, overlap, shared, union

LIKED: dict[Preference, str] = {
    "speech": "speech",
    "music": "music",
    "action": "motion",
    "faces": "faces",
    "sharp": "good",
    "bright": "bright",
}
"""Which part of the importance curve each preference looks at."""
UNIT = 4.0
"""Without a longest piece, shots are weighed in units of about this many seconds."""


@dataclass(frozen=True)
class Choice:
    """What stays in order of time, each with why, and how what does not came to be left out."""

    units: list[Unit]
    excluded: list[Stretch]
    rules: list[Ruling]
    weighed: list[Stretch]
    over: str
    notes: list[Note] = field(default_factory=list)


def chosen(
    request: PlanRequest,
    known: Known,
    liking: Liking | None,
    include: list[Stretch],
    exclude: list[Stretch],
    by_hand: bool,
    progress: Progress,
) -> Choice:
    """What the conditions keep: first what they leave out goes, then the best of the rest is chosen."""
    rules: list[Ruling] = []
    kept = _minus([known.seen], exclude, known.duration)
    if not kept and not by_hand:
        raise RequestError("edit_note.took_all.exclude")
    for rule in rulings(request, known, liking):
        rules.append(rule)
        left = _minus(kept, rule.out, known.duration)
        if not left and not include and not by_hand:
            alone = _minus([known.seen], rule.out, known.duration)
            code = "together" if alone else rule.why.split(":")[0]
            raise RequestError(f"edit_note.took_all.{code}")
        kept = left
    if rules:
        long = long_enough(kept, min(request.shortest, known.seen[1] - known.seen[0]))
        if not long and kept and not include and not by_hand:
            raise RequestError("edit_note.took_all.short", seconds=request.shortest)
        kept = long
    kept = union(kept, overlap(include, [known.seen]))
    why = tuple(dict.fromkeys(rule.kept_why for rule in reversed(rules) if rule.kept_why)) or ("all",)
    total = sum(b - a for a, b in kept)
    target = target_of(request, known)
    notes: list[Note] = []
    if target is not None and target > total + 0.05:
        notes.append(note("edit_note.target_too_long", asked=round(target, 1), got=round(total, 1)))
    wanted = sum(b - a for a, b in overlap(include, kept))
    if target is not None and wanted > target + 0.1:
        notes.append(note("edit_note.include_too_long", asked=round(target, 1), wanted=round(wanted, 1)))
    weighed = kept
    over = "target" if target is not None else "not_preferred" if request.prefer else "longest"
    if request.longest is not None or request.prefer or (target is not None and target < total - 0.02):
        moments = liking.weighed(known.moments) if liking else known.moments
        if request.longest is None and target is not None:
            report = partial(progress, 0.0, "doing.choosing")
            spans = (
                fitted(known, _preferred(request, moments), kept, include, target, report) if target < total else kept
            )
            units = [Unit(a, b, 1.0, _why(request, moments, (a, b), why)) for a, b in spans]
        else:
            units = _units(request, known, kept, include, moments, target, why)
            got = sum(unit.length for unit in units)
            if target is not None and request.longest is not None and got < min(target, total) - 0.1:
                notes.append(note("edit_note.longest_left_less", longest=request.longest, got=round(got, 1)))
    else:
        units = [Unit(a, b, 1.0, why) for a, b in kept]
    units = [_told(unit, rules, include) for unit in units]
    return Choice(units, exclude, rules, weighed, over, notes)


def target_of(request: PlanRequest, known: Known) -> float | None:
    """The length that is asked for, in seconds or as a share of the source."""
    asked = [request.target] if request.target is not None else []
    asked += [request.ratio * (known.seen[1] - known.seen[0])] if request.ratio is not None else []
    return min(asked, default=None)


def _minus(kept: Sequence[Stretch], out: Sequence[Stretch], duration: float) -> list[Stretch]:
    return long_enough(overlap(list(kept), complement(out, duration)), SLIVER)


def _preferred(request: PlanRequest, moments: Moments) -> Moments:
    """Moments that matter the more the more of what is preferred they have."""
    value = [moments.parts[LIKED[name]] for name in request.prefer if LIKED[name] in moments.parts]
    mean = np.asarray(np.mean(value, axis=0), np.float32) if value else None
    return moments if mean is None else moments.preferring(mean, "preferred")


def _strong(request: PlanRequest, moments: Moments, stretch: Stretch) -> tuple[str, ...]:
    """What of the preferred is strong in a stretch."""
    names = [name for name in request.prefer if LIKED[name] in moments.parts]
    return tuple(name for name in names if moments.mean(*stretch, LIKED[name]) >= 0.5)


def _why(request: PlanRequest, moments: Moments, stretch: Stretch, why: tuple[str, ...]) -> tuple[str, ...]:
    strong = _strong(request, moments, stretch)
    return (*(each for each in why if each != "all"), *(strong or ("best",)))


def _units(
    request: PlanRequest,
    known: Known,
    kept: list[Stretch],
    include: list[Stretch],
    moments: Moments,
    target: float | None,
    why: tuple[str, ...],
) -> list[Unit]:
    """Shots and shorter units of what is kept, those that are preferred or the best, until the target is full."""
    size = request.longest or max(UNIT, request.shortest)
    units = []
    for start, end in cut_at(kept, known.shots, size, request.shortest):
        parts = [moments.mean(start, end, LIKED[each]) for each in request.prefer if LIKED[each] in moments.parts]
        worth = moments.mean(start, end)
        worth = sum(parts) / len(parts) + 0.05 * worth if parts else worth
        must = shared((start, end), include) > 0.5
        strong = _strong(request, moments, (start, end))
        units.append(Unit(start, end, worth + 10 * must, _why(request, moments, (start, end), why) if strong else why))
    wanted = [
        unit
        for unit in units
        if target is None and (set(unit.why) & set(request.prefer) or shared((unit.start, unit.end), include) > 0.5)
    ]
    return joined_units(choose(wanted or units, kept, target, request.shortest, request.longest))


def _told(unit: Unit, rules: Iterable[Ruling], include: list[Stretch]) -> Unit:
    """The unit with what was named and is in it, and whether it was included by hand."""
    span = (unit.start, unit.end)
    named = [code for rule in rules for code, spans in rule.named.items() if overlap([span], spans)]
    why = [each for each in unit.why if each != "named"]
    why = [*named, *(["included"] if shared(span, include) > 0.5 else why)]
    return Unit(unit.start, unit.end, unit.worth, tuple(dict.fromkeys(why)) or ("all",))
