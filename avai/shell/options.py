"""From a request's fields to a command's arguments and options, so that the two cannot drift apart."""

from __future__ import annotations

import types
from enum import StrEnum
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from avai import words
from avai.contracts import Request

ARGUMENTS = {"clip": "CLIP", "clips": "CLIP...", "model": "MODEL", "material": "FOLDER..."}
"""Fields that stand without a name, where they must be given, and what stands for them in the help."""
FINE = frozenset(
    {"margin", "shortest_piece", "shortest_silence", "silence_db", "shortest", "longest", "loudness", "margin_after"}
)


def parameters_of(kind: type[Request], language: str) -> list[Parameter]:
    """The arguments (what is worked on) and options (everything else) of a request, described in ``language``.

    A tuple is an option that may be given several times; a bool is ``--name / --no-name``; limits, choices and
    defaults are those of the field.
    """
    return [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.is_required() else _plain(field.default),
            annotation=Annotated[_type_of(field.annotation), _described(kind, name, field, language)],
        )
        for name, field in kind.model_fields.items()
    ]


def values_of(given: dict[str, Any]) -> dict[str, Any]:
    """What the shell gave, as a request takes it."""
    return {name: _as_field(value) for name, value in given.items()}


def _described(kind: type[Request], name: str, field: FieldInfo, language: str) -> Any:
    """The typer argument or option of a field."""
    help_text = words.texts(language).get(kind.text(name))
    if name in ARGUMENTS and field.is_required():
        return typer.Argument(help=help_text, metavar=ARGUMENTS[name], show_default=False)
    least, most = _limits(field)
    path = _type_of(field.annotation) is Path
    return typer.Option(
        f"--{name.replace('_', '-')}" + (f"/--no-{name.replace('_', '-')}" if field.annotation is bool else ""),
        help=help_text,
        metavar="FILE" if path else None,
        show_default=field.default not in (None, "", ()),
        rich_help_panel=words.say("shell.panel_fine" if name in FINE else "shell.panel_main", language),
        min=least,
        max=most,
    )


def _limits(field: FieldInfo) -> tuple[float | None, float | None]:
    """The least and the most that a field takes."""
    number = int if _type_of(field.annotation) is int else float
    bounds: dict[type, Any] = {type(each): each for each in field.metadata}
    least = number(bounds[Ge].ge) if Ge in bounds else None
    most = number(bounds[Le].le) if Le in bounds else None
    return least, most


def _type_of(annotation: Any) -> Any:
    """The type of one value on the command line: ``float`` for ``float | None``, a list for a tuple, an enumeration
    for choices."""
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation,) = (each for each in get_args(annotation) if each is not type(None))
    if get_origin(annotation) is tuple:
        return types.GenericAlias(list, (_type_of(get_args(annotation)[0]),))
    if get_origin(annotation) is Annotated:
        return get_args(annotation)[0]
    if get_origin(annotation) is Literal:
        return StrEnum("Choice", {str(choice): str(choice) for choice in get_args(annotation)})
    if annotation in (str, int, float, bool, Path):
        return annotation
    raise TypeError(f"no option for a field of type {annotation}")


def _as_field(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_as_field(each) for each in value)
    return value.value if isinstance(value, StrEnum) else value


def _plain(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default
