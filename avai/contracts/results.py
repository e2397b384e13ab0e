"""What they get."""

from __future__ import annotations

from typing import Literal

from avai.contracts.base import Contract, Layer, Note, Result, Score, Seconds, Share, Span


class VideoInfo(Contract):
    """The picture of a clip. ``width`` and ``height`` are as shown: upright, square pixels."""

    codec: str
    width: int
    height: int
    rotation: int = 0
    pixel_aspect: float = 1.0
    rate: float
    variable_rate: bool = False
    pixel_format: str = ""
    start: float = 0.0
    duration: float


class AudioInfo(Contract):
    """A sound track of a clip. ``number`` is its place among all of the file, from 0: some are empty."""

    number: int = 0
    codec: str
    rate: int
    channels: int
    layout: str = ""
    start: float = 0.0
    duration: float
    language: str = ""


class ClipInfo(Result):
    """What a file is. ``duration`` is that of its longest stream from their common start; 0 for a picture."""

    kind: Literal["video", "sound", "picture"]
    container: str
    bytes: int
    duration: Seconds
    video: VideoInfo | None = None
    audio: tuple[AudioInfo, ...] = ()
    width: int | None = None
    height: int | None = None
    subtitles: int = 0
    cover: bool = False
    plays_in_browser: bool = False


class Tick(Contract):
    """Where a frequency stands on a spectrogram, 0 at its foot and 1 at its top."""

    hertz: float
    height: Share


class SoundDrawing(Contract):
    """A sound in detail, in two files that are read a part at a time.

    ``wave`` has three 16-bit numbers, little-endian, for each of ``wave_rate`` steps a second: lowest, highest, RMS.
    ``mel`` is a log-mel spectrogram in grey JPEGs one after the other, which begin at the bytes ``parts``, the end
    being the last: tiles of ``tile`` columns, ``columns`` a second (none where the sound is short), and then the whole
    in ``overview_columns`` a second. ``black`` and ``white`` are the greys to show darkest and brightest.
    """

    wave: str
    wave_rate: int
    mel: str
    parts: tuple[int, ...]
    columns: int
    tile: int
    overview_columns: float
    black: int
    white: int
    ticks: tuple[Tick, ...]


class Strip(Contract):
    """What the time strip draws beside spans, in ``strip.json``: peaks of the sound from 0 to 1, evenly over the
    duration, and one picture of ``tiles`` equal frames side by side, taken at the middles of equal stretches.
    ``sounds`` are drawn in detail: the clip's own, then that of its cleaned version."""

    duration: Seconds
    peaks: tuple[float, ...] = ()
    film: str = ""
    tiles: int = 0
    sounds: tuple[SoundDrawing, ...] = ()


def is_drawing(name: str) -> bool:
    """Whether a result's file is there for the page to draw from, and nothing to take away."""
    drawn = ("strip.json", "film.jpg", "curve.json", "first.json")
    return name in drawn or name.startswith(("mistake_", "first_")) or name.endswith(".bin")


class Preview(Result):
    """``files[0]`` is what a browser can play: a small copy, or "" when the clip itself can be played."""

    info: ClipInfo
    file: str = ""


class Recognition(Result):
    """``classes`` is the verdict on the whole clip, best first; ``spans`` are tags over time; ``layers`` has a list
    for each of speech, music, other and silence."""

    duration: Seconds
    classes: tuple[Score, ...]
    spans: tuple[Span, ...]
    layers: dict[Layer, tuple[Span, ...]]


class RecognizedClip(Contract):
    """One of many clips: number ``clip`` (zero-based) of those given. Its files lie in ``folder``; ``verdict`` is the
    first of its classes, ``layers`` how many seconds of each there are, ``sounds`` the strongest labels of its tags."""

    clip: int
    name: str
    folder: str
    duration: Seconds
    verdict: Score | None
    layers: dict[Layer, Seconds]
    sounds: tuple[Score, ...]
    warnings: tuple[Note, ...] = ()
    files: tuple[str, ...] = ()


class UnreadClip(Contract):
    """One of many clips that gave no result, and why."""

    clip: int
    name: str
    reason: Note


class RecognitionTable(Result):
    """Many clips, in the order they were given: those that were heard, and those that could not be."""

    clips: tuple[RecognizedClip, ...]
    unread: tuple[UnreadClip, ...] = ()


Transition = Literal["start", "cut", "dissolve", "fade"]


class Shot(Span):
    """A shot; ``transition`` is how it begins, ``lasts`` how long that takes, half before ``start`` and half after."""

    label: str = "shot"
    transition: Transition = "cut"
    lasts: Seconds = 0.0


class Picture(Contract):
    """A representative frame: its time, its file, and how good a still the network finds it."""

    time: Seconds
    file: str
    shot: int
    good: Share


class Storyboard(Result):
    """The pictures that stand for a video, in order of time."""

    duration: Seconds
    pictures: tuple[Picture, ...]


class SkimPiece(Contract):
    """A stretch of the source [start, end) that stands at ``at`` in the output."""

    start: Seconds
    end: Seconds
    at: Seconds


class Dropped(Contract):
    """A stretch that was left out and the codes of why."""

    start: Seconds
    end: Seconds
    why: tuple[str, ...]


class Skim(Contract):
    """The short version, and what of the video is not in it."""

    duration: Seconds
    pieces: tuple[SkimPiece, ...]
    left_out: tuple[Dropped, ...] = ()
    file: str = ""


class Summary(Result):
    """``shots`` tile the video; ``curve`` is importance from 0 to 1, one number each ``curve_step`` seconds."""

    duration: Seconds
    shots: tuple[Shot, ...]
    pictures: tuple[Picture, ...]
    skim: Skim
    chapters: tuple[Span, ...] = ()
    curve: tuple[float, ...] = ()
    curve_step: Seconds = 0.5


class CompositionPiece(SkimPiece):
    """A stretch of clip number ``clip`` (zero-based); ``join`` is how it begins and ``overlap`` how long it mixes."""

    clip: int
    join: Literal["start", "cut", "dissolve"] = "cut"
    overlap: Seconds = 0.0


class Composition(Result):
    """The film; ``loudness`` is the integrated loudness of the written file in LUFS (ITU-R BS.1770)."""

    duration: Seconds
    pieces: tuple[CompositionPiece, ...]
    sound_pieces: tuple[SkimPiece, ...] = ()
    loudness: float
