"""Controls made from a request's fields: kind, limits and default come from the model, the label from the texts."""

from __future__ import annotations

import re
import types
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
import gradio as gr
from gradio.i18n import I18nData
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from avai import words
from avai.contracts import ClassName, Name, Request, Seconds, SoundName, TimeRange
from avai.errors import RequestError
from avai.ui.language import t

Label = Callable[[str], str | I18nData]

TYPED = ((Name,), (SoundName,), (TimeRange,))  # lists that are written, with commas
SLIDES_UP_TO = 100  # a slider over a wider range than this cannot be set by hand
NUMBERED = {"track"}  # says which one, not how much


def english(key: str) -> str:
    """The label where no browser translates it: the API's own controls."""
    return words.say(key)


def control(kind: type[Request], name: str, label: Label = t) -> gr.components.Component:
    """The control of one field."""
    field = kind.model_fields[name]
    said = label(kind.text(name))
    form, optional = _form(field)
    low, high = limits(field)
    if form is bool:
        return gr.Checkbox(value=field.default, label=said)
    if get_origin(form) is Literal:
        return gr.Radio(choices=choices(kind, name, "en"), value=field.default, label=said)
    if get_args(form)[:1] == (SoundName,) and label is t:
        sounds = choices(kind, name, "en")
        return gr.Dropdown(value=[], choices=sounds, label=said, multiselect=True)
    if get_args(form)[:1] in TYPED:
        return gr.Textbox(value=", ".join(field.default), label=said, placeholder="–", lines=1)
    if get_args(form)[:1] in ((ClassName,), (Seconds,)):  # in the order given, and empty where none is
        return gr.Dropdown(value=[], choices=[], label=said, multiselect=True, allow_custom_value=True)
    if get_origin(form) is tuple:
        return gr.CheckboxGroup(choices=choices(kind, name, "en"), value=list(field.default), label=said)
    if form is str:
        return gr.Textbox(value=field.default, label=said, max_length=_longest(field), lines=1)
    step = 1 if form is int else 0.1
    if optional or low is None or high is None or high - low > SLIDES_UP_TO or name in NUMBERED:
        if field.default is None and label is t:
            # Gradio's number box turns "nothing" into 0
            return gr.Textbox(value="", label=said, placeholder="–", max_length=12)
        return gr.Number(value=field.default, label=said)
    return gr.Slider(low, high, value=field.default, step=step, label=said)


def choices(kind: type[Request], name: str, language: str) -> list[tuple[str, str]]:
    """The choices of a field as (shown, value)."""
    form, _ = _form(kind.model_fields[name])
    if get_origin(form) is tuple:
        form = get_args(form)[0]
    if form == SoundName:
        return sorted((words.class_name(each, language), each) for each in words.sound_labels())
    return [(words.say(f"ui.choice.{each}", language), each) for each in get_args(form)]


def shown(kind: type[Request], name: str, value: Any) -> Any:
    """A field's value as its control shows it."""
    form, _ = _form(kind.model_fields[name])
    if value is None:
        return ""
    if get_args(form)[:1] in TYPED and get_args(form)[:1] != (SoundName,):
        return ", ".join(value)
    if isinstance(value, tuple):
        return list(value)
    is_written = (
        isinstance(value, int | float) and not isinstance(value, bool) and kind.model_fields[name].default is None
    )
    return f"{value:g}" if is_written else value


def has_choices(kind: type[Request], name: str) -> bool:
    """Whether a field is picked from a list."""
    form, _ = _form(kind.model_fields[name])
    return get_origin(form) in (Literal, tuple) and get_args(form)[0] not in (Path, Name, ClassName, Seconds, TimeRange)


def is_file(kind: type[Request], name: str) -> bool:
    """Whether a field is a file or several."""
    form, _ = _form(kind.model_fields[name])
    return form is Path or Path in get_args(form)


def is_several(kind: type[Request], name: str) -> bool:
    """Whether a field takes any number of values."""
    form, _ = _form(kind.model_fields[name])
    return get_origin(form) is tuple


def limits(field: FieldInfo) -> tuple[float | None, float | None]:
    """The lowest and highest value of a field, where it has them."""
    low: Any = next((each.ge for each in field.metadata if isinstance(each, annotated_types.Ge)), None)
    high: Any = next((each.le for each in field.metadata if isinstance(each, annotated_types.Le)), None)
    return low, high


def gathered(
    kind: type[Request], files: Mapping[str, object], names: Sequence[str], values: Sequence[Any], language: str = "en"
) -> Request:
    """The request that files and the controls' values make.

    Raises ``RequestError`` that names the control whose value is out of its limits.
    """
    given = dict(zip(names, values, strict=True))
    # what is emptied counts as its default
    kept = {name: value for name, value in given.items() if value not in (None, "")}
    for name, value in kept.items():
        form, _ = _form(kind.model_fields[name])
        if isinstance(value, str) and form in (int, float):
            # full-width letters, and the minus that the page itself prints
            kept[name] = unicodedata.normalize("NFKC", value).replace("−", "-")
        elif isinstance(value, str) and get_args(form)[:1] in TYPED:
            kept[name] = tuple(each for each in map(str.strip, re.split(r"[,，、;；\n]", value)) if each)
    try:
        return kind(**files, **kept)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = str(first["loc"][0])
        if name in files and first["type"] == "too_long":
            count, most = first["ctx"]["actual_length"], first["ctx"]["max_length"]
            raise RequestError("ui.many.too_many", count=count, most=most) from None
        low, high = limits(kind.model_fields[name])
        key = "ui.bad_value" if low is None or high is None else "ui.bad_number"
        raise RequestError(key, field=words.say(kind.text(name), language), low=low or 0, high=high or 0) from None


def _form(field: FieldInfo) -> tuple[Any, bool]:
    """The type of a field without ``None``, and whether ``None`` was allowed."""
    form = field.annotation
    if get_origin(form) in (Union, types.UnionType):
        return next(each for each in get_args(form) if each is not type(None)), True
    return form, False


def _longest(field: FieldInfo) -> int | None:
    return next((each.max_length for each in field.metadata if getattr(each, "max_length", None)), None)
