"""Tags: as markers in project files, and as captions of the edit."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from xml.etree import ElementTree

import opentimelineio
import pytest
from otio_readers import timeline

from avai import exchange
from avai.contracts import Span
from avai.handover import Cut, Marker, edl, events, fcpxml, final_cut_7, otio, placed, retimed

PIECES = placed(
    [
        (Fraction(1), Fraction(3), Fraction(1)),
        (Fraction(5), Fraction(9), Fraction(2)),
        (Fraction(10), Fraction(11), Fraction(1)),
    ]
)
TAGS = [
    Span(start=0.0, end=2.0, label="dog", confidence=0.5),
    Span(start=2.5, end=6.0, label="speech"),
    Span(start=3.2, end=4.9, label="gone"),
    Span(start=10.25, end=10.5, label="click"),
    Span(start=10.9997, end=20.0, label="too_short"),
]


def test_tags_move_with_the_pieces_and_are_cut_with_them() -> None:
    found = [(span.start, span.end, span.label) for span in retimed(TAGS, PIECES)]
    assert found == [(0.0, 1.0, "dog"), (1.5, 2.0, "speech"), (2.0, 2.5, "speech"), (4.25, 4.5, "click")]
    assert retimed(TAGS, PIECES)[0].confidence == 0.5
    assert retimed([], PIECES) == []


def test_a_stretch_that_is_played_twice_is_captioned_twice() -> None:
    twice = placed([(Fraction(0), Fraction(1), Fraction(1))] * 2)
    assert [(span.start, span.end) for span in retimed(TAGS[:1], twice)] == [(0.0, 1.0), (1.0, 2.0)]


def test_captions_of_the_edit_open_in_ffmpeg(tmp_path) -> None:
    import av

    spans = retimed(TAGS, PIECES)
    for name, text in {"a.vtt": exchange.tags_vtt(spans), "a.srt": exchange.tags_srt(spans)}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with av.open(str(tmp_path / name)) as file:
            times = [float(packet.pts * packet.time_base) for packet in file.demux() if packet.size]
        assert times == pytest.approx([span.start for span in spans], abs=0.001)


def marked(cut: Cut) -> list[tuple[int, int]]:
    """Where the edit has marks, and how long, by the count itself."""
    return [(event.at + mark.at, mark.length) for event in events(cut) for mark in event.marks]


def test_marks_lie_inside_their_pieces_where_the_tags_are() -> None:
    markers = tuple(Marker(Fraction(tag.start), Fraction(tag.end), tag.label) for tag in TAGS)
    cut = Cut("a", "a.mp4", Fraction(12), PIECES, (64, 36), Fraction(25), 1, markers=markers)
    assert marked(cut) == [(0, 25), (38, 12), (50, 13), (106, 7), (124, 1)]


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001)], ids=str)
def test_markers_are_read_back(cut_of: Callable[..., Cut], rate: Fraction) -> None:
    cut = cut_of(rate, seconds=900, speeds=True)
    asked = marked(cut)
    assert len(asked) > 20
    read = timeline("otio", otio(cut), rate)
    found = []
    for clip in read.tracks[0].find_clips():
        for marker in clip.markers:
            into = marker.marked_range.start_time - clip.source_range.start_time
            at = (clip.range_in_parent().start_time + into).value
            found.append((round(at, 5), round(marker.marked_range.duration.value, 5)))
            assert marker.name == "dog"
    assert found == asked
    read = timeline("xml", final_cut_7(cut), rate)
    times = [marker.marked_range for marker in read.tracks.markers]
    assert [(time.start_time.value, time.duration.value) for time in times] == asked
    found = []
    for clip in ElementTree.fromstring(fcpxml(cut)).iter("asset-clip"):
        offset, start = (Fraction(clip.get(name).removesuffix("s")) for name in ("offset", "start"))
        found += [
            (Fraction(mark.get("start").removesuffix("s")) - start + offset) * rate for mark in clip.iter("marker")
        ]
    assert found == [at for at, _ in asked]


def test_locators_of_an_edl(cut_of: Callable[..., Cut]) -> None:
    for rate in (Fraction(25), Fraction(30000, 1001)):
        cut = cut_of(rate, seconds=900)
        codes = re.findall(r"^\* LOC: (\S+) GREEN   dog$", edl(cut), re.MULTILINE)
        first = opentimelineio.opentime.from_timecode(
            "01:00:00;00" if rate.denominator > 1 else "01:00:00:00", float(rate)
        )
        times = [opentimelineio.opentime.from_timecode(code, float(rate)) - first for code in codes]
        assert [time.value for time in times] == [at for at, _ in marked(cut)]
    read = timeline("edl", edl(cut_of(Fraction(25), seconds=900)), Fraction(25))
    assert sum(len(clip.markers) for clip in read.tracks[0].find_clips()) == len(
        marked(cut_of(Fraction(25), seconds=900))
    )
