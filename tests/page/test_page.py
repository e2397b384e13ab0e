"""The page as a person uses it: give, run, look, take away, in a real browser with real networks."""

from __future__ import annotations

import json
import random
import shutil
import time
import wave
import zipfile
from pathlib import Path

import av
import page_acts as acts
import pytest
from page_acts import Opener
from page_serve import Served, serving
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def videos(gradio_media: Path) -> Path:
    return gradio_media / "videos"


def length_of(film: Path) -> float:
    """Seconds of a film, from decoding all of its pictures."""
    with av.open(str(film)) as container:
        times = [float(frame.time) for frame in container.decode(video=0)]
    return max(times)


def test_it_answers_while_the_networks_load(served: Served, open_page: Opener) -> None:
    assert served.seconds < 15  # on a busy machine; benchmarks/studio.py has the figure
    page = open_page()
    page.wait_for_selector(".state", timeout=5_000)
    page.wait_for_selector(".state.ready", timeout=acts.WAIT)
    assert page.inner_text("#state").strip() == "ready"


def test_recognise(open_page: Opener, gradio_media: Path, tmp_path: Path) -> None:
    page = open_page()
    acts.give(page, "recognize-clip", gradio_media / "audio" / "sax.wav")
    page.wait_for_selector("#recognize-facts p")
    assert "sax.wav 0:16" in page.inner_text("#recognize-facts")
    page.get_by_label("Clean up").check()
    acts.run(page, "recognize")
    rows = page.locator("#recognize-strip .row .name").all_inner_texts()
    assert rows[0] == "Sound"
    assert {"Speech", "Music", "Other sounds", "Silence"} <= set(rows)
    assert page.locator("#recognize-strip .lane[aria-label=Music] .span").count() >= 1
    page.get_by_role("button", name="Cleaned").click()
    assert acts.media_of(page, "recognize-player", "duration") == pytest.approx(16.0, abs=0.1)
    result = json.loads(acts.take(page, "recognize", "recognition.json", tmp_path).read_text())
    assert result["layers"]["music"]
    with zipfile.ZipFile(acts.take(page, "recognize", "pieces.zip", tmp_path)) as pieces:
        assert pieces.testzip() is None
    assert acts.take(page, "recognize", "cleaned.wav", tmp_path).read_bytes()[:4] == b"RIFF"


def test_the_strip_seeks_by_mouse_and_by_keys(open_page: Opener, gradio_media: Path) -> None:
    page = open_page()
    acts.give(page, "recognize-clip", gradio_media / "audio" / "sax.wav")
    acts.run(page, "recognize")
    lane = page.locator("#recognize-strip .wave .lane")
    box = lane.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(300)
    assert acts.media_of(page, "recognize-player", "currentTime") == pytest.approx(8.0, abs=0.3)
    first = page.locator("#recognize-strip .span").first
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    said = page.evaluate("document.querySelector('#recognize-strip .avai-strip').shadowRoot.activeElement.ariaLabel")
    start = said.rsplit(", ", 1)[1].split(" – ")[0]
    minutes, seconds = start.split(":")
    sought = acts.media_of(page, "recognize-player", "currentTime")
    assert 60 * int(minutes) + float(seconds) - 0.1 <= sought <= 60 * int(minutes) + float(seconds) + 1


def test_what_is_shown_is_chosen_beside_the_result_and_saved_as_shown(open_page: Opener, tmp_path: Path) -> None:
    page = open_page()
    page.get_by_text("soundscape.m4a").click()
    acts.run(page, "recognize")
    rows = page.locator("#recognize-strip .row.spans .name")
    before = rows.all_inner_texts()
    assert {"Rain", "Saxophone", "Silence"} <= set(before)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#recognize-filter input[type=number]").nth(1).fill("2")
    expect(rows).to_have_count(6)
    assert rows.all_inner_texts()[4:] == before[4:6]
    page.locator("#recognize-filter input[type=number]").nth(1).fill("8")
    expect(rows).to_have_count(len(before) if len(before) < 12 else 12)
    page.get_by_label("Only these").click()
    page.get_by_role("option", name="Rain", exact=True).click()
    expect(rows).to_have_text(["Rain"])
    page.keyboard.press("Escape")
    saved = acts.take(page, "recognize", "tags.csv", tmp_path).read_text(encoding="utf-8").splitlines()
    assert len(saved) >= 2
    assert {line.split(",")[2] for line in saved[1:]} == {"rain"}
    assert acts.take(page, "recognize", "labels.txt", tmp_path).read_text(encoding="utf-8").endswith("\train\n")
    page.locator("#recognize-more > button").click()
    table = page.locator("#recognize-table tbody tr")
    expect(table).to_have_count(len(saved) - 1)
    sure = max(float(line.split(",")[3]) for line in saved[1:])
    assert f"{round(100 * sure)} %" in " ".join(table.all_inner_texts())
    page.get_by_label("Not these").click()
    page.get_by_role("option", name="Rain", exact=True).last.click()
    expect(rows).to_have_count(0)
    assert not [url for url in asked if "preview" in url]


