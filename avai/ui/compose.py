"""The tab *Compose*: several clips and one sound become one film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from avai import words
from avai.contracts import ComposeRequest, Composition, PreviewRequest
from avai.errors import Cancelled, RequestError, StudioError
from avai.jobs import Job
from avai.ui import player, say, status, strip
from avai.ui.frame import Bar, Fields, Page, Show, Top, Updates, session_of, wire_run
from avai.ui.give import VIDEO_EXAMPLES, Clip, examples, looked
from avai.ui.language import t
from avai.ui.takeaway import TakeAway
from avai.ui.upload import kept, upload

LOOKS = 4  # colours of pieces; clips beyond take them in turn


class ComposeTab:
    """Layout, then what each event does."""

    task = "compose"

    def __init__(self, page: Page) -> None:
        with gr.Row(elem_classes="tab"):
            with gr.Column(scale=4, min_width=320, elem_classes="give"):
                self.files = upload(
                    label=t("compose.clips"),
                    file_count="multiple",
                    allow_reordering=True,
                    elem_id="compose-clips",
                    elem_classes="drop",
                    height=152,
                )
                self.offer = gr.Button("", visible=False, size="sm", elem_id="compose-offer", elem_classes="offer")
                self.cards = gr.HTML("", elem_id="compose-cards")
                self.file = upload(label=t("compose.sound"), elem_id="compose-sound", elem_classes="drop", height=120)
                self.sound_card = gr.HTML("", elem_id="compose-sound-card")
                clips = [path for path in examples(VIDEO_EXAMPLES) if path.name != "reel.mp4"]
                sound = examples(("sax.wav",))
                gr.Examples(
                    [[[kept(self.files, path) for path in clips], kept(self.file, path)] for path in sound],
                    [self.files, self.file],
                    label=t("ui.examples"),
                    example_labels=[" + ".join(path.stem for path in (*clips, path)) for path in sound],
                )
                self.clips = gr.State(())
                self.sound = gr.State(None)
                self.fields = Fields(ComposeRequest, ["order", "join", "title"])
                self.bar = Bar(self.task)
                gr.Markdown(t("ui.about.compose"), elem_classes="about")
            with gr.Column(scale=8, min_width=320, elem_classes="get"):
                self.top = Top(self.task)
                self.show = Show(self.task)
                self.takeaway = TakeAway(self.task, ["recognize", "summarize", "edit"])
        self._wire(page)

    def _wire(self, page: Page) -> None:
        given = [self.top.status, self.bar.run]
        page.on(
            self.files.change,
            self._look_at_clips(page),
            [self.files, self.clips],
            [self.clips, self.cards, *given],
            trigger_mode="multiple",
        )
        page.on(
            self.file.change,
            self._look_at_sound(page),
            [self.file],
            [self.sound, self.sound_card, *given],
            trigger_mode="multiple",
        )
        for state in (self.clips, self.sound):
            page.on(state.change, _ready, [self.clips, self.sound], [self.bar.run])
        outputs = [self.top.hint, *self.show.parts, *self.takeaway.parts]
        states = [self.clips, self.sound]
        wire_run(page, self.task, self.bar, self.top, self.fields, states, _files, self._draw, outputs)

    def _look_at_clips(self, page: Page) -> Callable[..., Iterator[Updates]]:
        def look(paths: list[str] | None, known: tuple[Clip, ...], tag: str, request: gr.Request) -> Iterator[Updates]:
            language = words.language_of(tag)
            seen = {clip.path: clip for clip in known}
            clips: list[Clip] = []
            said = status.NOTHING
            yield {self.clips: (), self.bar.run: gr.update(interactive=False)}
            for path in map(Path, paths or []):
                try:
                    steps = page.runs.follow(session_of(request), "look:clips", PreviewRequest(clip=path), language)
                    clips.append(seen.get(path) or (yield from looked(steps, self.top)))
                except Cancelled:
                    return  # other clips were given meanwhile
                except StudioError as error:
                    said = status.problem(error, language, path.name)
                    continue
                yield {self.cards: _cards(clips, language)}
            yield {
                self.clips: tuple(clips),
                self.cards: _cards(clips, language),
                self.top.status: said,
            }

        return look

    def _look_at_sound(self, page: Page) -> Callable[..., Iterator[Updates]]:
        def look(path: str | None, tag: str, request: gr.Request) -> Iterator[Updates]:
            language = words.language_of(tag)
            yield {self.sound: None, self.sound_card: "", self.bar.run: gr.update(interactive=False)}
            if path is None:
                return
            steps = page.runs.follow(session_of(request), "look:sound", PreviewRequest(clip=Path(path)), language)
            try:
                sound = yield from looked(steps, self.top)
            except Cancelled:
                return
            except StudioError as error:
                yield {self.top.status: status.problem(error, language, Path(path).name)}
                return
            yield {
                self.sound: sound,
                self.sound_card: _cards([sound], language),
                self.top.status: "",
            }

        return look

    def _draw(self, job: Job, result: Composition, language: str, clips: tuple[Clip, ...], sound: Clip) -> Updates:
        sentence = words.say(
            "ui.compose_facts",
            language,
            time=say.clock(result.duration),
            pieces=len(result.pieces),
            clips=len({piece.clip for piece in result.pieces}),
            loudness=f"{result.loudness:.1f}",
        )
        film = next(name for name in result.files if name.endswith(".mp4"))
        heads = [words.say(f"ui.head.{each}", language) for each in ("at", "clip", "start", "end", "transition")]
        return {
            self.top.hint: gr.update(visible=False),
            **self.show.filled(
                sentence,
                "",
                result.duration,
                _rows(result, clips, sound, language),
                words.say("ui.strip", language),
                [player.Source(words.say("ui.film", language), "video", job.folder / film)],
            ),
            **self.takeaway.filled(job.folder, result, heads, _table(result, clips, language), media=film),
        }


def _ready(clips: tuple[Clip, ...], sound: Clip | None, tag: str) -> Any:
    return gr.update(interactive=bool(clips and sound))


def _files(clips: tuple[Clip, ...], sound: Clip | None) -> dict[str, object]:
    if not clips or sound is None:
        raise RequestError("ui.give_clips")
    return {"clips": tuple(clip.path for clip in clips), "sound": sound.path}


def _cards(clips: list[Clip], language: str) -> str:
    """The clips that were understood, numbered, each with its facts."""
    cards = "".join(
        f"<li><b>{escape(clip.name)}</b> <span>{escape(say.facts(clip.info, language))}</span></li>" for clip in clips
    )
    kind = "ol" if len(clips) > 1 else "ul"
    return f'<{kind} class="cards">{cards}</{kind}>' if clips else ""


def _rows(result: Composition, clips: tuple[Clip, ...], sound: Clip, language: str) -> list[strip.Row | None]:
    numbered = [(piece.clip, piece) for piece in result.pieces]
    sheets = {number: clip.given for number, clip in enumerate(clips)}
    marks = [
        strip.Mark(
            piece.at,
            piece.at + piece.end - piece.start,
            f"clip{piece.clip % LOOKS}",
            f"{piece.clip + 1} {clips[piece.clip].name}",
        )
        for piece in result.pieces
    ]
    if result.pieces and (begin := result.pieces[0].at) > 0:
        marks.insert(0, strip.Mark(0, begin, "even", words.say("ui.title_card", language)))
    heard = result.sound_pieces
    return [
        strip.film_of_pieces(words.say("ui.row.film", language), sheets, numbered),
        strip.spans(words.say("ui.row.pieces", language), marks, worded=True),
        strip.ticks(words.say("ui.row.joins", language), [piece.at for piece in result.pieces if piece.at > 0], "join"),
        strip.wave(words.say("ui.row.wave", language), strip.peaks_of_pieces(sound.given.strip, heard)),
    ]


def _table(result: Composition, clips: tuple[Clip, ...], language: str) -> list[list[str]]:
    return [
        [
            say.clock(piece.at, 2),
            f"{piece.clip + 1} {clips[piece.clip].name}",
            say.clock(piece.start, 2),
            say.clock(piece.end, 2),
            words.say(f"ui.transition.{piece.join}", language),
        ]
        for piece in result.pieces
    ]
