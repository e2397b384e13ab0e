"""The tab *Train*, what comes of it: how good the model is in words, what it confuses, the clips that it got wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from pydantic import TypeAdapter, ValidationError

from avai import words
from avai.contracts import Mistake, ModelCard, Point, Training
from avai.ui import clips, say
from avai.ui.component import component
from avai.ui.frame import Updates
from avai.ui.takeaway import TakeAway

MANY = 7  # classes, whose names stand upright above the columns
POINTS = TypeAdapter(tuple[Point, ...])


@dataclass(frozen=True, eq=False)  # the page's state is hashed at each event, and what is in it need not be
class Outcome:
    """A training that was made: its files lie in ``folder``; ``before`` is the accuracy of the one that it improves."""

    folder: Path
    result: Training
    before: float | None = None


class Report:
    """A training's result on the page."""

    def __init__(self) -> None:
        self.curve = component("curve", "train-curve")
        self.verdict = gr.HTML("", elem_id="train-verdict", elem_classes="verdict")

    def place_details(self) -> None:
        """Put here what is looked at after the verdict."""
        self.confusion = gr.HTML("", elem_id="train-confusion", elem_classes="facts")
        self.mistakes_head = gr.HTML("", elem_id="train-mistakes-head", elem_classes="facts")
        self.mistakes = clips.clips("train-mistakes")
        self.takeaway = TakeAway("train")
        self.outcome = gr.State(None)

    @property
    def parts(self) -> list[Any]:
        shown = [self.curve, self.verdict, self.confusion, self.mistakes_head, self.mistakes, self.outcome]
        return [*shown, *self.takeaway.parts]

    def cleared(self) -> Updates:
        """Nothing was taught yet."""
        empty = dict.fromkeys((self.verdict, self.confusion, self.mistakes_head), "")
        return {self.curve: None, self.mistakes: None, self.outcome: None, **empty, **self.takeaway.cleared()}

    def learning(self, folder: Path | None, known: int, language: str) -> tuple[int, dict[str, Any] | None] | None:
        """The learning curve as far as it is written in the folder of a run, with how many points it has; None while
        it has no more than are ``known``."""
        try:
            points = POINTS.validate_json((folder / "curve.json").read_bytes()) if folder else ()
        except (OSError, ValidationError):
            return None
        return (len(points), _curve(points, language)) if len(points) > known else None

    def filled(self, outcome: Outcome, language: str) -> Updates:
        """A result as a whole."""
        folder, result = outcome.folder, outcome.result
        heads = [words.say(f"ui.head.{each}", language) for each in ("class", "clips", "right", "taken_for")]
        wrong = _wrong_in_all(result, language)
        return {
            self.outcome: outcome,
            self.curve: _curve(result.curve, language),
            self.verdict: verdict(outcome, language),
            self.confusion: confusion(result, language),
            self.mistakes_head: f"<p><b>{escape(wrong)}</b></p>" if wrong else "",
            self.mistakes: clips.shown(
                [_wrong(each, number, folder, result, language) for number, each in enumerate(result.mistakes)]
            ),
            **self.takeaway.filled(folder, result, heads, _table(result, language)),
        }


def verdict(outcome: Outcome, language: str) -> str:
    """How good it is in a sentence, what to do about it, then which way won."""
    result = outcome.result
    parts = [_score(result, language)]
    if outcome.before is not None:
        parts.append(f"<p>{escape(_change(outcome.before, result.accuracy, language))}</p>")
    if result.advice:
        items = "".join(f"<li>{escape(words.say(each.code, language, **each.values))}</li>" for each in result.advice)
        parts.append(f'<ul class="advice">{items}</ul>')
    title = escape(words.say("ui.teach.how_judges", language))
    parts.append(f"<details class='way'><summary>{title}</summary><p>{escape(_way(result, language))}</p></details>")
    return "".join(parts)


def _score(of: Training | ModelCard, language: str) -> str:
    """The figure, as large as it matters, and between what it is to be expected. Nothing where there is none."""
    if of.accuracy is None:
        return ""
    lines = [words.say("ui.teach.right_pictures" if of.kind == "picture" else "ui.teach.right", language)]
    if of.low is not None and of.high is not None and of.low < of.high:
        bounds = {"low": say.percent(of.low), "high": say.percent(of.high)}
        lines.append(words.say("ui.teach.between", language, **bounds))
    said = words.say("ui.space", language).join(lines)
    return f'<p class="score"><b>{say.percent(of.accuracy)}</b> <span>{escape(said)}</span></p>'


def _change(before: float, now: float, language: str) -> str:
    key = "better" if now > before + 0.0005 else "worse" if now < before - 0.0005 else "unchanged"
    return words.say(f"ui.teach.{key}", language, before=say.percent(before), now=say.percent(now))