def test_a_filter_keeps_its_limits_and_says_when_the_result_is_gone(served: Served, open_page: Opener) -> None:
    page = open_page()
    page.get_by_text("soundscape.m4a").click()
    acts.run(page, "recognize")
    sure, most = (page.locator("#recognize-filter input[type=number]").nth(each) for each in range(2))
    highest = page.locator("#recognize-filter input[type=range]").nth(1).get_attribute("max")
    for box, typed, kept in ((sure, "-5", "0"), (most, "999", highest), (most, "0", "1")):
        box.fill(typed)
        expect(box).to_have_value(str(kept))
    expect(page.locator("#recognize-strip .row.spans .name")).to_have_count(5)
    expect(page.get_by_text("minimum value")).to_have_count(0)
    expect(page.get_by_text("maximum value")).to_have_count(0)
    for made in served.jobs.glob("*/*/recognition.json"):
        shutil.rmtree(made.parent)
    sure.fill("10")
    expect(page.locator("#recognize-count")).to_contain_text("has been deleted")


def test_the_picture_stays_while_the_cleaned_sound_of_a_film_is_heard(open_page: Opener) -> None:
    page = open_page()
    page.get_by_text("reel.mp4").first.click()
    page.get_by_label("Clean up").check()
    acts.run(page, "recognize")
    page.wait_for_timeout(300)
    page.locator("#recognize-strip .wave .lane").click()
    picture = page.locator("#recognize-player video")
    at = acts.media_of(page, "recognize-player", "currentTime")
    page.keyboard.press("b")
    expect(page.locator("#recognize-player audio")).to_be_visible()
    expect(picture).to_be_visible()
    assert acts.media_of(page, "recognize-player", "currentTime") == pytest.approx(at, abs=0.05)
    page.evaluate(f"id => {acts.MEDIA}.play()", "recognize-player")
    page.wait_for_timeout(1000)
    sound = acts.media_of(page, "recognize-player", "currentTime")
    assert picture.evaluate("video => video.muted && video.currentTime") == pytest.approx(sound, abs=0.3)
    page.keyboard.press("a")
    expect(page.locator("#recognize-player audio")).to_be_hidden()
    assert picture.evaluate("video => !video.muted && video.controls && !video.paused")


def test_summarise(open_page: Opener, videos: Path, tmp_path: Path) -> None:
    page = open_page()
    acts.go(page, "summarize")
    acts.give(page, "summarize-clip", videos / "world.mp4")
    page.get_by_label("Length of the short version").fill("6")
    acts.run(page, "summarize")
    pictures = page.locator("#summarize-board .picture").count()
    assert 1 <= pictures <= 6
    assert page.locator("#summarize-strip .curve svg").count() == 1
    page.locator("#summarize-board .picture").last.click()
    page.wait_for_timeout(300)
    assert acts.media_of(page, "summarize-player", "currentTime") > 0
    result = json.loads(acts.take(page, "summarize", "summary.json", tmp_path).read_text())
    assert len(result["pictures"]) == pictures
    assert length_of(acts.take(page, "summarize", "skim.mp4", tmp_path)) == pytest.approx(6, abs=2)
    with zipfile.ZipFile(acts.take(page, "summarize", "pictures.zip", tmp_path)) as archive:
        assert len(archive.namelist()) == pictures
    assert "world.mp4" in acts.take(page, "summarize", "report.html", tmp_path).read_text(encoding="utf-8")
    assert acts.take(page, "summarize", "chapters.txt", tmp_path).read_text(encoding="utf-8").startswith("0:00 ")
    assert length_of(acts.take(page, "summarize", "film_chapters.mp4", tmp_path)) > 6
    assert acts.take(page, "summarize", "preview.webp", tmp_path).read_bytes()[8:12] == b"WEBP"


def test_edit(open_page: Opener, videos: Path, tmp_path: Path) -> None:
    page = open_page()
    acts.go(page, "edit")
    acts.give(page, "edit-clip", videos / "b.mp4")
    page.get_by_label("Target length").fill("2")
    acts.run(page, "edit")
    assert "kept" in page.inner_text("#edit-sentence")
    assert page.locator("#edit-strip .span.kept").count() >= 1
    assert page.locator("#edit-strip .span.dropped").count() >= 1
    assert acts.media_of(page, "edit-after-player", "duration") == pytest.approx(2, abs=0.6)
    assert length_of(acts.take(page, "edit", "edit.mp4", tmp_path)) == pytest.approx(2, abs=0.6)


