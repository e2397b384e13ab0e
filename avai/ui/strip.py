"""The time strip: rows of spans, pictures and curves on one time axis. The same component in every tab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from avai.contracts import SkimPiece, Strip
from avai.ui.component import component, served

Row = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """What the strip knows of a clip before any run: its sound as peaks, its pictures as one sheet of tiles."""

    strip: Strip
    film: Path | None


@dataclass(frozen=True)
class Drawn:
    """What a run has drawn of a clip's sound, in files that lie in ``folder``."""

    strip: Strip
    folder: Path


@dataclass(frozen=True)
class Mark:
    """A span of a row: ``look`` is its colour and pattern, ``text`` what is said of it."""

    start: float
    end: float
    look: str
    text: str
    confidence: float = 1.0


def strip(elem_id: str) -> gr.HTML:
    """An empty strip; it takes no room until ``drawn`` is its value."""
    said = {word: f"ui.zoom.{word}" for word in ("closer", "farther", "whole", "part")}
    return component("strip", elem_id, ("strip_sound", "strip_rows", "strip_view"), said)


def drawn(duration: float, rows: Iterable[Row | None], player: str, label: str, titled: bool = False) -> dict[str, Any]:
    """A strip's value. ``player`` is the id of the player that the strip follows and seeks; ``label`` is what screen
    readers call it, and with ``titled`` its title for all to see."""
    return {
        "duration": duration,
        "player": player,
        "label": label,
        "titled": titled,
        "rows": [row for row in rows if row],
    }


def film(name: str, given: Given) -> Row | None:
    """The pictures of a clip, when it has some."""
    if given.film is None:
        return None
    cells = [(0, tile) for tile in range(given.strip.tiles)]
    return {"kind": "film", "name": name, "sheets": [_sheet(given)], "cells": cells}


def wave(name: str, peaks: Sequence[float], drawn: Drawn | None = None) -> Row | None:
    """The loudest of each short stretch, from 0 to 1, evenly over the duration; in detail where it has been drawn."""
    if not peaks:
        return None
    sounds = [_wave(drawn.folder / each.wave, each.wave_rate) for each in drawn.strip.sounds] if drawn else []
    return {"kind": "wave", "name": name, "peaks": list(peaks), "loudest": max(peaks), "sounds": sounds}


def _wave(path: Path, rate: int) -> dict[str, Any]:
    return {"file": served(path), "bytes": path.stat().st_size, "rate": rate}


def mel(name: str, drawn: Drawn) -> Row | None:
    """The spectrogram, when one has been drawn. Versions of a sound are shown with the contrast of the first."""
    if not drawn.strip.sounds:
        return None
    first = drawn.strip.sounds[0]
    sounds = [
        {
            "file": served(drawn.folder / each.mel),
            "parts": list(each.parts),
            "columns": each.columns,
            "tile": each.tile,
            "overview": each.overview_columns,
        }
        for each in drawn.strip.sounds
    ]
    ticks = [tick.model_dump() for tick in first.ticks]
    return {"kind": "mel", "name": name, "sounds": sounds, "black": first.black, "white": first.white, "ticks": ticks}


def curve(name: str, values: Sequence[float], marked: Sequence[float] = ()) -> Row | None:
    """Numbers from 0 to 1, evenly over the duration, with dots at the times that are ``marked``."""
    return {"kind": "curve", "name": name, "values": list(values), "marked": list(marked)} if values else None


def spans(name: str, marks: Iterable[Mark], worded: bool = False, flips: int | None = None) -> Row:
    """Spans in a row; ``worded`` writes their texts into them where there is room. With ``flips``, the number of a cut,
    a press on a span flips it there, and a drag asks what is to become of a range."""
    return {
        "kind": "spans",
        "name": name,
        "worded": worded,
        "flips": flips,
        "spans": [
            {"start": each.start, "end": each.end, "look": each.look, "text": each.text, "confidence": each.confidence}
            for each in marks
        ],
    }


def ticks(name: str, times: Iterable[float], look: str) -> Row:
    """Moments in a row."""
    return {"kind": "ticks", "name": name, "times": list(times), "look": look}


def moments(name: str, times: Iterable[tuple[float, str]]) -> Row:
    """Moments in a row, with what is said of each: a press seeks the player."""
    return {"kind": "moments", "name": name, "moments": [{"time": time, "text": text} for time, text in times]}


def film_of_pieces(
    name: str, clips: Mapping[int, Given], pieces: Sequence[tuple[int, SkimPiece]], cells: int = 48
) -> Row | None:
    """The pictures of a film made of pieces: (clip number, piece) each, drawn from the sheets of their clips;
    nothing under a title, which comes before the first piece."""
    numbers = [number for number in clips if clips[number].film]
    if not numbers or not pieces:
        return None
    length = max(piece.at + piece.end - piece.start for _, piece in pieces)
    begin = min(piece.at for _, piece in pieces)
    shown: list[tuple[int, int] | None] = []
    for cell in range(cells):
        at = (cell + 0.5) / cells * length
        number, time = _source(pieces, at)
        seen = at >= begin and number in numbers
        shown.append((numbers.index(number), _tile(clips[number].strip, time)) if seen else None)
    return {"kind": "film", "name": name, "sheets": [_sheet(clips[each]) for each in numbers], "cells": shown}


def peaks_of_pieces(strip: Strip, pieces: Sequence[SkimPiece], count: int = 600) -> list[float]:
    """The peaks of a film made of pieces, picked from those of its source."""
    if not strip.peaks or not pieces:
        return []
    numbered = [(0, piece) for piece in pieces]
    length = max(piece.at + piece.end - piece.start for piece in pieces)
    times = (_source(numbered, (index + 0.5) / count * length)[1] for index in range(count))
    last = len(strip.peaks) - 1
    return [strip.peaks[min(last, int(time / strip.duration * len(strip.peaks)))] for time in times]


def _sheet(given: Given) -> dict[str, Any]:
    assert given.film is not None
    return {"file": served(given.film), "tiles": given.strip.tiles}


def _tile(strip: Strip, time: float) -> int:
    return min(strip.tiles - 1, max(0, int(time / strip.duration * strip.tiles)))


def _source(pieces: Sequence[tuple[int, SkimPiece]], at: float) -> tuple[int, float]:
    """Which clip, and when in it, stands at the time ``at`` of the output; the later piece where two overlap."""
    number, piece = max((each for each in pieces if each[1].at <= at), key=lambda each: each[1].at, default=pieces[0])
    return number, min(max(piece.start + at - piece.at, piece.start), piece.end)
