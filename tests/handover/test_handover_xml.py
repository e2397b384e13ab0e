"""What Final Cut Pro, Premiere and Resolve ask of the XML beyond what a reader of it minds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from avai.handover import Cut, clock_of, events, fcpxml, final_cut_7, placed

RATES = [Fraction(10), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60), None]
ORDER = {
    "fcpxml": ["resources", "library"],
    "resources": ["format", "asset"],
    "asset": ["media-rep"],
    "library": ["event"],
    "event": ["project"],
    "project": ["sequence"],
    "sequence": ["spine"],
    "spine": ["asset-clip"],
    "asset-clip": ["timeMap", "marker"],
    "timeMap": ["timept"],
}
"""Which children an element may have, in this order, in Apple's definition of version 1.9 (of those written here)."""
ATTRIBUTES = {
    "fcpxml": {"version"},
    "format": {"id", "frameDuration", "width", "height"},
    "asset": {"id", "name", "start", "duration", "hasVideo", "format", "videoSources"}
    | {"hasAudio", "audioSources", "audioChannels", "audioRate"},
    "media-rep": {"kind", "src"},
    "event": {"name"},
    "project": {"name"},
    "sequence": {"format", "duration", "tcStart", "tcFormat", "audioLayout", "audioRate"},
    "asset-clip": {"ref", "offset", "name", "start", "duration", "tcFormat", "audioRole"},
    "timept": {"time", "value", "interp"},
    "marker": {"start", "duration", "value"},
}
TIMES = {"offset", "start", "duration", "tcStart", "frameDuration", "time"}


def seconds(text: str) -> Fraction:
    assert text.endswith("s")
    time = Fraction(text[:-1])
    assert time.denominator < 2**31
    assert abs(time.numerator) < 2**63
    return time


@pytest.fixture(params=RATES, ids=str)
def cut(request: pytest.FixtureRequest, cut_of: Callable[..., Cut]) -> Cut:
    return cut_of(request.param, seconds=900, speeds=True)


def test_fcpxml_has_only_what_its_definition_has(cut: Cut) -> None:
    text = fcpxml(cut)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.9">')
    for element in ElementTree.fromstring(text).iter():
        assert set(element.attrib) <= ATTRIBUTES.get(element.tag, set()), element.tag
        places = [ORDER[element.tag].index(child.tag) for child in element]
        assert places == sorted(places)


def test_fcpxml_keeps_to_the_rules_of_final_cut(cut: Cut) -> None:
    root = ElementTree.fromstring(fcpxml(cut))
    frame = 1 / clock_of(cut.rate)
    for element in root.iter():
        for name in TIMES & set(element.attrib):
            assert (seconds(element.get(name)) / frame).denominator == 1, (element.tag, name)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    named = {element.get(key) for element in root.iter() for key in ("ref", "format") if element.get(key)}
    assert named <= set(ids)
    asset, sequence = root.find(".//asset"), root.find(".//sequence")
    assert (asset.get("hasVideo") == "1") == (cut.size is not None)
    assert (asset.get("format") is not None) == (cut.size is not None)
    assert asset.get("hasAudio") == "1"
    assert seconds(root.find(".//format").get("frameDuration")) == frame
    clips = list(root.iter("asset-clip"))
    first, last = seconds(asset.get("start")), seconds(asset.get("start")) + seconds(asset.get("duration"))
    for one, other in pairwise(clips):
        assert seconds(one.get("offset")) + seconds(one.get("duration")) == seconds(other.get("offset"))
    assert seconds(clips[-1].get("offset")) + seconds(clips[-1].get("duration")) == seconds(sequence.get("duration"))
    for clip in clips:
        start, length = seconds(clip.get("start")), seconds(clip.get("duration"))
        assert length > 0
        if clip.find("timeMap") is None:
            assert first <= start <= start + length <= last
        for mark in clip.iter("marker"):
            assert start <= seconds(mark.get("start")) < start + length


def test_a_piece_to_the_very_end_stays_inside_its_media() -> None:
    for rate in (Fraction(30000, 1001), Fraction(60000, 1001), Fraction(24000, 1001)):
        for frames in range(1000, 1020):
            duration = frames / rate
            ends = placed([(duration - 7 / rate, duration, Fraction(1)), (duration - 9 / rate, duration, Fraction(2))])
            cut = Cut("a", "a.mp4", duration, ends, (64, 36), rate, 2)
            root = ElementTree.fromstring(fcpxml(cut))
            clip, asset = root.find(".//asset-clip"), root.find(".//asset")
            assert (
                seconds(clip.get("start")) + seconds(clip.get("duration")) == seconds(asset.get("duration")) == duration
            )


def test_xmeml_says_its_rate_and_links_picture_and_sound(cut: Cut) -> None:
    root = ElementTree.fromstring(final_cut_7(cut))
    assert root.get("version") == "5"
    clock = clock_of(cut.rate)
    for rate in root.iter("rate"):
        assert rate.findtext("ntsc") == ("TRUE" if clock.denominator == 1001 else "FALSE")
        assert int(rate.findtext("timebase")) == round(clock)
    items = {item.get("id"): item for item in root.iter("clipitem")}
    picture = 1 if cut.size else 0
    assert len(items) == len(events(cut)) * (2 + picture)
    assert [len(file) > 0 for file in root.iter("file")].count(True) == 1
    assert len(next(root.iter("file"))) > 0, "the first says what it is"
    for item in items.values():
        start, end, first, last = (int(item.findtext(name)) for name in ("start", "end", "in", "out"))
        assert end - start == last - first > 0
        links = [link.findtext("linkclipref") for link in item.iter("link")]
        assert item.get("id") in links
        assert len(links) == 2 + picture
        assert {items[link].findtext("start") for link in links} == {str(start)}
    assert int(root.findtext("sequence/duration")) == max(int(item.findtext("end")) for item in items.values())
    halves = [track.get("currentExplodedTrackIndex") for track in root.findall(".//audio/track")]
    assert halves == ["0", "1"]


@pytest.mark.parametrize("channels", [0, 1, 2, 6])
def test_channels(cut_of: Callable[..., Cut], channels: int) -> None:
    cut = replace(cut_of(Fraction(25)), channels=channels)
    root = ElementTree.fromstring(final_cut_7(cut))
    assert len(root.findall(".//audio/track")) == channels
    indices = {int(index.text or 0) for index in root.findall(".//sourcetrack/trackindex")}
    assert indices == set(range(1, channels + 1))
    asset: Element = ElementTree.fromstring(fcpxml(cut)).find(".//asset")
    assert asset.get("audioChannels") == (str(channels) if channels else None)
