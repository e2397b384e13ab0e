"""The header of H.264 in MP4 is read and written as encoders write it, and byte streams become lengths."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest
from odd import make

from avai.media import avc, open_clip


@pytest.mark.parametrize("profile", ["baseline", "main", "high"])
@pytest.mark.parametrize("number", [0, 1, 7, 31])
def test_the_header_is_read_and_written_the_same(tmp_path, profile, number) -> None:
    options = {"profile": profile, "x264-params": f"sps-id={number}"}
    clip = make.clip(tmp_path / "clip.mp4", count=5, options=options)
    with open_clip(clip) as source:
        box = source.picture().codec_context.extradata
    found = avc.headers(box)
    assert found.box() == box
    assert [avc.number(unit) for unit in (*found.sequences, *found.pictures)] == [number, number]
    assert found.free == (30 if number == 31 else 31)


def test_more_sets_go_beside_those_there_are(tmp_path) -> None:
    clip = make.clip(tmp_path / "clip.mp4", count=5)
    with open_clip(clip) as source:
        sets = avc.headers(source.picture().codec_context.extradata)
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 1920, 1080, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.flags |= 1 << 22
    encoder.options = {"x264-params": f"sps-id={sets.free}"}
    encoder.open()
    both = sets.with_sets(avc.units_between_codes(encoder.extradata))
    assert both.level == 40 > sets.level
    assert (len(both.sequences), len(both.pictures)) == (2, 2)
    assert avc.headers(both.box()) == both
    assert both.free == 30


def test_lengths_stand_for_start_codes() -> None:
    stream = b"\x00\x00\x00\x01\x67\x64\x00\x1e\x00\x00\x01\x06abc\x00\x00\x00\x01\x65picture\x00\x00\x00"
    packet = avc.measured(stream)
    assert packet == b"\x00\x00\x00\x04\x06abc\x00\x00\x00\x08\x65picture"
    assert [bytes(unit) for unit in avc.units(packet)] == [b"\x06abc", b"\x65picture"]


@pytest.mark.parametrize("box", [b"", b"\x01", b"\x00\x00\x00\x01\x67", b"\x01\x64\x00\x1e\xff\xe1\x00\x10", bytes(40)])
def test_what_is_no_header_is_none(box) -> None:
    assert avc.headers(box) is None


def test_a_broken_packet_ends() -> None:
    assert list(avc.units(b"\x00\x00\x00\x09\x65")) == []
    assert list(avc.units(b"\xff\xff\xff\xff\x65abc")) == []
