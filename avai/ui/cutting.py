"""The cut on the page: each stretch of a clip, kept or left out and why, which a person flips before anything is
rendered, and that can be listened to as it would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import gradio as gr

from avai import words
from avai.contracts import LAYERS, EditPiece, Plan
from avai.ui import say, strip
from avai.ui.component import component
from avai.ui.frame import Page, Updates
from avai.ui.give import Clip

SAID = ("only", "undo", "redo", "hint", "kept", "dropped", "hear", "keep_range", "drop_range")
HAND = "hand"
SLIVER = 0.02


@dataclass(frozen=True)
class Stretch:
    """A stretch of the clip, why the plan kept it or left it out, and whether it is kept by now. ``place`` is that of
    its piece in the plan, in the order of the output."""

    start: float
    end: float
    why: tuple[str, ...]
    planned: bool
    kept: bool
    place: int = -1

    @property
    def length(self) -> float:
        return self.end - self.start

    @property
    def said(self) -> tuple[str, ...]:
        """The codes of why it is kept or left out by now."""
        return self.why if self.kept == self.planned else (HAND,)


@dataclass(frozen=True, eq=False)  # the page's state is hashed at each event, and what is in it need not be
class Cutting:
    """A plan on the page, with what was changed by hand. ``before`` is what it was before the last change,
    ``after`` what it was before that was undone. ``number`` is another for each plan and change."""

    clip: Clip
    plan: Plan
    stretches: tuple[Stretch, ...]
    by_hand: bool = False
    before: Cutting | None = None
    after: Cutting | None = None
    number: int = 0

    @classmethod
    def of(cls, clip: Clip, plan: Plan, by_hand: bool = False) -> Cutting:
        """A plan as it was made; ``by_hand`` when its pieces are not what its conditions choose."""
        kept = [
            Stretch(p.start, p.end, p.why, True, True, place) for place, p in enumerate(plan.pieces) if p.speed == 1
        ]
        out = [Stretch(d.start, d.end, d.why, False, False) for d in plan.dropped]
        out += [Stretch(p.start, p.end, p.why, False, False) for p in plan.pieces if p.speed != 1]
        return cls(clip, plan, tuple(sorted([*kept, *out], key=lambda each: each.start)), by_hand)

    @property
    def changed(self) -> bool:
        """Whether it is another cut than the conditions choose."""
        return self.by_hand or any(each.kept != each.planned for each in self.stretches)

    @property
    def speed(self) -> float | None:
        return self.plan.asked.speed

    @property
    def duration(self) -> float:
        """How long the cut is by now; with ``speed``, all that is not excluded is played."""
        rest = sum(each.length for each in self.stretches if not each.kept and "excluded" not in each.why)
        kept = sum(each.length for each in self.stretches if each.kept)
        return kept + rest / self.speed if self.speed else kept

    def flipped(self, index: int) -> Cutting:
        """With one stretch kept that was left out, or left out that was kept."""
        if not 0 <= index < len(self.stretches):
            return self
        one = self.stretches[index]
        stretches = (*self.stretches[:index], replace(one, kept=not one.kept), *self.stretches[index + 1 :])
        return self._then(stretches)

    def ranged(self, start: float, end: float, kept: bool) -> Cutting:
        """With all of [start, end) kept, or left out."""
        parts: list[Stretch] = []
        for each in self.stretches:
            edges = sorted({each.start, each.end, *(time for time in (start, end) if each.start < time < each.end)})
            for a, b in pairwise(edges):
                inside = a >= start and b <= end
                parts.append(replace(each, start=a, end=b, kept=kept if inside else each.kept))
        return self._then(tuple(part for part in parts if part.length > SLIVER))

    def undone(self) -> Cutting:
        """Without the last change."""
        return replace(self.before, after=self, number=self.number + 1) if self.before else self

    def redone(self) -> Cutting:
        """With the change that was undone last."""
        return replace(self.after, number=self.number + 1) if self.after else self

    def _then(self, stretches: tuple[Stretch, ...]) -> Cutting:
        return replace(self, stretches=stretches, before=self, after=None, number=self.number + 1)

    @property
    def pieces(self) -> list[Stretch]:
        """What is kept, in the order of the output: that of the plan, and after what is before it in the clip."""
        kept: list[Stretch] = []
        place = next((each.place for each in self.stretches if each.planned), 0)
        for each in self.stretches:  # in order of time
            place = each.place if each.planned else place
            kept += [replace(each, place=place)] if each.kept else []
        kept.sort(key=lambda each: (each.place, each.start))
        whole: list[Stretch] = []
        for each in kept:
            if whole and whole[-1].end == each.start and "first" not in whole[-1].why:
                whole[-1] = replace(whole[-1], end=each.end)
            else:
                whole.append(each)
        return whole

    def cut(self) -> tuple[str, ...]:
        """The pieces as a request takes them; none where they are those of the conditions."""
        return tuple(f"{each.start:.6f}-{each.end:.6f}" for each in self.pieces) if self.changed else ()


class CutList:
    """The list of stretches; ``cutting`` holds what is on the page."""

    def __init__(self, task: str, player: str) -> None:
        self.player = player
        self.cutting = gr.State(None)
        self.list = component("cut", f"{task}-cut", said={each: f"ui.cut.{each}" for each in SAID})

    @property
    def parts(self) -> list[Any]:
        return [self.list, self.cutting]

    def cleared(self) -> Updates:
        """Nothing to see."""
        return {self.list: None, self.cutting: None}

    def filled(self, cutting: Cutting, language: str) -> Updates:
        """The stretches as they are."""
        return {self.cutting: cutting, self.list: self._value(cutting, language)}

    def _value(self, cutting: Cutting, language: str) -> dict[str, object]:
        return {
            "number": cutting.number,
            "player": self.player,
            "undo": cutting.before is not None,
            "redo": cutting.after is not None,
            "stretches": [
                {
                    "start": each.start,
                    "end": each.end,
                    "text": words.say("ui.from_to", language, start=say.clock(each.start), end=say.clock(each.end)),
                    "length": words.say("ui.seconds", language, seconds=f"{each.length:.1f}"),
                    "why": say.reasons(each.said, language),
                    "kept": each.kept,
                    "hand": each.kept != each.planned,
                }
                for each in cutting.stretches
            ],
        }

    def wire(self, page: Page, draw: Callable[[Cutting, str], Updates], outputs: Sequence[Any]) -> None:
        """Bind flips, ranges, undoing and redoing. ``draw`` gives what else shows the cut."""

        def change(cutting: Cutting | None, tag: str, event: gr.EventData) -> Updates:
            language = words.language_of(tag)
            if cutting is None:
                return {self.list: gr.skip()}
            other = cutting
            match event.act:
                case "flip" if event.number == cutting.number:  # a press on what is gone by now is none
                    other = cutting.flipped(int(event.index))
                case "range":
                    start, end = max(0.0, float(event.start)), min(float(event.end), cutting.plan.source_duration)
                    other = cutting.ranged(start, end, bool(event.kept)) if end > start else cutting
                case "undo":
                    other = cutting.undone()
                case "redo":
                    other = cutting.redone()
            return self.filled(other, language) | draw(other, language)

        outputs = list(dict.fromkeys([*self.parts, *outputs]))
        page.on(self.list.cut, change, [self.cutting], outputs, trigger_mode="multiple")


def rows_of(cutting: Cutting, language: str) -> list[strip.Row]:
    """What is kept and left out, and what is heard, under each other."""
    kept, dropped = words.say("ui.kept", language), words.say("ui.dropped", language)
    colon = words.say("ui.colon", language)
    marks = [
        strip.Mark(
            each.start,
            each.end,
            "kept" if each.kept else "dropped",
            (kept if each.kept else dropped) + colon + say.reasons(each.said, language),
        )
        for each in cutting.stretches
    ]
    rows = [strip.spans(words.say("ui.row.kept", language), marks, worded=True, flips=cutting.number)]
    for layer in LAYERS:
        spans = cutting.plan.layers.get(layer, ())
        if spans:
            name = words.name_of(layer, language)
            rows.append(strip.spans(say.title(name), [strip.Mark(each.start, each.end, layer, name) for each in spans]))
    return rows


def played(pieces: Sequence[EditPiece]) -> list[EditPiece]:
    """Pieces as the strip of the film shows them: as long as they are played."""
    return [piece.model_copy(update={"end": piece.start + (piece.end - piece.start) / piece.speed}) for piece in pieces]
