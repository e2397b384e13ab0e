"""What passes between the tabs: a clip given in one is offered in the others, a film made in one can be used there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from avai import words
from avai.ui.compose import ComposeTab
from avai.ui.frame import Page, Updates
from avai.ui.give import Clip


def wire_passing(page: Page, tabs: gr.Tabs, built: Sequence[Any]) -> None:
    """Bind the offers and the *use in* buttons of all tabs."""
    last = gr.State(None)
    for tab in built:
        others = [other for other in built if other is not tab]
        state = tab.clips if isinstance(tab, ComposeTab) else tab.give.clip
        page.on(state.change, _offered(last, tab, others), [state], [last, *(_offer(each) for each in built)])
        for other in others:
            if button := tab.takeaway.uses.get(other.task):
                page.on(
                    button.click, _handed(other, tabs), [tab.takeaway.media, *_inputs(other)], [*_files(other), tabs]
                )
    for tab in built:
        page.on(_offer(tab).click, _taken(tab), [last, *_inputs(tab)], [*_files(tab), _offer(tab)])


def _offer(tab: Any) -> gr.Button:
    offer: gr.Button = tab.offer if isinstance(tab, ComposeTab) else tab.give.offer
    return offer


def _files(tab: Any) -> list[gr.File]:
    return [tab.files, tab.file] if isinstance(tab, ComposeTab) else [tab.give.file]


def _inputs(tab: Any) -> list[gr.File]:
    return [tab.files] if isinstance(tab, ComposeTab) else []


def _offered(last: gr.State, tab: Any, others: Sequence[Any]) -> Callable[..., Updates]:
    """Offer a clip in the tabs that can take it."""

    def tell(given: Clip | tuple[Clip, ...] | None, tag: str) -> Updates:
        clip = (given[-1] if given else None) if isinstance(given, tuple) else given
        if clip is None:
            return {last: gr.skip()}
        takers = [each for each in others if clip.info.kind == "video" or each.task in ("recognize", "compose")]
        language = words.language_of(tag)
        # what a tab has been given need not be offered there
        return {last: clip, _offer(tab): gr.update(visible=False)} | {
            _offer(taker): gr.update(
                visible=True,
                value=words.say("ui.offer_add" if taker.task == "compose" else "ui.offer", language, name=clip.name),
            )
            for taker in takers
        }

    return tell


def _taken(tab: Any) -> Callable[..., Updates]:
    """Put the offered clip where the tab takes files."""

    def take(clip: Clip | None, *given: Any) -> Updates:
        hidden: Updates = {_offer(tab): gr.update(visible=False)}
        if clip is None:
            return hidden
        return hidden | _placed(tab, str(clip.path), clip.info.kind == "video", given[0])

    return take


def _handed(other: Any, tabs: gr.Tabs) -> Callable[..., Updates]:
    """Put a result's film into another tab, and show that tab."""

    def hand(path: str | None, *given: Any) -> Updates:
        if path is None:
            return {tabs: gr.skip()}
        return {tabs: gr.update(selected=other.task)} | _placed(other, path, True, given[0])

    return hand


def _placed(tab: Any, path: str, video: bool, held: Any) -> Updates:
    if not isinstance(tab, ComposeTab):
        return {tab.give.file: path}
    if video:
        return {tab.files: [*(held or []), path]}
    return {tab.file: path}
