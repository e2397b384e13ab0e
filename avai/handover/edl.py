"""CMX 3600 edit decision lists: one line an event, as every editor has read them since tape."""

from __future__ import annotations

from avai.handover.counting import Count, Event, counted
from avai.handover.cut import Cut
from avai.handover.naming import plain
from avai.handover.timecode import nominal, timecode

TITLE = 70
"""As many characters the format allows a title."""


def edl(cut: Cut) -> str:
    """The text of an ``.edl`` file. The edit begins at 01:00:00:00, as is the custom; the clip at its own timecode.

    Timecode drops numbers at 29.97 and 59.94 (a semicolon before the frames), unless the clip's own does not. An event
    takes the picture and the first two channels of the sound together. The clip is named by ``FROM CLIP NAME`` and
    ``SOURCE FILE``: the reel is ``AX``, no tape. An ``M2`` line says the speed in frames a second, to a tenth; its
    timecode has colons only, as the readers of that line want it. Tags are ``LOC`` lines, at their place in the edit.
    More than 999 events go on in four digits. A list does not say its rate: whoever reads it is to know
    ``clock_of(cut.rate)``.
    """
    count = counted(cut)
    lines = [f"TITLE: {plain(cut.name)[:TITLE]}", f"FCM: {'DROP FRAME' if count.drop else 'NON-DROP FRAME'}", ""]
    channel = {(True, 0): "V", (True, 1): "B", (False, 1): "A"}.get((bool(cut.size), cut.channels))
    channel = channel or ("AA/V" if cut.size else "AA")
    for number, event in enumerate(count.events, 1):
        lines += _event(number, event, channel, cut, count)
    return "\n".join(lines) + "\n"


def hour(count: Count) -> int:
    """The number of the frame at 01:00:00:00."""
    rate = nominal(count.clock)
    return 3600 * rate - (54 * rate // 15 if count.drop else 0)


def _event(number: int, event: Event, channel: str, cut: Cut, count: Count) -> list[str]:
    source, record = count.origin + event.source, hour(count) + event.at
    edges = (source, source + event.used, record, record + event.length)
    codes = [timecode(edge, count.clock, count.drop) for edge in edges]
    lines = [f"{number:03}  AX       {channel:<5} C        {' '.join(codes)}"]
    if event.speed != 1:
        rate = float(event.speed * nominal(count.clock))
        lines.append(f"M2   AX       {rate:05.1f}                {codes[0].replace(';', ':')}")
    lines += [f"* FROM CLIP NAME: {plain(cut.file)}", f"* SOURCE FILE: {plain(cut.media)}"]
    for mark in event.marks:
        at = timecode(record + mark.at, count.clock, count.drop)
        lines.append(f"* LOC: {at} GREEN   {plain(mark.name)}")
    return lines
