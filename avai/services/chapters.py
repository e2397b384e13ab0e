"""Chapters of a video: stretches that begin at shots and are named by what is heard in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise
from math import ceil
from pathlib import Path

from avai import exchange, media, words
from avai.config import settings
from avai.contracts import ClipInfo, Note, Shot, SkimPiece, Span
from avai.errors import note
from avai.progress import Progress
from avai.services.hearing import Hearing
from avai.services.layers import MINE, layers_of, mean_near
from avai.services.spans import Stretch, overlap, shared, union
from avai.services.tags import OTHER, tags
from avai.services.voices import music_score

LEAST = 10.0
"""Seconds: YouTube takes no shorter chapters."""
LONGEST_SHORTEST = 300.0
TENTHS, MERGED = 10, 3
"""A chapter lasts at least a tenth of the video; of one name, three such parts may become one."""
NOT_LONG = 120.0
MUCH = 0.25
"""A sound names a chapter where it fills this much of it, weighed by how surely it is heard."""
TOGETHER = 0.5
"""A sound goes on behind another where they share this much of its time."""
MOST_TAGS = 40
BROKEN = ("media.truncated", "media.damaged_frames", "media.clock_back")


def chapters_of(shots: Sequence[Shot], hearing: Hearing | None, duration: float) -> list[Span]:
    """Stretches that tile the video, begin at shots and are named by what is heard: ``music``, ``speech_over_rain``.

    Each lasts at least a tenth of the video (10 s to 5 min). Neighbours of one name are one chapter, as nobody wants to
    jump from music to music, up to three tenths of the video (at least 2 min): a talk of two hours would be a single
    chapter, with nothing to jump to. What is longer is divided evenly, at shots, and told apart by its times.
    """
    shortest = min(max(duration / TENTHS, LEAST), LONGEST_SHORTEST)
    starts = [0.0]
    for shot in shots:
        if shot.start - starts[-1] >= shortest and duration - shot.start >= max(shortest / 2, LEAST):
            starts.append(shot.start)
    heard = _Heard.of(hearing) if hearing else None
    parts = [(*stretch, heard.name(stretch) if heard else "silence") for stretch in pairwise([*starts, duration])]
    merged: list[Span] = []
    for label, group in groupby(parts, key=lambda part: part[2]):
        merged += _merged(label, [part[:2] for part in group], max(MERGED * shortest, NOT_LONG))
    return merged


def _merged(label: str, parts: Sequence[Stretch], longest: float) -> list[Span]:
    """Stretches that follow each other, of one name, in as few as are not much longer than ``longest``."""
    first, last = parts[0][0], parts[-1][1]
    count = max(ceil(round((last - first) / longest, 2)), 1)
    groups = groupby(parts, key=lambda part: int(round(count * (part[0] - first) / (last - first), 2)))
    edges = [next(group)[0] for _, group in groups]
    return [Span(start=round(a, 3), end=round(b, 3), label=label) for a, b in pairwise([*edges, last])]


@dataclass(frozen=True)
class _Heard:
    """``layers`` have music weighed by how strongly it is heard rather than by how surely, as it goes on behind much;
    ``sounds`` are tags, with speech and music among them."""

    layers: Sequence[Span]
    sounds: Sequence[Span]

    @classmethod
    def of(cls, hearing: Hearing) -> _Heard:
        layers = layers_of(hearing, None, 0.4)
        labels = words.sound_labels()
        kinds = {labels[row] for row in MINE} - {"speech", "music"}  # an instrument is music, a whisper speech
        sounds = [tag for tag in tags(hearing, labels, layers, MOST_TAGS) if tag.label not in kinds]
        played = partial(mean_near, hearing, music_score(hearing.heard))
        layers["music"] = tuple(
            span.model_copy(update={"confidence": played(span.start, span.end)}) for span in layers["music"]
        )
        return cls([span for spans in layers.values() for span in spans], sounds)

    def name(self, stretch: Stretch) -> str:
        """What is heard most; a second sound joins it where it fills much of the stretch at the same time, if one of
        the two is speech or music: two others are often one sound. Speech stands before what is behind it, else the one
        that is heard more. Silence is where no sound fills much."""
        lasts = stretch[1] - stretch[0]
        sounds = [(label, time) for label, time in _filled(self.sounds, stretch) if label != OTHER]
        much = [label for label, time in sounds if time >= MUCH * lasts]
        layer = next((label for label, _ in _filled(self.layers, stretch)), "silence")
        if layer == OTHER:
            first = next((label for label, _ in sounds if label not in ("speech", "music")), OTHER)
        else:
            first = much[0] if layer == "silence" and much else layer
        if first == OTHER and much:
            first = much[0]
        second = next((each for each in much if each != first and self._together(first, each, stretch)), None)
        if second is None or first == "silence":
            return first
        return f"{second}_over_{first}" if second == "speech" else f"{first}_over_{second}"

    def _together(self, first: str, second: str, stretch: Stretch) -> bool:
        if not {first, second} & {"speech", "music"}:
            return False
        one, other = (
            union((span.start, span.end) for span in self.sounds if span.label == label) for label in (first, second)
        )
        least = min(shared(stretch, one), shared(stretch, other))
        return shared(stretch, overlap(one, other)) >= TOGETHER * least > 0


def _filled(spans: Iterable[Span], stretch: Stretch) -> list[tuple[str, float]]:
    """The labels in a stretch and the seconds that each fills, weighed by confidence, first those that fill most."""
    filled: dict[str, float] = {}
    for span in spans:
        time = min(stretch[1], span.end) - max(stretch[0], span.start)
        if time > 0:
            filled[span.label] = filled.get(span.label, 0.0) + time * span.confidence
    return sorted(filled.items(), key=lambda item: -item[1])


def named(label: str, language: str = "en") -> str:
    """A chapter's label as people read it: ``Speech over rain``."""
    name = words.name_of(label, language)
    return name[:1].upper() + name[1:]


