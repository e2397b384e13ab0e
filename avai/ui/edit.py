"""The tab *Edit*: a cut by conditions, seen and changed before it is rendered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, cast

import gradio as gr

from avai import words
from avai.contracts import PRESETS, Conditions, Edit, EditRequest, Plan, PlanRequest
from avai.errors import Cancelled, RequestError, StudioError
from avai.jobs import Job
from avai.ui import player, say, status
from avai.ui.cutting import CutList, Cutting, played, rows_of
from avai.ui.frame import Bar, Fields, Page, Top, Updates, session_of, side_by_side, told, wire_run
from avai.ui.give import SOUND_EXAMPLES, VIDEO_EXAMPLES, Clip, Give, clip_field, outcome, plain_rows
from avai.ui.language import t
from avai.ui.models import ModelChoice
from avai.ui.takeaway import TakeAway, grouped, written
from avai.ui.upload import upload

FOLDS = {
    "ui.fold.length": ["ratio", "shortest", "longest", "best_first", "speed"],
    "ui.fold.sound": [
        "silence_db",
        "margin",
        "margin_after",
        "shortest_silence",
        "keep",
        "drop",
        "on_beat",
        "track",
    ],
    "ui.fold.file": ["shape", "fit", "size", "codec", "quality", "smart"],
    "ui.fold.hand": ["include", "exclude"],
}
PROJECTS = (".otio", ".edl", ".xml", ".fcpxml")


class EditTab:
    """Layout, then what each event does."""

    task = "edit"
    place = "plan:edit"

    def __init__(self, page: Page) -> None:
        with gr.Row(elem_classes="tab"):
            with gr.Column(scale=4, min_width=320, elem_classes="give"):
                self.give = Give(self.task, "clip", (*VIDEO_EXAMPLES, SOUND_EXAMPLES[0]))
                main = ["preset", "drop_silence", "prefer", "without", "target"]
                self.fields = Fields(EditRequest, main, ["cut", "like"], folds=FOLDS, setters=["preset"])
                with self.fields.more:
                    self.earlier = upload(
                        label=t("edit.edit"),
                        file_types=[".json"],
                        elem_id="edit-edit",
                        elem_classes="drop",
                        height=112,
                    )
                with gr.Accordion(t("ui.model.own"), open=False, elem_classes="more") as own:
                    self.models = ModelChoice(self.task, like=True, fold=own)
                self.bar = Bar(self.task)
                gr.Markdown(t("ui.about.edit"), elem_classes="about")
            with gr.Column(scale=8, min_width=320, elem_classes="get"):
                self.top = Top(self.task)
                self.sentence = gr.HTML("", elem_id="edit-sentence", elem_classes="facts")
                self.show, self.after = side_by_side(self.task, "after", self._place_cut)
                self.takeaway = TakeAway(self.task, ["recognize", "summarize", "compose"])
        clear: Updates = {
            self.sentence: "",
            **self.cut.cleared(),
            **self.after.cleared(),
            **self.takeaway.cleared(),
        }
        self.give.wire(page, self.top, self.show, self.bar, clear)
        self.models.wire(page)
        given = [self.give.clip, self.cut.cutting, *self.models.inputs(page)]
        seen = [self.sentence, *self.cut.parts, self.show.facts, self.show.strip]
        outputs = [*seen, *self.after.parts, *self.show.parts, *self.takeaway.parts]
        outputs = list(dict.fromkeys(outputs))
        wire_run(page, self.task, self.bar, self.top, self.fields, given, self._asked, self._draw, outputs)
        self.cut.wire(page, self._seen, seen)
        self._wire_plan(page, given, seen)

    def _place_cut(self) -> None:
        self.cut = CutList(self.task, f"{self.task}-player")

    def _asked(self, clip: Clip | None, cutting: Cutting | None, *model: Any) -> dict[str, object]:
        cut = cutting.cut() if cutting and clip and cutting.clip is clip else ()
        return {**clip_field(clip), **({"cut": cut} if cut else {}), **self.models.fields(*model)}

    # ---- what would be kept, before anything is rendered ----

    def _wire_plan(self, page: Page, given: list[Any], seen: list[Any]) -> None:
        parts = dict(zip(self.fields.names, self.fields.parts, strict=True))
        conditions = [part for name, part in parts.items() if name in Conditions.model_fields and name != "preset"]
        outputs = list(dict.fromkeys([self.top.status, self.bar.stop, *seen]))
        inputs = [*given, *self.fields.parts]
        triggers = [trigger for part in conditions for trigger in _set_by_hand(part)]

        def look_again(request: gr.Request, *values: Any) -> Iterator[Updates]:
            yield from self._plan(page, session_of(request), None, *values)

        def reopen(request: gr.Request, earlier: str | None, *values: Any) -> Iterator[Updates]:
            yield from self._plan(page, session_of(request), earlier, *values)

        preset = parts["preset"]
        any_change = partial(gr.on, [*triggers, self.models.chosen.change])
        page.on(any_change, look_again, inputs, outputs, trigger_mode="multiple")
        page.on(partial(gr.on, triggers), self._own, [preset], [preset], trigger_mode="always_last")
        chosen = page.on(preset.input, self._preset, [preset], self.fields.parts, trigger_mode="always_last")
        page.on(chosen.then, look_again, inputs, outputs)
        shown = [*outputs, *self.fields.parts, self.earlier]
        page.on(self.earlier.upload, reopen, [self.earlier, *inputs], shown)

        def stop(request: gr.Request) -> None:
            page.runs.stop(session_of(request), self.place)

        for event in (self.bar.stop.click, self.give.file.change, self.bar.run.click):
            event(stop, queue=False, show_progress="hidden", api_visibility="private")

    def _own(self, preset: str, tag: str) -> Updates:
        """What is set by hand is one's own choice."""
        return {self.fields.part("preset"): gr.skip() if preset == "none" else gr.update(value="none")}

    def _preset(self, preset: Any, tag: str) -> Updates:
        """The controls as a preset sets them."""
        part = self.fields.part("preset")
        if preset == "none":
            return {part: gr.skip()}
        found = self.fields.values(EditRequest(clip=Path("x"), **PRESETS[preset]))
        return {each: update for each, update in found.items() if each is not part}

    def _plan(self, page: Page, session: str, earlier: str | None, *given: Any) -> Iterator[Updates]:
        """What would be kept by the conditions, or by an ``earlier`` edit, which sets them."""
        clip, cutting, *rest, tag = given
        count = len(self.models.inputs(page))
        model, fields, language = rest[:count], rest[count:], words.language_of(tag)
        untouched = {self.sentence: gr.skip()}
        if clip is None or page.runs.folder(session, f"run:{self.task}"):
            if earlier and clip is None:
                yield {self.top.status: status.problem(RequestError("ui.give_first"), language), self.earlier: None}
            else:
                yield untouched
            return
        try:
            asked = self._wanted(clip, model, fields, earlier, language)
            if cutting and not earlier and cutting.plan.asked == _conditions(asked):
                yield untouched
                return
            yield {self.bar.stop: gr.update(interactive=True)}
            steps = page.runs.follow(session, self.place, asked, language)
            _, result = yield from told(steps, self.top)
        except Cancelled as stopped:  # by hand, or as there are other conditions by now
            waits = page.runs.folder(session, self.place) is not None
            said = {self.bar.stop: gr.update(interactive=False), self.top.status: status.problem(stopped, language)}
            yield untouched if waits else said
            return
        except StudioError as error:
            yield {self.top.status: status.problem(error, language), self.bar.stop: gr.update(interactive=False)} | (
                {self.earlier: None} if earlier else {}
            )
            return
        plan = cast(Plan, result)
        found = Cutting.of(clip, plan, bool(earlier))
        yield (
            self._seen(found, language)
            | self.cut.filled(found, language)
            | {self.top.status: status.notes(plan.warnings, language), self.bar.stop: gr.update(interactive=False)}
            | (self.fields.values(plan.asked) if earlier else {})
        )

    def _wanted(self, clip: Clip, model: Any, fields: Any, earlier: str | None, language: str) -> PlanRequest:
        files: dict[str, object] = {"clip": clip.path, **self.models.fields(*model)}
        if earlier:
            return PlanRequest.model_validate({**files, "edit": Path(earlier)})
        asked = cast(EditRequest, self.fields.request(files, fields, language))
        return PlanRequest.model_validate({name: getattr(asked, name) for name in PlanRequest.model_fields})

    def _seen(self, cutting: Cutting, language: str) -> Updates:
        """The clip's strip with what is kept of it, and how much that is."""
        out = [each for each in cutting.stretches if not each.kept]
        kept = words.say(
            "ui.edit_facts" if out else "ui.edit_all_kept",
            language,
            kept=say.clock(cutting.duration),
            source=say.clock(cutting.plan.source_duration),
            pieces=len(cutting.pieces),
            dropped=len(out),
        )
        before = words.say("ui.before", language)
        rows = [*plain_rows(cutting.clip, language), *rows_of(cutting, language)]
        length = say.clock(cutting.plan.source_duration)
        shown = self.show.filled(before, length, cutting.clip.info.duration, rows, before, titled=True)
        return {
            self.sentence: f"<p><b>{escape(kept)}</b></p>",
            self.show.facts: shown[self.show.facts],
            self.show.strip: shown[self.show.strip],
        }

    # ---- the film ----

    def _draw(self, job: Job, result: Edit, language: str, clip: Clip, before: Cutting | None, *model: Any) -> Updates:
        asked = cast(EditRequest, job.request)
        cutting = Cutting.of(clip, result, bool(asked.cut))
        after = words.say("ui.after", language)
        heads = [words.say(f"ui.head.{each}", language) for each in ("start", "end", "at", "what", "why")]
        kind: player.Kind = "video" if clip.info.video else "sound"
        return {
            **self._seen(cutting, language),
            **self.cut.filled(cutting, language),
            **self.after.filled(
                after,
                _file_facts(result, language),
                result.duration,
                outcome(clip, played(result.pieces), language),
                after,
                [player.Source(after, kind, job.folder / result.files[0])],
                titled=True,
            ),
            **self.takeaway.filled(job.folder, result, heads, _table(result, language), media=result.files[0]),
            self.takeaway.files: _files(job.folder, result, language),
        }


