"""The page: head, five tabs, foot, and what passes between the tabs."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from avai import words
from avai.config import settings
from avai.jobs import Studio
from avai.ui.api import endpoints
from avai.ui.component import HERE
from avai.ui.compose import ComposeTab
from avai.ui.edit import EditTab
from avai.ui.frame import Page, session_of
from avai.ui.language import SWITCH_JS, t
from avai.ui.models import wire_models, wire_use
from avai.ui.passing import wire_passing
from avai.ui.recognize import RecognizeTab
from avai.ui.running import Runs
from avai.ui.summarize import SummarizeTab
from avai.ui.train import TrainTab

NAME = "AVAI Studio"
TABS: tuple[type[Any], ...] = (RecognizeTab, SummarizeTab, EditTab, ComposeTab, TrainTab)


def build(studio: Studio) -> gr.Blocks:
    """The page, not yet served."""
    runs = Runs(studio)
    keep = int(settings().keep_minutes * 60)
    with gr.Blocks(title=NAME, analytics_enabled=False, delete_cache=(max(30, keep // 6), keep)) as blocks:
        page = Page(runs, gr.Textbox(visible=False), gr.State(()))
        with gr.Row(elem_classes="head"):
            gr.HTML(f"<h1>{NAME}</h1><p>{t('ui.sentence')}</p>", elem_classes="name")
            state = gr.HTML("", elem_id="state")
        with gr.Tabs(elem_id="tabs") as tabs:
            built, heads = [], {}
            for kind in TABS:
                with gr.Tab(t(f"ui.tab.{kind.task}"), id=kind.task, elem_id=f"tab-{kind.task}") as heads[kind.task]:
                    built.append(kind(page))
        with gr.Accordion(t("ui.about_networks"), open=False, elem_classes="foot"):
            gr.Markdown(t("ui.networks"))
        _guard()
        switch = gr.HTML("", js_on_load=SWITCH_JS, visible="hidden")
        wire_passing(page, tabs, [tab for tab in built if not isinstance(tab, TrainTab)])
        _wire_uses(page, tabs, built)
        _wire_language(page, blocks, switch, built)
        wire_models(page, blocks, switch, built)
        _wire_again(page, switch, built, heads)
        _wire_state(page, blocks, studio, state, switch)

        def leave(request: gr.Request) -> None:
            runs.leave(session_of(request))

        blocks.unload(leave)
        endpoints(runs)
    return blocks


def _wire_uses(page: Page, tabs: gr.Tabs, built: list[Any]) -> None:
    """Bind the buttons that hand a taught model to another tab."""
    train: TrainTab = built[TABS.index(TrainTab)]
    for tab in built:
        if button := train.uses.get(tab.task):
            wire_use(page, button, train.model, tab, tabs)


def _wire_language(page: Page, blocks: gr.Blocks, switch: gr.HTML, built: list[Any]) -> None:
    """Say choices in the reader's language, at first and at each switch."""

    def said(tag: str) -> dict[Any, Any]:
        language = words.language_of(tag)
        return {part: update for tab in built for part, update in tab.fields.said(language).items()}

    parts = list(said("en"))
    if parts:
        page.on(blocks.load, said, [], parts)
        page.on(switch.switch, said, [], parts, trigger_mode="always_last")


def _wire_again(page: Page, switch: gr.HTML, built: list[Any], heads: dict[str, gr.Tab]) -> None:
    """Say again at a switch of the language what is heard and taught, and the names of tabs: those that have not been
    opened yet are not translated by the browser."""

    def named(tag: str) -> dict[Any, Any]:
        language = words.language_of(tag)
        return {head: gr.update(label=words.say(f"ui.tab.{task}", language)) for task, head in heads.items()}

    page.on(switch.switch, named, [], list(heads.values()), trigger_mode="always_last")
    for tab in built:
        if isinstance(tab, RecognizeTab | TrainTab):
            page.on(switch.switch, tab.said_again, tab.says_from, tab.said, trigger_mode="always_last")


def _guard() -> None:
    """Refuse files over the limit before they are uploaded, in the page's own words."""
    sentences = {language: words.texts(language)["media.too_big"] for language in words.LANGUAGES}
    gr.HTML(
        {"bytes": settings().max_bytes, "sentences": sentences},
        html_template="",
        js_on_load=(HERE / "guard.js").read_text(encoding="utf-8"),
        visible="hidden",
    )


def _wire_state(page: Page, blocks: gr.Blocks, studio: Studio, state: gr.HTML, switch: gr.HTML) -> None:
    """Say in the head whether the networks are loaded, until they are."""
    timer = gr.Timer(1.0)

    def say_state(tag: str) -> tuple[str, Any]:
        now = studio.state
        text = words.say(f"ui.state.{now}", words.language_of(tag))
        return f'<span class="state {now}" role="status">{escape(text)}</span>', gr.Timer(active=now != "ready")

    for event in (blocks.load, timer.tick, switch.switch):
        page.on(event, say_state, [], [state, timer])
