"""Where a person gives files and recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from avai.errors import RequestError


def upload(**options: Any) -> gr.File:
    """A ``gr.File`` that takes uploads only."""
    file = gr.File(**options)
    _take_uploads(file)
    return file


def microphone(**options: Any) -> gr.Audio:
    """A ``gr.Audio`` that records, and hands over the recording as it is: without a format to convert it to, nothing
    is decoded or probed in this process."""
    recorder = gr.Audio(sources=["microphone"], type="filepath", editable=False, **options)
    _take_uploads(recorder)
    return recorder


def _take_uploads(part: Any) -> None:
    """Gradio's own also fetch, from here, any address that a caller of the API names in place of a file."""
    take = part.async_move_resource_to_block_cache

    async def take_uploads(given: str | Path | None) -> str | None:
        if "://" in str(given):
            raise gr.Error(str(RequestError("ui.no_addresses")), print_exception=False)
        taken: str | None = await take(given)
        return taken

    part.async_move_resource_to_block_cache = take_uploads


def kept(file: gr.File, path: Path) -> str:
    """An example for a ``gr.File``, copied to where the page may serve it, and left there when old files are deleted:
    Gradio's own examples are gone by then."""
    copy = str(file.move_resource_to_block_cache(path))
    file.keep_in_cache.add(copy)
    return copy
