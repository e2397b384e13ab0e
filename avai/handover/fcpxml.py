"""FCPXML 1.9, which Final Cut Pro reads from 10.4.9 on, and DaVinci Resolve.

Elements, attributes and their order are those of Apple's document type definition. What Final Cut Pro turns down
beyond it is minded: every time is a whole number of frames, as a rational number of seconds; no piece reaches past its
asset; there are no dates, which it reads by the settings of the machine.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from xml.etree import ElementTree as Tree

from avai.handover.counting import Count, Event, counted
from avai.handover.cut import Cut
from avai.handover.naming import plain, url

NO_PICTURE = (1920, 1080)
"""A project has a picture size, even where there is only sound."""
LAYOUTS = {1: "mono", 2: "stereo"}


def fcpxml(cut: Cut) -> str:
    """The text of an ``.fcpxml`` file: a project with the pieces in its main storyline, tags as markers in them.

    Where a piece is faster or slower, a ``timeMap`` over the whole clip says so; its ``start`` and its markers count on
    the map's side of the edit, on whole frames, and the map begins so far into the clip that the cut is exact.
    """
    count = counted(cut)
    width, height = cut.size or NO_PICTURE
    root = Tree.Element("fcpxml", version="1.9")
    resources = Tree.SubElement(root, "resources")
    shape = Tree.SubElement(resources, "format", id="r1", width=str(width), height=str(height))
    shape.set("frameDuration", f"{count.clock.denominator}/{count.clock.numerator}s")
    _asset(resources, cut, count)
    event = Tree.SubElement(Tree.SubElement(root, "library"), "event", name=plain(cut.name))
    sequence = Tree.SubElement(
        Tree.SubElement(event, "project", name=plain(cut.name)),
        "sequence",
        format="r1",
        duration=_time(count.length, count),
        tcStart="0s",
        tcFormat=_code(count),
        audioLayout=LAYOUTS.get(cut.channels, "surround" if cut.channels else "stereo"),
        audioRate="48k",
    )
    spine = Tree.SubElement(sequence, "spine")
    for piece in count.events:
        _clip(spine, piece, cut, count)
    Tree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{Tree.tostring(root, encoding="unicode")}\n'


def _asset(resources: Tree.Element, cut: Cut, count: Count) -> None:
    asset = Tree.SubElement(
        resources,
        "asset",
        id="r2",
        name=plain(cut.file),
        start=_time(count.origin, count),
        duration=_time(count.media, count),
    )
    if cut.size:
        asset.attrib.update(hasVideo="1", format="r1", videoSources="1")
    if cut.channels:
        asset.attrib.update(hasAudio="1", audioSources="1", audioChannels=str(cut.channels))
        asset.set("audioRate", str(cut.sample_rate))
    Tree.SubElement(asset, "media-rep", kind="original-media", src=url(cut.media))


def _clip(spine: Tree.Element, event: Event, cut: Cut, count: Count) -> None:
    start = count.origin + event.source
    if event.speed != 1:
        start = floor(event.source / event.speed)
    clip = Tree.SubElement(
        spine,
        "asset-clip",
        ref="r2",
        offset=_time(event.at, count),
        name=plain(cut.file),
        start=_time(start, count),
        duration=_time(event.length, count),
        tcFormat=_code(count),
    )
    if cut.channels:
        clip.set("audioRole", "dialogue")
    if event.speed != 1:
        first = event.source - start * event.speed
        whole = max(floor((count.media - first) / event.speed), start + event.length)
        mapping = Tree.SubElement(clip, "timeMap")
        for at in (0, whole):
            value = _time(count.origin + first + at * event.speed, count)
            Tree.SubElement(mapping, "timept", time=_time(at, count), value=value, interp="linear")
    for mark in event.marks:
        name = plain(mark.name)
        Tree.SubElement(clip, "marker", start=_time(start + mark.at, count), duration=_time(1, count), value=name)


def _code(count: Count) -> str:
    return "DF" if count.drop else "NDF"


def _time(frames: int | Fraction, count: Count) -> str:
    """Frames as seconds: ``1001/30000s``, whole ones as ``5s``."""
    seconds = frames / count.clock
    return f"{seconds.numerator}s" if seconds.denominator == 1 else f"{seconds.numerator}/{seconds.denominator}s"
