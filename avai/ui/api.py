"""The API: one named endpoint a task. Its arguments are the request's fields; it returns the result and its files."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import gradio as gr

from avai import words
from avai.contracts import (
    CardRequest,
    ComposeRequest,
    EditRequest,
    JudgeRequest,
    MaterialRequest,
    PlanRequest,
    RecognizeManyRequest,
    RecognizeRequest,
    Request,
    Result,
    StoryboardRequest,
    SummarizeRequest,
    TrainRequest,
)
from avai.errors import StudioError
from avai.jobs import Job
from avai.ui import controls
from avai.ui.frame import session_of
from avai.ui.running import Runs
from avai.ui.takeaway import written
from avai.ui.upload import upload

ENDPOINTS: tuple[type[Request], ...] = (
    RecognizeRequest,
    RecognizeManyRequest,
    StoryboardRequest,
    SummarizeRequest,
    PlanRequest,
    EditRequest,
    ComposeRequest,
    MaterialRequest,
    TrainRequest,
    CardRequest,
    JudgeRequest,
)


def endpoints(runs: Runs) -> None:
    """Add the endpoints to the page; they have no place in it."""
    for kind in ENDPOINTS:
        _endpoint(kind, runs)


def _endpoint(kind: type[Request], runs: Runs) -> None:
    parts = {name: _part(kind, name) for name in _arguments(kind)}
    result = gr.JSON(label="result", visible=False)
    files = gr.File(label="files", file_count="multiple", visible=False)
    trigger = gr.Button(visible=False)
    trigger.click(
        _handler(kind, runs),
        list(parts.values()),
        [result, files],
        api_name=kind.task,
        api_description=f"{inspect.getdoc(kind)} Returns the result as JSON and the files that it names.",
    )


def _arguments(kind: type[Request]) -> list[str]:
    """The fields of a request, those that must be given first."""
    return sorted(kind.model_fields, key=lambda name: not kind.model_fields[name].is_required())


def _part(kind: type[Request], name: str) -> Any:
    if not controls.is_file(kind, name):
        part = controls.control(kind, name, controls.english)
        part.visible = False
        return part
    count = "multiple" if controls.is_several(kind, name) else "single"
    return upload(label=words.say(kind.text(name)), file_count=count, visible=False)


def _handler(kind: type[Request], runs: Runs) -> Callable[..., tuple[dict[str, Any], list[str]]]:
    names = _arguments(kind)

    def call(request: gr.Request, *values: Any) -> tuple[dict[str, Any], list[str]]:
        language = words.language_of(request.headers.get("accept-language"))
        given = dict(zip(names, values, strict=True))
        files: Mapping[str, object] = {name: _paths(given.pop(name)) for name in names if controls.is_file(kind, name)}
        try:
            asked = controls.gathered(kind, files, list(given), list(given.values()), language)
            # a place of its own: calls of one client run beside each other
            steps = runs.follow(session_of(request), f"api:{secrets.token_hex(8)}", asked, language)
            job, result = _finished(steps)
        except StudioError as error:
            raise gr.Error(error.sentence(language), print_exception=False) from None
        return result.model_dump(mode="json"), [str(path) for path in written(job.folder, result)]

    # the API's arguments have the names and defaults of the fields
    kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD
    arguments = [
        inspect.Parameter(name, kinds, default=inspect.Parameter.empty if field.is_required() else field.default)
        for name, field in ((name, kind.model_fields[name]) for name in names)
    ]
    request = inspect.Parameter("request", kinds, annotation=gr.Request)
    call.__signature__ = inspect.Signature([request, *arguments])  # type: ignore[attr-defined]  # Gradio reads it
    return call


def _paths(given: str | list[str] | None) -> object:
    if given is None:
        return None
    return Path(given) if isinstance(given, str) else tuple(Path(each) for each in given)


def _finished(steps: Any) -> tuple[Job, Result]:
    """The end of a run that nobody watches."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast(tuple[Job, Result], end.value)
