"""The report: one file, both languages, nothing from elsewhere, and nothing that a file says is taken for markup."""

from __future__ import annotations

import re
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from avai import media, words
from avai.contracts import Picture, Shot, Skim, SkimPiece, Span, Summary
from avai.errors import note
from avai.services import report
from avai.services.report import write_report

HOSTILE = '"><script>alert(1)<\\script><img src=x onerror=alert(2)>{{ 7 * 7 }}&amp;\u202e.mp4'
VOID = {"meta", "input", "img", "source", "path", "rect"}


class Reader(HTMLParser):
    """Elements, their attributes, and the text of each language; every element that opens is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[tuple[str, str]] = []
        self.said = {"en": "", "zh": "", "": ""}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append((tag, given))
        if tag not in VOID:
            self.open.append((tag, given.get("class") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        kind = next((kind for _, kind in reversed(self.open) if kind in ("en", "zh")), "")
        if not any(tag == "style" for tag, _ in self.open):
            self.said[kind] += f"{data.strip()}\n" if data.strip() else ""

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [given for name, given in self.elements if name == tag]


@pytest.fixture
def summary(tmp_path: Path, photographs: list[np.ndarray]) -> Summary:
    """Of a video of two minutes, with a label and a warning that would be markup."""
    for number, photograph in enumerate(photographs, 1):
        media.write_jpeg(tmp_path / f"picture_{number:02}.jpg", np.repeat(np.repeat(photograph, 4, 0), 4, 1))
    (tmp_path / "preview.webp").write_bytes(media.webp(photographs[:2], 2))
    return Summary(
        duration=120,
        shots=tuple(Shot(start=30.0 * at, end=30.0 * at + 30, transition="cut") for at in range(4)),
        pictures=tuple(
            Picture(time=30.0 * at + 4.5, file=f"picture_{at + 1:02}.jpg", shot=at, good=1) for at in range(4)
        ),
        skim=Skim(duration=6, pieces=(SkimPiece(start=3, end=6, at=0), SkimPiece(start=63, end=66, at=3))),
        chapters=(Span(start=0, end=60, label="speech_over_rain"), Span(start=60, end=120, label=HOSTILE)),
        curve=tuple(abs(np.sin(np.arange(240) / 9)).round(3).tolist()),
        warnings=(note("summarize_note.fewer_pictures", asked=6, got="<b>4</b>"),),
    )


def written(summary: Summary, folder: Path, gradio_media: Path, name: str = "film.mp4", **how: str) -> str:
    info = media.probe(gradio_media / "videos" / "a.mp4")
    write_report(Path(name), info, summary, folder, folder / "report.html", **how)
    return (folder / "report.html").read_text(encoding="utf-8")


def test_it_says_all_in_both_languages(summary: Summary, tmp_path: Path, gradio_media: Path) -> None:
    page = Reader(written(summary, tmp_path, gradio_media))
    assert "Speech over rain" in page.said["en"]
    assert f"{words.name_of('rain', 'zh')}中的{words.name_of('speech', 'zh')}" in page.said["zh"]
    assert page.said["en"].count("\n") == page.said["zh"].count("\n")
    assert not re.search(r"[\u4e00-\u9fff]", page.said["en"])
    for time in ("0:04.5", "0:34.5", "1:04.5", "1:34.5", "1:03.0 – 1:06.0", "2:00.0"):
        assert time in page.said[""]
    assert len([each for each in page.all("rect") if each["class"] == "kept"]) == 2
    assert len([each for each in page.all("path") if each["class"] == "shot"]) == 3
    assert len([each for each in page.all("span") if each.get("class") == "chosen"]) == 4


def test_it_needs_nothing_from_elsewhere(summary: Summary, tmp_path: Path, gradio_media: Path) -> None:
    text = written(summary, tmp_path, gradio_media)
    page = Reader(text)
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert not page.all("script")
    assert not page.all("link")
    sources = [given.get(name) for _, given in page.elements for name in ("src", "srcset", "href") if name in given]
    assert len(sources) == 6
    assert all(source and source.startswith("data:image/") for source in sources)
    assert not [name for _, given in page.elements for name in given if name.startswith("on")]
    policy = next(each for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy")
    assert (policy["content"] or "").startswith("default-src 'none'")
    assert len(text) < 3_000_000


def test_hostile_names_are_only_names(summary: Summary, tmp_path: Path, gradio_media: Path) -> None:
    page = Reader(written(summary, tmp_path, gradio_media, HOSTILE))
    shown = HOSTILE.replace("\u202e", "")
    assert page.said[""].count(shown) == 2  # the title and the heading
    assert HOSTILE.split("\u202e")[0] in page.said["en"]  # a label
    assert "<b>4</b>" in page.said["en"]
    assert not page.all("script")
    assert len(page.all("img")) == 5
    assert not [name for _, given in page.elements for name in given if name.startswith("on")]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_opens_in_a_language(language: str, summary: Summary, tmp_path: Path, gradio_media: Path) -> None:
    page = Reader(written(summary, tmp_path, gradio_media, language=language))
    assert page.all("html") == [{"lang": language}]
    assert [each["id"] for each in page.all("input") if "checked" in each] == [language]


def test_pictures_are_small_and_many_are_smaller(
    summary: Summary, tmp_path: Path, gradio_media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def widths() -> set[int]:
        images = Reader(written(summary, tmp_path, gradio_media)).all("img")
        sources = [str(each["src"]).partition("base64,")[2] for each in images if "jpeg" in str(each["src"])]
        for number, source in enumerate(sources):
            (tmp_path / f"{number}.jpg").write_bytes(b64decode(source))
        return {media.still(tmp_path / f"{number}.jpg").shape[1] for number in range(len(sources))}

    assert widths() == {640}
    monkeypatch.setattr(report, "MOST_BYTES", 60_000)
    assert max(widths()) < 640


def test_a_video_with_next_to_nothing(tmp_path: Path, gradio_media: Path) -> None:
    """Of a single frame there is no curve to speak of, no skim, no preview."""
    bare = Summary(duration=0.04, shots=(Shot(start=0, end=0.04),), pictures=(), skim=Skim(duration=0, pieces=()))
    page = Reader(written(bare, tmp_path, gradio_media))
    assert not page.all("img")
    assert page.all("svg")
