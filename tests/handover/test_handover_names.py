"""Names that people give, however odd, come through every project file, and no file says where anything lies."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from otio_readers import timeline, tracks

from avai.handover import Cut, Marker, edl, fcpxml, final_cut_7, otio, placed

WRITERS = {"otio": otio, "edl": edl, "xml": final_cut_7, "fcpxml": fcpxml}
ODD = {
    "quotes": 'it\'s "mine" & <yours>.mp4',
    "markup": "]]></name><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;&#0;.mp4",
    "unicode": "日本語 – café ñ 🎬 العربية.mp4",
    "long": "a" * 251 + ".mp4",
    "lines": "one\n002  AX       V     C        00:00:00:00\r\nM2   AX 099.0 00:00:00:00\u2028x\x0b.mp4",
    "control": "bell\x07 null\x00 escape\x1b[31m \ufffe.mp4",
    "bytes": "latin-\udce9.mp4",
    "percent": "100% #1? a+b=c;d.mp4",
    "colon": "file:clip.mp4",
    "backslash": "a\\b.mp4",
    "json": '{"OTIO_SCHEMA": "Clip.1"}\\u0000.mp4',
    "blank": " .mp4 ",
}
PIECES = placed([(Fraction(1), Fraction(2), Fraction(1)), (Fraction(4), Fraction(7), Fraction(3, 2))])


def named(name: str) -> Cut:
    markers = (Marker(Fraction(1), Fraction(5), name),)
    return Cut(name, name, Fraction(10), PIECES, (640, 360), Fraction(25), 2, 44100, "", markers)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_is_read_back(name: str, kind: str) -> None:
    cut = named(ODD[name])
    text = WRITERS[kind](cut)
    text.encode("utf-8")
    assert [(seen.at, seen.length) for seen in tracks(kind, text, Fraction(25))[0]] == [(0, 25), (25, 50)]
    read = timeline(kind, text, Fraction(25))
    for clip in read.find_clips():
        if name in ("quotes", "unicode", "long", "percent", "colon", "backslash"):
            assert clip.name == ODD[name]
        assert "\n" not in clip.name
    if kind in ("xml", "fcpxml"):
        assert not [letter for letter in text if ord(letter) < 32 and letter != "\n"]


@pytest.mark.parametrize("name", ODD)
def test_the_media_is_a_relative_url_of_its_name(name: str) -> None:
    cut = named(ODD[name])
    urls = {
        ElementTree.fromstring(final_cut_7(cut)).findtext(".//pathurl"),
        ElementTree.fromstring(fcpxml(cut)).find(".//media-rep").get("src"),
        json.loads(otio(cut))["tracks"]["children"][0]["children"][0]["media_reference"]["target_url"],
    }
    assert len(urls) == 1
    url = urls.pop()
    assert unquote(url, errors="surrogateescape") == ODD[name]
    assert url.isascii()
    assert not set(url) & set(":?#\\<>\"' ")


@pytest.mark.parametrize("kind", WRITERS)
def test_a_folder_beside_stays_and_nothing_is_absolute(cut_of: Callable[..., Cut], kind: str) -> None:
    text = WRITERS[kind](cut_of(Fraction(25)))
    assert ("clips/a%20clip.mp4" if kind != "edl" else "clips/a clip.mp4") in text
    assert str(Path.home()) not in text
    assert "file:" not in text
    assert "//" not in text


@pytest.mark.parametrize(
    "path", ["/a.mp4", "\\\\host\\a.mp4", "C:\\a.mp4", "d:/a.mp4", "file:///a.mp4", "http://a/b", ""]
)
def test_an_absolute_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="relative"):
        replace(named("a.mp4"), media=path)


def test_what_cannot_be_a_cut_is_refused() -> None:
    good = named("a.mp4")
    for change in (
        {"size": None},
        {"size": None, "rate": None, "channels": 0},
        {"pieces": ()},
        {"pieces": PIECES[1:]},
        {"pieces": (*PIECES, PIECES[1])},
    ):
        with pytest.raises(ValueError, match="cut"):
            replace(good, **change)
    with pytest.raises(ValueError, match="piece"):
        placed([(Fraction(2), Fraction(1), Fraction(1))])
    assert good.length == 3
