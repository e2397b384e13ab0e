"""Teaching on the page: give, look, teach, try by microphone, say yes or no, teach again, use and keep the model."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import page_acts as acts
import pytest
import soundfile
from page_serve import FLAGS, MICROPHONE, ROOT, chromium
from playwright.sync_api import Browser, Page, expect

SOUNDS = ROOT / "assets" / "examples" / "three_sounds.zip"


def clip(name: str) -> tuple[np.ndarray, int]:
    """A clip of the example, such as ``bell/bell_1``."""
    with zipfile.ZipFile(SOUNDS) as archive:
        samples, rate = soundfile.read(io.BytesIO(archive.read(f"{name}.flac")))
    return samples, rate


@pytest.fixture(scope="module")
def browser(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone hears a bell, again and again."""
    heard = tmp_path_factory.mktemp("heard") / "bell.wav"
    samples, rate = clip("bell/bell_1")
    soundfile.write(heard, np.tile(samples, 4), rate, subtype="PCM_16")
    flags = [*FLAGS, *MICROPHONE, f"--use-file-for-fake-audio-capture={heard}"]
    running = browser.browser_type.launch(executable_path=chromium(), args=flags)
    yield running
    running.close()


def rows(page: Page) -> list[list[str]]:
    """The table of what was understood: class, clips, length, sources."""
    return [row.locator("th, td").all_inner_texts()[:4] for row in page.locator("#train-classes tbody tr").all()]


def test_sounds_are_taught_tried_corrected_taught_again_and_used(open_page: acts.Opener, tmp_path: Path) -> None:
    page = open_page()
    acts.go(page, "train")
    acts.give(page, "train-material", SOUNDS)
    given = page.locator("#train-classes summary").first
    expect(given).to_have_text("Classes: 3, clips: 18, 0:21.1 in all", timeout=acts.WAIT)
    assert [(name, clips.strip(), sources) for name, clips, _, sources in rows(page)] == [
        ("Bell", "6", "6"),
        ("Kettle", "6", "6"),
        ("Knock", "6", "6"),
    ]
    acts.run(page, "train")
    said = page.inner_text("#train-verdict")
    assert "of clips that it had never heard were right" in said
    expect(page.get_by_label("6 of 6 Bell right")).to_have_text("6")
    model = acts.take(page, "train", "model.avai", tmp_path)
    told = json.loads(acts.take(page, "train", "training.json", tmp_path).read_text(encoding="utf-8"))
    assert told["classes"] == ["bell", "kettle", "knock"]
    assert f"{round(100 * told['accuracy'])} %" in said

    acts.record(page, "train-try")
    expect(page.locator("#train-bars .bar3").first).to_contain_text("Bell", timeout=acts.WAIT)
    for name in ("kettle/kettle_2", "knock/knock_3"):
        samples, rate = clip(name)
        soundfile.write(tmp_path / f"{Path(name).name}.wav", 0.5 * samples[800:], rate)
    acts.give(page, "train-fresh", *sorted(tmp_path.glob("k*.wav")))
    fresh = page.locator("#train-review li")
    expect(fresh).to_have_count(3, timeout=acts.WAIT)
    assert fresh.locator("b").all_inner_texts()[2].startswith("Bell")
    fresh.nth(0).get_by_role("button", name="Yes", exact=True).click()
    fresh.nth(1).get_by_role("button", name="No", exact=True).click()
    fresh.nth(1).get_by_role("combobox").select_option("none of these")
    expect(page.locator("#train-again")).to_have_text("Teach again with these (1)", timeout=acts.WAIT)
    fresh.nth(1).get_by_role("button", name="Undo", exact=True).click()
    fresh.nth(1).get_by_role("button", name="Yes", exact=True).click()
    expect(page.locator("#train-again")).to_have_text("Teach again with these (2)", timeout=acts.WAIT)
    page.evaluate("document.documentElement.lang = 'zh-CN'")
    expect(page.locator("#train-verdict")).to_contain_text("从未听过的样本", timeout=acts.WAIT)
    expect(fresh.nth(0)).to_contain_text("撤销", timeout=acts.WAIT)
    page.evaluate("document.documentElement.lang = 'en'")
    expect(page.locator("#train-verdict")).to_contain_text("never heard", timeout=acts.WAIT)
    page.click("#train-again")
    expect(page.locator("#train-verdict")).to_contain_text("As before", timeout=acts.WAIT)
    expect(given).to_contain_text("Classes: 3, clips: 20", timeout=acts.WAIT)

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.click("#train-use-recognize")
    expect(page.locator("#recognize-model input")).to_have_value("Bell, Kettle, Knock", timeout=acts.WAIT)
    acts.go(page, "train")
    page.click("#train-use-edit")
    expect(page.locator("#edit-model")).to_be_visible(timeout=acts.WAIT)

    acts.go(page, "train")
    page.click("#train-clear")
    expect(page.locator("#train-verdict")).to_be_hidden(timeout=acts.WAIT)
    page.locator("#train-open > button").click()
    acts.give(page, "train-saved", model)
    expect(page.locator("#train-verdict")).to_contain_text("Classes that it knows: 3 (Bell, Kettle", timeout=acts.WAIT)
    acts.record(page, "train-try")
    expect(fresh.nth(0)).to_contain_text("Your recording", timeout=acts.WAIT)
    fresh.nth(0).get_by_role("button", name="Yes", exact=True).click()
    page.click("#train-again")
    expect(page.locator("#train-status")).to_contain_text("does not hold the clips", timeout=acts.WAIT)


