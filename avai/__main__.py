"""``python -m avai``: the studio's services from a shell."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer

from avai import words
from avai.contracts import REQUESTS, Conditions
from avai.shell.options import parameters_of, values_of

LOOKS = ("probe", "material", "card", "judge")
MAKES = ("recognize", "recognize_many", "storyboard", "summarize", "plan", "edit", "compose", "train")


def shell_language() -> str:
    """The language that the environment asks for, by the order of POSIX."""
    return words.language_of(
        next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    )


def command_of(task: str, language: str) -> Callable[..., None]:
    """A function whose signature is the request's fields, with ``--out`` and ``--overwrite`` where files are made."""
    kind = REQUESTS[task]
    parameters = [
        Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context),
        *parameters_of(kind, language),
    ]
    panel = words.say("shell.panel_out", language)
    if task in MAKES:
        file = task == "train"
        out = typer.Option(
            "--out",
            help=words.say("shell.out_model_help" if file else "shell.out_help", language),
            metavar="MODEL.avai" if file else "DIR",
            file_okay=file,
            rich_help_panel=panel,
        )
        overwrite = typer.Option("--overwrite", help=words.say("shell.overwrite_help", language), rich_help_panel=panel)
        parameters += [
            Parameter("out", Parameter.KEYWORD_ONLY, annotation=Annotated[Path, out]),
            Parameter("overwrite", Parameter.KEYWORD_ONLY, annotation=Annotated[bool, overwrite], default=False),
        ]

    def command(**given: Any) -> None:
        from avai.shell import work

        values = values_of({name: given[name] for name in kind.model_fields if _typed(given["context"], name)})
        if issubclass(kind, Conditions):
            values = kind.with_preset(values)  # what a person types stands, at its default too
        if task in MAKES:
            raise typer.Exit(work.make(kind, values, given["out"], given["overwrite"], language))
        raise typer.Exit(work.look(kind, values, language))

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


def _typed(context: typer.Context, name: str) -> bool:
    """Whether an option was given, rather than left at its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def shell(language: str) -> typer.Typer:
    """All commands, described in ``language``."""
    app = typer.Typer(
        name="avai",
        help=words.say("shell.help", language),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for task in (*MAKES, *LOOKS):
        panel = words.say("shell.panel_makes" if task in MAKES else "shell.panel_looks", language)
        app.command(task.replace("_", "-"), help=words.say(f"shell.help_{task}", language), rich_help_panel=panel)(
            command_of(task, language)
        )
    return app


if __name__ == "__main__":
    shell(shell_language())(prog_name="python -m avai")
