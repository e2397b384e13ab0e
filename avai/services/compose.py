"""Compose: several clips and one sound become one film, which begins with a title card where one is asked for.

The film is as long as was asked; without a wish, as long as the sound, or as the clips where they have less. Only the
sound is heard: what the clips themselves sound like is left out. It begins with the film, title card and all.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from avai import media
from avai.contracts import ClipInfo, ComposeRequest, Composition, CompositionPiece, Note, SkimPiece
from avai.errors import RequestError, note
from avai.media.timeline import Piece, Timeline, Track
from avai.progress import Progress, part, quiet
from avai.services import music as ear
from avai.services.arrangement import Slot, arranged
from avai.services.footage import Footage, survey
from avai.services.loudness import even, measure
from avai.services.ordering import best_order, unlikeness
from avai.services.preview import draw_strip

LONGEST_SIDE = 1920
FASTEST, SLOWEST = 60, 20  # frames a second
LONGEST = 1800.0  # seconds of film
SHORTEST_CLIP = 0.2
SHORTEST_PIECE = 0.5
SHORTEST_SOUND = 0.5
SHORTEST_FILM = 2.0  # a sound that is shorter is repeated until the clips end
DISSOLVE = 0.5
ALIKE = 0.2  # 1 - cosine: pieces that meet this nearly the same are cut, not dissolved
TITLE = 2.5
NEAR = 0.75  # seconds by which a join may move to a beat
PICTURE_WARNINGS = {"media.truncated", "media.damaged_frames", "media.all_black", "media.duration_estimated"}


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


def compose(request: ComposeRequest, out: Path, progress: Progress = quiet) -> Composition:
    """Makes the film; writes ``composition.json``, ``composition.mp4`` and ``strip.json`` with ``film.jpg``.

    Raises ``RequestError`` when there are no clips, when one is not a video or cannot be read, or when the sound has
    nothing to give.
    """
    warnings: list[Note] = []
    infos = _probed(request, warnings)
    heard = _sound_info(request.sound)
    used = _used(request, infos, warnings)
    looks = {}
    for count, number in enumerate(used):
        step = part(progress, 0.4 * count / len(used), 0.4 * (count + 1) / len(used))
        looks[number] = survey(request.clips[number], infos[number], step)
    with tempfile.TemporaryDirectory(prefix="making-", dir=out) as folder:
        work = Path(folder)
        music = _music(request, heard, work / "sound.wav", warnings, part(progress, 0.4, 0.5))
        plan = _planned(request, infos, looks, music, work / "sound.wav", warnings)
        cuts = ear.fitted(music, work / "sound.wav", plan.samples)
        if len(cuts) > 1:
            warnings.append(note("compose_note.sound_repeated", seconds=round(music.seconds, 1)))
        ear.laid(work / "sound.wav", cuts, plan.samples, work / "laid.wav", part(progress, 0.5, 0.52))
        evened = even(work / "laid.wav", work / "evened.wav", request.loudness, part(progress, 0.52, 0.56))
        pieces = _pieces(plan)
        picture = [piece for _, piece, _ in pieces]
        if plan.card:
            picture.insert(0, _title(request, plan, work / "card.mp4", warnings, part(progress, 0.56, 0.6)))
        length = plan.total / plan.rate
        timeline = Timeline(
            picture=Track(tuple(picture)),
            sound=Track((Piece(work / "evened.wav", Fraction(0), length, Fraction(0)),)),
            size=plan.size,
            rate=plan.rate,
        )
        film = out / "composition.mp4"
        written = media.render(timeline, film, part(progress, 0.6, 0.95))
    progress(0.95, "doing.compose_measuring")
    loudness = measure(media.audio_blocks(film, rate=ear.RATE, mono=False), ear.RATE)
    if np.isfinite(evened.after) and abs(loudness - request.loudness) > 0.5:
        warnings.append(note("compose_note.loudness_missed", asked=request.loudness, got=round(loudness, 1)))
    strip = draw_strip(film, media.probe(film), out, part(progress, 0.96, 1.0))
    (out / "strip.json").write_text(strip.model_dump_json(), encoding="utf-8")
    result = Composition(
        duration=round(float(written.duration), 6),
        pieces=tuple(
            CompositionPiece(
                start=round(float(piece.start), 6),
                end=round(float(piece.end), 6),
                at=round(float(piece.at), 6),
                clip=number,
                join="start" if place == 0 else "dissolve" if slot.half_in else "cut",
                overlap=round(float(2 * slot.half_in / plan.rate), 6),
            )
            for place, (number, piece, slot) in enumerate(pieces)
        ),
        sound_pieces=tuple(
            SkimPiece(start=cut.start / ear.RATE, end=cut.end / ear.RATE, at=cut.at / ear.RATE) for cut in cuts
        ),
        loudness=round(max(loudness, -120.0), 2),
        warnings=tuple(warnings),
        files=("composition.mp4", "composition.json", "strip.json", "film.jpg"),
    )
    (out / "composition.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    progress(1.0, "doing.done")
    return result


def _probed(request: ComposeRequest, warnings: list[Note]) -> list[ClipInfo]:
    """What every clip is, refused with its number when it is no video."""
    if not request.clips:
        raise RequestError("compose_error.no_clips")
    infos = []
    for number, clip in enumerate(request.clips, 1):
        try:
            info = media.probe(clip)
        except RequestError as error:
            raise RequestError("compose_error.clip", **_about(number, clip, error)) from error
        if info.kind == "picture":
            raise RequestError("compose_error.picture", number=number, name=clip.name)
        if info.video is None:
            raise RequestError("compose_error.clip_is_sound", number=number, name=clip.name)
        warnings += [
            note("compose_note.about_clip", **_about(number, clip, RequestError(each.code, **each.values)))
            for each in info.warnings
            if each.code in PICTURE_WARNINGS
        ]
        infos.append(info)
    return infos


def _about(number: int, clip: Path, error: RequestError) -> dict[str, str | int | float]:
    """A sentence about one of several clips: which one, and what of it in both languages."""
    return {"number": number, "name": clip.name, "en": error.sentence("en"), "zh": error.sentence("zh")}


def _sound_info(sound: Path) -> ClipInfo:
    info = media.probe(sound)
    if info.kind == "picture":
        raise RequestError("compose_error.sound_is_picture", name=sound.name)
    if not info.audio:
        raise RequestError("compose_error.no_sound", name=sound.name)
    return info


def _used(request: ComposeRequest, infos: Sequence[ClipInfo], warnings: list[Note]) -> list[int]:
    """The numbers of the clips that have enough picture, and no more of them than the film has room for."""
    used = []
    for number, info in enumerate(infos):
        assert info.video
        if info.video.duration >= SHORTEST_CLIP and info.video.duration * info.video.rate > 1.5:
            used.append(number)
        else:
            warnings.append(note("compose_note.clip_too_short", number=number + 1, name=request.clips[number].name))
    if not used:
        raise RequestError("compose_error.all_too_short")
    return used


def _music(request: ComposeRequest, info: ClipInfo, out: Path, warnings: list[Note], progress: Progress) -> ear.Music:
    """Reads the sound, as much of it as a film can use, into a WAV, and listens to it."""
    most = round(((request.seconds or LONGEST) + 5) * ear.RATE)
    check, done = media.SoundCheck(), 0
    blocks = media.audio_blocks(request.sound, rate=ear.RATE, mono=False, seconds=2.0, check=check)
    file: soundfile.SoundFile | None = None
    try:
        for block in blocks:
            file = file or soundfile.SoundFile(out, "w", ear.RATE, block.shape[1], subtype="FLOAT", format="WAV")
            file.write(block[: most - done])
            done += len(block)
            progress(0.6 * done / max(min(info.duration * ear.RATE, most), 1), "doing.decoding_sound")
            if done >= most:
                break
    finally:
        if file:
            file.close()
    if min(done, most) < SHORTEST_SOUND * ear.RATE:
        raise RequestError("compose_error.sound_too_short", seconds=SHORTEST_SOUND)
    warnings += check.notes()
    return ear.listen(out, part(progress, 0.6, 1.0))


def _planned(
    request: ComposeRequest,
    infos: Sequence[ClipInfo],
    looks: dict[int, Footage],
    music: ear.Music,
    wav: Path,
    warnings: list[Note],
) -> Plan:
    """How long the film is, in which order its pieces stand, and where they meet."""
    rate, size = _rate([infos[number] for number in looks]), _size(infos[next(iter(looks))])
    card = _card_frames(music, rate) if request.title else 0
    dissolve = DISSOLVE if request.join == "dissolve" else 0.0
    room = sum(footage.length for footage in looks.values()) - dissolve * (len(looks) - 1)
    length = _length(request, music, card / float(rate), max(room, min(f.length for f in looks.values())), warnings)
    total = max(round(length * rate), card + 1)
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


def _pieces(plan: Plan) -> list[tuple[int, Piece, Slot]]:
    """The best stretch of each clip for its slot, on frames of the clip."""
    pieces = []
    for number, footage, slot in plan.shown:
        length = slot.frames / plan.rate
        asked = footage.best(float(length))
        start = media.snap(footage.clip, [asked])[0]
        start = max(min(start, Fraction(footage.end).limit_denominator(1_000_000) - length), Fraction(0))
        at = (plan.card + slot.first) / plan.rate
        pieces.append((number, Piece(footage.clip, start, start + length, at), slot))
    return pieces


def _title(request: ComposeRequest, plan: Plan, out: Path, warnings: list[Note], progress: Progress) -> Piece:
    """The title card as a piece that stands before the film."""
    from avai.services import title

    text, missing = title.printable(request.title)
    if missing:
        warnings.append(note("compose_note.letters_missing", letters=missing))
    title.card(text, plan.size, plan.rate, plan.card, out, progress)
    return Piece(out, Fraction(0), plan.card / plan.rate, Fraction(0))
