"""The storyboard on the page: the first pictures while the rest is found out, and others at once when some are pinned
or dropped, or more or fewer are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import gradio as gr
from pydantic import ValidationError

from avai import words
from avai.contracts import Contract, Picture, Result, Seconds, Storyboard, StoryboardRequest, Summary
from avai.errors import Cancelled, StudioError
from avai.jobs import Job
from avai.ui import say, status
from avai.ui.component import component, served
from avai.ui.frame import Page, Top, Updates, session_of, told
from avai.ui.give import Clip, Give
from avai.ui.running import Steps

PATIENCE = 2.0
"""Seconds that a change may take before the status line tells of it."""
SAID = ("pictures", "fewer", "more", "scenes", "back", "all_back", "busy")


class Wish(Contract):
    """What a person wants to see: so many pictures (0: one for each scene), with these and without those, by their
    times, which stand in the order in which they were dropped."""

    pictures: int
    pinned: tuple[Seconds, ...] = ()
    dropped: tuple[Seconds, ...] = ()


@dataclass(frozen=True, eq=False)  # the page's state is hashed at each event, and what is in it need not be
class Shown:
    """A summary on the page. Its storyboard may be a later one, which has its files in ``board_folder``; ``before`` has
    the times of the pictures that there were with a number of pictures and what was dropped."""

    clip: Clip
    folder: Path
    summary: Summary
    board_folder: Path
    board: Summary | Storyboard
    wish: Wish
    before: Mapping[tuple[int, tuple[float, ...]], tuple[float, ...]] = field(default_factory=dict)

    @classmethod
    def first(cls, clip: Clip, folder: Path, summary: Summary, pictures: int) -> Shown:
        """As it was summarised, asked for so many pictures."""
        times = tuple(each.time for each in summary.pictures)
        return cls(clip, folder, summary, folder, summary, Wish(pictures=pictures), {(pictures, ()): times})

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return self.board.pictures

    @property
    def changed(self) -> bool:
        """Whether the storyboard is another than that of the summary."""
        return self.board is not self.summary

    def sure(self, wish: Wish) -> tuple[int, tuple[float, ...]]:
        """How many pictures to ask for, and which of them are sure, so that no more changes than is wished for."""
        now = tuple(each.time for each in self.pictures)
        known = self.before.get((wish.pictures, wish.dropped))
        if known and set(wish.pinned) <= set(known):
            return len(known), known
        if 0 < wish.pictures < len(now) or (not wish.pictures and self.wish.pictures):
            return wish.pictures, wish.pinned
        again = [each for each in self.wish.dropped if each not in wish.dropped]
        stay = [each for each in now if each not in wish.dropped]
        if again:  # what took their places goes
            first = next((each for (number, _), each in self.before.items() if number == wish.pictures), ())
            stay = [each for each in stay if each in first]
        places = wish.pictures or len(now)
        sure = tuple(dict.fromkeys((*wish.pinned, *stay, *again)))
        return places, tuple(sorted(sure[: max(places, len(wish.pinned))]))

    def other(self, folder: Path, board: Storyboard, wish: Wish) -> Shown:
        """With another storyboard."""
        times = tuple(each.time for each in board.pictures)
        before = {**self.before, (wish.pictures, wish.dropped): times}
        return replace(self, board_folder=folder, board=board, wish=wish, before=before)


class Board:
    """The pictures; ``shown`` holds what is on the page."""

    def __init__(self, task: str, player: str) -> None:
        self.task = task
        self.player = player
        self.place = f"board:{task}"
        self.shown = gr.State(None)
        self.board = component("board", f"{task}-board", said={each: f"ui.board.{each}" for each in SAID})

    @property
    def parts(self) -> list[Any]:
        return [self.board, self.shown]

    def cleared(self) -> Updates:
        """Nothing to see."""
        return {self.board: None, self.shown: None}

    def filled(self, shown: Shown, language: str, number: int = 0) -> Updates:
        """The storyboard as it is; ``number`` is that of the wish that it answers."""
        value = self._value(shown.folder.name, shown.clip, shown.board_folder, shown.pictures, language)
        return {self.shown: shown, self.board: value | {"number": number, "wish": shown.wish.model_dump(mode="json")}}

    def early(self, folder: Path | None, clip: Clip, language: str) -> Updates:
        """The first pictures, once they are written in the folder of a run."""
        if folder is None:
            return {}
        try:
            first = Storyboard.model_validate_json((folder / "first.json").read_bytes())
        except (OSError, ValidationError):
            return {}
        value = self._value(f"{folder.name}:first", clip, folder, first.pictures, language)
        return {self.board: value | {"note": words.say("ui.board.first", language)}}

    def _value(
        self, key: str, clip: Clip, folder: Path, pictures: Sequence[Picture], language: str
    ) -> dict[str, object]:
        video = clip.info.video
        return {
            "key": key,
            "number": 0,
            "player": self.player,
            "ratio": video.width / video.height if video else 16 / 9,
            "note": "",
            "wish": None,
            "pictures": [_picture(folder, each, language) for each in pictures if (folder / each.file).is_file()],
        }

    def wire(
        self, page: Page, top: Top, give: Give, draw: Callable[[Shown, str], Updates], outputs: Sequence[Any]
    ) -> None:
        """Bind what changes the storyboard. ``draw`` gives what else shows its pictures; another clip ends a change."""

        def change(shown: Shown | None, tag: str, event: gr.EventData, request: gr.Request) -> Iterator[Updates]:
            session, language = session_of(request), words.language_of(tag)
            if shown is None:
                yield {self.board: gr.skip()}  # a generator that yields nothing would empty all its outputs
                return
            number = int(event.number)
            wish = Wish(pictures=event.pictures, pinned=tuple(event.pinned), dropped=tuple(event.dropped))
            if page.runs.folder(session, f"run:{self.task}"):
                yield self.filled(shown, language, number)  # that run brings others
                return
            if (wish.pictures, wish.dropped) == (shown.wish.pictures, shown.wish.dropped):
                yield self.filled(replace(shown, wish=wish), language, number)
                return
            pictures, pinned = shown.sure(wish)
            asked = StoryboardRequest(clip=shown.clip.path, pictures=pictures, pinned=pinned, dropped=wish.dropped)
            try:
                steps = page.runs.follow(session, self.place, asked, language)
                job, result = yield from told(_patient(steps, _notes(shown, language)), top)
            except Cancelled:
                yield {self.board: gr.skip()}  # another clip was given meanwhile
                return
            except StudioError as error:
                yield self.filled(shown, language, number) | {top.status: status.problem(error, language)}
                return
            other = shown.other(job.folder, cast(Storyboard, result), wish)
            yield self.filled(other, language, number) | {top.status: _notes(other, language)} | draw(other, language)

        def end(request: gr.Request) -> None:
            page.runs.stop(session_of(request), self.place)

        outputs = list(dict.fromkeys([top.status, *self.parts, *outputs]))
        page.on(self.board.wish, change, [self.shown], outputs, trigger_mode="multiple")
        give.file.change(end, queue=False, show_progress="hidden", api_visibility="private")


def _picture(folder: Path, picture: Picture, language: str) -> dict[str, object]:
    at = say.clock(picture.time)
    said = {"said": "ui.picture_at", "pin": "ui.board.pin", "drop": "ui.board.drop"}
    return {
        "file": served(folder / picture.file),
        "time": picture.time,
        "text": at,
        **{name: words.say(key, language, time=at) for name, key in said.items()},
    }


def _notes(shown: Shown, language: str) -> str:
    """What should be known of the summary and of its storyboard, each once."""
    stale = "summarize_note.fewer_pictures" if shown.changed else ""
    notes = [each for each in shown.summary.warnings if each.code != stale]
    notes += [each for each in shown.board.warnings if each not in notes]
    return status.notes(notes, language)


def _patient(steps: Steps, before: str) -> Steps:
    """The steps of a run that should be over soon: the status line stays as it was ``before`` for a while."""
    begun = time.monotonic()
    try:
        while True:
            step = next(steps)
            yield step if time.monotonic() - begun > PATIENCE else before
    except StopIteration as end:
        return cast(tuple[Job, Result], end.value)
    finally:
        steps.close()
