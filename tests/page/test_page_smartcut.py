"""A smart cut in a real browser: the right frame at each moment around each join, and it plays through."""

from __future__ import annotations

import base64
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from odd import make
from playwright.sync_api import Browser, Page

from avai.media import Rendered, Timeline, frame_times, joined, snap
from avai.media.smartcut import smart_cut

AROUND = 3  # frames looked at on each side of a join
GIVEN = """async (data) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const video = document.createElement("video");
    video.muted = true;
    video.src = URL.createObjectURL(new Blob([bytes], {type: "video/mp4"}));
    document.body.replaceChildren(video);
    await new Promise((ready, failed) => {
        video.onloadeddata = ready;
        video.onerror = () => failed(video.error.message);
    });
    return [video.videoWidth, video.videoHeight, video.duration];
}"""
SEEN = """async (times) => {
    const video = document.querySelector("video");
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const context = canvas.getContext("2d", {willReadFrequently: true});
    const seen = [];
    for (const time of times) {
        const there = new Promise((ready) => { video.onseeked = ready; });
        const drawn = new Promise((ready) => video.requestVideoFrameCallback(ready));
        video.currentTime = time;
        await there;
        await Promise.race([drawn, new Promise((ready) => setTimeout(ready, 300))]);
        context.drawImage(video, 0, 0);
        const picture = context.getImageData(0, 0, canvas.width, canvas.height).data;
        seen.push(Array.from(picture.filter((_, at) => at % 4 == 0)));
    }
    return seen;
}"""
PLAYED = """async () => {
    const video = document.querySelector("video");
    const times = [];
    const next = (_, frame) => { times.push(frame.mediaTime); video.requestVideoFrameCallback(next); };
    video.currentTime = 0;
    await new Promise((ready) => { video.onseeked = ready; });
    video.requestVideoFrameCallback(next);
    video.playbackRate = 2;
    await new Promise((over, failed) => {
        video.onended = over;
        video.onerror = () => failed(video.error.message);
        video.play();
    });
    return times;
}"""
CASES = {
    "29.97": {"rate": Fraction(30000, 1001), "gop": 30},
    "pyramid": {"gop": 30, "options": {"bf": "4", "x264-params": "b-pyramid=normal:ref=4:b-adapt=0"}},
    "vfr": {"rate": Fraction(30), "gop": 10, "steps": (1, 2, 1, 5, 3), "count": 130},
}


@pytest.fixture
def empty(browser: Browser) -> Page:
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("name", CASES)
def test_every_join_shows_the_right_frames_and_it_plays_through(tmp_path: Path, empty: Page, name: str) -> None:
    source = make.clip(tmp_path / "source.mp4", sound=make.beeps(10.0), **{"count": 250} | CASES[name])
    edges = snap(source, [0.9, 3.3, 5.1, 6.9, 6.9, 8.3, 1.0, 2.7])
    track = joined(source, zip(edges[::2], edges[1::2], strict=True))
    film = tmp_path / "out.mp4"
    assert isinstance(smart_cut(Timeline(track, track), film), Rendered)

    before, after = frame_times(source), frame_times(film)
    number_at = {
        piece.at + time - piece.start: number
        for piece in track.pieces
        for number, time in enumerate(before.times)
        if piece.start <= time < piece.end
    }
    assert tuple(number_at) == after.times
    wide, high, length = empty.evaluate(GIVEN, base64.b64encode(film.read_bytes()).decode())
    assert (wide, high) == make.SIZE
    assert length == pytest.approx(float(track.length), abs=0.03)

    shown = [*after.times, after.end]
    starts = [shown.index(piece.at) for piece in track.pieces]
    looked = sorted(
        {at for start in starts for at in range(start - AROUND, start + AROUND) if 0 <= at < len(shown) - 1}
    )
    looked += [0, len(shown) - 2, len(shown) // 2]
    pictures = empty.evaluate(SEEN, [float(shown[at] + shown[at + 1]) / 2 for at in looked])
    numbers = [make.number_of(np.array(each).reshape(high, wide)[..., None]) for each in pictures]
    assert numbers == [number_at[shown[at]] for at in looked]

    played = empty.evaluate(PLAYED)
    assert played == sorted(played)
    assert max(np.diff(played)) < 1.0  # a busy machine leaves out frames; a hole in the stream would be a stop
    assert played[-1] > float(track.length) - 1.0
