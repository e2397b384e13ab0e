"""Timecode: what SMPTE says, and what OpenTimelineIO makes of every frame near the ends of minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import opentimelineio
import pytest
from otio_readers import tracks

from avai.handover import Cut, edl, events, fcpxml, final_cut_7, frame_of, otio, timecode

NTSC, FAST = Fraction(30000, 1001), Fraction(60000, 1001)
KNOWN = [
    (NTSC, 0, "00:00:00;00"),
    (NTSC, 1799, "00:00:59;29"),
    (NTSC, 1800, "00:01:00;02"),
    (NTSC, 17981, "00:09:59;29"),
    (NTSC, 17982, "00:10:00;00"),
    (NTSC, 107892, "01:00:00;00"),
    (NTSC, 2589408, "00:00:00;00"),
    (FAST, 3599, "00:00:59;59"),
    (FAST, 3600, "00:01:00;04"),
    (FAST, 215784, "01:00:00;00"),
    (Fraction(24000, 1001), 86400, "01:00:00:00"),
    (Fraction(25), 90001, "01:00:00:01"),
]


@pytest.mark.parametrize(("clock", "frame", "code"), KNOWN)
def test_known_codes(clock: Fraction, frame: int, code: str) -> None:
    assert timecode(frame, clock) == code
    assert frame_of(code, clock) == frame % 2589408


@pytest.mark.parametrize("clock", [NTSC, FAST, Fraction(24000, 1001), Fraction(25), Fraction(50)], ids=str)
def test_near_the_end_of_each_minute_of_two_hours_as_opentimelineio_has_it(clock: Fraction) -> None:
    time = opentimelineio.opentime
    for minute in range(121):
        for frame in range(max(0, int(60 * minute * clock) - 8), int(60 * minute * clock) + 12):
            code = timecode(frame, clock)
            assert time.from_timecode(code, float(clock)).value == frame
            assert time.to_timecode(time.RationalTime(frame, float(clock)), float(clock)) == code
            assert frame_of(code, clock) == frame


@pytest.mark.parametrize(
    "code", ["", "1:2:3:4", "00:00:60:00", "00:60:00:00", "00:00:00:30", "00:01:00;00", "aa:bb:cc:dd"]
)
def test_what_is_no_code(code: str) -> None:
    assert frame_of(code, NTSC) is None
    assert frame_of("00:00:01;00", Fraction(25)) is None


@pytest.mark.parametrize(("code", "drop"), [("10:02:00;02", True), ("10:02:00:00", False), ("00:00:00:99", True)])
def test_the_timecode_of_the_clip_itself(cut_of: Callable[..., Cut], code: str, drop: bool) -> None:
    cut = replace(cut_of(NTSC), timecode=code)
    origin = frame_of(code, NTSC) or 0
    sources = [event.source for event in events(cut)]
    writers = {"otio": otio, "edl": edl, "xml": final_cut_7, "fcpxml": fcpxml}
    for kind, write in writers.items():
        read = tracks(kind, write(cut), NTSC)[0]
        assert [seen.source - origin for seen in read] == sources
    assert ("FCM: DROP FRAME" in edl(cut)) == drop
    assert (";" in edl(cut)) == drop
    assert ("<displayformat>DF" in final_cut_7(cut)) == drop
    assert ('tcFormat="DF"' in fcpxml(cut)) == drop
