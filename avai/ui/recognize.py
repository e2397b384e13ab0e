"""The tab *Recognise*: what is heard in a clip, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from avai import exchange, words
from avai.config import settings
from avai.contracts import (
    LAYERS,
    Recognition,
    RecognitionTable,
    RecognizeManyRequest,
    RecognizeRequest,
    Request,
    Score,
    Span,
    Strip,
)
from avai.errors import RequestError
from avai.jobs import Job
from avai.labels import heard_most, sounds_of
from avai.ui import player, say, status, strip
from avai.ui.filtering import ALL, Filter, Told, told
from avai.ui.frame import Bar, Fields, Page, Show, Top, Updates, wire_run
from avai.ui.give import SOUND_EXAMPLES, VIDEO_EXAMPLES, Clip, Give, clip_field
from avai.ui.language import t
from avai.ui.many import Made, Many, look_at
from avai.ui.models import FILE, ModelChoice
from avai.ui.takeaway import TakeAway

STRONGEST = 5
OTHER = "other"  # none of the model's classes
ROWS = 1000  # of the table: more would only slow the page


@dataclass(frozen=True, eq=False)  # the page's state is hashed at each event, and what is in it need not be
class Heard:
    """A result to be looked at: its files lie in ``folder``."""

    folder: Path
    result: Recognition
    clip: Clip
    strip: Strip


def heard(folder: Path, result: Recognition, clip: Clip) -> Heard:
    """A result with what was drawn of it."""
    drawn = Strip.model_validate_json((folder / "strip.json").read_text(encoding="utf-8"))
    return Heard(folder, result, clip, drawn)


class RecognizeTab:
    """Layout, then what each event does."""

    task = "recognize"

    def __init__(self, page: Page) -> None:
        with gr.Row(elem_classes="tab"):
            with gr.Column(scale=4, min_width=320, elem_classes="give"):
                self.give = Give(self.task, "clip", (*SOUND_EXAMPLES, *VIDEO_EXAMPLES), "recognize_many.clips")
                self.fields = Fields(
                    RecognizeRequest, ["denoise", "strength", "split"], ["most", "threshold", "only", "never"]
                )
                self.fields.part("strength").visible = False
                self.models = ModelChoice(self.task, ["sound"])
                self.bar = Bar(self.task)
                gr.Markdown(t("ui.about.recognize"), elem_classes="about")
            with gr.Column(scale=8, min_width=320, elem_classes="get"):
                self.top = Top(self.task)
                self.many = Many(self.task)
                self.verdict = gr.HTML("", elem_id="recognize-verdict", elem_classes="verdict")
                self.show = Show(self.task)
                self.filter = Filter(self.task)
                self.takeaway = TakeAway(self.task)
        self.heard = gr.State(None)
        self.give.wire(page, self.top, self.show, self.bar, {**self._cleared(), **self.many.cleared()}, self.many)
        shown = [*self.show.parts, *self.takeaway.parts, self.filter.count]
        self.outputs = [self.verdict, self.heard, self.filter.box, *self.filter.parts, *shown]
        self.models.wire(page, self.heard, self.many.made)
        page.on(self.models.chosen.change, self._waits, [self.many.made, self.models.chosen], [self.top.status])
        given = [self.give.clip, self.many.paths, *self.models.inputs(page)]
        outputs = [*self.outputs, *self.many.parts]
        wire_run(
            page,
            self.task,
            self.bar,
            self.top,
            self.fields,
            given,
            self._asked,
            self._draw,
            outputs,
            _kind,
            self.models.again,
        )
        page.on(
            self.many.choice.input,
            self._look_at_one(page),
            [self.many.choice, self.many.made],
            [self.top.status, *self.outputs],
            trigger_mode="always_last",
        )
        denoise, strength = self.fields.part("denoise"), self.fields.part("strength")
        denoise.change(
            lambda on: gr.update(visible=on), denoise, strength, show_progress="hidden", api_visibility="private"
        )
        chosen_from = [self.heard, *self.filter.parts]
        self.says_from = [self.many.made, *chosen_from]
        self.said = [self.many.table, self.top.status, self.verdict, *self.filter.parts, *shown]
        for control in self.filter.parts:
            page.on(control.input, self._chosen, chosen_from, shown, trigger_mode="always_last")

    def _cleared(self) -> Updates:
        return {self.verdict: "", self.heard: None, **self.filter.cleared(), **self.takeaway.cleared()}

    def _asked(self, clip: Clip | None, paths: tuple[Path, ...], *model: Any) -> dict[str, object]:
        """The fields that have no control: all that is heard is asked for, and chosen from beside the result."""
        return {**({"clips": paths} if paths else clip_field(clip)), "most": ALL, **self.models.fields(*model)}

    def _draw(
        self,
        job: Job,
        result: Recognition | RecognitionTable,
        language: str,
        clip: Clip,
        paths: tuple[Path, ...],
        *model: Any,
    ) -> Updates:
        if isinstance(result, RecognitionTable):
            return self._cleared() | self.show.cleared() | self.many.filled(job, result, paths, language)
        return self.drawn(heard(job.folder, result, clip), language)

    def _look_at_one(self, page: Page) -> Callable[..., Iterator[Updates]]:
        def look(number: int | None, made: Made | None, tag: str, request: gr.Request) -> Iterator[Updates]:
            if number is None or made is None:
                yield {self.top.status: gr.skip()}  # a generator that yields nothing would empty all its outputs
                return
            language = words.language_of(tag)
            found = yield from look_at(page, made, number, self.top, language, request)
            if found:
                yield self.drawn(heard(*found), language)

        return look

    def _waits(self, made: Made | None, model: str, tag: str) -> Updates:
        """Say that a table is not made anew by itself when another model is chosen."""
        said = words.say("ui.model.waits", words.language_of(tag))
        return {self.top.status: status.lines([said]) if made and model != FILE else gr.skip()}

    def drawn(self, given: Heard, language: str) -> Updates:
        """A result as a whole: verdict, player, strip, filter, table and files."""
        return {
            self.verdict: verdict(given.result, language),
            self.heard: given,
            **self.filter.filled(given.result, language),
            **self._told(given, told(given.result), language, _sources(given, language)),
        }

    def said_again(
        self,
        made: Made | None,
        given: Heard | None,
        sure: float,
        most: int,
        only: list[str],
        never: list[str],
        tag: str,
    ) -> Updates:
        """The results in another language, what is chosen of them as it was."""
        language = words.language_of(tag)
        table = self.many.said_again(made, language)
        if given is None or not given.folder.is_dir():
            return table
        return table | {
            self.top.status: status.notes(given.result.warnings, language),
            self.verdict: verdict(given.result, language),
            **self.filter.named(given.result, only, never, language),
            **self._told(given, told(given.result, sure, most, only, never), language, _sources(given, language)),
        }

    def _chosen(
        self, given: Heard | None, sure: float, most: int, only: list[str], never: list[str], tag: str
    ) -> Updates:
        if given is None:
            return {self.filter.count: ""}
        if not given.folder.is_dir():
            gone = RequestError("ui.many.gone", minutes=round(settings().keep_minutes))
            return {self.filter.count: escape(gone.sentence(words.language_of(tag)))}
        return self._told(given, told(given.result, sure, most, only, never), words.language_of(tag))

    def _told(self, given: Heard, shown: Told, language: str, sources: Sequence[player.Source] = ()) -> Updates:
        """What passes the filter, as rows of the strip, as a table and as files."""
        heads = [words.say(f"ui.head.{each}", language) for each in ("start", "end", "sound", "sure")]
        rows = [*_sound_rows(given, language), *_layer_rows(shown, language), *tag_rows(shown.sounds, language)]
        return {
            **self.show.filled(
                given.clip.name,
                say.facts(given.clip.info, language),
                given.clip.info.duration,
                rows,
                words.say("ui.strip", language),
                sources,
                words.say("ui.versions", language),
            ),
            **self.filter.counted(given.result, shown, language),
            **self.takeaway.filled(
                given.folder, given.result, heads, _table(shown.every, language), texts=_texts(shown.every)
            ),
        }


def _sources(given: Heard, language: str) -> list[player.Source]:
    """What is played of a result: the clip, and its cleaned sound where there is one."""
    sources = [given.clip.source(words.say("ui.original", language))]
    if "cleaned.wav" in given.result.files:
        sources.append(player.Source(words.say("ui.cleaned", language), "sound", given.folder / "cleaned.wav"))
    return sources


def _kind(clip: Clip | None, paths: tuple[Path, ...], *model: Any) -> type[Request]:
    return RecognizeManyRequest if paths else RecognizeRequest


def _texts(shown: Sequence[Span]) -> dict[str, str]:
    """The files of tags, with what is shown."""
    return {
        "tags.csv": exchange.tags_csv(shown),
        "tags.vtt": exchange.tags_vtt(shown),
        "labels.txt": exchange.audacity_labels(shown),
    }


def verdict(result: Recognition, language: str) -> str:
    """How much of each layer there is, in a sentence, then the classes with their confidence as bars."""
    shares = [
        words.say("ui.layer_share", language, layer=words.name_of(layer, language), time=say.clock(length))
        for layer in LAYERS
        if (length := sum(span.end - span.start for span in result.layers.get(layer, ()))) >= 0.05
    ]
    joined = words.say("ui.comma", language).join(shares)
    total = words.say("ui.heard_in", language, shares=joined, time=say.clock(result.duration)) if shares else ""
    heard = f"<p><b>{escape(total)}</b></p>" if total else ""
    if result.classes and result.classes[0].label != OTHER:
        return heard + _classes(result.classes, language)
    return heard + _strongest(sounds_of(result), language)


def _classes(classes: tuple[Score, ...], language: str) -> str:
    """The likeliest classes as bars."""
    bars = "".join(_bar(score, language) for score in classes[:3] if score.confidence >= 0.01)
    of = words.say("ui.verdict", language, count=sum(score.label != OTHER for score in classes))
    return f'<div class="bars"><span>{escape(of)}</span>{bars}</div>'


def _strongest(spans: Sequence[Span], language: str) -> str:
    """The sounds that are heard most, where no class fits the whole: "none of them" would say nothing."""
    sounds = heard_most(spans)
    names = [f"{words.name_of(each.label, language)} {round(100 * each.confidence)} %" for each in sounds[:STRONGEST]]
    if not names:
        return ""
    return f"<p>{escape(words.say('ui.strongest', language, names=words.say('ui.comma', language).join(names)))}</p>"


def _bar(score: Score, language: str) -> str:
    percent = round(100 * score.confidence)
    name = escape(words.class_name(score.label, language))
    return f'<div class="bar3"><b>{name}</b><i><s style="width:{percent}%"></s></i><em>{percent} %</em></div>'


def _marks(spans: Sequence[Span], look: str, language: str) -> list[strip.Mark]:
    return [
        strip.Mark(each.start, each.end, look, words.name_of(each.label, language), each.confidence) for each in spans
    ]


def _sound_rows(given: Heard, language: str) -> list[strip.Row | None]:
    drawn = strip.Drawn(given.strip, given.folder)
    return [
        strip.film(words.say("ui.row.film", language), given.clip.given),
        strip.wave(words.say("ui.row.wave", language), given.strip.peaks, drawn),
        strip.mel(words.say("ui.row.mel", language), drawn),
    ]


def _layer_rows(shown: Told, language: str) -> list[strip.Row]:
    return [
        strip.spans(
            say.title(words.name_of(layer, language)),
            _marks([span for span in shown.layers if span.label == layer], layer, language),
        )
        for layer in shown.rows
    ]


def tag_rows(sounds: Sequence[Span], language: str) -> list[strip.Row]:
    """One row for each sound, first those whose confidence times length is largest."""
    return [
        strip.spans(
            _row_name(each.label, language),
            _marks([span for span in sounds if span.label == each.label], "tag", language),
        )
        for each in heard_most(sounds)
    ]


def _row_name(label: str, language: str) -> str:
    """What stands before the row of a sound; a class that is called like a layer is told from it."""
    name = say.title(words.name_of(label, language))
    return words.say("ui.row.taught", language, name=name) if label in LAYERS else name


def _table(shown: Sequence[Span], language: str) -> list[list[str]]:
    rows = [
        [
            say.clock(span.start, 2),
            say.clock(span.end, 2),
            words.name_of(span.label, language),
            f"{round(100 * span.confidence)} %",
        ]
        for span in shown[:ROWS]
    ]
    if len(shown) > ROWS:
        rows.append(["…", "", words.say("ui.too_many_rows", language, shown=ROWS, all=len(shown)), ""])
    return rows
