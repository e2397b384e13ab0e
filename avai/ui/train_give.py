"""The tab *Train*, giving: clips of several sounds at once or one class after another, and what is understood of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import gradio as gr

from avai import words
from avai.contracts import MOST_CLIPS, LeftOut, Material, MaterialRequest, TaughtClass
from avai.errors import Cancelled, RequestError, StudioError
from avai.ui import say, status
from avai.ui.component import component
from avai.ui.frame import Bar, Page, Top, Updates, session_of, told
from avai.ui.give import examples
from avai.ui.language import t
from avai.ui.upload import kept, microphone, upload

EXAMPLES = ("three_sounds.zip",)
FEWEST = 2  # classes that can be told apart
LOOK = "look:train"


@dataclass(frozen=True, eq=False)  # the page's state is hashed at each event, and what is in it need not be
class Pot:
    """All that was given to learn from, as (file, class) with an empty class where the file says it, the classes that
    were taken out again, and what was understood of it."""

    given: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()
    material: Material | None = None

    @property
    def fields(self) -> dict[str, object]:
        """The fields of a request that say what to learn from."""
        return {
            "material": tuple(Path(path) for path, _ in self.given),
            "labels": tuple(label for _, label in self.given),
            "without": self.without,
        }

    @property
    def ready(self) -> bool:
        """Whether there is enough of it to teach."""
        return self.material is not None and len(self.material.classes) >= FEWEST

    def more(self, paths: Sequence[str], label: str = "") -> Pot:
        """With more files, of one class or of those that they say."""
        added = tuple((path, label.strip()) for path in paths)
        return Pot((*self.given, *added), tuple(each for each in self.without if not same(each, label)))

    def less(self, label: str) -> Pot:
        """Without a class: the files given for it go; one that files say by themselves is left out by its name."""
        left = tuple(each for each in self.given if not same(each[1], label))
        return Pot(left, self.without if len(left) < len(self.given) else (*self.without, label))


def same(one: str, other: str) -> bool:
    """Whether two names are of one class."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


