"""The project files of an edit, for editors, and its tags as captions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from avai import exchange, handover, media
from avai.contracts import ClipInfo, Edit, Span
from avai.handover import Cut, Marker
from avai.words import name_of

WRITERS = {
    "edit.otio": handover.otio,
    "edit.edl": handover.edl,
    "edit.xml": handover.final_cut_7,
    "edit.fcpxml": handover.fcpxml,
}
CAPTIONS = {"tags.srt": exchange.tags_srt, "tags.vtt": exchange.tags_vtt}
MICROSECOND = 10**6


def write_handover(
    result: Edit, info: ClipInfo, clip: Path, tags: Iterable[Span], out: Path, track: int = 1
) -> tuple[str, ...]:
    """Write the project files of an edit into ``out``, and its tags as captions where there are any; the names of the
    files.

    The files name the clip without its folder: they are to lie beside it. Cuts are those of the result, moved to the
    exact frame edges that it was cut at; of a sound, to the microsecond. ``track`` is the sound track that the edit
    has, 0 for all.
    """
    spans = list(tags)
    cut = cut_of(result, info, clip, spans, track)
    texts = {name: write(cut) for name, write in WRITERS.items()}
    heard = handover.retimed(spans, cut.pieces)
    texts |= {name: write(heard, name_of) for name, write in CAPTIONS.items() if heard}
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    return tuple(texts)


def cut_of(result: Edit, info: ClipInfo, clip: Path, tags: Iterable[Span], track: int = 1) -> Cut:
    """What an edit kept of a clip, in exact seconds. Raises ``ValueError`` for an edit without pieces."""
    asked = [Fraction(edge).limit_denominator(MICROSECOND) for p in result.pieces for edge in (p.start, p.end)]
    edges = media.snap(clip, asked)
    speeds = [Fraction(piece.speed).limit_denominator(1000) for piece in result.pieces]
    pieces = handover.placed(
        (start, end, speed) for start, end, speed in zip(edges[::2], edges[1::2], speeds, strict=True) if end > start
    )
    name = re.split(r"[/\\]", str(clip))[-1] or clip.name
    picture, unused = info.video, info.audio[: max(track - 1, 0)]
    heard = info.audio[len(unused) :][: 1 if track else None]
    return Cut(
        name=Path(name).stem,
        media=name,
        duration=Fraction(info.duration).limit_denominator(MICROSECOND),
        pieces=pieces,
        size=(picture.width, picture.height) if picture else None,
        rate=Fraction(picture.rate).limit_denominator(1001) if picture else None,
        first=Fraction(picture.start).limit_denominator(MICROSECOND) if picture else Fraction(0),
        channels=sum(sound.channels for sound in heard),
        channel=sum(sound.channels for sound in unused) if heard else 0,
        sample_rate=heard[0].rate if heard else 48000,
        timecode=_own_timecode(clip) if picture else "",
        markers=tuple(Marker(Fraction(tag.start), Fraction(tag.end), name_of(tag.label)) for tag in tags),
    )


def _own_timecode(clip: Path) -> str:
    """What a camera called the first frame, "" where it said nothing: editors find their place in the clip by it."""
    with media.open_clip(clip) as source:
        return str(source.picture().metadata.get("timecode", ""))
