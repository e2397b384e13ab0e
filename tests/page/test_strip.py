"""The strip and the player in a real browser, on sounds of known content: zoom, details, spans, versions, an hour."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import page_acts as acts
import pytest
import soundfile
from playwright.sync_api import Browser, Locator, Page, Request, expect

from avai.contracts import Strip
from avai.services.drawing import RATE, Drawing
from avai.ui import player, strip

RNG = np.random.default_rng(0)
PLAYER, STRIP = "clip-player", "clip-strip"
BURSTS = 6.0  # seconds from one burst of noise to the next; each lasts a second


def sound(seconds: int) -> np.ndarray:
    """A burst of noise in the first second of every six."""
    samples = (0.1 * RNG.standard_normal(seconds * RATE)).astype(np.float32)
    return samples * (np.arange(len(samples)) / RATE % BURSTS < 1)


def drawn(folder: Path, seconds: int, versions: int) -> tuple[Any, Any]:
    """The values of a player and a strip for a sound of some length; the second version is half as loud."""
    folder.mkdir()
    minute = sound(60)
    sounds, sources, first = [], [], None
    for number in range(versions):
        with Drawing(folder, f"v{number}") as drawing:
            for _ in range(seconds // 60):
                drawing.take(minute / (1 + number))
            sounds.append(drawing.finish())
        first = first or drawing
        path = folder / f"v{number}.wav"
        soundfile.write(path, minute / (1 + number), RATE)
        sources.append(player.Source(("Original", "Cleaned")[number], "sound", path))
    assert first
    made = Strip(duration=seconds, peaks=first.peaks(1600, seconds), sounds=tuple(sounds))
    given = strip.Drawn(made, folder)
    bursts = [
        strip.Mark(at, at + 1, "tag", f"Burst {number}", 0.8) for number, at in enumerate(np.arange(0, seconds, BURSTS))
    ]
    rows = [
        strip.wave("Sound", made.peaks, given),
        strip.mel("Spectrogram", given),
        *(strip.spans(name, bursts) for name in ("Bursts", "Noise", "Hiss", "Wind", "Rain")),
    ]
    return player.playing(sources, "Versions"), strip.drawn(seconds, rows, PLAYER, "Timeline")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page with a player and a strip, and a button for each sound."""
    folder = tmp_path_factory.mktemp("strip")
    values = {"minute": drawn(folder / "minute", 60, 2), "hour": drawn(folder / "hour", 3600, 1)}
    with gr.Blocks(analytics_enabled=False) as blocks:
        parts = [player.player(PLAYER), strip.strip(STRIP)]
        for name, value in values.items():
            gr.Button(name, elem_id=name).click(lambda value=value: value, None, parts, show_progress="hidden")
    _, url, _ = blocks.launch(prevent_thread_lock=True, quiet=True, allowed_paths=[str(folder)])
    yield url
    blocks.close()


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(address)
    opened.wait_for_selector("#minute")
    yield opened
    context.close()
    assert not errors


def show(page: Page, name: str) -> float:
    """Ask for a sound; gives the seconds until its spans stand there and its spectrogram is painted."""
    begun = time.monotonic()
    page.click(f"#{name}")
    page.locator("#clip-strip .span").first.wait_for()
    page.wait_for_function(f"() => new Set({PIXELS}).size > 20")
    return time.monotonic() - begun


ROOT = "document.querySelector('#clip-strip .avai-strip').shadowRoot"
CANVAS = f"{ROOT}.querySelector('.mel canvas')"
PIXELS = f"{CANVAS}.getContext('2d').getImageData(0, 40, {CANVAS}.width, 1).data"


def marks(page: Page) -> list[str]:
    """What the axis says, once it has been laid out."""
    page.wait_for_timeout(150)
    return page.locator("#clip-strip .mark").all_inner_texts()


def seconds(said: str) -> float:
    minutes, rest = said.rsplit(":", 1)
    hours, _, minutes = minutes.rpartition(":")
    return 3600 * float(hours or 0) + 60 * float(minutes) + float(rest)


def aim(page: Page, lane: Locator, share: float) -> None:
    """Move the pointer over a lane."""
    box = lane.bounding_box()
    assert box
    for away in (3, 0):
        page.mouse.move(box["x"] + share * box["width"] - away, box["y"] + box["height"] / 2)