def test_edit_refuses_a_target_out_of_its_limits(open_page: Opener, videos: Path) -> None:
    page = open_page()
    acts.go(page, "edit")
    acts.give(page, "edit-clip", videos / "b.mp4")
    page.get_by_label("Target length").fill("0.1")
    page.wait_for_selector("#edit-run:not([disabled])", timeout=acts.WAIT)
    page.click("#edit-run")
    expect(page.locator("#edit-status [role=alert]")).to_contain_text("give a number from 1 to 7200")


def test_compose(open_page: Opener, tmp_path: Path) -> None:
    page = open_page()
    acts.go(page, "compose")
    page.get_by_text("world + a + b + sax").click()
    page.locator("#compose-cards li").nth(2).wait_for(timeout=acts.WAIT)
    page.locator("#compose .more, .more").locator("visible=true").first.click()
    page.wait_for_timeout(500)  # what was folded is being put in
    page.get_by_label("Length of the film").fill("6")
    page.keyboard.press("Tab")
    acts.run(page, "compose")
    assert "LUFS" in page.inner_text("#compose-facts")
    assert page.locator("#compose-strip .film .cell").count() >= 1
    assert length_of(acts.take(page, "compose", "composition.mp4", tmp_path)) == pytest.approx(6, abs=0.6)
    page.click("#compose-use-edit")
    page.wait_for_selector("#edit-facts p", timeout=acts.WAIT)
    assert "composition.mp4" in page.inner_text("#edit-facts")


def test_a_clip_given_in_one_tab_is_offered_in_the_others(open_page: Opener, videos: Path) -> None:
    page = open_page()
    acts.give(page, "recognize-clip", videos / "a.mp4")
    page.wait_for_selector("#recognize-facts p", timeout=acts.WAIT)
    acts.go(page, "edit")
    page.click("#edit-clip-offer")
    page.wait_for_selector("#edit-facts p", timeout=acts.WAIT)
    assert "a.mp4" in page.inner_text("#edit-facts")


def test_chinese(open_page: Opener, gradio_media: Path, tmp_path: Path) -> None:
    page = open_page(locale="zh-CN")
    assert page.locator("button[role=tab]:visible").all_inner_texts() == ["识别", "摘要", "剪辑", "合成", "训练"]
    acts.give(page, "recognize-clip", gradio_media / "audio" / "sax.wav")
    acts.run(page, "recognize")
    assert "中听到" in page.inner_text("#recognize-verdict")
    assert {"语音", "音乐"} <= set(page.locator("#recognize-strip .row .name").all_inner_texts())
    acts.go(page, "edit")
    assert page.get_by_text("清晰画面").is_visible()
    nothing = tmp_path / "空.mp4"
    nothing.write_text("不是视频")
    acts.give(page, "edit-clip", nothing)
    page.wait_for_selector("#edit-status [role=alert]", timeout=acts.WAIT)
    assert "文件" in page.inner_text("#edit-status")


