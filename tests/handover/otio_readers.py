"""Project files read by OpenTimelineIO's own readers, as whole frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import opentimelineio
from otio_fcpx_xml_adapter.fcpx_xml import FcpxXml

Timeline = opentimelineio.schema.Timeline


@dataclass(frozen=True)
class Seen:
    """A piece as a reader sees it: where in the edit, from which frame of the clip, and how long in the edit."""

    at: int
    source: int
    length: int


class NearestFrames(FcpxXml):
    """OTIO's reader of FCPXML rounds a rate down to a whole number (29.97 becomes 29) and cuts what floating point
    leaves of frames (29 at 25 a second becomes 28). Here the rate stays as it is, and a little above."""

    def _format_frame_rate(self, format_id: str) -> float:
        duration = self._format_by_id(format_id).get("frameDuration")
        return float(1 / Fraction(duration.removesuffix("s"))) * (1 + 1e-9)

    def _format_frame_duration(self, format_id: str) -> tuple[str, str]:
        return "1", repr(self._format_frame_rate(format_id))


def timeline(kind: str, text: str, clock: Fraction) -> Timeline:
    """The timeline that the reader of ``otio``, ``edl``, ``xml`` or ``fcpxml`` makes of a text."""
    read = opentimelineio.adapters.read_from_string
    match kind:
        case "otio":
            return read(text, "otio_json")
        case "edl":
            return read(text, "cmx_3600", rate=float(clock))
        case "xml":
            return read(text, "fcp_xml")
    return NearestFrames(text).to_otio()[0]


def tracks(kind: str, text: str, clock: Fraction) -> list[list[Seen]]:
    """The pieces on each track. (A timeline is held until all is read: its tracks are empty once it is gone.)"""
    whole = timeline(kind, text, clock)
    return [_pieces(track) for track in whole.tracks]


def _pieces(track: opentimelineio.schema.Track) -> list[Seen]:
    """Every number has to be whole."""
    found = []
    for clip in track.find_clips():
        at = clip.range_in_parent().start_time
        numbers = [at.value, clip.source_range.start_time.value, clip.source_range.duration.value]
        assert all(abs(number - round(number)) < 1e-5 for number in numbers), numbers
        found.append(Seen(*(round(number) for number in numbers)))
    return found