def _set_by_hand(part: Any) -> list[Any]:
    """The events by which a person has set a control to something."""
    if isinstance(part, gr.Slider):
        return [part.release]
    if isinstance(part, gr.Textbox | gr.Number):
        return [part.submit, part.blur]
    return [part.input]


def _conditions(asked: PlanRequest) -> Conditions:
    return Conditions.model_validate({name: getattr(asked, name) for name in Conditions.model_fields})


def _files(folder: Path, result: Edit, language: str) -> dict[str, Any]:
    """What there is to take away, by what it is good for."""
    paths = written(folder, result)
    projects = [path for path in paths if path.suffix in PROJECTS]
    rest = [path for path in paths[1:] if path not in projects]
    groups = {"ui.files_of.share": paths[:1], "ui.files_of.editors": projects, "ui.files_of.data": rest}
    return grouped({words.say(key, language): each for key, each in groups.items()})


def _file_facts(result: Edit, language: str) -> str:
    """How long the film is, its size, and how large the file is beside the one that was given."""
    parts = [say.clock(result.duration)]
    parts += [f"{result.width} × {result.height}"] if result.width else []
    if result.bytes_after:
        before, after = say.size(result.bytes_before), say.size(result.bytes_after)
        parts.append(words.say("ui.size_change", language, before=before, after=after))
    return " · ".join(parts)


def _table(result: Edit, language: str) -> list[list[str]]:
    rows = [
        (each.start, each.end, say.clock(each.at, 2), words.say("ui.kept", language), say.reasons(each.why, language))
        for each in result.pieces
    ] + [
        (each.start, each.end, "", words.say("ui.dropped", language), say.reasons(each.why, language))
        for each in result.dropped
    ]
    return [[say.clock(start, 2), say.clock(end, 2), *rest] for start, end, *rest in sorted(rows)]