def test_wheel_zooms_where_the_pointer_is_and_drag_moves(page: Page) -> None:
    show(page, "minute")
    assert [seconds(each) for each in marks(page)] == list(np.arange(0, 60, 5))
    lane = page.locator("#clip-strip .mel .lane")
    aim(page, lane, 0.5)
    for _ in range(4):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(30)
    near = [seconds(each) for each in marks(page)]
    assert near[0] > 25
    assert near[-1] < 35
    page.mouse.down()
    aim(page, lane, 0.9)
    page.mouse.up()
    moved = [seconds(each) for each in marks(page)]
    assert moved[0] < near[0]
    assert acts.media_of(page, PLAYER, "currentTime") == 0  # a drag is no click
    aim(page, lane, 0.5)
    for _ in range(8):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(30)
    assert seconds(marks(page)[-1]) == 55


def test_keys_and_buttons_zoom_and_the_bar_moves(page: Page) -> None:
    show(page, "minute")
    page.get_by_role("button", name="Zoom in (+)").click()
    page.get_by_role("button", name="Zoom in (+)").click()
    bar = page.get_by_role("scrollbar", name="The part in view")
    expect(bar).to_have_attribute("aria-valuetext", "0:00.0 – 0:15.0")
    bar.focus()
    page.keyboard.press("End")
    expect(bar).to_have_attribute("aria-valuetext", "0:45.0 – 1:00.0")
    page.keyboard.press("ArrowLeft")
    expect(bar).to_have_attribute("aria-valuetext", "0:42.0 – 0:57.0")
    page.keyboard.press("-")
    page.keyboard.press("0")
    expect(bar).to_have_attribute("aria-valuetext", "0:00.0 – 1:00.0")
    expect(page.get_by_role("button", name="Show all (0)")).to_be_disabled()


def test_arrow_keys_go_through_spans_that_are_out_of_view(page: Page) -> None:
    show(page, "hour")
    first = page.get_by_role("button", name=re.compile("Burst 0 ")).first
    first.focus()
    for _ in range(7):
        page.keyboard.press("+")
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    assert page.evaluate(f"{ROOT}.activeElement.ariaLabel") == "Burst 9 80 %, 0:54.0 – 0:55.0"
    assert page.evaluate(f"{ROOT}.activeElement.checkVisibility()")


def test_keys_zoom_at_the_span_that_has_them_and_go_on_working_when_it_is_out_of_view(page: Page) -> None:
    show(page, "minute")
    bar = page.get_by_role("scrollbar", name="The part in view")
    page.locator("#clip-strip .lane[aria-label=Bursts] .span").nth(7).focus()
    for _ in range(3):
        page.keyboard.press("+")
        page.wait_for_timeout(50)
    assert page.evaluate(f"{ROOT}.activeElement.ariaLabel") == "Burst 7 80 %, 0:42.0 – 0:43.0"
    page.keyboard.press("PageDown")
    page.wait_for_timeout(50)
    assert page.evaluate(f"{ROOT}.activeElement.checkVisibility()")
    page.keyboard.press("0")
    expect(bar).to_have_attribute("aria-valuetext", "0:00.0 – 1:00.0")


def test_a_span_is_heard_from_its_start_to_its_end_and_pressed_again_it_pauses(page: Page) -> None:
    show(page, "minute")
    burst = page.locator("#clip-strip .lane[aria-label=Bursts] .span").nth(2)
    burst.click()
    page.wait_for_function(f"id => !{acts.MEDIA}.paused", arg=PLAYER)
    assert 12 <= acts.media_of(page, PLAYER, "currentTime") < 13
    page.wait_for_function(f"id => {acts.MEDIA}.paused", arg=PLAYER, timeout=5000)
    assert acts.media_of(page, PLAYER, "currentTime") == pytest.approx(13, abs=0.25)
    burst.click()
    page.wait_for_function(f"id => {acts.MEDIA}.currentTime > 12 && !{acts.MEDIA}.paused", arg=PLAYER)
    burst.click()
    assert page.evaluate(f"id => {acts.MEDIA}.paused", PLAYER)
    assert acts.media_of(page, PLAYER, "currentTime") < 13


