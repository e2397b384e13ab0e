"""Which model a tab listens or looks with: the built-in sounds, one that was taught on this page, or one from a file.

For other tabs:

- ``page.models`` (``gr.State``) holds the models of this session, a tuple of ``Known``, newest first. Whoever has
  taught or opened one gives ``added(models, known)`` to it; all choices list it then.
- A tab that can use one has ``models``, a ``ModelChoice``. To select a model there, from an event that has
  ``page.models`` among its inputs: ``tab.models.selected(known, added(models, known), language)`` are updates of
  ``page.models`` and of ``tab.models.parts``, which have to be among the event's outputs.
- ``wire_use(page, button, made, tab, tabs)`` does that: at a click, the ``Known`` in the state ``made`` is selected in
  ``tab``, which then comes to the front.
- ``read(page, path, name, place, language, request)`` is how a file becomes a ``Known``: the worker reads it.

The web process never opens a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, cast

import gradio as gr

from avai import words
from avai.contracts import CardRequest, Kind, ModelCard
from avai.errors import Cancelled, RequestError, StudioError
from avai.ui import say, status
from avai.ui.frame import Page, Updates, session_of
from avai.ui.language import t
from avai.ui.upload import upload

NONE, FILE = "", "file"
SHOWN = 12
"""Classes that are named in the line below a choice; more are counted."""


@dataclass(frozen=True, eq=False)  # the page's state is hashed at each event, and what is in it need not be
class Known:
    """A model that this session can use: its file, what a person knows it by, and what it is."""

    path: Path
    name: str
    card: ModelCard


Models = tuple[Known, ...]


def added(models: Models, known: Known) -> Models:
    """The session's models with one more in front."""
    return (known, *(each for each in models if each.path != known.path))


def read(page: Page, path: Path, name: str, place: str, language: str, request: gr.Request) -> Known:
    """The model in a file. Raises ``StudioError`` when it is none."""
    steps = page.runs.follow(session_of(request), place, CardRequest(model=path), language)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return Known(path, name, cast(ModelCard, end.value[1]))


def described(card: ModelCard, language: str) -> str:
    """What a model knows, in one line: its classes, how good it is, and when it was made."""
    comma = words.say("ui.comma", language)
    classes = comma.join(words.class_name(each, language) for each in card.classes[:SHOWN])
    if len(card.classes) > SHOWN:
        classes += comma + words.say("ui.model.more", language, count=len(card.classes) - SHOWN)
    parts = [words.say("ui.model.knows", language, classes=classes)]
    if card.accuracy is not None:
        parts.append(words.say("ui.model.right", language, share=say.percent(card.accuracy)))
    if card.made:
        parts.append(words.say("ui.model.made", language, date=card.made))
    return " · ".join(parts)


