"""Several clips with small players, or pictures, in one component; each may be called right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from avai import words
from avai.contracts import Kind
from avai.ui.component import component, served


def clips(elem_id: str) -> gr.HTML:
    """An empty list; it takes no room until ``shown`` is its value. Says ``answer`` with ``clip`` and ``label``."""
    return component("clips", elem_id)


def clip(number: int, kind: Kind, path: Path | None, name: str, text: str, more: str, language: str) -> dict[str, Any]:
    """One of the clips: its file where there is one, ``text`` in bold and ``more`` below."""
    return {
        "clip": number,
        "kind": kind,
        "file": served(path) if path else None,
        "name": name,
        "text": text,
        "note": more,
        "play": words.say("ui.teach.play", language, name=name),
    }


def shown(given: Sequence[dict[str, Any]], ask: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The value of the component."""
    return {"clips": list(given), "ask": ask} if given else None