def test_the_switch_keeps_the_place_and_the_loudness_and_the_strip_follows(page: Page) -> None:
    show(page, "minute")
    page.locator("#clip-strip .lane[aria-label=Bursts]").click(position={"x": 300, "y": 9})
    before = page.evaluate(f"Array.from({PIXELS})")
    page.evaluate(f"id => {{ {acts.MEDIA}.volume = 0.6; {acts.MEDIA}.play(); }}", PLAYER)
    page.wait_for_function(f"id => {acts.MEDIA}.currentTime > 1", arg=PLAYER)
    page.wait_for_timeout(600)
    both = "[...document.querySelector('#clip-player .avai-player').shadowRoot.querySelectorAll('audio')]"
    at = page.evaluate(f"{both}.map((each) => [each.currentTime, each.muted, each.paused])")
    assert at[1][0] == pytest.approx(at[0][0], abs=0.1)
    assert [each[1:] for each in at] == [[False, False], [True, False]]
    page.keyboard.press("b")
    now = page.evaluate(f"{both}.map((each) => [each.currentTime, each.muted, each.paused, each.volume])")
    assert now[1][1:] == [False, False, 0.6]
    assert now[0][1:3] == [True, False]
    assert now[1][0] == pytest.approx(now[0][0], abs=0.1)
    assert now[1][0] - at[0][0] < 1
    pressed = page.get_by_role("button", pressed=True)
    assert pressed.inner_text().startswith("Cleaned")
    page.wait_for_timeout(500)
    page.evaluate(f"id => {acts.MEDIA}.pause()", PLAYER)
    after = page.evaluate(f"Array.from({PIXELS})")
    assert before != after  # half as loud, in the same colours
    page.keyboard.press("a")
    paused = page.evaluate(f"{both}.map((each) => [each.currentTime, each.paused])")
    assert paused[0][0] == pytest.approx(paused[1][0], abs=0.01)
    assert [each[1] for each in paused] == [True, True]


def test_the_playhead_stays_in_view_while_it_plays(page: Page) -> None:
    show(page, "minute")
    for _ in range(5):
        page.get_by_role("button", name="Zoom in (+)").click()
    page.evaluate(f"id => {{ {acts.MEDIA}.playbackRate = 4; {acts.MEDIA}.play(); }}", PLAYER)
    page.wait_for_function(f"id => {acts.MEDIA}.currentTime > 4", arg=PLAYER)
    assert page.is_visible("#clip-strip .head")
    assert seconds(marks(page)[-1]) > 3


def test_an_hour_is_drawn_as_fast_as_a_minute_and_fetches_what_is_looked_at(page: Page) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if "_mel.bin" in request.url:
            asked.append(request.headers["range"])

    page.on("request", note)
    took = {"minute": 60.0, "hour": 60.0}
    for name in ("minute", "hour", "minute", "hour"):
        page.reload()
        page.wait_for_selector("#hour")
        asked.clear()
        took[name] = min(took[name], show(page, name))
    assert took["hour"] < took["minute"] + 1
    assert len(asked) == 1
    shown = page.locator("#clip-strip .span").count()
    assert shown <= 5 * 400
    assert page.locator("#clip-strip .lane[aria-label=Bursts] .span").count() > 100
    lane = page.locator("#clip-strip .mel .lane")
    aim(page, lane, 0.5)
    for _ in range(9):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(30)
    page.wait_for_timeout(500)
    assert 2 <= len(asked) <= 12
    near = [seconds(each) for each in marks(page)]
    assert 1790 < near[0] < near[-1] < 1815
    assert 1 <= page.locator("#clip-strip .lane[aria-label=Bursts] .span").count() <= 4


def test_a_phone_zooms_by_two_fingers(address: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#minute")
    show(page, "minute")
    lane = page.locator("#clip-strip .wave .lane")
    lane.scroll_into_view_if_needed()
    box = lane.bounding_box()
    assert box
    middle, y = box["x"] + box["width"] / 2, box["y"] + 20
    fingers = context.new_cdp_session(page)

    def touch(kind: str, apart: float) -> None:
        points = [{"x": middle + side * apart, "y": y, "id": side} for side in (-1, 1)] if apart else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 20)
    for apart in range(30, 130, 10):
        touch("touchMove", apart)
    touch("touchEnd", 0)
    near = [seconds(each) for each in marks(page)]
    assert near[0] > 15
    assert near[-1] < 45
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
