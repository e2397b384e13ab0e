"""Every project file gives the same cuts to the frame, as OpenTimelineIO's own readers see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree

import opentimelineio
import pytest
from otio_readers import Seen, timeline, tracks

from avai.handover import Cut, clock_of, edl, events, fcpxml, final_cut_7, otio, placed

WRITERS = {"otio": otio, "edl": edl, "xml": final_cut_7, "fcpxml": fcpxml}
RATES = [
    Fraction(10),
    Fraction(12),
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(48),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
]
NAMES = {Fraction(10): 30, Fraction(12): 24, Fraction(15): 30, Fraction(120): 60, Fraction(100): 50, Fraction(20): 60}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.6g}")
def test_an_hour_in_sixty_pieces(cut_of: Callable[..., Cut], rate: Fraction, kind: str) -> None:
    cut = cut_of(rate)
    clock = clock_of(rate)
    asked = [Seen(int(p.at * clock), int(p.start * clock), int((p.end - p.start) * clock)) for p in cut.pieces]
    assert all(
        p.at * clock == seen.at and p.start * clock == seen.source for p, seen in zip(cut.pieces, asked, strict=True)
    )
    read = tracks(kind, WRITERS[kind](cut), clock)
    assert len(read) == {"fcpxml": 1, "edl": 3}.get(kind, 2)
    for track in read:
        assert track == asked


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(30), Fraction(50), Fraction(60)], ids=str)
def test_the_reader_of_fcpxml_as_it_is(cut_of: Callable[..., Cut], rate: Fraction) -> None:
    """It is a frame early where floating point is; at 24 frames a second that never happens."""
    cut = cut_of(rate)
    read = opentimelineio.adapters.read_from_string(fcpxml(cut), "fcpx_xml")[0]
    early = set()
    for piece, clip in zip(cut.pieces, read.tracks[0].find_clips(), strict=True):
        early.add(int(piece.start * rate - Fraction(clip.source_range.start_time.value)))
        early.add(int((piece.end - piece.start) * rate - Fraction(clip.source_range.duration.value)))
    assert early <= ({0} if rate == 24 else {0, 1})


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001), Fraction(60)], ids=str)
def test_faster_and_slower_pieces_stand_where_they_should(
    cut_of: Callable[..., Cut], rate: Fraction, kind: str
) -> None:
    cut = cut_of(rate, seconds=900, count=50, speeds=True)
    clock = clock_of(rate)
    read = tracks(kind, WRITERS[kind](cut), clock)[0]
    for piece, seen in zip(cut.pieces, read, strict=True):
        assert abs(seen.at - piece.at * clock) <= Fraction(1, 2)
        assert abs(seen.at + seen.length - piece.until * clock) <= Fraction(1, 2)
        if kind in ("otio", "edl") or piece.speed == 1:
            assert seen.source == piece.start * clock
        elif kind == "xml":  # counts frames of the clip as it would be at that speed
            assert abs(seen.source * piece.speed - piece.start * clock) <= piece.speed / 2


def test_the_speed_itself_is_read_back(cut_of: Callable[..., Cut]) -> None:
    cut = cut_of(Fraction(25), seconds=900, count=50, speeds=True)
    fast = {index: piece.speed for index, piece in enumerate(cut.pieces) if piece.speed != 1}
    for kind in ("otio", "edl"):
        read = timeline(kind, WRITERS[kind](cut), Fraction(25))
        clips = list(read.tracks[0].find_clips())
        found = {n: clip.effects[0].time_scalar for n, clip in enumerate(clips) if clip.effects}
        assert found == pytest.approx({n: float(speed) for n, speed in fast.items()}, rel=0.002)
    read = timeline("xml", final_cut_7(cut), Fraction(25))
    clips = list(read.tracks[0].find_clips())
    effects = {n: clip.effects[0].metadata["fcp_xml"] for n, clip in enumerate(clips) if clip.effects}
    speeds = {n: next(p["value"] for p in e["parameter"] if p["name"] == "speed") for n, e in effects.items()}
    assert {n: float(value) / 100 for n, value in speeds.items()} == pytest.approx(
        {n: float(speed) for n, speed in fast.items()}
    )


def test_a_time_map_of_fcpxml_leads_to_the_exact_cut(cut_of: Callable[..., Cut]) -> None:
    cut = cut_of(Fraction(30000, 1001), seconds=900, count=50, speeds=True)

    def seconds(text: str) -> Fraction:
        return Fraction(text.removesuffix("s"))

    clips = ElementTree.fromstring(fcpxml(cut)).findall(".//asset-clip")
    for piece, clip in zip(cut.pieces, clips, strict=True):
        start, end = seconds(clip.get("start")), seconds(clip.get("start")) + seconds(clip.get("duration"))
        points = [(seconds(point.get("time")), seconds(point.get("value"))) for point in clip.findall("timeMap/timept")]
        if piece.speed == 1:
            assert not points
            continue
        (t0, v0), (t1, v1) = points
        assert t0 == 0 <= start < end <= t1
        assert (v1 - v0) / (t1 - t0) == piece.speed
        assert v0 + (start - t0) * piece.speed == piece.start


@pytest.mark.parametrize("kind", WRITERS)
def test_sound_alone(cut_of: Callable[..., Cut], kind: str) -> None:
    cut = cut_of(None)
    read = timeline(kind, WRITERS[kind](cut), Fraction(30))
    assert {track.kind for track in read.tracks} == {"Audio"}
    for seen, piece in zip(tracks(kind, WRITERS[kind](cut), Fraction(30))[0], cut.pieces, strict=True):
        assert abs(Fraction(seen.at, 30) - piece.at) <= Fraction(1, 60)
        assert abs(Fraction(seen.source, 30) - piece.start) <= Fraction(1, 60)
        assert abs(Fraction(seen.at + seen.length, 30) - piece.until) <= Fraction(1, 60)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_variable_rate_does_not_drift(cut_of: Callable[..., Cut], kind: str) -> None:
    cut = replace(cut_of(Fraction(1000), count=300), rate=Fraction(2871, 100))
    clock = clock_of(cut.rate)
    assert clock == Fraction(30000, 1001)
    for seen, piece in zip(tracks(kind, WRITERS[kind](cut), clock)[0], cut.pieces, strict=True):
        assert abs(seen.at - piece.at * clock) <= Fraction(1, 2)
        assert abs(seen.source - piece.start * clock) <= Fraction(1, 2)
        assert abs(seen.source + seen.length - piece.end * clock) <= Fraction(3, 2)


@pytest.mark.parametrize("rate", [*RATES, *NAMES], ids=str)
def test_the_clock_has_an_edge_at_each_frame(rate: Fraction) -> None:
    clock = clock_of(rate)
    assert clock == NAMES.get(rate, rate)
    assert (clock / rate).denominator == 1 or (rate / clock).denominator == 1


def test_pictures_that_begin_later_than_the_sound_keep_their_numbers(cut_of: Callable[..., Cut]) -> None:
    cut = cut_of(Fraction(25))
    for late, frames in (
        (Fraction(23, 1000), 0),
        (Fraction(39, 1000), 0),
        (Fraction(43, 1000), 1),
        (Fraction(1, 2), 12),
    ):
        moved = [(piece.start + late, piece.end + late, piece.speed) for piece in cut.pieces]
        later = replace(cut, pieces=placed(moved), first=late, duration=cut.duration + late)
        numbers = [event.source - frames for event in events(later)]
        assert numbers == [event.source for event in events(cut)]


def test_pictures_that_come_now_and_then_count_on_thirty() -> None:
    assert clock_of(Fraction(17, 2)) == clock_of(Fraction(137, 10)) == 30


def test_rates_as_headers_round_them() -> None:
    for text, clock in {
        "23.98": (24000, 1001),
        "29.97": (30000, 1001),
        "59.94": (60000, 1001),
        "29.999": (30, 1),
    }.items():
        assert clock_of(Fraction(text)) == Fraction(*clock)


def test_a_piece_of_no_frame_is_left_out_and_the_last_ends_with_the_clip() -> None:
    stretches = [(Fraction(0), Fraction(1), Fraction(1)), (Fraction(2), Fraction(201, 100), Fraction(1))]
    cut = Cut(
        "a",
        "a.mp4",
        Fraction(3),
        placed([*stretches, (Fraction(251, 100), Fraction(3), Fraction(1))]),
        (2, 2),
        Fraction(25),
    )
    assert [event.at for event in events(cut)] == [0, 25]
    assert max(event.source + event.length for event in events(cut)) == 75


def test_an_edl_says_what_cmx_3600_asks_for(cut_of: Callable[..., Cut]) -> None:
    cut = cut_of(Fraction(60000, 1001), speeds=True)
    lines = edl(cut).splitlines()
    assert lines[:2] == ["TITLE: An edit", "FCM: DROP FRAME"]
    code = r"\d\d:\d\d:\d\d;\d\d"
    listed = [
        line for line in lines if re.match(rf"\d\d\d  AX       AA/V  C        {code} {code} {code} {code}$", line)
    ]
    assert len(listed) == len(cut.pieces)
    assert all(len(line) <= 80 for line in listed)
    edges = [
        opentimelineio.opentime.from_timecode(at, float(cut.rate)).value for line in listed for at in line.split()[6:8]
    ]
    assert edges[0] == 3600 * 60 - 54 * 4
    assert edges[1:-1:2] == edges[2::2], "the record side has no hole"
    assert sum(line.startswith("M2") for line in lines) == sum(piece.speed != 1 for piece in cut.pieces)


def test_more_events_than_three_digits_have(cut_of: Callable[..., Cut]) -> None:
    cut = cut_of(Fraction(25), count=1200)
    assert len(tracks("edl", edl(cut), Fraction(25))[0]) == 1200
