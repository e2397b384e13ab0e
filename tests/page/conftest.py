"""The real page: ``app.py`` in a process of its own, and a headless Chromium that watches what it asks for."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from page_acts import Opener, Served
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
QUIET = ("Method not implemented.",)  # Gradio's own page says this of no fault of ours


def chromium() -> str | None:
    """The browser of the system, or None when there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    jobs = tmp_path_factory.mktemp("jobs")
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    env = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "", "AVAI_JOBS_DIR": str(jobs)}
    log = (tmp_path_factory.mktemp("log") / "app.log").open("w+")
    start = time.monotonic()
    app = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                assert app.poll() is None, Path(log.name).read_text()
                assert time.monotonic() - start < 60, "the page does not answer"
                time.sleep(0.1)
        yield Served(url, time.monotonic() - start, jobs)
    finally:
        app.send_signal(signal.SIGTERM)
        try:
            app.wait(20)
        except subprocess.TimeoutExpired:
            app.kill()
        log.close()


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
