"""Where a person gives files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from avai.errors import RequestError


def upload(**options: Any) -> gr.File:
    """A ``gr.File`` that takes uploads only.

    Gradio's own also fetches, from here, any address that a caller of the API names in place of a file.
    """
    file = gr.File(**options)
    take = file.async_move_resource_to_block_cache

    async def take_uploads(given: str | Path | None) -> str | None:
        if "://" in str(given):
            raise gr.Error(str(RequestError("ui.no_addresses")), print_exception=False)
        taken: str | None = await take(given)
        return taken

    file.async_move_resource_to_block_cache = take_uploads
    return file


def kept(file: gr.File, path: Path) -> str:
    """An example for a ``gr.File``, copied to where the page may serve it, and left there when old files are deleted:
    Gradio's own examples are gone by then."""
    copy = str(file.move_resource_to_block_cache(path))
    file.keep_in_cache.add(copy)
    return copy
