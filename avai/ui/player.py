"""The player: one ``gr.HTML`` that plays files which the page may serve. Gradio's own players would probe the files
in this process, with tools that need not be there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import gradio as gr

from avai.ui.component import component, served

Kind = Literal["video", "sound"]


@dataclass(frozen=True)
class Source:
    """A file to play and the word for it under the switch."""

    name: str
    kind: Kind
    path: Path


def player(elem_id: str) -> gr.HTML:
    """An empty player; it takes no room until ``playing`` is its value."""
    return component("player", elem_id)


def playing(sources: Sequence[Source], label: str = "") -> dict[str, Any]:
    """A player's value. Several sources are versions of one clip, under a switch that keeps the time."""
    return {
        "label": label,
        "sources": [{"name": each.name, "kind": each.kind, "file": served(each.path)} for each in sources],
    }
