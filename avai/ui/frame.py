"""What every tab is made of: choices on the left with Run and Stop, a result on the right, and how a run fills it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol, cast

import gradio as gr
from gradio.events import Dependency

from avai import words
from avai.contracts import Contract, Request, Result
from avai.errors import StudioError
from avai.jobs import Job, sentence_of
from avai.ui import controls, player, status, strip
from avai.ui.language import LANGUAGE_JS, t
from avai.ui.running import Runs, Steps

Updates = dict[Any, Any]
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """What all tabs share: the runs under way, the hidden box in which an event brings the page's language, and the
    models that this session has (``models.Known``)."""

    runs: Runs
    language: gr.Textbox
    models: gr.State

    def on(
        self,
        event: Callable[..., Dependency],
        handler: Callable[..., Any],
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        **options: Any,
    ) -> Dependency:
        """Bind an event whose handler gets the inputs, then the page's language (``en`` or ``zh``)."""
        return event(
            handler,
            [*inputs, self.language],
            list(outputs),
            js=LANGUAGE_JS,
            show_progress="hidden",
            api_visibility="private",
            **options,
        )


class Fields:
    """The controls of a request: the main ones in sight, the rest folded under *More*, or a heading (the key of a text)
    of its own, none for those ``elsewhere``. ``folds`` are others under headings of their own, before the rest.
    ``setters`` are those that set other controls, which then say it all."""

    def __init__(
        self,
        kind: type[Request],
        main: Sequence[str],
        elsewhere: Sequence[str] = (),
        heading: str = "ui.more",
        folds: Mapping[str, Sequence[str]] | None = None,
        setters: Sequence[str] = (),
    ) -> None:
        self.kind = kind
        self.setters = setters
        folds = dict(folds or {})
        apart = {*main, *elsewhere, *(name for names in folds.values() for name in names)}
        rest = [name for name in kind.model_fields if name not in apart and not controls.is_file(kind, name)]
        self.names = list(main)
        self.parts = [controls.control(kind, name) for name in main]
        if rest:
            folds[heading] = rest
        for title, names in folds.items():
            with gr.Accordion(t(title), open=False, elem_classes="more") as self.more:
                self.parts += [controls.control(kind, name) for name in names]
                self.names += names

    def part(self, name: str) -> gr.components.Component:
        """The control of a field."""
        return self.parts[self.names.index(name)]

    def values(self, contract: Contract) -> Updates:
        """The controls of the fields that a contract has, set to what they are in it."""
        return {
            part: gr.update(value=controls.shown(self.kind, name, getattr(contract, name)))
            for name, part in zip(self.names, self.parts, strict=True)
            if name in type(contract).model_fields
        }

    def request(
        self, files: dict[str, object], values: Sequence[Any], language: str, kind: type[Request] | None = None
    ) -> Request:
        """The request that files, and what else has no control, make with the controls' values; ``RequestError`` for
        one out of its limits. ``kind`` is another that takes the same values."""
        given = [None if name in self.setters else value for name, value in zip(self.names, values, strict=True)]
        return controls.gathered(kind or self.kind, files, self.names, given, language)

    def said(self, language: str) -> Updates:
        """Choices in a language: the browser translates labels, but not the words of choices."""
        return {
            part: gr.update(choices=controls.choices(self.kind, name, language))
            for name, part in zip(self.names, self.parts, strict=True)
            if controls.has_choices(self.kind, name)
        }


class Bar:
    """Run and Stop."""

    def __init__(self, task: str) -> None:
        with gr.Row(elem_classes="bar-row"):
            self.run = gr.Button(
                t(f"ui.run.{task}"), variant="primary", interactive=False, elem_id=f"{task}-run", scale=3
            )
            self.stop = gr.Button(
                t("ui.stop"), variant="secondary", interactive=False, elem_id=f"{task}-stop", scale=1, min_width=96
            )


class Show:
    """A clip or film to look at: what it is in one sentence, a player, and a strip that follows it."""

    def __init__(self, task: str, name: str = "", strip_here: bool = True) -> None:
        self.prefix = f"{task}-{name}" if name else task
        self.player_id = f"{self.prefix}-player"
        self.facts = gr.HTML("", elem_id=f"{self.prefix}-facts", elem_classes="facts")
        self.player = player.player(self.player_id)
        self.box: gr.Column | None = None
        if strip_here:
            self.place_strip()

    def place_strip(self) -> None:
        """Put the strip here, where it is not to stand right under the player."""
        self.strip = strip.strip(f"{self.prefix}-strip")

    @property
    def parts(self) -> list[Any]:
        return [self.facts, self.player, self.strip, *([self.box] if self.box else [])]

    def cleared(self) -> Updates:
        """Nothing to see."""
        return self._box(False) | {self.facts: "", self.player: None, self.strip: None}

    def filled(
        self,
        sentence: str,
        facts: str,
        duration: float,
        rows: Iterable[strip.Row | None],
        label: str,
        sources: Sequence[player.Source] = (),
        versions: str = "",
        titled: bool = False,
    ) -> Updates:
        """A sentence in bold and facts beside it, the strip, and a player, which stays as it is without sources."""
        said = f"<p><b>{escape(sentence)}</b> {escape(facts)}</p>"
        played: Updates = {self.player: player.playing(sources, versions)} if sources else {}
        drawn = strip.drawn(duration, rows, self.player_id, label, titled)
        return self._box(True) | played | {self.facts: said, self.strip: drawn}

    def _box(self, visible: bool) -> Updates:
        return {self.box: gr.update(visible=visible)} if self.box else {}


