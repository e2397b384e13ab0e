"""The tab *Train*, changed copies: what a network learns from beside the clips as they are, to be heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import gradio as gr

from avai import words
from avai.contracts import Augmentation, Note, Variants, VariantsRequest
from avai.errors import Cancelled, RequestError, StudioError
from avai.ui import clips, status
from avai.ui.frame import Page, Updates, session_of, told
from avai.ui.language import t
from avai.ui.train_give import Pot

NO_SOUND = (".txt", ".csv", ".tsv")


class Hear:
    """A button, and the first clip of what was given with its variants."""

    def __init__(self) -> None:
        self.button = gr.Button(t("ui.teach.hear"), size="sm", visible=False, elem_id="train-hear")
        self.status = gr.HTML("", elem_id="train-hear-status", elem_classes="status-slot")
        self.clips = clips.clips("train-variants")

    def wire(self, page: Page, pot: gr.State, augment: Any) -> None:
        """Bind the button. Each press draws anew, as training does for each pass."""
        seed = gr.State(0)

        def hear(
            given: Pot, chosen: list[Augmentation], drawn: int, tag: str, request: gr.Request
        ) -> Iterator[Updates]:
            language = words.language_of(tag)
            sounds = [path for path, _ in given.given if Path(path).suffix.lower() not in NO_SOUND]
            yield {self.status: status.busy("ui.working", language), seed: drawn + 1}
            try:
                if not sounds or not chosen:
                    raise RequestError("ui.teach.hear_what" if sounds else "ui.give_first")
                asked = VariantsRequest(clip=Path(sounds[0]), augment=tuple(chosen), seed=drawn)
                steps = page.runs.follow(session_of(request), "look:variants", asked, language)
                job, result = yield from told(steps, self)
            except Cancelled:
                return  # pressed again meanwhile
            except StudioError as error:
                yield {self.status: status.problem(error, language), self.clips: None}
                return
            made = cast(Variants, result)
            shown = [
                _shown(number, job.folder / each.file, each.changes, language)
                for number, each in enumerate(made.variants)
            ]
            yield {self.status: status.notes(made.warnings, language), self.clips: clips.shown(shown)}

        page.on(self.button.click, hear, [pot, augment, seed], [self.status, self.clips, seed], trigger_mode="multiple")


def _shown(number: int, path: Path, changes: tuple[Note, ...], language: str) -> dict[str, Any]:
    name = words.say("ui.teach.variant", language, number=number) if number else words.say("ui.original", language)
    said = words.say("ui.comma", language).join(words.say(each.code, language, **each.values) for each in changes)
    return clips.clip(number, "sound", path, name, name, said, language) | {"name": ""}
