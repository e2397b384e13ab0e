"""Every sentence that the code can say exists in both languages, with the same places to fill."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from avai import words
from avai.config import ROOT

KEY = re.compile(r"([a-z_]+)(\.[a-z0-9_]+)+")
FILE = re.compile(r".*\.(json|mp4|m4a|wav|jpg|png|csv|zip|vtt|srt|txt|css|js|html|webp|safetensors)")


def said() -> Iterator[tuple[str, str]]:
    """Keys of texts that stand in calls, and where."""
    sections = {key.partition(".")[0] for key in words.texts("en")}
    for file in sorted((ROOT / "avai").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for argument in node.args if isinstance(node, ast.Call) else ():
                text = argument.value if isinstance(argument, ast.Constant) else None
                if not isinstance(text, str) or FILE.fullmatch(text):
                    continue
                key = KEY.fullmatch(text)
                if key and key[1] in sections:
                    yield text, f"{file.relative_to(ROOT)}:{node.lineno}"


def places(text: str) -> set[str]:
    """The places of a text; ``en`` and ``zh`` are the same one, a sentence within a sentence."""
    return {"language" if name in words.LANGUAGES else name for _, name, _, _ in Formatter().parse(text) if name}


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