def write_lists(chapters: Sequence[Span], out: Path) -> tuple[str, str]:
    """Write ``chapters.vtt``, for players, and ``chapters.txt``, for the description of a video; gives their names.

    YouTube takes chapters where there are at least three; a short video has fewer, and they are written all the same.
    """
    (out / "chapters.vtt").write_text(exchange.tags_vtt(chapters, named), encoding="utf-8")
    (out / "chapters.txt").write_text(exchange.chapter_list(chapters, named), encoding="utf-8")
    return "chapters.vtt", "chapters.txt"


def in_film(chapters: Iterable[Span]) -> list[media.Chapter]:
    """Chapters as a player shows them."""
    return [media.Chapter(each.start, each.end, named(each.label)) for each in chapters]


def in_skim(pieces: Sequence[SkimPiece], chapters: Sequence[Span]) -> list[media.Chapter]:
    """A chapter of the short version for each of its pieces, called by where it comes from: ``0:42 Music``."""
    return [
        media.Chapter(
            each.at, each.at + each.end - each.start, f"{exchange.clock(each.start)} {named(_at(chapters, each))}"
        )
        for each in pieces
    ]


def _at(chapters: Sequence[Span], piece: SkimPiece) -> str:
    """The label of the chapter that has most of a piece."""
    return max(chapters, key=lambda each: min(each.end, piece.end) - max(each.start, piece.start)).label


def write_film(
    clip: Path, info: ClipInfo, chapters: Sequence[Span], out: Path, warnings: list[Note], progress: Progress
) -> str:
    """Write ``film_chapters.mp4`` (or ``.mkv``), the clip as it is with its chapters; gives its name.

    Where it is too large, damaged or of a kind that no container takes, nothing is written, a warning says so, and the
    name is "".
    """
    limit = settings().max_copy_bytes
    if info.bytes > limit:
        reason = note(
            "summarize_note.too_big_for_chapters", megabytes=info.bytes // 1_000_000, limit=limit // 1_000_000
        )
    elif any(each.code in BROKEN for each in info.warnings):
        reason = note("summarize_note.broken_for_chapters")
    else:
        made = media.with_chapters(clip, in_film(chapters), out / "film_chapters", progress)
        if made:
            return made.name
        reason = note("summarize_note.no_film_chapters")
    warnings.append(reason)
    return ""
