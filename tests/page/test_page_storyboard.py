"""The storyboard on the page: first pictures early, others at once when wished for, and the curve that seeks."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import page_acts as acts
import pytest
from page_serve import Served
from playwright.sync_api import Browser, Locator, Page, expect

PHOTOGRAPHS = ("bus.png", "cheetah1.jpg", "groot.jpeg", "lion.jpg", "tower.jpg", "avatar.png")
SCENE = 2.0  # seconds
RATE = 12


def film(path: Path, photographs: list[Path]) -> Path:
    """Two seconds of each photograph, slowly moving, with a key frame twice a second."""
    with av.open(str(path), "w") as made:
        stream = made.add_stream("libx264", rate=RATE, options={"g": str(RATE // 2), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(round(len(photographs) * SCENE * RATE)):
            image = cv2.imread(str(photographs[int(number / RATE / SCENE)]))
            shown = np.roll(cv2.resize(image, (320, 180)), number // 4, axis=1).copy()
            frame = av.VideoFrame.from_ndarray(shown, "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            made.mux(stream.encode(frame))
        made.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def page(
    served: Served, browser: Browser, gradio_media: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """A page on which a film of six scenes is summarised in four pictures; the first ones came before the result."""
    clip = film(tmp_path_factory.mktemp("film") / "six.mp4", [gradio_media / "images" / each for each in PHOTOGRAPHS])
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 1200}, accept_downloads=True)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(served.url)
    opened.wait_for_selector(".state.ready", timeout=acts.WAIT)
    acts.go(opened, "summarize")
    acts.give(opened, "summarize-clip", clip)
    opened.locator("#tab-summarize input[type=number]").first.fill("4")
    opened.wait_for_selector("#summarize-run:not([disabled])", timeout=acts.WAIT)
    opened.click("#summarize-run")
    expect(opened.locator("#summarize-board .note")).to_contain_text("First pictures", timeout=acts.WAIT)
    assert opened.locator("#summarize-board .picture").count() >= 2
    assert opened.locator("#summarize-board .many").is_hidden()
    assert opened.is_hidden("#summarize-takeaway")
    opened.wait_for_selector("#summarize-takeaway", timeout=acts.WAIT)
    expect(opened.locator("#summarize-board .note")).to_be_hidden()
    yield opened
    context.close()
    assert not errors


def times(page: Page) -> list[str]:
    """What the pictures say, once all that is wished for is there."""
    expect(page.locator("#summarize-board .busy")).not_to_have_attribute("data-on", "", timeout=acts.WAIT)
    return page.locator("#summarize-board .time").all_inner_texts()


def tile(page: Page, said: str) -> Locator:
    return page.locator("#summarize-board .tile").filter(has_text=said)


def press(page: Page, said: str, what: str) -> None:
    """Press the button of a picture that comes in sight under the pointer."""
    tile(page, said).hover()
    tile(page, said).locator(f".{what}").click()


def marked(page: Page) -> list[str]:
    """The pictures that the strip says are chosen."""
    said = page.locator("#summarize-strip .moment").evaluate_all("each => each.map((one) => one.ariaLabel)")
    return [each.removeprefix("Picture at ") for each in said]


def scene(said: str) -> int:
    minutes, seconds = said.split(":")
    return int((60 * int(minutes) + float(seconds)) // SCENE)


def test_a_dropped_picture_gives_its_place_to_another_and_a_pinned_one_stays(page: Page, tmp_path: Path) -> None:
    before = times(page)
    assert len(before) == 4
    assert marked(page) == before
    pinned, dropped, *others = before
    press(page, pinned, "pin")
    press(page, dropped, "drop")
    after = times(page)
    assert len(after) == 4
    assert {pinned, *others} < set(after)
    assert scene(dropped) not in {scene(each) for each in after}
    expect(tile(page, pinned).locator(".pin")).to_have_attribute("aria-pressed", "true")
    assert marked(page) == after
    with zipfile.ZipFile(acts.take(page, "summarize", "pictures.zip", tmp_path)) as archive:
        assert len(archive.namelist()) == 4
    groups = page.locator("#summarize-files ul")
    assert groups.nth(0).inner_text().startswith("storyboard.jpg")
    assert "report.html" in groups.nth(2).inner_text()
    page.get_by_role("button", name="Put back the last one").click()
    assert times(page) == before


def test_quick_changes_end_as_wished(page: Page) -> None:
    before = times(page)
    more = page.get_by_role("button", name="More pictures")
    more.click()
    more.click()
    after = times(page)
    assert len(after) == 6
    assert set(before) < set(after)
    for each in after[:2]:
        press(page, each, "drop")
    assert not {*after[:2]} & set(times(page))
    page.get_by_role("button", name="Put all back").click()
    assert times(page) == after
    fewer = page.get_by_role("button", name="Fewer pictures")
    for _ in range(3):
        fewer.click()
    assert len(times(page)) == 3
    page.get_by_text("One for each scene").click()
    assert len(times(page)) >= 4


def test_the_keys_reach_every_picture(page: Page) -> None:
    first = times(page)[0]
    tile(page, first).locator(".picture").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    pressed = tile(page, first).locator(".pin").get_attribute("aria-pressed")
    page.keyboard.press("Enter")
    assert tile(page, first).locator(".pin").get_attribute("aria-pressed") != pressed
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert first not in times(page)
    active = "document.querySelector('#summarize-board .avai-board').shadowRoot.activeElement.className"
    assert page.evaluate(active) == "act drop"


def test_the_curve_and_its_pictures_seek(page: Page) -> None:
    lane = page.locator("#summarize-strip .curve .lane")
    box = lane.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(200)
    assert acts.media_of(page, "summarize-player", "currentTime") == pytest.approx(6.0, abs=0.2)
    lane.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    assert acts.media_of(page, "summarize-player", "currentTime") == pytest.approx(6.5, abs=0.2)
    chosen = marked(page)
    assert lane.locator(".dot").count() == len(chosen)
    page.locator("#summarize-strip .moment").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert acts.media_of(page, "summarize-player", "currentTime") == pytest.approx(
        float(chosen[1].split(":")[1]), abs=0.1
    )