class ModelChoice:
    """The choice of a tab. ``inputs`` are what its request is made from (``fields``); with ``like``, which of the
    model's classes are meant can be chosen too. ``again`` changes when a result on screen should be made anew.
    ``fold`` is where it is folded away, and opened when a model is handed to it."""

    def __init__(
        self,
        task: str,
        kinds: Sequence[Kind] = ("sound", "picture"),
        like: bool = False,
        fold: gr.Accordion | None = None,
    ) -> None:
        self.task = task
        self.kinds = kinds
        self.fold = fold
        self.without = "ui.model.none" if like else "ui.model.builtin"
        self.box = gr.Dropdown(self._choices((), "en"), value=NONE, label=t("ui.model.choose"), elem_id=f"{task}-model")
        self.file = upload(
            label=t(f"{task}.model"),
            file_types=[".avai"],
            visible=False,
            elem_id=f"{task}-model-file",
            elem_classes="drop",
            height=112,
        )
        self.about = gr.HTML("", elem_id=f"{task}-model-about", elem_classes="caption")
        self.like = (
            gr.Dropdown([], multiselect=True, visible=False, label=t(f"{task}.like"), elem_id=f"{task}-like")
            if like
            else None
        )
        # what an event that follows at once reads: the browser may not show it yet
        self.chosen = gr.State(NONE)
        self.again = gr.State(0)

    @property
    def parts(self) -> list[Any]:
        return [self.box, self.chosen, self.file, self.about, *([self.like] if self.like else [])]

    def inputs(self, page: Page) -> list[Any]:
        """What ``fields`` is called with."""
        return [page.models, self.chosen, *([self.like] if self.like else [])]

    def fields(self, models: Models, value: str | None, like: Sequence[str] = ()) -> dict[str, object]:
        """The request's fields. Raises ``RequestError`` while a model from a file is chosen and none is given."""
        if value == FILE:
            raise RequestError("ui.model.give_first")
        known = self._known(models, value)
        if known is None:
            return {}
        return {"model": known.path, **({"like": tuple(like)} if like else {})}

    def selected(self, known: Known, models: Models, language: str) -> Updates:
        """The choice with a model selected."""
        return {
            self.box: gr.update(choices=self._choices(models, language), value=str(known.path)),
            self.chosen: str(known.path),
            self.file: gr.update(visible=False, value=None),
            **self._described(known, [], language),
        }

    def said(self, models: Models, value: str | None, like: Sequence[str], language: str) -> Updates:
        """The choice in a language, or when there are other models, selected as it was."""
        known = self._known(models, value)
        if value not in (NONE, FILE) and known is None:
            value = NONE
        choices = self._choices(models, language)
        updates: Updates = {self.box: gr.update(choices=choices, value=value), self.chosen: value}
        return updates | self._described(known, like, language)

    def wire(self, page: Page, result: gr.State | None = None, table: gr.State | None = None) -> None:
        """What happens when another is chosen; ``result`` holds what is on screen, which is then made anew, unless it
        is one of many in a ``table``, which takes its time."""

        def choose(
            value: str | None, models: Models, again: int, shown: Any, many: Any, tag: str, request: gr.Request
        ) -> Updates:
            known = self._known(models, value)
            return {
                self.chosen: value or NONE,
                self.file: gr.update(visible=value == FILE, value=None),
                **self._described(known, [], words.language_of(tag)),
                self.again: again + (value != FILE and not many and self._anew(page, shown, request)),
            }

        def open_file(
            given: str | None, models: Models, again: int, shown: Any, many: Any, tag: str, request: gr.Request
        ) -> Iterator[Updates]:
            if given is None:
                yield {self.about: gr.skip()}  # a generator that yields nothing would empty all its outputs
                return
            language, path = words.language_of(tag), Path(given)
            yield {self.about: status.busy("ui.looking", language)}
            try:
                known = read(page, path, path.stem, f"model:{self.task}", language, request)
                if known.card.kind not in self.kinds:
                    raise RequestError(f"model.knows_{known.card.kind}s", file=path.name)
            except Cancelled:
                return  # another file was given meanwhile
            except StudioError as error:
                yield {self.about: status.problem(error, language), self.file: None}
                return
            models = added(models, known)
            yield self.selected(known, models, language) | {
                page.models: models,
                self.again: again + (not many and self._anew(page, shown, request)),
            }

        nothing = gr.State(None)
        held = [page.models, self.again, result or nothing, table or nothing]
        page.on(self.box.input, choose, [self.box, *held], [*self.parts, self.again], trigger_mode="always_last")
        page.on(self.file.upload, open_file, [self.file, *held], [*self.parts, self.again, page.models])

    def _anew(self, page: Page, shown: Any, request: gr.Request) -> bool:
        """Whether the result on screen should be made anew: not while one is being made."""
        return bool(shown) and page.runs.folder(session_of(request), f"run:{self.task}") is None

    def _known(self, models: Models, value: str | None) -> Known | None:
        return next((each for each in models if str(each.path) == value), None)

    def _choices(self, models: Models, language: str) -> list[tuple[str, str]]:
        return [
            (words.say(self.without, language), NONE),
            *((each.name, str(each.path)) for each in models if each.card.kind in self.kinds),
            (words.say("ui.model.from_file", language), FILE),
        ]

    def _described(self, known: Known | None, like: Sequence[str], language: str) -> Updates:
        """What the chosen model knows, and its classes to choose from."""
        about = f"<p>{escape(described(known.card, language))}</p>" if known else ""
        if not self.like:
            return {self.about: about}
        classes = known.card.classes if known else ()
        choices = [(words.class_name(each, language), each) for each in classes]
        kept = [each for each in like if each in classes]
        return {self.about: about, self.like: gr.update(choices=choices, value=kept, visible=known is not None)}


def wire_models(page: Page, blocks: gr.Blocks, switch: gr.HTML, built: Sequence[Any]) -> None:
    """Say all choices in the reader's language, and again at each switch and when there is another model."""
    choices: list[ModelChoice] = [tab.models for tab in built if isinstance(getattr(tab, "models", None), ModelChoice)]

    def said(models: Models, *given: Any) -> Updates:
        values, likes, language = given[: len(choices)], list(given[len(choices) : -1]), words.language_of(given[-1])
        updates: Updates = {}
        for choice, value in zip(choices, values, strict=True):
            updates |= choice.said(models, value, (likes.pop(0) or []) if choice.like else [], language)
        return updates

    inputs = [page.models, *(each.chosen for each in choices), *(each.like for each in choices if each.like)]
    outputs = [part for each in choices for part in each.parts if part is not each.file]
    for event in (blocks.load, switch.switch, page.models.change):
        page.on(event, said, inputs, outputs)


def wire_use(page: Page, button: gr.Button, made: gr.State, tab: Any, tabs: gr.Tabs) -> None:
    """At a click, select the model in ``made`` in another tab, and show that tab, with the choice in sight."""
    choice: ModelChoice = tab.models
    folded = [choice.fold] if choice.fold is not None else []

    def use(known: Known | None, models: Models, tag: str) -> Updates:
        if known is None:
            return {tabs: gr.skip()}
        models = added(models, known)
        shown = choice.selected(known, models, words.language_of(tag))
        shown |= {each: gr.update(open=True) for each in folded}
        return {page.models: models, tabs: gr.update(selected=tab.task)} | shown

    page.on(button.click, use, [made, page.models], [page.models, tabs, *choice.parts, *folded])
