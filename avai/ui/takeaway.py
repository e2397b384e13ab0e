"""Below a result: the table of its spans, its files to take away, and buttons that hand its film to another tab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from avai.contracts import Result, is_drawing
from avai.ui import say, status
from avai.ui.component import component, served
from avai.ui.frame import Updates
from avai.ui.language import t

IN_ZIP = "picture_"  # single pictures need no link of their own


class TakeAway:
    """``media`` holds the path of the result's film or sound, for other tabs; ``uses`` are the buttons that hand it."""

    def __init__(self, task: str, uses: Sequence[str] = ()) -> None:
        with gr.Column(visible=False, elem_id=f"{task}-takeaway", elem_classes="takeaway") as self.box:
            with gr.Accordion(t(f"ui.table.{task}"), open=False, elem_classes="more", elem_id=f"{task}-more"):
                self.table = gr.HTML("", elem_id=f"{task}-table")
            gr.HTML(t("ui.files"), elem_classes="caption")
            self.files = component("downloads", f"{task}-files")
            self.media = gr.State(None)
            self.uses: dict[str, gr.Button] = {}
            if uses:
                with gr.Row(elem_classes="uses"):
                    for other in uses:
                        self.uses[other] = gr.Button(t(f"ui.use_in.{other}"), size="sm", elem_id=f"{task}-use-{other}")

    @property
    def parts(self) -> list[Any]:
        return [self.box, self.table, self.files, self.media]

    def cleared(self) -> Updates:
        """Nothing to take away yet."""
        return {self.box: gr.update(visible=False), self.media: None}

    def filled(
        self,
        folder: Path,
        result: Result,
        heads: Iterable[str],
        rows: Iterable[Iterable[str]],
        media: str = "",
        texts: Mapping[str, str] | None = None,
    ) -> Updates:
        """A result's files, which lie in ``folder``, and its table; ``media`` is the file that other tabs may use.
        ``texts`` stand in the place of the files of their names."""
        return {
            self.box: gr.update(visible=True),
            self.table: status.table(heads, rows),
            self.files: links(folder, result, texts),
            self.media: str(folder / media) if media else None,
        }


def links(folder: Path, result: Result, texts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The files of a result as the links to take them away; ``texts`` as in ``TakeAway.filled``."""
    texts = texts or {}
    files = [
        _text(path.name, texts[path.name]) if path.name in texts else _file(path)
        for path in written(folder, result)
        if _is_offered(path)
    ]
    return {"groups": [{"title": "", "files": files}]}


def grouped(files: Mapping[str, Iterable[Path]]) -> dict[str, Any]:
    """Files as links in groups, each under a title; a group without files is left out."""
    groups = [(title, [_file(path) for path in paths if _is_offered(path)]) for title, paths in files.items()]
    return {"groups": [{"title": title, "files": shown} for title, shown in groups if shown]}


def written(folder: Path, result: Result) -> list[Path]:
    """The files of a result that are there."""
    return [path for path in (folder / name for name in result.files) if path.is_file()]


def _is_offered(path: Path) -> bool:
    return not path.name.startswith(IN_ZIP) and not is_drawing(path.name)


def _file(path: Path) -> dict[str, Any]:
    return {"name": path.name, "size": say.size(path.stat().st_size), "file": served(path)}


def _text(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "size": say.size(len(text.encode())), "text": text}