class Giving:
    """``pot`` holds what was given; ``classes`` shows what was understood."""

    def __init__(self) -> None:
        self.pot = gr.State(Pot())
        with gr.Tabs(elem_id="train-ways", elem_classes="ways"):
            with gr.Tab(t("ui.teach.at_once"), id="at_once"):
                self.files = upload(
                    label=t("ui.teach.give"),
                    file_count="multiple",
                    elem_id="train-material",
                    elem_classes="drop",
                    height=152,
                )
                found = examples(EXAMPLES)
                gr.Examples(
                    [[[kept(self.files, path)]] for path in found],
                    [self.files],
                    label=t("ui.examples"),
                    example_labels=[path.name for path in found],
                )
            with gr.Tab(t("ui.teach.one_by_one"), id="one_by_one"):
                self.name = gr.Textbox(
                    label=t("ui.teach.name"), max_length=100, max_lines=1, elem_id="train-name", placeholder="…"
                )
                self.clips = upload(
                    label=t("ui.teach.clips"),
                    file_count="multiple",
                    elem_id="train-clips",
                    elem_classes="drop",
                    height=120,
                )
                self.recording = microphone(label=t("ui.teach.record"), elem_id="train-record", elem_classes="recorder")
                self.add = gr.Button(t("ui.teach.add"), elem_id="train-add")

        self.classes = component("classes", "train-classes")
        self.clear = gr.Button(t("ui.teach.clear"), size="sm", visible=False, elem_id="train-clear")

    def wire(self, page: Page, top: Top, bar: Bar, cleared: Callable[[], Updates]) -> None:
        """Bind what adds and takes away; ``cleared`` is what else becomes of the tab when all is taken away."""
        self.page, self.top, self.bar = page, top, bar
        self._unchanged: Updates = {self.pot: gr.skip()}
        shown = [self.pot, self.classes, self.clear, top.status, bar.run]
        outputs = list(dict.fromkeys([*shown, self.files, self.clips, self.recording, *cleared()]))

        def at_once(paths: list[str] | None, pot: Pot, tag: str, request: gr.Request) -> Iterator[Updates]:
            if not paths:
                yield self._unchanged  # a generator that yields nothing would empty all its outputs
                return
            yield from self._look(pot, pot.more(paths), {self.files: None}, tag, request)

        def to_class(
            name: str, paths: list[str] | None, recording: str | None, pot: Pot, tag: str, request: gr.Request
        ) -> Iterator[Updates]:
            added = [*(paths or ()), *([recording] if recording else ())]
            if not name.strip() or not added:
                key = "ui.teach.no_files" if name.strip() else "ui.teach.no_name"
                yield {top.status: status.problem(RequestError(key), words.language_of(tag))}
                return
            yield from self._look(pot, pot.more(added, name), {self.clips: None, self.recording: None}, tag, request)

        def recorded(name: str, recording: str | None, pot: Pot, tag: str, request: gr.Request) -> Iterator[Updates]:
            if not recording:
                yield self._unchanged
                return
            yield from to_class(name, None, recording, pot, tag, request)

        def remove(pot: Pot, tag: str, request: gr.Request, event: gr.EventData) -> Iterator[Updates]:
            yield from self._look(pot, pot.less(str(event.label)), {}, tag, request)

        def back(pot: Pot, tag: str, request: gr.Request, event: gr.EventData) -> Iterator[Updates]:
            without = tuple(each for each in pot.without if each != event.label)
            yield from self._look(pot, replace(pot, without=without), {}, tag, request)

        def clear(tag: str, request: gr.Request) -> Iterator[Updates]:
            yield from self._look(Pot(), Pot(), {self.files: None, self.clips: None, **cleared()}, tag, request)

        options: dict[str, Any] = {"trigger_mode": "multiple"}
        page.on(self.files.change, at_once, [self.files, self.pot], outputs, **options)
        page.on(self.add.click, to_class, [self.name, self.clips, self.recording, self.pot], outputs, **options)
        page.on(self.recording.change, recorded, [self.name, self.recording, self.pot], outputs, **options)
        page.on(self.classes.remove, remove, [self.pot], outputs, **options)
        page.on(self.classes.back, back, [self.pot], outputs, **options)
        page.on(self.clear.click, clear, [], outputs, **options)

    def _look(self, before: Pot, pot: Pot, also: Updates, tag: str, request: gr.Request) -> Iterator[Updates]:
        """Understand what is given now; what cannot be used at all is not kept."""
        language = words.language_of(tag)
        session = session_of(request)
        self.page.runs.stop(session, LOOK)
        if not pot.given:
            yield also | self.filled(pot, language) | {self.top.status: status.NOTHING}
            return
        busy = {self.top.status: status.busy("ui.looking", language), self.bar.run: gr.update(interactive=False)}
        yield also | busy | {self.pot: pot}
        try:
            asked = MaterialRequest.model_validate(pot.fields)
            _, result = yield from told(self.page.runs.follow(session, LOOK, asked, language), self.top)
        except Cancelled:
            return  # something else was given meanwhile
        except ValueError:
            error: StudioError = RequestError("ui.many.too_many", count=len(pot.given), most=MOST_CLIPS)
            yield self.filled(before, language) | {self.top.status: status.problem(error, language)}
            return
        except StudioError as error:
            yield self.filled(before, language) | {self.top.status: status.problem(error, language)}
            return
        material = cast(Material, result)
        yield self.filled(replace(pot, material=material), language) | {
            self.top.status: status.notes(material.warnings, language),
        }

    def filled(self, pot: Pot, language: str, folded: bool = False) -> Updates:
        """What was understood, on the page."""
        return {
            self.pot: pot,
            self.classes: _drawn(pot, language, folded),
            self.clear: gr.update(visible=bool(pot.given)),
            self.bar.run: gr.update(interactive=pot.ready),
        }


def _drawn(pot: Pot, language: str, folded: bool) -> dict[str, Any] | None:
    """The value of the component ``classes``."""
    if pot.material is None:
        return None
    material = pot.material
    pictures = material.kind == "picture"
    heads = ["class", "pictures" if pictures else "clips", "length", "sources"]
    most = max((each.clips for each in material.classes), default=1)
    gone = [
        {
            "label": label,
            "name": words.class_name(label, language),
            "said": words.say("ui.teach.back", language, name=words.class_name(label, language)),
        }
        for label in pot.without
    ]
    return {
        "title": _title(material, language),
        "open": not folded,
        "heads": [words.say(f"ui.head.{each}", language) for each in heads],
        "rows": [_row(each, most, pictures, language) for each in material.classes],
        "gone": {"title": words.say("ui.teach.gone", language), "back": gone} if gone else None,
        "left": _left(material.left_out, language),
    }


def _title(material: Material, language: str) -> str:
    total = sum(each.seconds for each in material.classes)
    return words.say(
        "ui.teach.understood_pictures" if material.kind == "picture" else "ui.teach.understood",
        language,
        classes=len(material.classes),
        clips=sum(each.clips for each in material.classes),
        length=say.clock(total, 0 if total >= 60 else 1),
    )


def _row(each: TaughtClass, most: int, pictures: bool, language: str) -> dict[str, Any]:
    name = words.class_name(each.label, language)
    return {
        "label": each.label,
        "name": name,
        "clips": str(each.clips),
        "length": "–" if pictures else say.clock(each.seconds),
        "sources": str(each.sources),
        "share": each.clips / most,
        "remove": words.say("ui.teach.remove", language, name=name),
    }


def _left(left: Sequence[LeftOut], language: str) -> dict[str, Any] | None:
    if not left:
        return None
    rows = [{"name": each.name, "why": words.say(each.reason.code, language, **each.reason.values)} for each in left]
    return {"title": words.say("ui.teach.left", language, count=len(left)), "rows": rows}
