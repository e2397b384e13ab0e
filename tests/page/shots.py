"""Screenshots of every tab, with results of real runs: wide and narrow, light and dark, into ``shots/``.

python tests/page/shots.py [--locale zh-CN] [--out shots] [--sound FILE] [--video FILE]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent))

import page_acts as acts
from page_serve import FLAGS, MICROPHONE, ROOT, chromium, serving

SIZES = {"wide": (1280, 900), "phone": (390, 844)}
EXAMPLES = ROOT / "assets" / "examples"


def bundled(folder: str, name: str) -> Path:
    """A file of gradio's package, found without loading gradio."""
    from importlib.util import find_spec

    spec = find_spec("gradio")
    assert spec is not None
    assert spec.origin
    return Path(spec.origin).parent / "media_assets" / folder / name


def first(*paths: Path) -> Path:
    """The first of the files that is there."""
    return next(path for path in paths if path.exists())


def fill(page: Page, sound: Path, video: Path) -> Iterator[str]:
    """Run each tab; gives its name when there is something to see."""
    acts.give(page, "recognize-clip", sound)
    acts.run(page, "recognize")
    yield "recognize"
    acts.go(page, "summarize")
    acts.give(page, "summarize-clip", video)
    acts.run(page, "summarize")
    yield "summarize"
    acts.go(page, "edit")
    acts.give(page, "edit-clip", video)
    page.locator("#tab-edit").get_by_role("textbox").first.fill("10")
    acts.run(page, "edit")
    yield "edit"
    acts.go(page, "compose")
    page.locator("#tab-compose .gallery-item").first.click()
    acts.run(page, "compose")
    yield "compose"
    yield from teach(page)


def teach(page: Page) -> Iterator[str]:
    """Each state of the tab in which a model is taught."""
    acts.go(page, "train")
    yield "train-empty"
    page.locator("#train-ways button[role=tab]:visible").nth(1).click()
    page.locator("#train-name").get_by_role("textbox").fill("door bell")
    acts.record(page, "train-record", 1.0)
    page.locator("#train-classes tr").nth(1).wait_for(timeout=acts.WAIT)
    yield "train-class"
    page.click("#train-clear")
    page.locator("#train-ways button[role=tab]:visible").nth(0).click()
    acts.give(page, "train-material", EXAMPLES / "three_sounds.zip")
    page.wait_for_selector("#train-run:not([disabled])", timeout=acts.WAIT)
    yield "train-given"
    page.locator("#train-way input").nth(1).check()
    page.click("#train-run")
    page.locator("#train-curve svg").or_(page.locator("#train-takeaway")).first.wait_for(timeout=acts.WAIT)
    yield "train-running"
    page.click("#train-stop:not([disabled])")
    page.wait_for_selector("#train-run:not([disabled])", timeout=acts.WAIT)
    page.locator("#train-way input").nth(0).check()
    page.click("#train-run")
    page.wait_for_selector("#train-takeaway", timeout=acts.WAIT)
    yield "train-done"
    acts.record(page, "train-try", 1.5)
    page.locator("#train-review li").first.wait_for(timeout=acts.WAIT)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(EXAMPLES / "three_sounds.zip") as archive:
        names = ("kettle/kettle_3.flac", "knock/knock_2.flac")
        acts.give(page, "train-fresh", *(Path(archive.extract(name, folder)) for name in names))
        page.locator("#train-review li").nth(2).wait_for(timeout=acts.WAIT)
    page.locator("#train-review .yes").first.click()
    page.locator("#train-review .no").first.click()
    yield "train-review"


@contextmanager
def opened(url: str, locale: str) -> Iterator[Page]:
    """The page in a browser."""
    path = chromium()
    if path is None:
        sys.exit("no Chromium found: install Debian's package chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=[*FLAGS, *MICROPHONE])
        page = browser.new_page(locale=locale)
        page.goto(url)
        page.wait_for_selector(".state.ready", timeout=acts.WAIT)
        yield page
        browser.close()


def shoot(page: Page, out: Path, name: str) -> None:
    """One picture for each size and scheme."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.evaluate("dark => document.body.classList.toggle('dark', dark)", scheme == "dark")
            page.mouse.move(0, 0)
            page.wait_for_timeout(600)
            page.screenshot(path=out / f"{name}-{size}-{scheme}.png", full_page=True)
    page.evaluate("document.body.classList.remove('dark')")
    page.set_viewport_size({"width": 1280, "height": 900})


def main() -> None:
    """Serve the page, use every tab, take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locale", default="en-US")
    parser.add_argument("--out", type=Path, default=ROOT / "shots")
    parser.add_argument("--sound", type=Path)
    parser.add_argument("--video", type=Path)
    asked = parser.parse_args()
    sound = asked.sound or first(*EXAMPLES.glob("soundscape.*"), bundled("audio", "sax.wav"))
    video = asked.video or first(EXAMPLES / "reel.mp4", bundled("videos", "world.mp4"))
    asked.out.mkdir(parents=True, exist_ok=True)
    with serving(asked.out / ".jobs") as served, opened(served.url, asked.locale) as page:
        shoot(page, asked.out, "start")
        for name in fill(page, sound, video):
            shoot(page, asked.out, name)
            print(asked.out / name)


if __name__ == "__main__":
    main()
