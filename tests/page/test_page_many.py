"""Several files in one drop place: one table, what could not be read in it, and any one of them to look at."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import page_acts as acts
import soundfile
from page_serve import Served
from playwright.sync_api import expect


def test_several_files_make_one_table_and_each_can_be_looked_at(
    served: Served, open_page: acts.Opener, gradio_media: Path, tmp_path: Path
) -> None:
    page = open_page(locale="zh-CN")
    broken, still = tmp_path / "坏的.wav", tmp_path / "安静.wav"
    broken.write_bytes(b"")
    soundfile.write(still, np.zeros(16_000), 16_000)
    acts.give(page, "recognize-clip", gradio_media / "audio" / "sax.wav", broken, still)
    expect(page.locator("#recognize-many-table")).to_contain_text("共 3 个文件")
    page.wait_for_selector("#recognize-run:not([disabled])", timeout=acts.WAIT)
    page.click("#recognize-run")
    page.wait_for_selector("#recognize-many-choice", timeout=acts.WAIT)
    rows = page.locator("#recognize-many-table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("音乐")
    expect(rows.nth(1)).to_contain_text("空")
    expect(page.locator("#recognize-status")).to_contain_text("3 个文件中有 1 个没有结果")

    table = tmp_path / "table.csv"
    with page.expect_download() as got:
        page.locator("#recognize-many-files a", has_text="recognitions.csv").click()
    got.value.save_as(table)
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert [row["file"] for row in csv.DictReader(file)] == ["sax.wav", "坏的.wav", "安静.wav"]

    page.locator("#recognize-many-choice input").click()
    page.get_by_role("option", name="1. sax.wav").click()
    page.wait_for_selector("#recognize-takeaway", timeout=acts.WAIT)
    assert acts.media_of(page, "recognize-player", "duration") > 15
    assert acts.take(page, "recognize", "pieces.zip", tmp_path).stat().st_size > 1000
    expect(rows).to_have_count(3)

    for language, said in (("en", "music"), ("zh-CN", "音乐")):
        page.evaluate("tag => document.documentElement.lang = tag", language)
        expect(rows.nth(0)).to_contain_text(said)

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 1280, "height": 900})

    for made in served.jobs.glob("*/*/recognitions.csv"):
        shutil.rmtree(made.parent)
    page.locator("#recognize-many-choice input").click()
    page.get_by_role("option", name="3. 安静.wav").click()
    expect(page.locator("#recognize-status")).to_contain_text("安静.wav 它的识别结果已被删除")

    page.locator("#recognize-clip button[aria-label='清除']").first.click()
    expect(page.locator("#recognize-many-choice")).to_be_hidden()
    acts.give(page, "recognize-clip", gradio_media / "audio" / "sax.wav")
    expect(page.locator("#recognize-facts")).to_contain_text("sax.wav", timeout=acts.WAIT)
    expect(page.locator("#recognize-many-choice")).to_be_hidden()