def _way(result: Training, language: str) -> str:
    """Which way won, what else was tried, and how well strange sounds are told apart."""
    lines = [words.say("ui.teach.way", language, way=words.say(f"ui.method.{result.method}", language))]
    others = [
        f"{words.say(f'ui.method.{each.method}', language)} {say.percent(each.accuracy)}"
        for each in sorted(result.tried, key=lambda each: -each.accuracy)
    ]
    if len(others) > 1:
        lines.append(words.say("ui.teach.tried", language, ways=words.say("ui.comma", language).join(others)))
    if result.other is not None:
        lines.append(words.say("ui.teach.other", language, share=say.percent(result.other)))
    return words.say("ui.space", language).join(lines)


def card(model: ModelCard, name: str, language: str) -> str:
    """A saved model: how good it was found when it was taught, what it knows, when it was made. All text escaped."""
    known = words.say("ui.comma", language).join(words.class_name(each, language) for each in model.classes)
    facts = [words.say("ui.teach.knows", language, count=len(model.classes), names=known)]
    facts.append(words.say("ui.teach.way", language, way=words.say(f"ui.method.{model.method}", language)))
    if model.made:
        facts.append(words.say("ui.teach.made", language, date=model.made))
    said = words.say("ui.space", language).join(facts)
    return f"{_score(model, language)}<p><b>{escape(name)}</b></p><p class='way'>{escape(said)}</p>"


def confusion(result: Training, language: str) -> str:
    """What the clips of each class were taken for, as a coloured table. All text escaped."""
    names = [escape(words.class_name(each, language)) for each in result.classes]
    head = "".join(f'<th scope="col"><span>{name}</span></th>' for name in names)
    rows = []
    for truth, (name, counts) in enumerate(zip(names, result.confusion, strict=True)):
        cells = "".join(
            _cell(count, sum(counts), truth == taken, name, names[taken], language)
            for taken, count in enumerate(counts)
        )
        rows.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    title, how = (escape(words.say(f"ui.teach.{each}", language)) for each in ("confusion", "confusion_how"))
    look = "table confusion many" if len(names) > MANY else "table confusion"
    return (
        f'<p><b>{title}</b> {how}</p><div class="{look}"><table><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(count: int, all_of_it: int, right: bool, name: str, taken_for: str, language: str) -> str:
    """A cell; ``name`` and ``taken_for`` are escaped."""
    share = count / all_of_it if all_of_it else 0.0
    said = words.say(
        "ui.teach.cell_right" if right else "ui.teach.cell",
        language,
        count=count,
        all=all_of_it,
        name=name,
        taken=taken_for,
    )
    look = "right" if right else "wrong" if count else "none"
    return (
        f'<td class="{look}" style="--share:{100 * share:.0f}%" aria-label="{said}" title="{said}">'
        f"<span aria-hidden='true'>{count or '·'}</span></td>"
    )


def _wrong_in_all(result: Training, language: str) -> str:
    """How many clips were taken for another class, and how many of them are shown."""
    right = sum(row[number] for number, row in enumerate(result.confusion))
    wrong, count = sum(map(sum, result.confusion)) - right, len(result.mistakes)
    if not count:
        return ""
    return words.say("ui.teach.mistakes_of" if count < wrong else "ui.teach.mistakes", language, all=wrong, count=count)


def _wrong(each: Mistake, number: int, folder: Path, result: Training, language: str) -> dict[str, Any]:
    taken, truth = words.class_name(each.taken_for, language), words.class_name(each.label, language)
    text = words.say("ui.teach.taken", language, truth=truth, taken=taken)
    path = folder / each.file if each.file and (folder / each.file).is_file() else None
    sure = words.say("ui.teach.sure", language, share=say.percent(each.confidence))
    return clips.clip(number, result.kind, path, each.name, text, sure, language)


def _table(result: Training, language: str) -> list[list[str]]:
    rows = []
    for number, label in enumerate(result.classes):
        counts = result.confusion[number]
        wrong = [(count, other) for other, count in enumerate(counts) if other != number and count]
        most = max(wrong, default=None)
        rows.append(
            [
                words.class_name(label, language),
                str(sum(counts)),
                say.percent(counts[number] / sum(counts)) if sum(counts) else "–",
                f"{words.class_name(result.classes[most[1]], language)} ({most[0]})" if most else "–",
            ]
        )
    return rows


def _curve(points: Sequence[Point], language: str) -> dict[str, Any] | None:
    if not points:
        return None
    last = points[-1]
    values = {"epoch": last.epoch, "held": say.percent(last.held_out_accuracy), "learnt": say.percent(last.accuracy)}
    return {
        "points": [{"epoch": each.epoch, "accuracy": each.accuracy, "held": each.held_out_accuracy} for each in points],
        "learnt": words.say("ui.teach.curve_learnt", language),
        "held": words.say("ui.teach.curve_held", language),
        "passes": words.say("ui.teach.curve_passes", language),
        "again": words.say("ui.teach.curve_again", language),
        "said": words.say("ui.teach.curve_said", language, **values),
    }
