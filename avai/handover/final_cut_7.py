"""Final Cut Pro 7's XML (xmeml 5), which Premiere Pro and DaVinci Resolve read."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from xml.etree import ElementTree as Tree

from avai.handover.counting import Count, Event, counted
from avai.handover.cut import Cut
from avai.handover.naming import plain, url
from avai.handover.timecode import nominal, timecode

MOST_CHANNELS = 8


def final_cut_7(cut: Cut) -> str:
    """The text of the ``.xml`` file: a sequence with a picture track and a sound track for each channel of the clip
    (the two of stereo as halves of one, as Premiere writes them), linked, and the tags as the sequence's markers.

    All times are on the sequence's clock: Premiere and Resolve read ``in`` and ``out`` so, whatever rate the clip
    itself has. The ``in`` and ``out`` of a piece that is faster or slower count frames of the clip as it would be at
    that speed, so that they are exact to a frame of the edit; a ``timeremap`` filter says the speed.
    """
    count = counted(cut)
    root = Tree.Element("xmeml", version="5")
    sequence = Tree.SubElement(root, "sequence", id="sequence-1")
    _said(sequence, name=plain(cut.name), duration=count.length)
    _rate(sequence, count)
    _timecode(sequence, 0, count)
    media = Tree.SubElement(sequence, "media")
    if cut.size:
        video = Tree.SubElement(media, "video")
        _picture(Tree.SubElement(video, "format"), cut.size, count)
        _pieces(Tree.SubElement(video, "track"), 0, cut, count)
    if cut.channels:
        audio = Tree.SubElement(media, "audio")
        _said(audio, numOutputChannels=min(cut.channels, 2))
        _said(Tree.SubElement(Tree.SubElement(audio, "format"), "samplecharacteristics"), depth=16, samplerate=48000)
        for place, kind in enumerate(_kinds(cut)):
            if kind == "audio":
                _pieces(Tree.SubElement(audio, "track", _half(place, cut)), place, cut, count)
    for event in count.events:
        for mark in event.marks:
            marker, at = Tree.SubElement(sequence, "marker"), event.at + mark.at
            _said(marker, name=plain(mark.name), comment="", **{"in": at, "out": at + mark.length})
    Tree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{Tree.tostring(root, encoding="unicode")}\n'


def _kinds(cut: Cut) -> list[str]:
    """The tracks in their order: the picture's, and one for each channel."""
    return (["video"] if cut.size else []) + ["audio"] * min(cut.channels, MOST_CHANNELS)


def _said(parent: Tree.Element, **texts: object) -> None:
    """Child elements with texts; true and false in capitals."""
    for name, text in texts.items():
        Tree.SubElement(parent, name).text = str(text).upper() if isinstance(text, bool) else str(text)


def _rate(parent: Tree.Element, count: Count) -> None:
    _said(Tree.SubElement(parent, "rate"), timebase=nominal(count.clock), ntsc=count.clock.denominator == 1001)


def _timecode(parent: Tree.Element, frame: int, count: Count) -> None:
    element = Tree.SubElement(parent, "timecode")
    _rate(element, count)
    _said(element, string=timecode(frame, count.clock, count.drop), frame=frame)
    _said(element, displayformat="DF" if count.drop else "NDF")


def _picture(parent: Tree.Element, size: tuple[int, int], count: Count) -> None:
    shown = Tree.SubElement(parent, "samplecharacteristics")
    _rate(shown, count)
    _said(shown, width=size[0], height=size[1], anamorphic=False, pixelaspectratio="square", fielddominance="none")


def _half(place: int, cut: Cut) -> dict[str, str]:
    """What says that a track is one half of a stereo track."""
    if cut.channels != 2:
        return {}
    exploded = {"currentExplodedTrackIndex": str(_index(place, cut) - 1), "totalExplodedTrackCount": "2"}
    return {**exploded, "premiereTrackType": "Stereo"}


def _index(place: int, cut: Cut) -> int:
    """The number of a track among those of its kind, from 1."""
    kinds = _kinds(cut)
    return place - kinds.index(kinds[place]) + 1


def _pieces(track: Tree.Element, place: int, cut: Cut, count: Count) -> None:
    """All pieces on the track at ``place``; the very first says what the file is, the others name it."""
    kinds = _kinds(cut)
    for number, event in enumerate(count.events):
        item = Tree.SubElement(track, "clipitem", id=_id(number, place, kinds))
        if cut.channels == 2 and kinds[place] == "audio":
            item.set("premiereChannelType", "stereo")
        _timing(item, event, cut, count)
        file = Tree.SubElement(item, "file", id="file-1")
        if number == place == 0:
            _file(file, cut, count)
        if kinds[place] == "audio":
            _said(Tree.SubElement(item, "sourcetrack"), mediatype="audio", trackindex=cut.channel + _index(place, cut))
        if event.speed != 1:
            _speed(item, event.speed)
        for other, kind in enumerate(kinds if len(kinds) > 1 else []):
            link = Tree.SubElement(item, "link")
            _said(link, linkclipref=_id(number, other, kinds), mediatype=kind)
            _said(link, trackindex=_index(other, cut), clipindex=number + 1)


def _timing(item: Tree.Element, event: Event, cut: Cut, count: Count) -> None:
    first = floor(event.source / event.speed + Fraction(1, 2))
    _said(item, name=plain(cut.file), enabled=True, duration=floor(count.media / event.speed))
    _rate(item, count)
    _said(item, start=event.at, end=event.until, **{"in": first, "out": first + event.length})


def _id(number: int, place: int, kinds: list[str]) -> str:
    return f"clipitem-{number * len(kinds) + place + 1}"


def _file(file: Tree.Element, cut: Cut, count: Count) -> None:
    _said(file, name=plain(cut.file), pathurl=url(cut.media))
    _rate(file, count)
    _said(file, duration=count.media)
    _timecode(file, count.origin, count)
    media = Tree.SubElement(file, "media")
    if cut.size:
        _picture(Tree.SubElement(media, "video"), cut.size, count)
    if cut.channels:
        audio = Tree.SubElement(media, "audio")
        _said(Tree.SubElement(audio, "samplecharacteristics"), depth=16, samplerate=cut.sample_rate)
        _said(audio, channelcount=cut.channel + cut.channels)


def _speed(item: Tree.Element, speed: Fraction) -> None:
    """The filter that makes a piece faster or slower, in per cent."""
    effect = Tree.SubElement(Tree.SubElement(item, "filter"), "effect")
    _said(effect, name="Time Remap", effectid="timeremap", effectcategory="motion", effecttype="motion")
    _said(effect, mediatype="video")
    percent = f"{float(speed * 100):.6f}".rstrip("0").rstrip(".")
    for name, value in {"variablespeed": 0, "speed": percent, "reverse": False, "frameblending": False}.items():
        _said(Tree.SubElement(effect, "parameter"), parameterid=name, name=name, value=value)
