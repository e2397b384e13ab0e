"""What the studio says, in English and Chinese: sentences by key, and display names of sounds.

Texts live in ``avai/ui/texts/en.json`` and ``zh.json`` (nested objects; a key is ``media.empty``). They are read as
plain files, so the shell and the services can speak without loading the page.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from avai.config import MODELS

TEXTS = Path(__file__).resolve().parent / "ui" / "texts"
LANGUAGES = ("en", "zh")
NAMED = ("label", "sounds")
"""Places that are filled with names begin so."""


def language_of(tag: str | None) -> str:
    """``"zh"`` for any Chinese language tag or Accept-Language header that begins with one, else ``"en"``."""
    return "zh" if (tag or "").strip().lower().startswith("zh") else "en"


@cache
def texts(language: str) -> Mapping[str, str]:
    """All texts of a language, flat: ``{"media.empty": "This file is empty."}``."""
    flat: dict[str, str] = {}

    def walk(node: object, at: str) -> None:
        if isinstance(node, dict):
            for name, child in node.items():
                walk(child, f"{at}.{name}" if at else name)
        else:
            flat[at] = str(node)

    walk(json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8")), "")
    return flat


def say(key: str, language: str = "en", /, **values: object) -> str:
    """The text of ``key`` with ``{name}`` places filled from ``values``; a ``KeyError`` when there is none.

    A place named ``label``, or ``label_a`` and the like, is filled with the name of the class that is given;
    one named ``labels``, or ``labels_a``, with the names of a list such as ``"dog, other"``. Those of ``sounds`` are
    what the studio hears, of which ``other`` is a layer.
    """
    named = {name: _named(name, str(value), language) for name, value in values.items() if name.startswith(NAMED)}
    return texts(language)[key].format(**{**values, **named})


def _named(place: str, value: str, language: str) -> str:
    match place.split("_")[0]:
        case "label":
            return class_name(value, language)
        case "labels":
            return texts(language)["ui.comma"].join(class_name(each, language) for each in value.split(", "))
        case "sounds":
            return texts(language)["ui.comma"].join(name_of(each, language) for each in value.split(", "))
    return value


def doing(what: str, language: str = "en") -> str:
    """What a progress says: the text of a key such as ``doing.listening``, or words that stand for themselves."""
    return texts(language).get(what, what)


def sound_labels() -> list[str]:
    """The labels of the sound network's 521 scores, in their order."""
    with (MODELS / "sound.csv").open(encoding="utf-8", newline="") as file:
        return [row["label"] for row in csv.DictReader(file)]


@cache
def _names() -> Mapping[str, tuple[str, str]]:
    names: dict[str, tuple[str, str]] = {}
    for table in ("sound.csv", "esc10.csv"):
        path = MODELS / table
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    names.setdefault(row["label"], (row["en"], row["zh"]))
    return names


def name_of(label: str, language: str = "en") -> str:
    """The display name of a label: a layer, a sound of the 521, a class of a bundled model, two of them at once
    (``speech_over_rain``); else the words of the label itself."""
    key = f"label.{label}"
    if key in texts(language):
        return texts(language)[key]
    pair = _names().get(label)
    if pair is not None:
        return pair[language == "zh"]
    front, together, back = label.partition("_over_")
    if together:
        return say("label_over", language, front=_short(front, language), back=_short(back, language))
    return label.replace("_", " ")


def _short(label: str, language: str) -> str:
    """A name inside another: without what explains it, and small."""
    name = name_of(label, language).split(",")[0]
    return name[:1].lower() + name[1:]


def class_name(label: str, language: str = "en") -> str:
    """A class of a model, written as a name; ``other`` is none that it knows."""
    # "other" is also a layer; of a model it says that none of its classes fits
    name = texts(language)["ui.no_class"] if label == "other" else name_of(label, language)
    return name[:1].upper() + name[1:]
