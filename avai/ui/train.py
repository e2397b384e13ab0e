"""The tab *Train*: a model taught on one's own sounds or pictures, tried at once and made better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import gradio as gr

from avai import words
from avai.contracts import Kind, Material, ModelCard, Training, TrainRequest
from avai.errors import Cancelled, RequestError, StudioError
from avai.ui import status
from avai.ui.frame import Bar, Fields, Page, Top, Updates, session_of, told
from avai.ui.language import t
from avai.ui.models import Known, read
from avai.ui.review import Review, Trial
from avai.ui.train_give import Giving, Pot
from avai.ui.train_result import Outcome, Report, card
from avai.ui.upload import upload
from avai.ui.variants import Hear

PLACE = "run:train"
NAMED = 3  # classes that a model is called by
USES: dict[str, tuple[Kind, ...]] = {
    "recognize": ("sound",),
    "edit": ("sound", "picture"),
    "summarize": ("sound", "picture"),
}


class Choices(Fields):
    """Quick or thorough in sight, with what each is good for; what is for thorough alone is folded, and hidden else."""

    def __init__(self) -> None:
        self.way = gr.Radio(_ways("en"), value=False, label=t("ui.teach.how"), elem_id="train-way", elem_classes="ways")
        super().__init__(TrainRequest, [], ["labels", "without", "thorough"])
        for name in ("start", "augment"):
            self.part(name).visible = False
        with self.more:
            self.hear = Hear()
        self.names = ["thorough", *self.names]
        self.parts = [self.way, *self.parts]
        self.way.change(
            lambda thorough: [gr.update(visible=thorough)] * 3,
            self.way,
            [self.part("start"), self.part("augment"), self.hear.button],
            show_progress="hidden",
            api_visibility="private",
        )

    def said(self, language: str) -> Updates:
        return super().said(language) | {self.way: gr.update(choices=_ways(language))}


def _ways(language: str) -> list[tuple[str, bool]]:
    return [
        (words.say("ui.teach.quick", language), False),
        (words.say("ui.teach.thorough", language), True),
    ]


class TrainTab:
    """Layout, then what each event does."""

    task = "train"

    def __init__(self, page: Page) -> None:
        self.page = page
        with gr.Row(elem_classes="tab"):
            with gr.Column(scale=4, min_width=320, elem_classes="give"):
                self.giving = Giving()
                self.fields = Choices()
                self.bar = Bar(self.task)
                self.keep = gr.Button(t("ui.teach.keep"), visible=False, size="sm", elem_id="train-keep")
                with gr.Accordion(t("ui.teach.open"), open=False, elem_classes="more", elem_id="train-open"):
                    self.saved = upload(
                        label=t("judge.model"),
                        file_types=[".avai"],
                        elem_id="train-saved",
                        elem_classes="drop",
                        height=104,
                    )
                gr.Markdown(t("ui.about.train"), elem_classes="about")
            with gr.Column(scale=8, min_width=320, elem_classes="get"):
                self.top = Top(self.task)
                self.report = Report()
                self.model = gr.State(None)
                with gr.Row(visible=False, elem_classes="uses") as self.use_row:
                    self.uses = {
                        task: gr.Button(t(f"ui.use_in.{task}"), size="sm", min_width=96, elem_id=f"train-use-{task}")
                        for task in USES
                    }
                self.review = Review()
                self.report.place_details()
        self.takeaway = self.report.takeaway
        self._wire(page)

    def _wire(self, page: Page) -> None:
        self.giving.wire(page, self.top, self.bar, self._nothing)
        self.review.wire(page)
        self.fields.hear.wire(page, self.giving.pot, self.fields.part("augment"))
        giving, review, report = self.giving, self.review, self.report
        outputs = [
            *(self.top.status, self.top.hint, self.bar.run, self.bar.stop, self.keep),
            *(giving.pot, giving.classes, giving.clear, *report.parts, *review.parts),
            *(self.model, self.use_row, *self.uses.values()),
        ]

        def run(request: gr.Request, pot: Pot, *given: Any) -> Iterator[Updates]:
            yield from self._run(pot, None, given[:-1], given[-1], request)

        def again(
            request: gr.Request, pot: Pot, trial: Trial, outcome: Outcome | None, *given: Any
        ) -> Iterator[Updates]:
            before = outcome.result.accuracy if outcome else None
            if not pot.given:
                error = RequestError("ui.teach.needs_material")
                yield {self.top.status: status.problem(error, words.language_of(given[-1]))}
                return
            yield from self._run(trial.taught(pot), before, given[:-1], given[-1], request)

        def stop(request: gr.Request) -> None:
            page.runs.stop(session_of(request), PLACE)

        def keep(request: gr.Request) -> None:
            page.runs.finish(session_of(request), PLACE)

        page.on(self.bar.run.click, run, [giving.pot, *self.fields.parts], outputs)
        page.on(review.again.click, again, [giving.pot, review.trial, report.outcome, *self.fields.parts], outputs)
        for button, act in ((self.bar.stop, stop), (self.keep, keep)):
            button.click(act, queue=False, show_progress="hidden", api_visibility="private")
        page.on(self.saved.change, self._open, [self.saved], [*outputs, self.saved], trigger_mode="multiple")
        self.says_from = [giving.pot, review.trial, report.outcome, self.model]
        self.said = list(dict.fromkeys([self.top.status, self.top.hint, *outputs]))

    def _run(
        self, pot: Pot, before: float | None, values: Sequence[Any], tag: str, request: gr.Request
    ) -> Iterator[Updates]:
        """Teach, and show how it goes; ``before`` is how good the model was that is to become better."""
        language, session = words.language_of(tag), session_of(request)
        rest: Updates = {
            self.bar.run: gr.update(interactive=pot.ready),
            self.bar.stop: gr.update(interactive=False),
            self.keep: gr.update(visible=False),
        }
        thorough = bool(values[0])
        yield {
            self.top.status: status.busy("ui.working", language),
            self.bar.run: gr.update(interactive=False),
            self.bar.stop: gr.update(interactive=True),
            self.keep: gr.update(visible=thorough),
        }
        shown = 0

        def learning() -> Updates:
            nonlocal shown
            folder = self.page.runs.folder(session, PLACE) if thorough else None
            drawn = self.report.learning(folder, shown, language)
            if drawn is None:
                return {}
            shown, curve = drawn
            return {self.report.curve: curve, self.top.hint: gr.update(visible=False)}

        try:
            asked = self.fields.request(pot.fields, values, language)
            steps = self.page.runs.follow(session, PLACE, asked, language)
            job, result = yield from told(steps, self.top, learning)
        except StudioError as error:
            yield rest | {self.top.status: status.problem(error, language), self.report.curve: None}
            return
        outcome = Outcome(job.folder, cast(Training, result), before)
        yield rest | self._taught(_understood(pot, outcome.result), outcome, language)

    def _taught(self, pot: Pot, outcome: Outcome, language: str) -> Updates:
        result = outcome.result
        known = ModelCard(
            kind=result.kind,
            method=result.method,
            classes=result.classes,
            accuracy=result.accuracy,
            low=result.low,
            high=result.high,
            made=result.made,
        )
        names = [words.class_name(each, language) for each in result.classes]
        name = words.say("ui.comma", language).join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
        model = Known(outcome.folder / result.files[0], name, known)
        return {
            **self.report.filled(outcome, language),
            **self._at_hand(model),
            **self.giving.filled(pot, language, folded=True),
            self.top.status: status.notes(result.warnings, language),
            self.top.hint: gr.update(visible=False),
        }

    def _at_hand(self, model: Known) -> Updates:
        """A model to try, and to use in the other tabs that can take its kind."""
        uses = {
            button: gr.update(visible=model.card.kind in kinds)
            for button, kinds in zip(self.uses.values(), USES.values(), strict=True)
        }
        return self.review.given(model) | {self.model: model, self.use_row: gr.update(visible=True)} | uses

    def _open(self, path: str | None, tag: str, request: gr.Request) -> Iterator[Updates]:
        """A model that was saved: its card, and the place to try it."""
        if not path:
            yield {self.top.status: gr.skip()}  # a generator that yields nothing would empty all its outputs
            return
        language = words.language_of(tag)
        yield self._nothing() | {self.top.status: status.busy("ui.looking", language), self.saved: None}
        try:
            model = read(self.page, Path(path), Path(path).stem, "look:model", language, request)
        except Cancelled:
            return  # another one was given meanwhile
        except StudioError as error:
            yield {self.top.status: status.problem(error, language)}
            return
        yield self._at_hand(model) | {
            self.report.verdict: card(model.card, model.path.name, language),
            self.top.status: status.notes(model.card.warnings, language),
            self.top.hint: gr.update(visible=False),
        }

    def _nothing(self) -> Updates:
        """No model."""
        hidden = {self.model: None, self.use_row: gr.update(visible=False), self.top.hint: gr.update(visible=True)}
        return self.report.cleared() | self.review.given(None) | hidden

    def said_again(self, pot: Pot, trial: Trial, outcome: Outcome | None, model: Known | None, tag: str) -> Updates:
        """What is shown in another language, as it was."""
        language = words.language_of(tag)
        shown: Updates = self.giving.filled(pot, language, folded=outcome is not None)
        if outcome is not None and outcome.folder.is_dir():
            shown |= self.report.filled(outcome, language)
            shown[self.top.status] = status.notes(outcome.result.warnings, language)
        elif model is not None:
            shown[self.report.verdict] = card(model.card, model.path.name, language)
        return shown | self.review.drawn(trial, language)


def _understood(pot: Pot, result: Training) -> Pot:
    """What was given, as it was understood when it was taught."""
    material = Material(kind=result.kind, classes=result.material, left_out=result.left_out)
    return replace(pot, material=material)
