"""Several files in the tab *Recognise*: their list, one table of what is heard in them, any one of them to look at."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import gradio as gr

from avai import words
from avai.config import settings
from avai.contracts import PreviewRequest, Recognition, RecognitionTable, RecognizedClip
from avai.errors import Cancelled, RequestError, StudioError
from avai.jobs import Job
from avai.ui import say, status
from avai.ui.component import component
from avai.ui.frame import Page, Top, Updates, session_of
from avai.ui.give import Clip, looked
from avai.ui.language import t
from avai.ui.takeaway import links

MOST = 1000
HEADS = ("file", "length", "speech", "music", "verdict", "sounds", "note")


@dataclass(frozen=True, eq=False)  # the page's state is hashed at each event, and what is in it need not be
class Made:
    """A table that was made: its files lie in ``folder``, ``paths`` are the clips."""

    folder: Path
    paths: tuple[Path, ...]
    result: RecognitionTable


class Many:
    """The list of files, then their table, the files to take away and a choice of one to look at."""

    def __init__(self, task: str) -> None:
        self.paths = gr.State(())
        self.made = gr.State(None)
        with gr.Column(visible=False, elem_id=f"{task}-many", elem_classes="takeaway") as self.box:
            self.table = gr.HTML("", elem_id=f"{task}-many-table")
            self.files = component("downloads", f"{task}-many-files")
            self.choice = gr.Dropdown([], label=t("ui.many.choose"), visible=False, elem_id=f"{task}-many-choice")

    @property
    def parts(self) -> list[gr.components.Component | gr.Column]:
        return [self.box, self.table, self.files, self.choice, self.made]

    def cleared(self) -> Updates:
        """No table."""
        return {self.box: gr.update(visible=False), self.made: None}

    def listed(self, paths: Sequence[Path], language: str) -> Updates:
        """The files as given. Raises ``RequestError`` for more than are taken."""
        if len(paths) > MOST:
            raise RequestError("ui.many.too_many", count=len(paths), most=MOST)
        total = say.size(sum(path.stat().st_size for path in paths))
        sentence = words.say("ui.many.given", language, count=len(paths), size=total)
        rows = [(path.name, say.size(path.stat().st_size)) for path in paths]
        heads = [words.say(f"ui.head.{each}", language) for each in ("file", "size")]
        return {
            self.box: gr.update(visible=True),
            self.table: f"<p><b>{escape(sentence)}</b></p>{status.table(heads, rows)}",
            self.files: None,
            self.choice: gr.update(visible=False),
            self.made: None,
        }

    def filled(self, job: Job, result: RecognitionTable, paths: Sequence[Path], language: str) -> Updates:
        """The table, its files, and the clips of which one can be looked at."""
        choices = [(f"{row.clip + 1}. {row.name}", row.clip) for row in result.clips]
        return {
            self.box: gr.update(visible=True),
            self.table: _told(result, language),
            self.files: links(job.folder, result),
            self.choice: gr.update(choices=choices, value=None, visible=True),
            self.made: Made(job.folder, tuple(paths), result),
        }

    def said_again(self, made: Made | None, language: str) -> Updates:
        """The table in another language."""
        return {self.table: _told(made.result, language) if made else gr.skip()}


def look_at(
    page: Page, made: Made, number: int, top: Top, language: str, request: gr.Request
) -> Generator[Updates, None, tuple[Path, Recognition, Clip] | None]:
    """Show how a look at clip ``number`` goes; returns the folder of its result, the result and the clip."""
    row = next(each for each in made.result.clips if each.clip == number)
    folder = made.folder / row.folder
    try:
        result = Recognition.model_validate_json((folder / "recognition.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        gone = RequestError("ui.many.gone", minutes=round(settings().keep_minutes))
        yield {top.status: status.problem(gone, language, row.name)}
        return None
    preview = PreviewRequest(clip=made.paths[number])
    try:
        clip = yield from looked(page.runs.follow(session_of(request), "look:many", preview, language), top)
    except Cancelled:
        return None  # another one was chosen meanwhile
    except StudioError as error:
        yield {top.status: status.problem(error, language, row.name)}
        return None
    yield {top.status: status.notes(result.warnings, language)}
    return folder, result, clip


def _told(result: RecognitionTable, language: str) -> str:
    heads = [words.say(f"ui.head.{each}", language) for each in HEADS]
    return f"<p><b>{escape(_facts(result, language))}</b></p>{status.table(heads, _rows(result, language))}"


def _facts(result: RecognitionTable, language: str) -> str:
    return words.say(
        "ui.many.facts",
        language,
        heard=len(result.clips),
        all=len(result.clips) + len(result.unread),
        length=say.clock(sum(row.duration for row in result.clips)),
        speech=say.clock(sum(row.layers["speech"] for row in result.clips)),
        music=say.clock(sum(row.layers["music"] for row in result.clips)),
    )


def _rows(result: RecognitionTable, language: str) -> Iterator[list[str]]:
    """A row a clip, in the order given; one that gave no result has its reason."""
    rows = {row.clip: _row(row, language) for row in result.clips}
    for each in result.unread:
        rows[each.clip] = [each.name, words.say(each.reason.code, language, **each.reason.values)]
    return (rows[number] for number in sorted(rows))


def _row(row: RecognizedClip, language: str) -> list[str]:
    sounds = [words.name_of(sound.label, language) for sound in row.sounds]
    notes = [words.say(each.code, language, **each.values) for each in row.warnings]
    return [
        row.name,
        say.clock(row.duration),
        say.clock(row.layers["speech"]),
        say.clock(row.layers["music"]),
        _verdict(row, language),
        words.say("ui.comma", language).join(sounds),
        " ".join(notes),
    ]


def _verdict(row: RecognizedClip, language: str) -> str:
    if row.verdict is None or row.verdict.label == "other":
        return "–"
    return f"{words.name_of(row.verdict.label, language)} {round(100 * row.verdict.confidence)} %"
