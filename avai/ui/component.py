"""Scripts of our own components: ``NAME.js`` beside this file, with ``NAME.css`` put into its shadow root."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).resolve().parent


def script(name: str) -> str:
    """The text of ``js_on_load`` for the component ``name``."""
    style = (HERE / f"{name}.css").read_text(encoding="utf-8")
    return (HERE / f"{name}.js").read_text(encoding="utf-8").replace('"@css@"', json.dumps(style))
