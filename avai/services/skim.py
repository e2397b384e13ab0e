"""The short version of a video: whole moments of it in order, of the asked length, and what it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.contracts import Dropped, Note, Shot, Skim, SkimPiece, Span
from avai.errors import note
from avai.media.geometry import fitted
from avai.media.timeline import Timeline, Track, crossfaded, joined
from avai.progress import Progress, part
from avai.services.chapters import in_skim
from avai.services.choice import SAME
from avai.services.hearing import Hearing
from avai.services.moments import STEP, Moments
from avai.services.picking import edges, pick, within
from avai.services.seeing import Looks, unit
from avai.services.spans import Stretch, complement, covers, runs, shared
from avai.services.voices import speech_spans

FADE = 0.12
"""Sound is cross-faded over so many seconds at a join, over less where somebody speaks so near to it."""
OFF = 0.5
"""The length may be so many seconds from what was asked."""
WINDOW = 4.0
AGAIN, LEAST = 0.4, 0.05
"""Of a stretch the best so many seconds count in full, the next best by this factor less, down to the least."""
BLACK = -0.5
"""What black picture is worth: a piece neither begins nor ends with it."""
ALIKE = 0.6
"""What a shot that looks like a better one counts."""
DULL = 0.5
"""Little happens where importance is below this share of what the shown pieces have."""
TALK = 0.3
"""Where somebody speaks for more of the time than this, it is not the same because it looks the same."""
SLIVER = 0.4
SIDE = 1920
"""Pixels on the longer side: a skim is there to be looked through, and 4K takes many times longer to write."""


@dataclass(frozen=True)
class Material:
    """What is known of a clip: what is ``seen`` of it from when to when, its shots, looks, what matters and what is
    heard."""

    clip: Path
    seen: Stretch
    shots: tuple[Shot, ...]
    looks: Looks
    moments: Moments
    hearing: Hearing | None

    @cached_property
    def spoken(self) -> list[Stretch]:
        """Where somebody speaks."""
        return speech_spans(self.hearing) if self.hearing and not self.hearing.nothing else []


def skim_of(
    material: Material, seconds: float, chapters: list[Span], out: Path, progress: Progress
) -> tuple[Skim, list[Note]]:
    """Choose and write ``skim.mp4``, at most ``SIDE`` on the longer side; all of the video when it is no longer than
    what was asked. Warnings say what could not be had: the length, or an edge outside speech."""
    clip, spoken = material.clip, material.spoken
    frames = media.frame_times(clip)
    exact = (*frames.times, frames.end)
    times = np.array([float(time) for time in exact])
    pieces = chosen(material, seconds, times, part(progress, 0.0, 0.1))
    at = np.searchsorted(times, np.array(pieces).reshape(-1, 2) - 1e-9)
    spans = [(exact[a], exact[b]) for a, b in at if b > a]
    if not spans:
        return Skim(duration=0.0, pieces=()), [note("summarize_note.too_short_for_skim")]
    picture = joined(clip, spans)
    sound = crossfaded(picture, overlaps(picture, spoken)) if material.hearing else Track()
    shown = tuple(
        SkimPiece(start=round(float(p.start), 6), end=round(float(p.end), 6), at=round(float(p.at), 6))
        for p in picture.pieces
    )
    named = in_skim(shown, chapters)
    timeline = Timeline(picture, sound, _smaller(clip))
    written = media.render(timeline, out / "skim.mp4", part(progress, 0.1, 1.0), chapters=named)
    skim = Skim(
        duration=float(written.duration),
        pieces=shown,
        left_out=left_out(material, [(float(a), float(b)) for a, b in spans]),
        file="skim.mp4",
    )
    return skim, _notes(material, seconds, skim)


def _smaller(clip: Path) -> tuple[int, int] | None:
    """The size of the skim of a video that is larger than ``SIDE``; None for its own."""
    video = media.probe(clip).video
    assert video
    return fitted(video.width, video.height, SIDE) if max(video.width, video.height) > SIDE else None


def _notes(material: Material, seconds: float, skim: Skim) -> list[Note]:
    """What could not be had as it was asked."""
    lasts = material.seen[1] - material.seen[0]
    got = sum(piece.end - piece.start for piece in skim.pieces)
    found = []
    if lasts < seconds - OFF:
        found.append(note("summarize_note.shorter_than_skim", seconds=round(lasts, 1) or round(lasts, 2)))
    elif abs(got - min(seconds, lasts)) > OFF:
        found.append(note("summarize_note.skim_length", asked=round(seconds, 1), got=round(got, 1)))
    inner = [edge for piece in skim.pieces for edge in (piece.start, piece.end)]
    inner = [edge for edge in inner if material.seen[0] + 0.01 < edge < material.seen[1] - 0.01]
    inside = int(within(np.array(inner), material.spoken).sum())
    if inside:
        found.append(note("summarize_note.cut_in_speech", count=inside))
    return found


def chosen(material: Material, seconds: float, frames: NDArray[np.float64], progress: Progress) -> list[Stretch]:
    """The pieces, with edges on ``frames`` (the times of all, and the end)."""
    seen = material.seen
    if seen[1] - seen[0] <= seconds + 0.02:
        return [(max(seen[0], float(frames[0])), min(seen[1], float(frames[-1])))]
    levels = material.hearing.levels if material.hearing else np.zeros(0)
    places = edges(material.shots, material.spoken, levels, frames, seen)
    total = np.concatenate(([0.0], np.cumsum(worth(material, seconds)))) * STEP
    won = np.interp(places.times, np.arange(len(total)) * STEP, total)
    return pick(places, np.diff(won), seconds, partial(progress, 0.5, "doing.choosing"))


def worth(material: Material, seconds: float) -> NDArray[np.float64]:
    """What it is worth to show each ``STEP`` seconds in a version of so many ``seconds``.

    That is importance, less for shots that look like a better one; and so that all of the video has its part, less the
    more there is that is better in the same stretch of it, of which there is one for each ``WINDOW`` seconds to show.
    """
    value = material.moments.value.astype(np.float64)
    vectors = unit(material.looks.embedding)
    shown: list[int] = []
    parts: list[NDArray[np.int_]] = []
    for shot in sorted(material.shots, key=lambda shot: -material.moments.mean(shot.start, shot.end)):
        steps = np.arange(round(shot.start / STEP), min(round(shot.end / STEP), len(value)))
        middle = int(np.abs(material.looks.times - (shot.start + shot.end) / 2).argmin())
        if shown and (vectors[shown] @ vectors[middle]).max() >= SAME:
            value[steps] *= ALIKE
        shown.append(middle)
        parts += [each for each in np.array_split(steps, max(round(len(steps) * STEP / WINDOW), 1)) if len(each)]
    stretches = max(round(seconds / WINDOW), 1)
    before = np.zeros(stretches)
    worths = value.copy()
    for each in sorted(parts, key=lambda part: -float(value[part].mean())):
        stretch = min(int(each.mean() / len(value) * stretches), stretches - 1)
        worths[each] *= max(AGAIN ** (before[stretch] / WINDOW), LEAST)
        before[stretch] += len(each) * STEP
    return np.where(material.moments.dark, BLACK, worths)


def overlaps(picture: Track, spoken: Sequence[Stretch]) -> list[tuple[Fraction, Fraction]]:
    """For how long before and after each join of a track of one clip its sounds may fade into each other.

    Half of ``FADE`` to each side, less where that would bring in what is said next to a piece, or fade what is said in
    it.
    """
    return [
        (
            min(_quiet(one.end, -1, spoken), _quiet(other.start, -1, spoken), one.length / 2),
            min(_quiet(one.end, 1, spoken), _quiet(other.start, 1, spoken), other.length / 2),
        )
        for one, other in pairwise(picture.pieces)
    ]


def _quiet(edge: Fraction, way: int, spoken: Sequence[Stretch]) -> Fraction:
    """For how long nobody speaks before (-1) or after (1) an edge, at most half of ``FADE``."""
    a, b = sorted((float(edge), float(edge) + way * FADE / 2))
    near = [max(a, start) if way > 0 else min(b, end) for start, end in spoken if start < b and end > a]
    clear = min((abs(at - float(edge)) for at in near), default=FADE / 2)
    return Fraction(round(clear * 1000), 1000)


def left_out(material: Material, shown: Sequence[Stretch]) -> tuple[Dropped, ...]:
    """What the pieces leave of the video, cut where the reason changes.

    The reasons: no picture yet, black, little happens, it looks like what is shown (and nobody speaks), or no room.
    """
    duration, moments = material.seen[1], material.moments
    level = float(np.average([moments.mean(a, b) for a, b in shown], weights=[b - a for a, b in shown]))
    looks, vectors = material.looks, unit(material.looks.embedding)
    seen = vectors[covers(shown, looks.times)]
    marks = sorted({shot.start for shot in material.shots} | {edge for run in runs(moments.dark, STEP) for edge in run})

    def reason(start: float, end: float) -> str:
        near = np.abs(looks.times - (start + end) / 2).argmin()
        if end <= material.seen[0] + SLIVER:
            return "no_picture"
        if moments.is_dark(start, end):
            return "black"
        if shared((start, end), material.spoken) < TALK and len(seen) and (seen @ vectors[near]).max() >= SAME:
            return "same"
        return "dull" if moments.mean(start, end) < DULL * level else "room"

    found: list[Dropped] = []
    for start, end in complement(shown, duration):
        inside = [mark for mark in marks if start + SLIVER <= mark <= end - SLIVER]
        apart = [start, *(b for a, b in pairwise([start, *inside]) if b - a >= SLIVER), end]
        for a, b in pairwise(apart):
            why = (reason(a, b),)
            if found and found[-1].why == why and found[-1].end >= round(a, 6):
                found[-1] = found[-1].model_copy(update={"end": round(b, 6)})
            else:
                found.append(Dropped(start=round(a, 6), end=round(b, 6), why=why))
    return tuple(found)
