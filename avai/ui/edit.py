"""The tab *Edit*: a cut by conditions, before and after."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from avai import words
from avai.contracts import LAYERS, Edit, EditRequest
from avai.jobs import Job
from avai.ui import player, say, strip
from avai.ui.frame import Bar, Fields, Page, Top, Updates, side_by_side, wire_run
from avai.ui.give import VIDEO_EXAMPLES, Clip, Give, clip_field, outcome, plain_rows
from avai.ui.language import t
from avai.ui.models import ModelChoice
from avai.ui.takeaway import TakeAway


class EditTab:
    """Layout, then what each event does."""

    task = "edit"

    def __init__(self, page: Page) -> None:
        with gr.Row(elem_classes="tab"):
            with gr.Column(scale=4, min_width=320, elem_classes="give"):
                self.give = Give(self.task, "clip", VIDEO_EXAMPLES)
                self.fields = Fields(EditRequest, ["drop_silence", "prefer", "target"], ["like"])
                with gr.Accordion(t("ui.model.own"), open=False, elem_classes="more") as own:
                    self.models = ModelChoice(self.task, like=True, fold=own)
                self.bar = Bar(self.task)
                gr.Markdown(t("ui.about.edit"), elem_classes="about")
            with gr.Column(scale=8, min_width=320, elem_classes="get"):
                self.top = Top(self.task)
                self.sentence = gr.HTML("", elem_id="edit-sentence", elem_classes="facts")
                self.show, self.after = side_by_side(self.task, "after")
                self.takeaway = TakeAway(self.task, ["recognize", "summarize", "compose"])
        clear: Updates = {self.sentence: "", **self.after.cleared(), **self.takeaway.cleared()}
        self.give.wire(page, self.top, self.show, self.bar, clear)
        outputs = [self.sentence, *self.after.parts, *self.show.parts, *self.takeaway.parts]
        self.models.wire(page)
        given = [self.give.clip, *self.models.inputs(page)]
        wire_run(page, self.task, self.bar, self.top, self.fields, given, self._asked, self._draw, outputs)

    def _asked(self, clip: Clip | None, *model: Any) -> dict[str, object]:
        return {**clip_field(clip), **self.models.fields(*model)}

    def _draw(self, job: Job, result: Edit, language: str, clip: Clip, *model: Any) -> Updates:
        kept = words.say(
            "ui.edit_facts" if result.dropped else "ui.edit_all_kept",
            language,
            kept=say.clock(result.duration),
            source=say.clock(result.source_duration),
            pieces=len(result.pieces),
            dropped=len(result.dropped),
        )
        before, after = words.say("ui.before", language), words.say("ui.after", language)
        heads = [words.say(f"ui.head.{each}", language) for each in ("start", "end", "at", "what", "why")]
        return {
            self.sentence: f"<p><b>{escape(kept)}</b></p>",
            **self.show.filled(
                before,
                say.clock(result.source_duration),
                clip.info.duration,
                [*plain_rows(clip, language), *_rows(result, language)],
                before,
                titled=True,
            ),
            **self.after.filled(
                after,
                say.clock(result.duration),
                result.duration,
                outcome(clip, result.pieces, language),
                after,
                [player.Source(after, "video", job.folder / result.files[0])],
                titled=True,
            ),
            **self.takeaway.filled(job.folder, result, heads, _table(result, language), media=result.files[0]),
        }


def _rows(result: Edit, language: str) -> list[strip.Row]:
    kept, dropped = words.say("ui.kept", language), words.say("ui.dropped", language)
    colon = words.say("ui.colon", language)
    marks = [
        strip.Mark(each.start, each.end, "kept", kept + colon + say.reasons(each.why, language))
        for each in result.pieces
    ] + [
        strip.Mark(each.start, each.end, "dropped", dropped + colon + say.reasons(each.why, language))
        for each in result.dropped
    ]
    marks.sort(key=lambda mark: mark.start)
    rows = [strip.spans(words.say("ui.row.kept", language), marks, worded=True)]
    for layer in LAYERS:
        spans = result.layers.get(layer, ())
        if spans:
            name = words.name_of(layer, language)
            rows.append(strip.spans(say.title(name), [strip.Mark(each.start, each.end, layer, name) for each in spans]))
    return rows


def _table(result: Edit, language: str) -> list[list[str]]:
    rows = [
        (each.start, each.end, say.clock(each.at, 2), words.say("ui.kept", language), say.reasons(each.why, language))
        for each in result.pieces
    ] + [
        (each.start, each.end, "", words.say("ui.dropped", language), say.reasons(each.why, language))
        for each in result.dropped
    ]
    return [[say.clock(start, 2), say.clock(end, 2), *rest] for start, end, *rest in sorted(rows)]
