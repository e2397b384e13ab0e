"""The page's two languages: static texts that the browser translates, and how an event tells the server which it is.

Static texts are keys (``t("ui.run")``) that Gradio's own switch translates. Sentences that the server makes need the
language with the event: ``LANGUAGE_JS`` puts the page's language in the place of the event's last input.
"""

from __future__ import annotations

import gradio as gr
from gradio.i18n import I18nData

from avai import words
from avai.config import settings

LANGUAGE_JS = "(...given) => { given[given.length - 1] = document.documentElement.lang; return given; }"

# Says when the reader switches the language, so that what the server said can be said again.
SWITCH_JS = """
new MutationObserver(() => trigger('switch')).observe(
  document.documentElement, { attributes: true, attributeFilter: ['lang'] });
"""

_SECTIONS = ("ui.", "recognize.", "recognize_many.", "summarize.", "edit.", "compose.", "train.", "judge.")


def t(key: str) -> I18nData:
    """A text that the browser translates; a ``KeyError`` here rather than a bare key on the page."""
    words.texts("en")[key]
    if not key.startswith(_SECTIONS):
        raise KeyError(key)
    return I18nData(key)


def translations() -> gr.I18n:
    """All static texts for ``launch(i18n=...)``, with the limits in force filled in."""
    limits = limit_values()
    tables = {
        language: {
            key: _filled(text, limits) for key, text in words.texts(language).items() if key.startswith(_SECTIONS)
        }
        for language in words.LANGUAGES
    }
    return gr.I18n(**tables)


def limit_values() -> dict[str, str]:
    """What ``{hours}``, ``{size}`` and ``{keep}`` stand for in static texts."""
    limits = settings()
    return {
        "hours": f"{limits.max_seconds / 3600:.2g}",
        "size": f"{limits.max_bytes / 1e9:.2g}",
        "keep": f"{limits.keep_minutes:g}",
    }


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
