"""The real page: ``app.py`` in a process of its own, and a headless Chromium that watches what it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from page_acts import Opener
from page_serve import FLAGS, Served, chromium, serving
from playwright.sync_api import Browser, Page, sync_playwright

QUIET = ("Method not implemented.",)  # Gradio's own page says this of no fault of ours


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("jobs")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium found: install Debian's package chromium")
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@dataclass
class Watch:
    """What a page said and asked for that it should not have."""

    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@pytest.fixture
def open_page(served: Served, browser: Browser) -> Iterator[Opener]:
    """Opens the page in a language, width and scheme; fails when it asked other hosts for anything or had errors."""
    watch = Watch()
    contexts = []

    def opened(locale: str = "en-US", width: int = 1280, scheme: str = "light") -> Page:
        context = browser.new_context(
            locale=locale, viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: watch.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: watch.errors.append(str(error)))
        page.on("request", lambda asked: watch.elsewhere.append(asked.url) if _elsewhere(asked.url) else None)
        page.goto(served.url)
        page.wait_for_selector("#recognize-run")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not watch.elsewhere
    assert not [error for error in watch.errors if error not in QUIET]


def _elsewhere(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "data:", "blob:"))
