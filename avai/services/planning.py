"""The plan of a film: how long it is, in which order its pieces stand, where they meet and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from avai.contracts import ClipInfo, ComposeRequest, Note
from avai.errors import note
from avai.services import music as ear
from avai.services import title
from avai.services.arrangement import Slot, arranged
from avai.services.footage import Footage
from avai.services.ordering import best_order, unlikeness

LONGEST_SIDE = 1920
FASTEST, SLOWEST = 60, 20  # frames a second
LONGEST = 1800.0  # seconds of film
SHORTEST_PIECE = 0.5
SHORTEST_FILM = 2.0  # a sound that is shorter is repeated until the clips end
DISSOLVE = 0.5
ALIKE = 0.3  # 1 - cosine: within one shot half a second apart; pieces that meet so nearly the same are cut
TITLE = 2.5
NEAR = 0.75  # seconds by which a join may move to a beat


@dataclass(frozen=True)
class Plan:
    """The film to be: its frame rate, size, the frames of the title card, and which footage stands where."""

    rate: Fraction
    size: tuple[int, int]
    card: int
    total: int
    shown: tuple[tuple[int, Footage, Slot], ...]

    @property
    def samples(self) -> int:
        """How long the film is in samples of the sound."""
        return round(self.total / self.rate * ear.RATE)


def planned(
    request: ComposeRequest,
    infos: Sequence[ClipInfo],
    looks: dict[int, Footage],
    music: ear.Music,
    wav: Path,
    warnings: list[Note],
) -> Plan:
    """How long the film is, in which order its pieces stand, and where they meet."""
    rate, size = _rate([infos[number] for number in looks]), _size(infos[next(iter(looks))])
    card = _card_frames(music, rate) if title.printable(request.title)[0] else 0
    dissolve = DISSOLVE if request.join == "dissolve" else 0.0
    room = sum(footage.length for footage in looks.values()) - dissolve * (len(looks) - 1)
    length = _length(request, music, card / float(rate), max(room, min(f.length for f in looks.values())), warnings)
    total = max(int(length * rate + Fraction(1, 2 if request.seconds else 1000)), 3)
    card = min(card, total // 3)
    fitting = max(int((total - card) / float(rate) / SHORTEST_PIECE), 1)
    if fitting < len(looks):
        warnings.append(note("compose_note.clips_left_out", left=len(looks) - fitting, seconds=round(length, 1)))
        looks = dict(list(looks.items())[:fitting])
    frames = [max(int(footage.length * rate + 1e-6), 1) for footage in looks.values()]
    total = min(total, card + sum(frames))
    rough = arranged(total - card, frames, [0] * (len(frames) - 1), np.zeros(0), np.zeros(0), 1.0, 1)
    order, joins = _ordered(request, list(looks.values()), rough, rate)
    numbers = [list(looks)[place] for place in order]
    frames = [frames[place] for place in order]
    halves = _halves(joins, [rough[place].frames for place in order], frames, total - card, rate)
    beats, strength = ear.beats_heard(music, ear.fitted(music, wav, round(total / rate * ear.RATE)))
    slots = arranged(
        total - card,
        frames,
        halves,
        beats * float(rate) - card,
        strength,
        NEAR * float(rate),
        round(SHORTEST_PIECE * rate),
    )
    return Plan(rate, size, card, total, tuple((n, looks[n], s) for n, s in zip(numbers, slots, strict=True)))


def _length(request: ComposeRequest, music: ear.Music, card: float, room: float, warnings: list[Note]) -> float:
    """Seconds of film: what was asked, else the sound's length, and never more than the clips have.

    Where the sound goes on beyond the clips and nothing was asked, the film ends where the sound has a good end, a
    little before the clips do, so that there is room to move joins to beats.
    """
    whole = min(room + card, LONGEST)
    if request.seconds is not None:
        if request.seconds > whole + 0.05:
            warnings.append(note("compose_note.clips_short", asked=request.seconds, got=round(whole, 1)))
        return min(request.seconds, whole)
    if music.seconds < SHORTEST_FILM or music.silent:
        return whole
    if music.seconds <= whole:
        return music.seconds
    if not len(music.beats):
        return ear.good_end(music, max(whole - 2.0, 0.9 * whole), whole)
    return ear.good_end(music, card + 0.85 * (whole - card), card + 0.95 * (whole - card))


def _card_frames(music: ear.Music, rate: Fraction) -> int:
    """The title card gives way to the film on a beat where there is one."""
    near = music.beats[np.abs(music.beats - TITLE) <= 0.5]
    return round((float(near[np.abs(near - TITLE).argmin()]) if len(near) else TITLE) * rate)


def _rate(infos: Sequence[ClipInfo]) -> Fraction:
    """The most common frame rate, at most 60; a slow one is doubled until dissolves are smooth."""
    rates = [_exact(min(info.video.rate, FASTEST)) for info in infos if info.video]
    rate = Counter(rates).most_common(1)[0][0]
    return rate * max(-(-SLOWEST // rate), 1) if rate < SLOWEST else rate


def _exact(rate: float) -> Fraction:
    """23.976, 29.97 and 59.94 are n * 1000 / 1001; others whole or in hundredths."""
    for whole in (24, 30, 60):
        if abs(rate - whole * 1000 / 1001) < 0.005:
            return Fraction(whole * 1000, 1001)
    return max(Fraction(round(rate * 100), 100), Fraction(1, 2))


def _size(info: ClipInfo) -> tuple[int, int]:
    """The upright size of a clip, its longer side at most 1920, both sides even."""
    assert info.video
    scale = min(1.0, LONGEST_SIDE / max(info.video.width, info.video.height))
    width, height = (max(round(side * scale / 2) * 2, 2) for side in (info.video.width, info.video.height))
    return width, height


def _ordered(
    request: ComposeRequest, looks: Sequence[Footage], slots: Sequence[Slot], rate: Fraction
) -> tuple[list[int], list[float]]:
    """The order of the pieces, and how unlike each is to the one before it."""
    starts, ends = [], []
    for footage, slot in zip(looks, slots, strict=True):
        begin = footage.best(slot.frames / float(rate))
        starts.append(footage.near(begin))
        ends.append(footage.near(begin + slot.frames / float(rate)))
    cost = unlikeness(np.stack(ends), np.stack(starts))
    order = best_order(cost) if request.order == "likeness" else list(range(len(looks)))
    joins = [float(cost[a, b]) if request.join == "dissolve" else 0.0 for a, b in pairwise(order)]
    return order, joins


def _halves(
    joins: Sequence[float], shares: Sequence[int], room: Sequence[int], total: int, rate: Fraction
) -> list[int]:
    """Half of each dissolve in frames: a quarter of a second, less beside short pieces, none between pieces that
    already match or where the clips have no frames to spare."""
    halves = []
    for join, (before, after) in zip(joins, pairwise(shares), strict=True):
        half = min(round(DISSOLVE / 2 * rate), min(before, after) // 6)
        halves.append(half if join > ALIKE and half >= 2 else 0)
    while sum(room) - 2 * sum(halves) < total or any(
        frames <= sum(edges) for frames, edges in zip(room, pairwise([0, *halves, 0]), strict=True)
    ):
        halves = [max(half - 1, 0) for half in halves]
    return halves
