"""Edit on the page: what would be kept is seen at once, flipped by hand and rendered as it is seen."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import page_acts as acts
import pytest
import soundfile
from page_acts import Opener
from playwright.sync_api import Page, expect

LOUD = [(1.0, 3.0), (5.0, 8.0), (10.0, 11.0)]
RATE = 16_000


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chords at the times of LOUD, silence between; 12 s."""
    times = np.arange(12 * RATE) / RATE
    on = sum((times >= start) & (times < end) for start, end in LOUD)
    chord = sum(np.sin(2 * np.pi * tone * times) for tone in (220, 277, 330)) * 0.2
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, chord * on, RATE)
    return path


def planned(page: Page, clip: Path) -> None:
    """Give the clip and tick *Leave out silences*; what would be kept is there without a press on the main button."""
    acts.go(page, "edit")
    acts.give(page, "edit-clip", clip)
    page.wait_for_selector("#edit-run:not([disabled])", timeout=acts.WAIT)
    page.get_by_label("Leave out silences").check()
    expect(page.locator("#edit-cut li.kept")).to_have_count(3, timeout=acts.WAIT)


def test_the_cut_is_seen_flipped_and_rendered(open_page: Opener, song: Path, tmp_path: Path) -> None:
    page = open_page()
    planned(page, song)
    assert page.is_hidden("#edit-takeaway")
    expect(page.locator("#edit-sentence")).to_contain_text("0:07.2 of 0:12.0 kept")
    assert "silence" in page.inner_text("#edit-cut li.dropped >> nth=0")
    page.locator("#edit-cut li .flip").nth(3).click()  # the second chord
    expect(page.locator("#edit-sentence")).to_contain_text("0:03.8 of 0:12.0 kept")
    expect(page.locator("#edit-cut li").nth(3)).to_contain_text("changed by you")
    page.locator("#edit-strip .span.dropped").first.click()  # the silence at the start
    expect(page.locator("#edit-cut li").nth(0)).to_contain_text("kept")
    page.locator("#edit-cut").get_by_role("button", name="Undo").click()
    expect(page.locator("#edit-sentence")).to_contain_text("0:03.8 of 0:12.0 kept")
    page.locator("#edit-cut").get_by_role("button", name="Redo").click()
    expect(page.locator("#edit-sentence")).to_contain_text("0:04.6 of 0:12.0 kept")
    page.keyboard.press("Control+z")
    expect(page.locator("#edit-sentence")).to_contain_text("0:03.8 of 0:12.0 kept")
    acts.run(page, "edit")
    assert acts.media_of(page, "edit-after-player", "duration") == pytest.approx(3.8, abs=0.1)
    expect(page.locator("#edit-sentence")).to_contain_text("0:03.8 of 0:12.0 kept")
    earlier = acts.take(page, "edit", "edit.json", tmp_path)
    assert acts.take(page, "edit", "edit.m4a", tmp_path).stat().st_size > 10_000

    again = open_page()
    acts.go(again, "edit")
    acts.give(again, "edit-clip", song)
    again.wait_for_selector("#edit-run:not([disabled])", timeout=acts.WAIT)
    again.get_by_text("By hand, and earlier edits").click()
    acts.give(again, "edit-edit", earlier)
    expect(again.locator("#edit-sentence")).to_contain_text("0:03.8 of 0:12.0 kept", timeout=acts.WAIT)
    assert again.get_by_label("Leave out silences").is_checked()


def test_a_range_is_dragged_over_the_row(open_page: Opener, song: Path) -> None:
    page = open_page()
    planned(page, song)
    lane = page.locator("#edit-strip .row", has_text="Kept").locator(".lane").bounding_box()
    assert lane
    page.mouse.move(lane["x"] + lane["width"] * 3.5 / 12, lane["y"] + 8)
    page.mouse.down()
    page.mouse.move(lane["x"] + lane["width"] * 4.5 / 12, lane["y"] + 8, steps=5)
    page.mouse.up()
    page.locator("#edit-cut").get_by_role("button", name="Keep").click()
    expect(page.locator("#edit-sentence")).to_contain_text(re.compile(r"0:08\.[123] of 0:12\.0 kept"))


def test_only_what_is_kept_is_played(open_page: Opener, song: Path) -> None:
    page = open_page()
    planned(page, song)
    page.get_by_label("Play only what is kept").check()
    page.evaluate("document.querySelector('#edit-player .avai-player').seek(2.9)")
    page.evaluate("document.querySelector('#edit-player .avai-player').toggle()")
    page.wait_for_function(f"id => {acts.MEDIA}.currentTime > 4.7", arg="edit-player", timeout=5000)
    assert acts.media_of(page, "edit-player", "currentTime") < 6


def test_a_preset_sets_the_controls_and_a_change_makes_it_ones_own(open_page: Opener, song: Path) -> None:
    page = open_page()
    acts.go(page, "edit")
    acts.give(page, "edit-clip", song)
    page.wait_for_selector("#edit-run:not([disabled])", timeout=acts.WAIT)
    page.get_by_label("jump-cut talk").check()
    expect(page.get_by_label("Leave out silences")).to_be_checked(timeout=acts.WAIT)
    expect(page.locator("#edit-cut li.kept")).to_have_count(3, timeout=acts.WAIT)
    page.get_by_label("Leave out silences").uncheck()
    expect(page.get_by_label("your own choices")).to_be_checked()
    expect(page.locator("#edit-cut li.dropped")).to_have_count(0, timeout=acts.WAIT)


def test_conditions_that_leave_nothing_are_said_in_chinese_too(open_page: Opener, song: Path) -> None:
    page = open_page("zh-CN", width=390, scheme="dark")
    acts.go(page, "edit")
    acts.give(page, "edit-clip", song)
    page.wait_for_selector("#edit-run:not([disabled])", timeout=acts.WAIT)
    page.get_by_text("手动选择和以前的剪辑").click()
    page.get_by_label("无论如何去掉").fill("0-")
    page.get_by_label("无论如何去掉").press("Enter")
    expect(page.locator("#edit-status [role=alert]")).to_contain_text("整个片子", timeout=acts.WAIT)
