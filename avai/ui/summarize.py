"""The tab *Summarise*: a storyboard, shots, what matters when, and a short version of a video."""

from __future__ import annotations

from typing import Any

import gradio as gr

from avai import words
from avai.contracts import SummarizeRequest, Summary
from avai.jobs import Job
from avai.ui import player, say, strip
from avai.ui.component import component, served
from avai.ui.frame import Bar, Fields, Page, Top, Updates, side_by_side, wire_run
from avai.ui.give import VIDEO_EXAMPLES, Clip, Give, clip_field, outcome, plain_rows
from avai.ui.language import t
from avai.ui.models import ModelChoice
from avai.ui.takeaway import TakeAway


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
                self.board = component("board", "summarize-board")
                self.show, self.skim = side_by_side(self.task, "skim")
                self.takeaway = TakeAway(self.task, ["recognize", "edit", "compose"])
        clear: Updates = {self.board: None, **self.skim.cleared(), **self.takeaway.cleared()}
        self.give.wire(page, self.top, self.show, self.bar, clear)
        outputs = [self.board, *self.show.parts, *self.skim.parts, *self.takeaway.parts]
        self.models.wire(page)
        given = [self.give.clip, *self.models.inputs(page)]
        wire_run(page, self.task, self.bar, self.top, self.fields, given, self._asked, self._draw, outputs)

    def _asked(self, clip: Clip | None, *model: Any) -> dict[str, object]:
        return {**clip_field(clip), **self.models.fields(*model)}

    def _draw(self, job: Job, result: Summary, language: str, clip: Clip, *model: Any) -> Updates:
        sentence = words.say(
            "ui.summary_facts",
            language,
            pictures=len(result.pictures),
            shots=len(result.shots),
            source=say.clock(result.duration),
            skim=say.clock(result.skim.duration),
        )
        heads = [words.say(f"ui.head.{each}", language) for each in ("start", "end", "what", "transition")]
        return {
            self.board: self._storyboard(job, result, language),
            **self.show.filled(
                sentence,
                "",
                clip.info.duration,
                [*plain_rows(clip, language), *_rows(result, language)],
                words.say("ui.strip", language),
            ),
            **self._short(job, result, language, clip),
            **self.takeaway.filled(job.folder, result, heads, _table(result, language), media=result.skim.file),
        }

    def _storyboard(self, job: Job, result: Summary, language: str) -> dict[str, object]:
        pictures = [
            {
                "file": served(job.folder / each.file),
                "time": each.time,
                "text": say.clock(each.time),
                "said": words.say("ui.picture_at", language, time=say.clock(each.time)),
            }
            for each in result.pictures
        ]
        return {"player": self.show.player_id, "pictures": pictures}

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


def _rows(result: Summary, language: str) -> list[strip.Row | None]:
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
        strip.ticks(words.say("ui.row.pictures", language), [each.time for each in result.pictures], "picture"),
        strip.spans(words.say("ui.row.shots", language), shots, worded=True),
        strip.spans(words.say("ui.row.chapters", language), chapters, worded=True) if chapters else None,
        strip.curve(words.say("ui.row.curve", language), result.curve),
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
