"""The conditions of a cut, one after the other: what each leaves out of a clip, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from scipy.ndimage import median_filter

from avai.contracts import PlanRequest, Span, Without
from avai.errors import RequestError
from avai.labels import resolved
from avai.services import seeing as eye
from avai.services.choice import SAME
from avai.services.deadtime import busy
from avai.services.known import Known
from avai.services.liking import Liking
from avai.services.pauses import spoken_stretches
from avai.services.spans import Stretch, closed, complement, long_enough, overlap, padded, runs, union

BLACK, STILL, BLURRED = 4.0, 8.0, 0.2
"""A frame darker than this on average, of 0..255, is black; a small picture of which all but a hundredth changes less
than this stands still; a look that is less good a still than this is a blur. Set by reasoning: no figure was tuned."""
LASTING = {"black": 0.1, "still": 1.0, "blurred": 0.6, "repeats": 0.3}
"""For how many seconds it must last to be left out."""
NEAR = 0.3
"""Named sounds that are nearer than this are cut as one."""


@dataclass(frozen=True)
class Ruling:
    """What a condition leaves out, the code of why, and the text of the condition; ``kept_why`` is the code of what
    stays by it, ``named`` where what has a code of its own is, which tells more than that."""

    condition: str
    why: str
    out: list[Stretch]
    kept_why: str = ""
    named: dict[str, list[Stretch]] = field(default_factory=dict)


def rulings(request: PlanRequest, known: Known, liking: Liking | None) -> Iterator[Ruling]:
    """What each condition leaves out, in the order in which they are asked; the first that says so gives the reason."""
    if request.drop_silence:
        yield Ruling("edit.drop_silence", "silence", complement(_spoken(request, known), known.duration), "sound")
    if request.keep:
        yield _kept(request, known)
    for label, spans in _named(request.drop, known).items():
        heard = closed([(span.start, span.end) for span in spans], NEAR)
        yield Ruling("edit.drop", f"heard:{label}", heard)
    for name in request.without:
        yield Ruling("edit.without", name, _seen(name, request, known), "there" if name == "empty" else "")
    if liking:
        yield _liked(request, known, liking)


def _spoken(request: PlanRequest, known: Known) -> list[Stretch]:
    """What is no silence, with its margins: of a talk what is spoken."""
    hearing = known.hearing
    if hearing is None:
        raise RequestError("edit_note.no_sound")
    if hearing.nothing:
        raise RequestError("edit_note.all_silent")
    before, after = margins(request)
    asked = (hearing, request.silence_db, request.shortest_silence, before, after)
    # where all pieces are short, that is said, and not that there is silence
    return spoken_stretches(*asked, min(request.shortest, known.duration)) or spoken_stretches(*asked, 0.0)


def margins(request: PlanRequest) -> tuple[float, float]:
    """How much is kept before and after what is kept by its sound."""
    return request.margin, request.margin if request.margin_after is None else request.margin_after


def _named(names: tuple[str, ...], known: Known) -> dict[str, list[Span]]:
    labels = tuple(dict.fromkeys(resolved(names)))
    return dict(known.sounds(labels)) if labels else {}


def _kept(request: PlanRequest, known: Known) -> Ruling:
    """Only where one of the named sounds is heard, with the margins."""
    found = _named(request.keep, known)
    spans = union(*([(span.start, span.end) for span in spans] for spans in found.values()))
    if not spans:
        raise RequestError("edit_note.not_heard", sounds=", ".join(found))
    stay = padded(closed(spans, NEAR), *margins(request), known.duration)
    named = {f"heard:{label}": [(span.start, span.end) for span in each] for label, each in found.items()}
    return Ruling("edit.keep", "unnamed", complement(stay, known.duration), "named", named)


def _liked(request: PlanRequest, known: Known, liking: Liking) -> Ruling:
    """Only what the model takes for what is liked: a sound with the margins, a picture just while it is there."""
    if not liking.stretches:
        raise liking.nothing("edit_note.nothing_like")
    heard = liking.heard
    wanted = long_enough(liking.stretches, 0.05 if heard else request.shortest)
    before, after = margins(request) if heard else (0.0, 0.0)
    return Ruling(
        "edit.like", "unlike", complement(padded(wanted, before, after, known.duration), known.duration), "like"
    )


def _seen(name: Without, request: PlanRequest, known: Known) -> list[Stretch]:
    """Where the picture is what is not wanted."""
    assert known.change
    if name == "empty":
        before, after = margins(request)
        return complement(padded(busy(known.change, known.duration), before, after, known.duration), known.duration)
    find: dict[str, Callable[[Known, eye.Change], list[Stretch]]] = {
        "black": _black,
        "still": _still,
        "blurred": _blurred,
        "repeats": _repeats,
    }
    return long_enough(overlap(find[name](known, known.change), [known.seen]), LASTING[name])


def _black(known: Known, change: eye.Change) -> list[Stretch]:
    return _while(change.bright < BLACK, change.times, known.duration)


def _still(known: Known, change: eye.Change) -> list[Stretch]:
    """Where hardly anything moves: small pictures are like one or two before or after. Single ones that differ do not
    count, as encoders let key frames pulse; nor does what is as small as a pointer."""
    pictures, times = change.greys.pictures, change.greys.times
    if len(times) < 3:
        return []
    moved = np.full(len(times), 255.0)
    for lag in (1, 2):
        apart = cv2.absdiff(pictures[lag:], pictures[:-lag]).reshape(len(times) - lag, -1)
        most = np.percentile(apart, 99, axis=1)
        moved[lag:] = np.minimum(moved[lag:], most)
        moved[:-lag] = np.minimum(moved[:-lag], most)
    return _while(median_filter(moved, 3) < STILL, times, known.duration)


def _blurred(known: Known, change: eye.Change) -> list[Stretch]:
    """Around looks that are no good stills beside the others, though they are not blank."""
    looks = change.looks
    edges = np.concatenate(([0.0], (looks.times[1:] + looks.times[:-1]) / 2, [known.duration]))
    usual = float(np.median(looks.good[~looks.blank])) if not looks.blank.all() else 0.0
    bad = (looks.good < min(BLURRED, usual / 2)) & ~looks.blank
    return union([(float(edges[at]), float(edges[at + 1])) for at in np.flatnonzero(bad)])


def _repeats(known: Known, change: eye.Change) -> list[Stretch]:
    """Shots that show what an earlier one showed."""
    looks = change.looks
    vectors = eye.unit(looks.embedding)
    shown: list[np.ndarray] = []
    again = []
    for shot in known.shots:
        inside = np.flatnonzero((looks.times >= shot.start) & (looks.times < shot.end) & ~looks.blank)
        if not len(inside):
            continue
        mean = eye.unit(vectors[inside].mean(axis=0))
        if shown and (np.stack(shown) @ mean).max() >= SAME:
            again.append((shot.start, shot.end))
        else:
            shown.append(mean)
    return again


def _while(on: np.ndarray, times: np.ndarray, duration: float) -> list[Stretch]:
    """The stretches over which frames are so, each frame until the next."""
    edges = np.append(times, max(duration, float(times[-1])))
    return [(float(edges[round(a)]), float(edges[round(b)])) for a, b in runs(on, 1.0)]
