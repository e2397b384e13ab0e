"""What the page is made of, without a browser: times in words, controls from requests, strips of pieces, texts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.route_utils import delete_files_created_by_app

from avai import words
from avai.config import settings
from avai.contracts import (
    ComposeRequest,
    EditRequest,
    Recognition,
    RecognizeRequest,
    Request,
    Score,
    SkimPiece,
    Span,
    Strip,
    SummarizeRequest,
)
from avai.errors import RequestError
from avai.jobs import Studio
from avai.ui import controls, filtering, frame, page, recognize, say, status, strip

KINDS = (RecognizeRequest, SummarizeRequest, EditRequest, ComposeRequest)
SCALARS = [(kind, name) for kind in KINDS for name in kind.model_fields if not controls.is_file(kind, name)]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0:00.0"), (7.46, "0:07.5"), (59.96, "1:00.0"), (61, "1:01.0"), (3599.99, "1:00:00.0"), (7323.4, "2:02:03.4")],
)
def test_clock(seconds: float, said: str) -> None:
    assert say.clock(seconds) == said


@pytest.mark.parametrize(("kind", "name"), SCALARS)
def test_every_field_has_a_control_with_its_default(kind: type[Request], name: str) -> None:
    default = kind.model_fields[name].default
    shown = controls.control(kind, name).value
    typed = default is None or name in ("only", "never", "like", "include", "exclude", "cut")
    assert shown == ("" if typed else list(default) if isinstance(default, tuple) else default)


@pytest.mark.parametrize("kind", KINDS)
def test_untouched_controls_make_the_default_request(kind: type[Request]) -> None:
    names = [name for name in kind.model_fields if not controls.is_file(kind, name)]
    files: dict[str, object] = {
        name: (Path("a.mp4"),) if name == "clips" else Path("a.mp4")
        for name in kind.model_fields
        if controls.is_file(kind, name)
    }
    values = [controls.control(kind, name).value for name in names]
    assert controls.gathered(kind, files, names, values) == kind(**files)


def test_a_value_out_of_its_limits_names_its_control() -> None:
    with pytest.raises(RequestError) as refused:
        controls.gathered(EditRequest, {"clip": Path("a.mp4")}, ["target"], ["0.2"], "zh")
    assert refused.value.sentence("zh") == "目标时长（秒，留空则不限）：请给 1 到 7200 之间的数。"


@pytest.mark.parametrize("typed", ["-40", "−40", "－40", "－４０"])
def test_a_minus_is_taken_as_it_is_printed(typed: str) -> None:
    asked = controls.gathered(RecognizeRequest, {"clip": Path("a.wav")}, ["silence_db"], [typed])
    assert asked == RecognizeRequest(clip=Path("a.wav"), silence_db=-40)


def test_a_slider_only_where_a_hand_can_set_it() -> None:
    assert isinstance(controls.control(SummarizeRequest, "pictures"), gr.Slider)
    assert isinstance(controls.control(SummarizeRequest, "seconds"), gr.Number)


PIECES = [SkimPiece(start=0, end=1, at=0), SkimPiece(start=3, end=4, at=1)]


def test_a_film_of_pieces_shows_the_pictures_and_the_sound_of_its_pieces() -> None:
    source = Strip(duration=4, peaks=(0.1, 0.2, 0.3, 0.4), film="film.jpg", tiles=4)
    assert strip.peaks_of_pieces(source, PIECES, count=2) == [0.1, 0.4]
    given = strip.Given(source, Path("film.jpg"))
    row = strip.film_of_pieces("Pictures", {0: given}, [(0, each) for each in PIECES], cells=4)
    assert row is not None
    assert row["cells"] == [(0, 0), (0, 0), (0, 3), (0, 3)]
    titled = [(0, SkimPiece(start=0, end=2, at=2))]
    row = strip.film_of_pieces("Pictures", {0: given}, titled, cells=4)
    assert row is not None
    assert row["cells"] == [None, None, (0, 0), (0, 1)]


def test_where_no_class_fits_the_sounds_are_named_below_what_is_heard() -> None:
    speech = (Span(start=0, end=3, label="speech"),)
    heard = Recognition(
        duration=4,
        classes=(Score(label="other", confidence=0.9), Score(label="sneezing", confidence=0.1)),
        spans=(*speech, Span(start=1, end=2, label="cough")),
        layers={"speech": speech},
    )
    said = recognize.verdict(heard, "en")
    assert said.index("speech 0:03.0") < said.index("Heard most beside speech and music: Cough 100 %.")
    assert "bar3" not in said
    assert [row["name"] for row in recognize.tag_rows(filtering.told(heard).sounds, "en")] == ["Cough"]


def test_names_of_files_are_text_not_html() -> None:
    shown = status.problem(RequestError("ui.give_first"), "en", "<img src=x onerror=alert(1)>.mp4")
    assert "<img" not in shown
    assert "<img" not in status.table(["a"], [["<img src=x>"]])


def places(text: str) -> set[str]:
    """The places of a text; a note within a note stands in a place named for its language."""
    return {{"en": "note", "zh": "note"}.get(name, name) for name in re.findall(r"{(\w+)", text)}


def test_both_languages_have_the_same_keys_and_places() -> None:
    english, chinese = words.texts("en"), words.texts("zh")
    assert set(english) == set(chinese)
    for key, text in english.items():
        assert places(text) == places(chinese[key]), key


def test_examples_outlast_the_deletion_of_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    blocks = page.build(Studio(settings()))
    before = {path.name for path in tmp_path.rglob("*.*") if path.is_file()}
    assert {"sax.wav", "world.mp4"} <= before
    delete_files_created_by_app(blocks, None)
    assert {path.name for path in tmp_path.rglob("*.*") if path.is_file()} == before


def test_the_page_loads_no_network_and_opens_no_media() -> None:
    code = "import sys, avai.ui.page; print(sorted({'tensorflow', 'keras', 'librosa', 'av', 'cv2'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


class Finished:
    """Runs that are over at once, with a result."""

    def follow(self, *_: object) -> Any:
        yield "working"
        return SimpleNamespace(id="4711"), SimpleNamespace(warnings=())


def test_a_result_that_cannot_be_shown_is_our_fault_and_the_next_run_is_free() -> None:
    def broken(*_: object) -> frame.Updates:
        raise FileNotFoundError("strip.json")

    with gr.Blocks() as blocks:
        bar, top, fields = frame.Bar("recognize"), frame.Top("recognize"), frame.Fields(RecognizeRequest, [])
        shared = frame.Page(Finished(), gr.Textbox(), gr.State(()))  # type: ignore[arg-type]
        frame.wire_run(shared, "recognize", bar, top, fields, [], lambda: {"clip": Path("a.wav")}, broken, [])
    run = next(each.fn for each in blocks.fns.values() if each.inputs)
    assert run
    values = [part.value for part in fields.parts]
    *_, last = run(SimpleNamespace(session_hash="session"), *values, "en")
    assert "4711" in last[top.status]
    assert last[bar.run]["interactive"]


def test_a_row_with_too_few_texts_gives_its_last_one_their_room() -> None:
    assert '<td>a</td><td colspan="2">b</td>' in status.table(["A", "B", "C"], [["a", "b"]])


def test_sounds_are_picked_by_their_names_in_the_page_s_language() -> None:
    assert isinstance(controls.control(SummarizeRequest, "tags"), gr.Dropdown)
    assert isinstance(controls.control(SummarizeRequest, "tags", controls.english), gr.Textbox)
    assert ("狗", "dog") in controls.choices(SummarizeRequest, "tags", "zh")
    files: dict[str, object] = {"clip": Path("a.mp4")}
    for given in (["dog", "applause"], "dog, applause"):
        assert controls.gathered(SummarizeRequest, files, ["tags"], [given]) == SummarizeRequest(
            clip=Path("a.mp4"), tags=("dog", "applause")
        )
