"""A model from a file in Recognise: refused in a sentence, or used at once, and then offered in the other tabs."""

from __future__ import annotations

from pathlib import Path

import page_acts as acts
from page_serve import ROOT
from playwright.sync_api import Page, expect


def choose(page: Page, place: str, name: str) -> None:
    """Pick from a dropdown."""
    page.click(f"#{place} input")
    page.get_by_role("option", name=name).click()


def test_a_model_from_a_file_is_used_at_once(open_page: acts.Opener, gradio_media: Path, tmp_path: Path) -> None:
    page = open_page(width=390)
    acts.give(page, "recognize-clip", gradio_media / "audio" / "sax.wav")
    acts.run(page, "recognize")
    page.click("#recognize-more > button")
    table = page.locator("#recognize-table")
    expect(table).to_contain_text("Saxophone", ignore_case=True)
    choose(page, "recognize-model", "From a file…")
    wrong = tmp_path / "wrong.avai"
    wrong.write_bytes(b"PK no model")
    about = page.locator("#recognize-model-about")
    acts.give(page, "recognize-model-file", wrong)
    expect(about).to_contain_text("wrong.avai is not a model of this studio, or it is damaged", timeout=acts.WAIT)
    acts.give(page, "recognize-model-file", ROOT / "models" / "esc10.avai")
    expect(about).to_contain_text("Knows", timeout=acts.WAIT)
    expect(page.locator("#recognize-model input")).to_have_value("esc10")
    # nobody pressed Recognise
    expect(table).not_to_contain_text("Saxophone", ignore_case=True, timeout=acts.WAIT)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    choose(page, "recognize-model", "Built-in sounds")
    expect(table).to_contain_text("Saxophone", ignore_case=True, timeout=acts.WAIT)
    acts.go(page, "edit")
    page.get_by_role("button", name="Your own model").locator("visible=true").click()
    choose(page, "edit-model", "esc10")
    page.click("#edit-like input")
    expect(page.get_by_role("option", name="chainsaw")).to_be_visible()
