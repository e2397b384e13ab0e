"""The tab *Recognise*: what is heard in a clip, and when."""

from __future__ import annotations

from html import escape

import gradio as gr

from avai import words
from avai.contracts import LAYERS, Recognition, RecognizeRequest, Score, Span
from avai.jobs import Job
from avai.ui import player, say, strip
from avai.ui.frame import Bar, Fields, Page, Show, Top, Updates, wire_run
from avai.ui.give import SOUND_EXAMPLES, VIDEO_EXAMPLES, Clip, Give, clip_field, plain_rows
from avai.ui.language import t
from avai.ui.takeaway import TakeAway

ROWS = 10  # the strongest sounds that get a row of their own
NEAR = 0.05  # a class below this is not worth naming when none fits


class RecognizeTab:
    """Layout, then what each event does."""

    task = "recognize"

    def __init__(self, page: Page) -> None:
        with gr.Row(elem_classes="tab"):
            with gr.Column(scale=4, min_width=320, elem_classes="give"):
                self.give = Give(self.task, "clip", (*SOUND_EXAMPLES, *VIDEO_EXAMPLES))
                self.fields = Fields(RecognizeRequest, ["denoise", "split"])
                self.bar = Bar(self.task)
                gr.Markdown(t("ui.about.recognize"), elem_classes="about")
            with gr.Column(scale=8, min_width=320, elem_classes="get"):
                self.top = Top(self.task)
                self.verdict = gr.HTML("", elem_id="recognize-verdict", elem_classes="verdict")
                self.show = Show(self.task)
                self.takeaway = TakeAway(self.task)
        clear: Updates = {self.verdict: "", **self.takeaway.cleared()}
        self.give.wire(page, self.top, self.show, self.bar, clear)
        outputs = [self.verdict, *self.show.parts, *self.takeaway.parts]
        wire_run(page, self.task, self.bar, self.top, self.fields, [self.give.clip], clip_field, self._draw, outputs)

    def _draw(self, job: Job, result: Recognition, language: str, clip: Clip) -> Updates:
        sources = [clip.source(words.say("ui.original", language))]
        if "cleaned.wav" in result.files:
            cleaned = job.folder / "cleaned.wav"
            sources.append(player.Source(words.say("ui.cleaned", language), "sound", cleaned))
        rows = [*plain_rows(clip, language), *_layer_rows(result, language), *tag_rows(result, language)]
        heads = [words.say(f"ui.head.{each}", language) for each in ("start", "end", "sound", "sure")]
        return {
            self.verdict: verdict(result, language),
            **self.show.filled(
                clip.name,
                say.facts(clip.info, language),
                clip.info.duration,
                rows,
                words.say("ui.strip", language),
                sources,
                words.say("ui.versions", language),
            ),
            **self.takeaway.filled(job, result, heads, _table(result, language)),
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
    return heard + _classes(result.classes, language)


def _classes(classes: tuple[Score, ...], language: str) -> str:
    """The likeliest classes as bars; one sentence when none of them fits: a bar for "none" would read as a sound."""
    if classes and classes[0].label == "other":
        said = [words.say("ui.no_class_fits", language, percent=round(100 * classes[0].confidence))]
        near = [f"{words.name_of(each.label, language)} {round(100 * each.confidence)} %" for each in classes[1:3]]
        if near and classes[1].confidence >= NEAR:
            said.append(words.say("ui.no_class_nearest", language, names=words.say("ui.comma", language).join(near)))
        return f"<p>{escape(''.join(said))}</p>"
    bars = "".join(_bar(score, language) for score in classes[:3] if score.confidence >= 0.01)
    return f'<div class="bars"><span>{escape(words.say("ui.verdict", language))}</span>{bars}</div>' if bars else ""


def _bar(score: Score, language: str) -> str:
    percent = round(100 * score.confidence)
    # "other" is also a layer; here it says that no class of the model fits
    name = words.say("ui.no_class", language) if score.label == "other" else words.name_of(score.label, language)
    name = escape(say.title(name))
    return f'<div class="bar3"><b>{name}</b><i><s style="width:{percent}%"></s></i><em>{percent} %</em></div>'


def _marks(spans: tuple[Span, ...] | list[Span], look: str, language: str) -> list[strip.Mark]:
    return [
        strip.Mark(each.start, each.end, look, words.name_of(each.label, language), each.confidence) for each in spans
    ]


def _layer_rows(result: Recognition, language: str) -> list[strip.Row]:
    return [
        strip.spans(say.title(words.name_of(layer, language)), _marks(result.layers.get(layer, ()), layer, language))
        for layer in LAYERS
    ]


def tag_rows(result: Recognition, language: str) -> list[strip.Row]:
    """The strongest sounds, one row each: those whose confidence times length is largest. A sound that is a layer
    has its row already, with finer edges."""
    weight: dict[str, float] = {}
    for span in result.spans:
        if span.label in LAYERS:
            continue
        weight[span.label] = weight.get(span.label, 0.0) + span.confidence * (span.end - span.start)
    return [
        strip.spans(
            say.title(words.name_of(label, language)),
            _marks([span for span in result.spans if span.label == label], "tag", language),
        )
        for label in sorted(weight, key=lambda each: -weight[each])[:ROWS]
    ]


def _table(result: Recognition, language: str) -> list[list[str]]:
    spans = sorted(
        [*result.spans, *(span for layer in result.layers.values() for span in layer)],
        key=lambda span: (span.start, span.end),
    )
    return [
        [
            say.clock(span.start, 2),
            say.clock(span.end, 2),
            words.name_of(span.label, language),
            f"{round(100 * span.confidence)} %",
        ]
        for span in spans
    ]
