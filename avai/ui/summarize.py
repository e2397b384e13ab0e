"""The tab *Summarise*: a storyboard, shots, what matters when, and a short version of a video."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import gradio as gr

from avai import words
from avai.contracts import SummarizeRequest, Summary
from avai.jobs import Job
from avai.ui import player, say, strip
from avai.ui.frame import Bar, Fields, Page, Top, Updates, side_by_side, wire_run
from avai.ui.give import VIDEO_EXAMPLES, Clip, Give, clip_field, outcome, plain_rows
from avai.ui.language import t
from avai.ui.models import ModelChoice
from avai.ui.storyboard import Board, Shown
from avai.ui.takeaway import TakeAway, grouped, written

SHARED = (
    "storyboard.jpg",
    "skim.mp4",
    "preview.webp",
    "film_chapters.mp4",
    "film_chapters.mkv",
    "pictures.zip",
    "report.html",
)
WITH_PICTURES = ("report.html", "summary.json")


class SummarizeTab:
    """Layout, then what each event does."""

    task = "summarize"

    def __init__(self, page: Page) -> None:
        with gr.Row(elem_classes="tab"):
            with gr.Column(scale=4, min_width=320, elem_classes="give"):
                self.give = Give(self.task, "clip", VIDEO_EXAMPLES)
                self.fields = Fields(SummarizeRequest, ["pictures", "seconds"], ["like"], "ui.matters")
                with gr.Accordion(t("ui.model.own"), open=False, elem_classes="more") as own:
                    self.models = ModelChoice(self.task, like=True, fold=own)
                self.bar = Bar(self.task)
                gr.Markdown(t("ui.about.summarize"), elem_classes="about")
            with gr.Column(scale=8, min_width=320, elem_classes="get"):
                self.top = Top(self.task)
                self.board = Board(self.task, f"{self.task}-player")
                self.show, self.skim = side_by_side(self.task, "skim")
                self.takeaway = TakeAway(self.task, ["recognize", "edit", "compose"])
        clear: Updates = {**self.board.cleared(), **self.skim.cleared(), **self.takeaway.cleared()}
        self.give.wire(page, self.top, self.show, self.bar, clear)
        outputs = [*self.board.parts, *self.show.parts, *self.skim.parts, *self.takeaway.parts]
        self.models.wire(page)
        given = [self.give.clip, self.board.shown, *self.models.inputs(page)]
        wire_run(
            page, self.task, self.bar, self.top, self.fields, given, self._asked, self._draw, outputs, early=self._early
        )
        self.board.wire(page, self.top, self.give, self._redraw, [*self.show.parts, self.takeaway.files])

    def _asked(self, clip: Clip | None, shown: Shown | None, *model: Any) -> dict[str, object]:
        return {**clip_field(clip), **self.models.fields(*model)}

    def _early(self, folder: Path | None, language: str, clip: Clip, shown: Shown | None, *_: Any) -> Updates:
        return {} if shown else self.board.early(folder, clip, language)

    def _draw(self, job: Job, result: Summary, language: str, clip: Clip, before: Shown | None, *model: Any) -> Updates:
        shown = Shown.first(clip, job.folder, result, cast(SummarizeRequest, job.request).pictures)
        heads = [words.say(f"ui.head.{each}", language) for each in ("start", "end", "what", "transition")]
        return {
            **self.board.filled(shown, language),
            **self._short(job, result, language, clip),
            **self.takeaway.filled(job.folder, result, heads, _table(result, language), media=result.skim.file),
            **self._redraw(shown, language),
        }

    def _redraw(self, shown: Shown, language: str) -> Updates:
        """What hangs on the pictures, beside the board."""
        summary = shown.summary
        sentence = words.say(
            "ui.summary_facts",
            language,
            pictures=len(shown.pictures),
            shots=len(summary.shots),
            source=say.clock(summary.duration),
        )
        rows = [*plain_rows(shown.clip, language), *_rows(shown, language)]
        return {
            **self.show.filled(sentence, "", shown.clip.info.duration, rows, words.say("ui.strip", language)),
            self.takeaway.files: grouped(_files(shown, language)),
        }

    def _short(self, job: Job, result: Summary, language: str, clip: Clip) -> Updates:
        if not result.skim.file:
            return self.skim.cleared()
        name = words.say("ui.skim", language)
        return self.skim.filled(
            words.say("ui.skim_facts", language, time=say.clock(result.skim.duration)),
            "",
            result.skim.duration,
            outcome(clip, result.skim.pieces, language),
            name,
            [player.Source(name, "video", job.folder / result.skim.file)],
            titled=True,
        )


def _files(shown: Shown, language: str) -> dict[str, list[Path]]:
    """What there is to take away, by what it is good for; what has pictures that were changed since stands apart."""
    files = {each.name: each for each in written(shown.folder, shown.summary)}
    earlier = {name: files.pop(name) for name in WITH_PICTURES if shown.changed and name in files}
    files |= {each.name: each for each in written(shown.board_folder, shown.board)}
    groups = {
        "ui.files_of.share": [files[name] for name in SHARED if name in files],
        "ui.files_of.data": [path for name, path in files.items() if name not in SHARED],
        "ui.files_of.earlier": list(earlier.values()),
    }
    return {words.say(key, language): paths for key, paths in groups.items()}


def _rows(shown: Shown, language: str) -> list[strip.Row | None]:
    result = shown.summary
    pictures = [(each.time, words.say("ui.picture_at", language, time=say.clock(each.time))) for each in shown.pictures]
    shots = [
        strip.Mark(
            each.start,
            each.end,
            f"{'odd' if number % 2 else 'even'}{' dissolve' if each.transition in ('dissolve', 'fade') else ''}",
            words.say("ui.shot", language, number=number + 1),
        )
        for number, each in enumerate(result.shots)
    ]
    said = words.say("ui.dropped", language) + words.say("ui.colon", language)
    moments = [
        strip.Mark(each.start, each.end, "kept", words.say("ui.row.skim", language)) for each in result.skim.pieces
    ] + [
        strip.Mark(each.start, each.end, "dropped", said + say.reasons(each.why, language))
        for each in result.skim.left_out
    ]
    moments.sort(key=lambda mark: mark.start)
    chapters = [
        strip.Mark(each.start, each.end, "even", words.name_of(each.label, language)) for each in result.chapters
    ]
    return [
        strip.moments(words.say("ui.row.pictures", language), pictures),
        strip.spans(words.say("ui.row.shots", language), shots, worded=True),
        strip.spans(words.say("ui.row.chapters", language), chapters, worded=True) if chapters else None,
        strip.curve(words.say("ui.row.curve", language), result.curve, [time for time, _ in pictures]),
        strip.spans(words.say("ui.row.skim", language), moments, worded=True),
    ]


def _table(result: Summary, language: str) -> list[list[str]]:
    skim = words.say("ui.row.skim", language)
    rows = [(each.start, each.end, words.name_of(each.label, language), "") for each in result.chapters]
    rows += [
        (
            each.start,
            each.end,
            words.say("ui.shot", language, number=number),
            words.say(f"ui.transition.{each.transition}", language),
        )
        for number, each in enumerate(result.shots, 1)
    ]
    moments = [(each.start, each.end, skim, "") for each in result.skim.pieces] + [
        (each.start, each.end, words.say("ui.dropped", language), say.reasons(each.why, language))
        for each in result.skim.left_out
    ]
    return [[say.clock(start, 2), say.clock(end, 2), *rest] for start, end, *rest in [*rows, *sorted(moments)]]
