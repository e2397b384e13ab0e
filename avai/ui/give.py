"""Giving a clip: upload or example, then a look at it (facts, player, strip) before anything is asked of it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import gradio as gr

from avai import words
from avai.config import ASSETS
from avai.contracts import ClipInfo, Preview, PreviewRequest, SkimPiece, Strip
from avai.errors import Cancelled, RequestError, StudioError
from avai.ui import player, say, status, strip
from avai.ui.frame import Bar, Page, Show, Top, Updates, session_of, told
from avai.ui.language import t
from avai.ui.running import Steps
from avai.ui.upload import kept, upload

VIDEO_EXAMPLES = ("reel.mp4", "world.mp4", "a.mp4", "b.mp4")
SOUND_EXAMPLES = ("soundscape.m4a", "sax.wav")


@dataclass(frozen=True, eq=False)  # the page's state is hashed at each event, and what is in a clip need not be
class Clip:
    """A clip that was given and understood: its file, what it is, and what the strip and the player show of it."""

    path: Path
    info: ClipInfo
    given: strip.Given
    plays: Path

    @property
    def name(self) -> str:
        return self.path.name

    def source(self, name: str) -> player.Source:
        """The clip for a player."""
        return player.Source(name, "video" if self.info.kind == "video" else "sound", self.plays)


def examples(names: Sequence[str]) -> list[Path]:
    """Those of the named example files that are here: the studio's own, then those of gradio's package."""
    bundled = Path(gr.__file__).parent / "media_assets"
    places = (ASSETS / "examples", bundled / "videos", bundled / "audio")
    found = (next((place / name for place in places if (place / name).exists()), None) for name in names)
    return [path for path in found if path]


def looked(steps: Steps, top: Top) -> Generator[Updates, None, Clip]:
    """Show how a preview goes; returns the clip that it describes."""
    job, result = yield from told(steps, top)
    preview = cast(Preview, result)
    path = cast(PreviewRequest, job.request).clip
    made = Strip.model_validate_json((job.folder / "strip.json").read_text(encoding="utf-8"))
    film = job.folder / made.film if made.film else None
    return Clip(path, preview.info, strip.Given(made, film), job.folder / preview.file if preview.file else path)


def plain_rows(clip: Clip, language: str) -> list[strip.Row | None]:
    """Pictures and waveform: what every strip of a clip begins with."""
    return [
        strip.film(words.say("ui.row.film", language), clip.given),
        strip.wave(words.say("ui.row.wave", language), clip.given.strip.peaks),
    ]


def clip_field(clip: Clip | None) -> dict[str, object]:
    """The file field of a request for one clip; ``RequestError`` while there is none."""
    if clip is None:
        raise RequestError("ui.give_first")
    return {"clip": clip.path}


def outcome(clip: Clip, pieces: Sequence[SkimPiece], language: str) -> list[strip.Row | None]:
    """Pictures, waveform and pieces of a film that was made from one clip, on the film's own time."""
    marks = [
        strip.Mark(
            each.at,
            each.at + each.end - each.start,
            f"clip{number % 2}",
            words.say("ui.from_to", language, start=say.clock(each.start), end=say.clock(each.end)),
        )
        for number, each in enumerate(pieces)
    ]
    return [
        strip.film_of_pieces(words.say("ui.row.film", language), {0: clip.given}, [(0, each) for each in pieces]),
        strip.wave(words.say("ui.row.wave", language), strip.peaks_of_pieces(clip.given.strip, pieces)),
        strip.spans(words.say("ui.row.pieces", language), marks, worded=True),
    ]


def shown(clip: Clip, show: Show, language: str) -> Updates:
    """A clip as given: facts, player, strip."""
    return show.filled(
        clip.name,
        say.facts(clip.info, language),
        clip.info.duration,
        plain_rows(clip, language),
        words.say("ui.strip", language),
        [clip.source(words.say("ui.original", language))],
    )


class Several(Protocol):
    """What becomes of several files given at once. ``paths`` holds them, ``parts`` is what shows them."""

    paths: gr.State

    @property
    def parts(self) -> Sequence[Any]: ...

    def listed(self, paths: Sequence[Path], language: str) -> Updates:
        """Show the files; ``RequestError`` when they cannot be taken."""


class Give:
    """The place for one clip. ``clip`` holds it once it is understood; ``offer`` hands over that of another tab.

    With ``label``, the key of a text, several may be given at once.
    """

    def __init__(self, task: str, field: str, offered: Sequence[str], label: str = "") -> None:
        self.task = task
        self.field = field
        self.file = upload(
            label=t(label or f"{task}.{field}"),
            file_count="multiple" if label else "single",
            elem_id=f"{task}-{field}",
            elem_classes="drop",
            height=152,
        )
        self.clip = gr.State(None)
        self.offer = gr.Button("", visible=False, size="sm", elem_id=f"{task}-{field}-offer", elem_classes="offer")
        found = examples(offered)
        copies = [kept(self.file, path) for path in found]
        gr.Examples(
            [[[copy] if label else copy] for copy in copies],
            [self.file],
            label=t("ui.examples"),
            example_labels=[path.name for path in found],
        )

    def wire(self, page: Page, top: Top, show: Show, bar: Bar, clear: Updates, several: Several | None = None) -> None:
        """Look at a file when it is given. ``clear`` is what else becomes of the tab then; ``several`` takes more."""
        if several:
            clear = {several.paths: (), **clear}

        def look(given: str | list[str] | None, tag: str, request: gr.Request) -> Iterator[Updates]:
            paths = [given] if isinstance(given, str) else given or []
            language = words.language_of(tag)
            place = f"look:{self.task}:{self.field}"
            page.runs.stop(session_of(request), place)
            off = {self.clip: None, bar.run: gr.update(interactive=False), top.hint: gr.update(visible=True)}
            yield off | clear | show.cleared() | {top.status: status.busy("ui.looking", language) if paths else ""}
            if several and len(paths) > 1:
                yield _listed(several, [Path(each) for each in paths], top, bar, language)
                return
            if not paths:
                return
            steps = page.runs.follow(session_of(request), place, PreviewRequest(clip=Path(paths[0])), language)
            try:
                clip = yield from looked(steps, top)
            except Cancelled:
                return  # another file was given meanwhile
            except StudioError as error:
                yield {top.status: status.problem(error, language)}
                return
            yield shown(clip, show, language) | {
                self.clip: clip,
                top.status: status.notes(clip.info.warnings, language),
                top.hint: gr.update(visible=False),
                bar.run: gr.update(interactive=True),
            }

        outputs = [self.clip, bar.run, top.hint, top.status, *show.parts, *clear, *(several.parts if several else ())]
        page.on(self.file.change, look, [self.file], list(dict.fromkeys(outputs)), trigger_mode="multiple")


def _listed(several: Several, paths: Sequence[Path], top: Top, bar: Bar, language: str) -> Updates:
    """Several files, ready to run; they are looked at when their turn comes."""
    try:
        listed = several.listed(paths, language)
    except RequestError as error:
        return {top.status: status.problem(error, language)}
    return listed | {
        several.paths: tuple(paths),
        top.status: status.NOTHING,
        top.hint: gr.update(visible=False),
        bar.run: gr.update(interactive=True),
    }
