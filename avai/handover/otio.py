"""OpenTimelineIO (ASWF): the JSON of a timeline, as its serialization defines it, in schemas that its first versions
read too (``Clip.1``, ``Marker.2``, ``LinearTimeWarp.1``)."""

from __future__ import annotations

import json
from typing import Any

from avai.handover.counting import Count, Event, counted
from avai.handover.cut import Cut
from avai.handover.naming import plain, url

Json = dict[str, Any]


def otio(cut: Cut) -> str:
    """The text of an ``.otio`` file: a picture track and a sound track, of those that the clip has, with its tags as
    markers on the pieces.

    Times are whole frames of the clock. Where a piece is faster or slower, its ``source_range`` is as long as it is in
    the edit, and a ``LinearTimeWarp`` says the speed, as OpenTimelineIO's own readers have it.
    """
    count = counted(cut)
    kinds = [kind for kind, there in (("Video", cut.size), ("Audio", cut.channels)) if there]
    tracks = [_track(kind, cut, count) for kind in kinds]
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {},
        "name": plain(cut.name),
        "global_start_time": _time(0, count),
        "tracks": {**_item("Stack.1", "tracks"), "children": tracks},
    }
    return json.dumps(timeline, ensure_ascii=False, indent=2) + "\n"


def _item(schema: str, name: str) -> Json:
    """What stacks, tracks and clips have in common."""
    return {
        "OTIO_SCHEMA": schema,
        "metadata": {},
        "name": name,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _track(kind: str, cut: Cut, count: Count) -> Json:
    clips = [_clip(event, cut, count, marked=kind == "Video" or not cut.size) for event in count.events]
    return {**_item("Track.1", kind), "kind": kind, "children": clips}


def _clip(event: Event, cut: Cut, count: Count, marked: bool) -> Json:
    start = count.origin + event.source
    markers = [
        {
            "OTIO_SCHEMA": "Marker.2",
            "metadata": {},
            "name": plain(mark.name),
            "color": "GREEN",
            "marked_range": _range(start + mark.at, mark.length, count),
        }
        for mark in event.marks
    ]
    warp = {
        "OTIO_SCHEMA": "LinearTimeWarp.1",
        "metadata": {},
        "name": "",
        "effect_name": "LinearTimeWarp",
        "time_scalar": float(event.speed),
    }
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": plain(cut.file),
        "available_range": _range(count.origin, count.media, count),
        "target_url": url(cut.media),
    }
    return {
        **_item("Clip.1", plain(cut.file)),
        "source_range": _range(start, event.length, count),
        "effects": [warp] if event.speed != 1 else [],
        "markers": markers if marked else [],
        "media_reference": reference,
    }


def _range(start: int, length: int, count: Count) -> Json:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, count), "duration": _time(length, count)}


def _time(frames: int, count: Count) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(count.clock), "value": float(frames)}