def test_class_by_class_and_what_cannot_be_used_has_its_sentence(open_page: acts.Opener, tmp_path: Path) -> None:
    page = open_page(width=390, scheme="dark")
    acts.go(page, "train")
    status = page.locator("#train-status")
    letter = tmp_path / "letter.txt"
    letter.write_text("This is a letter.\n" * 9)
    acts.give(page, "train-material", letter)
    expect(status.locator("[role=alert]")).to_be_visible(timeout=acts.WAIT)
    assert page.inner_text("#train-status").strip().endswith(".")
    assert page.is_disabled("#train-run")

    page.locator("#train-ways button[role=tab]:visible").nth(1).click()
    page.click("#train-add")
    expect(status).to_contain_text("Write the name of the sound first", timeout=acts.WAIT)
    page.get_by_label("Name of the sound").fill("门铃 <b>")
    acts.record(page, "train-record")
    expect(status).to_contain_text("at least one more", timeout=acts.WAIT)
    page.get_by_label("Name of the sound").fill("Kettle")
    for number in (1, 2):
        samples, rate = clip(f"kettle/kettle_{number}")
        soundfile.write(tmp_path / f"{number}.wav", samples, rate)
    acts.give(page, "train-clips", tmp_path / "1.wav", tmp_path / "2.wav")
    expect(page.locator("#train-clips tr.file")).to_have_count(2)
    page.click("#train-add")
    expect(page.locator("#train-classes tbody tr")).to_have_count(2, timeout=acts.WAIT)
    assert {name: clips.strip() for name, clips, *_ in rows(page)} == {"Kettle": "2", "门铃 b": "1"}
    page.click("#train-run:not([disabled])")
    expect(status.locator("[role=alert]")).to_contain_text("one clip", timeout=acts.WAIT)
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    page.get_by_role("button", name="Take Kettle out").click()
    expect(page.locator("#train-classes tbody tr")).to_have_count(1, timeout=acts.WAIT)
    assert page.is_disabled("#train-run")
    page.click("#train-clear")
    expect(page.locator("#train-classes table")).to_have_count(0, timeout=acts.WAIT)

    page.locator("#train-open > button").click()
    bad = tmp_path / "bad.avai"
    bad.write_bytes(b"PK\x03\x04" + bytes(400))
    acts.give(page, "train-saved", bad)
    expect(status.locator("[role=alert]")).to_contain_text("bad.avai", timeout=acts.WAIT)
