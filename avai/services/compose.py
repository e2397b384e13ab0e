"""Compose: several clips and one sound become one film, which begins with a title card where one is asked for.

The film is as long as was asked; without a wish, as long as the sound, or as the clips where they have less. Only the
sound is heard: what the clips themselves sound like is left out. It begins with the film, title card and all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile

from avai import media
from avai.contracts import ClipInfo, ComposeRequest, Composition, CompositionPiece, Note, SkimPiece
from avai.errors import RequestError, note
from avai.media.timeline import Piece, Timeline, Track
from avai.progress import Progress, part, quiet
from avai.services import music as ear
from avai.services import title
from avai.services.arrangement import Slot
from avai.services.footage import survey
from avai.services.loudness import even, measure
from avai.services.planning import LONGEST, Plan, planned
from avai.services.preview import draw_strip

SHORTEST_CLIP = 0.2
SHORTEST_SOUND = 0.5
SPARE = 5.0  # seconds of sound that are read beyond the film: the title card's, and to know that it goes on
PICTURE_WARNINGS = {"media.truncated", "media.damaged_frames", "media.clock_back", "media.duration_estimated"}
SOUND_WARNINGS = {"media.truncated", "media.several_tracks", "media.duration_estimated"}


def compose(request: ComposeRequest, out: Path, progress: Progress = quiet) -> Composition:
    """Makes the film; writes ``composition.json``, ``composition.mp4`` and ``strip.json`` with ``film.jpg``.

    Raises ``RequestError`` when there are no clips, when one is not a video or cannot be read, or when the sound has
    nothing to give.
    """
    warnings: list[Note] = []
    infos = _probed(request, warnings)
    heard = _sound_info(request.sound, warnings)
    used = _used(request, infos, warnings)
    looks = {}
    for count, number in enumerate(used):
        step = part(progress, 0.4 * count / len(used), 0.4 * (count + 1) / len(used))
        looks[number] = survey(request.clips[number], infos[number], step)
        if looks[number].blank:
            about = _about(number + 1, request.clips[number], RequestError("media.all_black"))
            warnings.append(note("compose_note.about_clip", **about))
    with tempfile.TemporaryDirectory(prefix="making-", dir=out) as folder:
        work = Path(folder)
        most = min(sum(footage.length for footage in looks.values()), request.seconds or LONGEST) + SPARE
        music = _music(request.sound, min(heard.duration, most), work / "sound.wav", warnings, part(progress, 0.4, 0.5))
        plan = planned(request, infos, looks, music, work / "sound.wav", warnings)
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
    blocks = media.audio_blocks(film, rate=ear.RATE, mono=False, seconds=2.0)
    loudness = measure(blocks, ear.RATE, plan.samples, part(progress, 0.95, 0.97))
    if np.isfinite(evened.after) and abs(loudness - request.loudness) > 0.5:
        warnings.append(note("compose_note.loudness_missed", asked=request.loudness, got=round(loudness, 1)))
    strip = draw_strip(film, media.probe(film), out, part(progress, 0.97, 1.0))
    (out / "strip.json").write_text(strip.model_dump_json(), encoding="utf-8")
    result = Composition(
        duration=round(float(written.duration), 6),
        pieces=_told(pieces, plan.rate),
        sound_pieces=tuple(
            SkimPiece(
                start=round(cut.start / ear.RATE, 6), end=round(cut.end / ear.RATE, 6), at=round(cut.at / ear.RATE, 6)
            )
            for cut in cuts
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


def _sound_info(sound: Path, warnings: list[Note]) -> ClipInfo:
    info = media.probe(sound)
    if info.kind == "picture":
        raise RequestError("compose_error.sound_is_picture", name=sound.name)
    if not info.audio:
        raise RequestError("compose_error.no_sound", name=sound.name)
    warnings += [each for each in info.warnings if each.code in SOUND_WARNINGS]
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


def _music(sound: Path, most: float, out: Path, warnings: list[Note], progress: Progress) -> ear.Music:
    """Reads the first ``most`` seconds of a sound into a WAV of two channels, and listens to it."""
    check, frames, done = media.SoundCheck(), round(most * ear.RATE), 0
    with soundfile.SoundFile(out, "w", ear.RATE, 2, subtype="FLOAT", format="WAV") as file:
        for block in media.audio_blocks(sound, rate=ear.RATE, mono=False, seconds=2.0, check=check):
            file.write(np.repeat(block, 2 // block.shape[1], axis=1)[: frames - done])
            done += len(block)
            progress(0.6 * min(done / frames, 1.0), "doing.decoding_sound")
            if done >= frames:
                break
    if min(done, frames) < SHORTEST_SOUND * ear.RATE:
        raise RequestError("compose_error.sound_too_short", seconds=SHORTEST_SOUND)
    warnings += check.notes()
    return ear.listen(out, part(progress, 0.6, 1.0))


def _pieces(plan: Plan) -> list[tuple[int, Piece, Slot]]:
    """The best stretch of each clip for its slot, on frames of the clip."""
    pieces: list[tuple[int, Piece, Slot]] = []
    for number, footage, slot in plan.shown:
        length = slot.frames / plan.rate
        taken = [(float(p.start), float(p.end)) for _, p, _ in pieces if p.source == footage.clip]
        asked = footage.best(float(length), taken)
        start = media.snap(footage.clip, [asked])[0]
        start = max(min(start, Fraction(footage.end).limit_denominator(1_000_000) - length), Fraction(0))
        at = (plan.card + slot.first) / plan.rate
        pieces.append((number, Piece(footage.clip, start, start + length, at), slot))
    return pieces


def _told(pieces: list[tuple[int, Piece, Slot]], rate: Fraction) -> tuple[CompositionPiece, ...]:
    """The pieces as the result says them."""
    return tuple(
        CompositionPiece(
            start=round(float(piece.start), 6),
            end=round(float(piece.end), 6),
            at=round(float(piece.at), 6),
            clip=number,
            join="start" if place == 0 else "dissolve" if slot.half_in else "cut",
            overlap=round(float(2 * slot.half_in / rate), 6),
        )
        for place, (number, piece, slot) in enumerate(pieces)
    )


def _title(request: ComposeRequest, plan: Plan, out: Path, warnings: list[Note], progress: Progress) -> Piece:
    """The title card as a piece that stands before the film."""
    text, missing = title.printable(request.title)
    if missing:
        warnings.append(note("compose_note.letters_missing", letters=missing))
    title.card(text, plan.size, plan.rate, plan.card, out, progress)
    return Piece(out, Fraction(0), plan.card / plan.rate, Fraction(0))