def test_a_switch_of_the_language_says_the_result_again_as_it_was_chosen(open_page: Opener) -> None:
    page = open_page()
    page.get_by_text("soundscape.m4a").click()
    acts.run(page, "recognize")
    rows = page.locator("#recognize-strip .row.spans .name")
    page.locator("#recognize-filter input[type=number]").nth(1).fill("1")
    expect(rows).to_have_text(["Speech", "Music", "Other sounds", "Silence", "Rain"])
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Language").click()
    page.get_by_role("option", name="简体中文").click()
    expect(rows).to_have_text(["语音", "音乐", "其他声音", "静音", "雨"])
    expect(page.locator("#recognize-verdict")).to_contain_text("中听到")
    expect(page.locator("button[role=tab]:visible")).to_have_text(["识别", "摘要", "剪辑", "合成", "训练"])
    expect(page.locator("#recognize-filter input[type=number]").nth(1)).to_have_value("1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_sees_all_without_scrolling_sideways(open_page: Opener, videos: Path, scheme: str) -> None:
    page = open_page(width=390, scheme=scheme)
    acts.give(page, "recognize-clip", videos / "b.mp4")
    page.wait_for_selector("#recognize-facts p", timeout=acts.WAIT)
    for task in acts.TABS:
        acts.go(page, task)
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, task


REFUSED = {
    "empty.mp4": b"",
    "words.mp4": b"This is a letter, not a video.\n" * 40,
    "list.mp4": b"#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
    "concat.mp3": b"ffconcat version 1.0\nfile /etc/hostname\n",
}


def test_what_cannot_be_used_is_refused_in_a_sentence(open_page: Opener, tmp_path: Path, videos: Path) -> None:
    page = open_page()
    for name, content in REFUSED.items():
        path = tmp_path / name
        path.write_bytes(content)
        acts.give(page, "recognize-clip", path)
        page.wait_for_selector("#recognize-status [role=alert]", timeout=acts.WAIT)
        sentence = page.inner_text("#recognize-status")
        assert sentence.strip().endswith("."), sentence
        assert "Traceback" not in sentence
        assert page.is_disabled("#recognize-run")
        page.locator("#recognize-clip button[aria-label='Clear']").or_(
            page.locator("#recognize-clip button[title='Clear']")
        ).first.click()
        page.wait_for_selector("#recognize-status [role=alert]", state="detached", timeout=10_000)
    acts.give(page, "recognize-clip", videos / "b.mp4")
    page.wait_for_selector("#recognize-run:not([disabled])", timeout=acts.WAIT)


def test_a_clip_with_a_warning_can_be_used(open_page: Opener, videos: Path, tmp_path: Path) -> None:
    whole = (videos / "world.mp4").read_bytes()
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(whole[: len(whole) * 6 // 10])
    page = open_page()
    acts.give(page, "recognize-clip", broken)
    page.wait_for_selector("#recognize-status .notes", timeout=acts.WAIT)
    acts.run(page, "recognize")
    assert len(set(rows := page.locator("#recognize-strip .name").all_inner_texts())) == len(rows)


def test_stop(open_page: Opener, tmp_path: Path) -> None:
    page = open_page()
    acts.give(page, "recognize-clip", noise(tmp_path / "noise.wav", 300))
    page.get_by_label("Clean up").check()
    page.wait_for_selector("#recognize-run:not([disabled])", timeout=acts.WAIT)
    page.click("#recognize-run")
    page.wait_for_selector("#recognize-stop:not([disabled])")
    page.wait_for_timeout(700)
    page.click("#recognize-stop")
    page.wait_for_selector("#recognize-status .calm", timeout=5_000)
    assert page.inner_text("#recognize-status").strip() == "Stopped."
    page.wait_for_selector("#recognize-run:not([disabled])", timeout=5_000)
    assert page.is_hidden("#recognize-takeaway")


def jobs_of(served: Served) -> set[Path]:
    """The folders of the jobs that there are."""
    return {path for path in served.jobs.glob("*/*") if len(path.name) == 32}


def noise(path: Path, seconds: int) -> Path:
    """A long enough sound to keep a worker busy for a while."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16000)
        for _ in range(seconds):
            out.writeframes(random.randbytes(32000))
    return path


def test_leaving_the_page_ends_its_work(served: Served, open_page: Opener, tmp_path: Path) -> None:
    page = open_page()
    acts.give(page, "recognize-clip", noise(tmp_path / "noise.wav", 300))
    page.get_by_label("Clean up").check()
    page.wait_for_selector("#recognize-run:not([disabled])", timeout=acts.WAIT)
    before = jobs_of(served)
    page.click("#recognize-run")
    page.wait_for_selector("#recognize-stop:not([disabled])")
    page.wait_for_timeout(500)
    begun = jobs_of(served) - before
    assert len(begun) == 1
    page.context.close()
    for _ in range(40):
        if not begun & jobs_of(served):
            return
        time.sleep(0.1)
    pytest.fail(f"the job of a page that was closed goes on: {[sorted(p.name for p in f.iterdir()) for f in begun]}")


def test_a_file_over_the_limits_is_refused_in_a_sentence(tmp_path: Path, browser: Browser, videos: Path) -> None:
    with serving(tmp_path, AVAI_MAX_BYTES="1000000", AVAI_MAX_SECONDS="6") as small:
        page = browser.new_page(locale="zh-CN")
        page.goto(small.url)
        page.wait_for_selector("#recognize-run")
        acts.give(page, "recognize-clip", videos / "world.mp4")
        page.wait_for_selector("#recognize-status [role=alert]")
        assert "文件大小为 2 MB，最多接受 1 MB" in page.inner_text("#recognize-status")
        acts.give(page, "recognize-clip", videos / "a.mp4")
        page.wait_for_selector("#recognize-status [role=alert]:has-text('时长')", timeout=acts.WAIT)
        page.close()


def seen(page: Page) -> str:
    return page.inner_text("body")


def test_it_says_beforehand_what_it_takes_and_where_files_go(open_page: Opener) -> None:
    page = open_page()
    said = seen(page)
    assert "up to 2 hours and 2 GB" in said
    assert "deleted after 60 minutes" in said
    assert "transcripts are not offered" in said
