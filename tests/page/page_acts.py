"""What a person does on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

Opener = Callable[..., Page]
TABS = ("recognize", "summarize", "edit", "compose", "train")
WAIT = 120_000  # milliseconds; a cold worker on a busy machine


def go(page: Page, task: str) -> None:
    """Choose a tab."""
    page.locator("button[role=tab]:visible").nth(TABS.index(task)).click()
    page.wait_for_selector(f"#{task}-run")


def give(page: Page, place: str, *files: Path) -> None:
    """Upload files into a place such as ``recognize-clip``."""
    page.set_input_files(f"#{place} input[type=file]", [str(file) for file in files])


def run(page: Page, task: str) -> None:
    """Press the main button once it can be pressed, and wait for the result."""
    page.wait_for_selector(f"#{task}-run:not([disabled])", timeout=WAIT)
    page.click(f"#{task}-run")
    page.wait_for_selector(f"#{task}-takeaway, #{task}-status [role=alert]", timeout=WAIT)
    assert page.is_visible(f"#{task}-takeaway"), page.inner_text(f"#{task}-status")


def record(page: Page, place: str, seconds: float = 1.5) -> None:
    """Record with the microphone, which has to be one of the browser's making (``page_serve.MICROPHONE``)."""
    page.locator(f"#{place} .record-button").click()
    page.wait_for_timeout(1000 * seconds)
    page.locator(f"#{place} .stop-button").click()


def take(page: Page, task: str, name: str, into: Path) -> Path:
    """Download a file of the result."""
    with page.expect_download() as got:
        page.locator(f"#{task}-files a", has_text=name).click()
    path = into / name
    got.value.save_as(path)
    return path


MEDIA = """[...document.querySelector(`#${id} .avai-player`).shadowRoot.querySelectorAll('video, audio')]
    .find((each) => each.controls)"""


def media_of(page: Page, player: str, what: str) -> float:
    """A number of the player's media element, once it has loaded: ``currentTime``, ``duration``."""
    page.wait_for_function(f"id => {MEDIA}.readyState > 0", arg=player)
    return float(page.evaluate(f"([id, what]) => {MEDIA}[what]", [player, what]))
