"""The title card: one text, centred on a dark ground, that fades in and out. Composited by MoviePy."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from moviepy import ColorClip, CompositeVideoClip, ImageClip, TextClip
from moviepy.video.fx import FadeIn, FadeOut
from moviepy.video.io.ffmpeg_writer import FFMPEG_VideoWriter
from PIL import ImageFont

from avai.config import ASSETS
from avai.progress import Progress, quiet

Picture = npt.NDArray[np.uint8]

FONT = ASSETS / "fonts" / "AvaiTitle-Regular.otf"
FADE = 0.5
GROUND = (16, 18, 22)
INK = "#f2f2f0"
WIDEST = 0.84  # of the picture's width
HIGHEST = 0.7
REPLACEMENT = "\u25a1"  # a white square, as where a letter is missing in print
NO_LINE_BEGINS_WITH = set("，。、；：？！）》」』】〉…—,.;:?!)]}%")
NO_LINE_ENDS_WITH = set("（《「『【〈([{")


def card(text: str, size: tuple[int, int], rate: Fraction, frames: int, out: Path, progress: Progress = quiet) -> None:
    """Writes the card of ``text`` as H.264 without sound: so many frames at the film's ``rate``, ``size`` (width,
    height) even.

    The text is broken into lines between words, or between Chinese characters, and made smaller until it fits.
    """
    still = _composited(text, size)
    fade = min(FADE, frames / float(rate) / 3)
    film = ImageClip(still, duration=frames / float(rate)).with_effects([FadeIn(fade), FadeOut(fade)])
    writer = FFMPEG_VideoWriter(
        str(out), size, float(rate), codec="libx264", preset="veryfast", ffmpeg_params=["-crf", "12"]
    )
    with writer:
        for number in range(frames):
            writer.write_frame(film.get_frame(number / float(rate)).astype(np.uint8))
            progress(number / frames, "doing.compose_title")


def _composited(text: str, size: tuple[int, int]) -> Picture:
    """The card at its brightest. Composited once: MoviePy would do it for every frame."""
    lines, points = set_in(text, size)
    letters = TextClip(
        font=str(FONT),
        text="\n".join(lines),
        font_size=points,
        color=INK,
        text_align="center",
        interline=points // 3,
        margin=(points // 4, points),  # MoviePy cuts off what hangs below the last line without it
    )
    inked = np.flatnonzero(letters.mask.get_frame(0).max(axis=1) > 0.1)
    top = (size[1] - (inked[0] + inked[-1])) // 2 if len(inked) else 0
    placed = letters.with_position(("center", int(top)))
    with CompositeVideoClip([ColorClip(size, color=GROUND), placed], size=size) as whole:
        return np.asarray(whole.get_frame(0), dtype=np.uint8)


def printable(text: str) -> tuple[str, str]:
    """The text on one line with every character that the font lacks replaced by a square, and those characters."""
    known = _characters()
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    plain = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Cc", "Cf", "Mn"))
    missing = "".join(dict.fromkeys(letter for letter in plain if letter not in known))
    return "".join(letter if letter in known else REPLACEMENT for letter in plain), missing


@cache
def _characters() -> frozenset[str]:
    return frozenset((FONT.parent / "characters.txt").read_text(encoding="utf-8"))


def set_in(text: str, size: tuple[int, int]) -> tuple[list[str], int]:
    """The lines of ``text`` and the largest font size, in pixels, at which they fit a picture of ``size``.

    A word that is too long even at half the usual size is broken.
    """
    width, height = size
    largest = max(round(min(height * 0.12, width * 0.09)), 8)
    for points in range(largest, 7, -1):
        font = ImageFont.truetype(str(FONT), points)
        units = _units(text) if points > largest / 2 else list(text)
        lines = broken(units, width * WIDEST, font.getlength)
        if len(lines) * points * 4 / 3 <= height * HIGHEST and max(map(font.getlength, lines)) <= width * WIDEST:
            break
    return lines, points


def broken(units: list[str], width: float, measure: Callable[[str], float]) -> list[str]:
    """The units in as few lines as fit the width, all about equally long; ``measure`` tells how wide a line is."""
    lines = _filled(units, width, measure)
    narrow, wide = width / max(len(lines), 1) / 2, width
    for _ in range(8):  # the narrowest width that needs no more lines makes them even
        middle = (narrow + wide) / 2
        trial = _filled(units, middle, measure)
        if len(trial) > len(lines) or max(map(measure, trial)) > middle:
            narrow = middle
        else:
            wide, lines = middle, trial
    return lines


def _filled(units: list[str], width: float, measure: Callable[[str], float]) -> list[str]:
    lines = [""]
    for unit in units:
        if lines[-1] and measure((lines[-1] + unit).rstrip()) > width:
            lines.append("")
        lines[-1] += unit
    return [line.strip() for line in lines if line.strip()] or [""]


def _units(text: str) -> list[str]:
    """What a line may not be broken inside: words, single Chinese characters, and what clings to them."""
    units = [""]
    for letter in text:
        before = units[-1][-1:]
        wide = unicodedata.east_asian_width(letter) in "WF" or unicodedata.east_asian_width(before or "a") in "WF"
        apart = before == " " or (wide and letter not in NO_LINE_BEGINS_WITH and before not in NO_LINE_ENDS_WITH)
        if before and apart and letter != " ":
            units.append("")
        units[-1] += letter
    return units
