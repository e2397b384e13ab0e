"""The tab *Train*, trying: what the model says of a recording or of fresh clips, and yes or no to each of them, from
which it learns again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, cast

import gradio as gr

from avai import words
from avai.contracts import Judgement, JudgeRequest, Score
from avai.errors import Cancelled, RequestError, StudioError
from avai.ui import clips, say, status
from avai.ui.frame import Page, Updates, session_of, told
from avai.ui.language import t
from avai.ui.models import Known
from avai.ui.train_give import Pot
from avai.ui.upload import microphone, upload

BARS = 5
SURE_ENOUGH = 0.01  # a bar below this would not be seen


@dataclass(frozen=True)
class Fresh:
    """A clip that was judged. ``plays`` is the file to play, ``name`` empty for a recording, ``answer`` the class that
    a person gave it: empty for none of them, None for no answer yet."""

    path: Path
    plays: Path
    name: str
    scores: tuple[Score, ...]
    answer: str | None = None


@dataclass(frozen=True, eq=False)  # the page's state is hashed at each event, and what is in it need not be
class Trial:
    """The model at hand, and the clips that it was tried with."""

    model: Known | None = None
    fresh: tuple[Fresh, ...] = ()

    @property
    def answered(self) -> int:
        """How many clips can be learnt from."""
        return sum(bool(each.answer) for each in self.fresh)

    def taught(self, pot: Pot) -> Pot:
        """What was given, and the clips that were answered."""
        for label in sorted({each.answer for each in self.fresh if each.answer}):
            pot = pot.more([str(each.path) for each in self.fresh if each.answer == label], label)
        return pot


class Review:
    """``trial`` holds the model; the place is there while there is one."""

    def __init__(self) -> None:
        self.trial = gr.State(Trial())
        with gr.Column(visible=False, elem_id="train-trial", elem_classes="trial") as self.box:
            gr.HTML(f"<p><b>{t('ui.teach.try')}</b></p>", elem_classes="facts")
            with gr.Row(elem_classes="try-row"):
                self.recording = microphone(
                    label=t("ui.teach.try_record"), elem_id="train-try", elem_classes="recorder", min_width=240
                )
                self.files = upload(
                    label=t("ui.teach.fresh"),
                    file_count="multiple",
                    elem_id="train-fresh",
                    elem_classes="drop",
                    height=120,
                    min_width=240,
                )
            self.status = gr.HTML("", elem_id="train-try-status", elem_classes="status-slot")
            self.bars = gr.HTML("", elem_id="train-bars", elem_classes="verdict")
            self.clips = clips.clips("train-review")
            self.again = gr.Button(t("ui.teach.again"), visible=False, elem_id="train-again")

    @property
    def parts(self) -> list[Any]:
        return [self.box, self.trial, self.recording, self.files, self.status, self.bars, self.clips, self.again]

    def given(self, model: Known | None) -> Updates:
        """Another model, not tried yet, or none."""
        return {
            self.box: gr.update(visible=model is not None),
            self.trial: Trial(model),
            self.recording: gr.update(value=None, visible=model is not None and model.card.kind == "sound"),
            self.files: None,
            self.status: "",
            self.bars: "",
            self.clips: None,
            self.again: gr.update(visible=False),
        }

    def wire(self, page: Page) -> None:
        """Bind what tries and what answers."""

        def tried(
            paths: Sequence[str], clear: Updates, named: bool, trial: Trial, tag: str, request: gr.Request
        ) -> Iterator[Updates]:
            if trial.model is None or not paths:
                yield {self.trial: gr.skip()}  # a generator that yields nothing would empty all its outputs
                return
            language = words.language_of(tag)
            yield {self.status: status.busy("ui.working", language), self.bars: "", **clear}
            asked = JudgeRequest(model=trial.model.path, clips=tuple(map(Path, paths)))
            steps = page.runs.follow(session_of(request), "judge:train", asked, language)
            try:
                job, result = yield from told(steps, self)
            except Cancelled:
                return  # another one was given meanwhile
            except StudioError as error:
                yield {self.status: status.problem(error, language)}
                return
            judgement = cast(Judgement, result)
            fresh = tuple(_fresh(judgement, job.folder, asked.clips, named))
            now = replace(trial, fresh=(*fresh, *trial.fresh))
            unread = "".join(
                status.problem(RequestError.of(each.reason), language, each.name) for each in judgement.unread
            )
            yield {
                self.status: unread or status.notes(judgement.warnings, language),
                self.bars: bars(fresh[0].scores, language) if len(fresh) == 1 else "",
                **self.drawn(now, language),
            }

        def recorded(recording: str | None, trial: Trial, tag: str, request: gr.Request) -> Iterator[Updates]:
            # the place is free for the next one at once
            given = [recording] if recording else []
            yield from tried(given, {self.recording: None}, False, trial, tag, request)

        def dropped(paths: list[str] | None, trial: Trial, tag: str, request: gr.Request) -> Iterator[Updates]:
            yield from tried(paths or [], {self.files: None}, True, trial, tag, request)

        def answered(trial: Trial, tag: str, event: gr.EventData) -> Updates:
            number, label = int(event.clip), event.label
            known = trial.model.card.classes if trial.model else ()
            fresh = tuple(
                replace(each, answer=label if label in (*known, "") else None) if at == number else each
                for at, each in enumerate(trial.fresh)
            )
            now = replace(trial, fresh=fresh)
            return {self.trial: now, self.again: self._again(now, words.language_of(tag))}

        page.on(self.recording.change, recorded, [self.recording, self.trial], self.parts, trigger_mode="multiple")
        page.on(self.files.change, dropped, [self.files, self.trial], self.parts, trigger_mode="multiple")
        page.on(self.clips.answer, answered, [self.trial], [self.trial, self.again], trigger_mode="multiple")

    def drawn(self, trial: Trial, language: str) -> Updates:
        """The clips that the model was tried with."""
        if trial.model is None:
            return {self.clips: None}
        names = [(label, words.class_name(label, language)) for label in trial.model.card.classes]
        ask = {each: words.say(f"ui.teach.ask.{each}", language) for each in ("yes", "no", "none", "which", "undo")}
        shown = [_shown(each, number, trial.model, language) for number, each in enumerate(trial.fresh)]
        return {
            self.trial: trial,
            self.clips: clips.shown(shown, {**ask, "choices": names}),
            self.again: self._again(trial, language),
        }

    def _again(self, trial: Trial, language: str) -> Any:
        text = words.say("ui.teach.again", language, count=trial.answered)
        return gr.update(visible=trial.answered > 0, value=text)


def _fresh(result: Judgement, folder: Path, paths: Sequence[Path], named: bool) -> Iterator[Fresh]:
    for each in result.clips:
        made = folder / each.file
        path = paths[each.clip]
        yield Fresh(path, made if each.file and made.is_file() else path, each.name if named else "", each.scores)


def _shown(each: Fresh, number: int, model: Known, language: str) -> dict[str, Any]:
    best = each.scores[0] if each.scores else Score(label="other", confidence=0.0)
    text = words.say(
        "ui.teach.guess",
        language,
        name=words.class_name(best.label, language),
        share=say.percent(best.confidence),
    )
    known = best.label in model.card.classes
    called = each.name or words.say("ui.teach.recording", language)
    answer = None
    if each.answer is not None:
        name = words.class_name(each.answer, language) if each.answer else words.say("ui.teach.ask.none", language)
        answer = [each.answer, name]
    return {
        **clips.clip(number, model.card.kind, each.plays, called, text, "", language),
        "label": best.label if known else "",
        "right": words.class_name(best.label, language) if known else "",
        "answer": answer,
    }


def bars(scores: Sequence[Score], language: str) -> str:
    """What a clip is taken for, the likeliest first. All text escaped."""
    shown = [each for each in scores[:BARS] if each.confidence >= SURE_ENOUGH] or list(scores[:1])
    rows = "".join(
        f'<div class="bar3"><b>{escape(words.class_name(each.label, language))}</b>'
        f'<i><s style="width:{round(100 * each.confidence)}%"></s></i><em>{say.percent(each.confidence)}</em></div>'
        for each in shown
    )
    head = escape(words.say("ui.teach.heard", language))
    return f'<div class="bars"><span>{head}</span>{rows}</div>' if rows else ""
