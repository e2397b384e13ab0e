"""Damaged files, cut short or with bytes changed at random: a result or a sentence, never anything else, soon."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from pathlib import Path

import pytest

from avai.errors import RequestError
from avai.media import Timeline, Track, audio_blocks, frames, joined, preview, probe, render

NAMES = [
    "whole.mp4",
    "vp9.webm",
    "mpeg4.avi",
    "moves.gif",
    "covered.mp3",
    "surround.flac",
    "loud.wav",
    "late.mov",
    "hevc.mp4",
]
EACH = 7


def damaged(data: bytes, draw: random.Random) -> bytes:
    """A copy that ends early, or has some bytes changed, mostly in its head where the structure is."""
    if draw.random() < 0.3:
        return data[: draw.randrange(1, len(data))]
    copy = bytearray(data)
    for _ in range(draw.choice((1, 4, 30))):
        reach = len(copy) if draw.random() < 0.5 else min(len(copy), 2000)
        copy[draw.randrange(reach)] = draw.randrange(256)
    return bytes(copy)


def used(path: Path, out: Path) -> None:
    info = probe(path)
    if info.kind == "picture":
        return
    if info.audio:
        for _ in audio_blocks(path, rate=16_000):
            pass
    if info.video:
        for _ in frames(path, size=(48, 27)):
            pass
        track = joined(path, [(0, min(info.duration, 1) or 1)])
        render(Timeline(track, track if info.audio else Track()), out)
    else:
        preview(path, out.with_suffix(".m4a"))


@pytest.mark.parametrize("name", NAMES)
def test_damage_is_survived(tmp_path, odd, name, monkeypatch) -> None:
    monkeypatch.setenv("AVAI_MAX_PIXELS", "1000000")
    monkeypatch.setenv("AVAI_MAX_SECONDS", "60")
    data = odd[name].read_bytes()
    for number in range(EACH):
        draw = random.Random(f"{name} {number}")
        path = tmp_path / f"damaged{Path(name).suffix}"
        path.write_bytes(damaged(data, draw))
        begun = time.monotonic()
        with suppress(RequestError):
            used(path, tmp_path / "out.mp4")
        assert time.monotonic() - begun < 20
        assert not [left for left in tmp_path.iterdir() if left.name.startswith(".")]