def side_by_side(task: str, outcome: str, between: Callable[[], None] | None = None) -> tuple[Show, Show]:
    """A clip and the film made of it: players beside each other, strips below on the full width, and what ``between``
    lays out between these."""
    with gr.Row(elem_classes="pair"):
        with gr.Column(min_width=320):
            source = Show(task, strip_here=False)
        with gr.Column(min_width=320, visible=False) as box:
            made = Show(task, outcome, strip_here=False)
            made.box = box
    source.place_strip()
    if between:
        between()
    made.place_strip()
    return source, made


class Top:
    """The place above a result: a hint while there is nothing, and the status line."""

    def __init__(self, task: str) -> None:
        self.status = gr.HTML("", elem_id=f"{task}-status", elem_classes="status-slot")
        self.hint = gr.HTML(t(f"ui.hint.{task}"), elem_classes=["hint", f"hint-{task}"])


def wire_run(
    page: Page,
    task: str,
    bar: Bar,
    top: Top,
    fields: Fields,
    clips: Sequence[Any],
    files: Callable[..., dict[str, object]],
    draw: Callable[..., Updates],
    outputs: Sequence[Any],
    kind: Callable[..., type[Request]] | None = None,
    again: gr.State | None = None,
    early: Callable[..., Updates] | None = None,
) -> None:
    """Bind Run and Stop of a tab.

    ``files(*clips)`` gives the request's file fields; ``draw(job, result, language, *clips)`` gives what to show;
    ``kind(*clips)`` which request it is, where that hangs on them. A change of ``again`` is as good as Run.
    ``early(folder, language, *clips)`` gives what can be shown from the folder of the run before it has ended, nothing
    until it can; it is shown once.
    """
    place = f"run:{task}"

    def run(request: gr.Request, *given: Any) -> Iterator[Updates]:
        held, values = given[: len(clips)], given[len(clips) : -1]
        language = words.language_of(given[-1])
        yield {
            top.status: status.busy("ui.working", language),
            bar.run: gr.update(interactive=False),
            bar.stop: gr.update(interactive=True),
        }
        rest = {bar.run: gr.update(interactive=True), bar.stop: gr.update(interactive=False)}
        try:
            asked = fields.request(files(*held), values, language, kind(*held) if kind else None)
            steps = page.runs.follow(session_of(request), place, asked, language)
            meanwhile = (
                _once(lambda: early(page.runs.folder(session_of(request), place), language, *held)) if early else dict
            )
            job, result = yield from told(steps, top, meanwhile)
        except StudioError as error:
            yield rest | {top.status: status.problem(error, language)}
            return
        try:
            shown = draw(job, result, language, *held)
        except Exception as error:
            LOG.exception("the result of job %s cannot be shown", job.id)
            yield rest | {top.status: status.problem(sentence_of(error, job.id), language)}
            return
        yield rest | {top.status: status.notes(result.warnings, language)} | shown

    def stop(request: gr.Request) -> None:
        page.runs.stop(session_of(request), place)

    for event in (bar.run.click, again.change) if again else (bar.run.click,):
        page.on(event, run, [*clips, *fields.parts], [top.status, bar.run, bar.stop, *outputs])
    bar.stop.click(stop, queue=False, show_progress="hidden", api_visibility="private")


def _once(early: Callable[[], Updates]) -> Callable[[], Updates]:
    """``early`` until it has given something, then nothing."""
    given = False

    def also() -> Updates:
        nonlocal given
        updates = {} if given else early()
        given = given or bool(updates)
        return updates

    return also


class Says(Protocol):
    """A place with a status line."""

    status: gr.HTML


def told(steps: Steps, top: Says, also: Callable[[], Updates] = dict) -> Generator[Updates, None, tuple[Job, Result]]:
    """Show each step of a run in the status line, and ``also`` what else there is to show by then; returns the job and
    its result."""
    try:
        while True:
            yield {top.status: next(steps), **also()}
    except StopIteration as end:
        return cast(tuple[Job, Result], end.value)
    finally:
        # the reader may have left
        steps.close()


def session_of(request: gr.Request) -> str:
    """The session that an event belongs to."""
    return str(request.session_hash)
