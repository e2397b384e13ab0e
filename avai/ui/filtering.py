"""Which of the sounds that were heard are shown: chosen beside a result, without hearing it again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import gradio as gr

from avai import words
from avai.contracts import LAYERS, Layer, Recognition, Span
from avai.labels import chosen, sounds_of
from avai.ui import say
from avai.ui.frame import Updates
from avai.ui.language import t

ALL = 40
MOST = 10


@dataclass(frozen=True)
class Told:
    """What passes the filter: spans of layers, spans of other sounds, each in the order of time; ``rows`` are the
    layers that are looked at, also where there is nothing of them."""

    rows: tuple[Layer, ...]
    layers: tuple[Span, ...]
    sounds: tuple[Span, ...]

    @property
    def every(self) -> list[Span]:
        return sorted((*self.layers, *self.sounds), key=lambda span: (span.start, span.end))


def layers_of(result: Recognition) -> list[Span]:
    """The spans of all layers."""
    return [span for layer in LAYERS for span in result.layers.get(layer, ())]


def told(
    result: Recognition,
    sure: float = 0,
    most: int = MOST,
    only: list[str] | None = None,
    never: list[str] | None = None,
) -> Told:
    """What is heard with at least ``sure`` percent, of at most ``most`` kinds beside the layers."""
    rest = (sure / 100, only or (), never or ())
    rows = tuple(layer for layer in LAYERS if (not only or layer in only) and layer not in (never or ()))
    return Told(rows, chosen(layers_of(result), len(LAYERS), *rest), chosen(sounds_of(result), int(most), *rest))


class Filter:
    """The controls. ``parts`` are in the order of ``told``'s arguments."""

    def __init__(self, task: str) -> None:
        with gr.Column(visible=False, elem_id=f"{task}-filter", elem_classes="filter") as self.box:
            gr.HTML(t("ui.filter.title"), elem_classes="caption")
            with gr.Row(elem_classes="filters"):
                self.sure = gr.Slider(0, 95, value=0, step=5, label=t("ui.filter.sure"), min_width=200)
                self.most = gr.Slider(1, ALL, value=MOST, step=1, label=t("ui.filter.most"), min_width=200)
                self.only = gr.Dropdown([], multiselect=True, label=t("ui.filter.only"), min_width=200)
                self.never = gr.Dropdown([], multiselect=True, label=t("ui.filter.never"), min_width=200)
            self.count = gr.HTML("", elem_id=f"{task}-count", elem_classes="caption")
        self.parts = [self.sure, self.most, self.only, self.never]

    def cleared(self) -> Updates:
        """Nothing to choose from."""
        return {self.box: gr.update(visible=False)}

    def filled(self, result: Recognition, language: str) -> Updates:
        """The controls for a new result: what was heard in it, and nothing chosen yet."""
        kinds = len({span.label for span in sounds_of(result)})
        return {
            self.box: gr.update(visible=bool(layers_of(result) or kinds)),
            self.sure: 0,
            self.most: gr.update(maximum=max(2, kinds), value=min(MOST, max(2, kinds)), interactive=kinds > 1),
            **self.named(result, [], [], language),
        }

    def named(self, result: Recognition, only: list[str], never: list[str], language: str) -> Updates:
        """The sounds to choose from, those first that are heard longest, and what is chosen of them."""
        weight: Counter[str] = Counter()
        for span in (*layers_of(result), *sounds_of(result)):
            weight[span.label] += round(1000 * (span.end - span.start))
        names = [(say.title(words.name_of(label, language)), label) for label, _ in weight.most_common()]
        return {self.only: gr.update(choices=names, value=only), self.never: gr.update(choices=names, value=never)}

    def counted(self, result: Recognition, shown: Told, language: str) -> Updates:
        """How much of what was heard is shown, in a sentence."""
        every = (*layers_of(result), *sounds_of(result))
        said = words.say(
            "ui.filter.shown",
            language,
            shown=len(shown.every),
            all=len(every),
            labels=len({span.label for span in shown.every}),
            every=len({span.label for span in every}),
        )
        return {self.count: said}
