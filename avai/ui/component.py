"""Our own components: a ``gr.HTML`` whose script is ``NAME.js`` beside this file and whose look is ``NAME.css``.

Each draws into a shadow root of its own, so that the page's redrawing and the page's styles leave it alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from avai import words

HERE = Path(__file__).resolve().parent


def component(name: str, elem_id: str, before: Sequence[str] = (), said: Mapping[str, str] | None = None) -> gr.HTML:
    """An empty component; it takes no room until it has a value.

    ``before`` names scripts that stand in front of its own, in one scope with it. ``said`` are the keys of texts that
    the script itself says: it has them in each language in the place of ``"@words@"``.
    """
    style = (HERE / f"{name}.css").read_text(encoding="utf-8")
    script = "\n".join((HERE / f"{each}.js").read_text(encoding="utf-8") for each in (*before, name))
    spoken = {
        language: {word: words.say(key, language) for word, key in (said or {}).items()} for language in words.LANGUAGES
    }
    return gr.HTML(
        html_template=f'<div class="avai-{name}" hidden></div>',
        js_on_load=script.replace('"@css@"', json.dumps(style)).replace('"@words@"', json.dumps(spoken)),
        elem_id=elem_id,
        apply_default_css=False,
    )


def served(path: Path) -> dict[str, Any]:
    """A file in a component's value; Gradio gives it an address that the browser can ask for."""
    value: dict[str, Any] = FileData(path=str(path), orig_name=path.name).model_dump()
    return value
