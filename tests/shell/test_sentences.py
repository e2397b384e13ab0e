"""Every sentence that the code can say exists in both languages, with the same places to fill."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from avai import words
from avai.config import ROOT

SPEAKERS = {"RequestError", "Fault", "note", "say", "progress", "report"}
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")


def said() -> Iterator[tuple[str, str]]:
    """Keys written out in calls that speak, and where."""
    for file in sorted((ROOT / "avai").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for argument in node.args if name in SPEAKERS else ():
                if (
                    isinstance(argument, ast.Constant)
                    and isinstance(argument.value, str)
                    and KEY.fullmatch(argument.value)
                ):
                    yield argument.value, f"{file.relative_to(ROOT)}:{node.lineno}"


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_what_the_code_says_is_there(language: str) -> None:
    missing = [f"{key} ({where})" for key, where in said() if key not in words.texts(language)]
    assert missing == []


def test_both_languages_say_the_same() -> None:
    english, chinese = (words.texts(language) for language in ("en", "zh"))
    assert english.keys() == chinese.keys()
    for key in english:
        assert places(english[key]) == places(chinese[key]), key


def test_chinese_sentences_have_chinese_punctuation() -> None:
    wrong = [text for text in words.texts("zh").values() if re.search(r"[\u4e00-\u9fff][,;:?!]", text)]
    assert wrong == []
