"""A real Chromium plays every form that is said to play in a browser, picture and sound, on the right frame."""

from __future__ import annotations

import base64
from fractions import Fraction

import numpy as np
import pytest
from odd import make
from playwright.sync_api import Browser

from avai.media import Form, Timeline, codecs, joined, probe, render

F = Fraction
LOOK = """async (time) => {
    const film = document.querySelector('video');
    film.pause();
    await new Promise(done => { film.onseeked = done; film.currentTime = time; });
    await new Promise(done => setTimeout(done, 100));
    const canvas = document.createElement('canvas');
    canvas.width = 160; canvas.height = 96;
    const pen = canvas.getContext('2d');
    pen.drawImage(film, 0, 0, 160, 96);
    const pixels = Array.from(pen.getImageData(0, 0, canvas.width, canvas.height).data);
    return {pixels, width: canvas.width, height: canvas.height, length: film.duration};
}"""
PLAY = """async () => {
    const film = document.querySelector('video');
    film.muted = true;
    await film.play();
    await new Promise(done => setTimeout(done, 700));
    return [film.webkitAudioDecodedByteCount, film.webkitVideoDecodedByteCount, film.currentTime];
}"""


@pytest.mark.parametrize("codec", [codec for codec in codecs() if codec != "h265"])
def test_a_browser_plays_it(tmp_path, browser: Browser, codec) -> None:
    source = make.clip(tmp_path / "source.mp4", count=200, sound=make.tone(8.0), size=(320, 192))
    track = joined(source, [(F(1), F(3)), (F(4), F(6))])
    out = tmp_path / "out.mp4"
    render(Timeline(track, track), out, form=Form(codec))
    assert probe(out).plays_in_browser
    page = browser.new_page()
    try:
        film = base64.b64encode(out.read_bytes()).decode()  # a canvas may read what comes with the page
        page.set_content(f'<video src="data:video/mp4;base64,{film}"></video>')
        page.wait_for_function("document.querySelector('video')?.readyState >= 2")
        sound, picture, at = page.evaluate(PLAY)
        assert sound > 0
        assert picture > 0
        assert at > 0.2
        for time, number in ((0.02, 25), (1.5, 62), (1.98, 74), (2.02, 100), (3.5, 137)):
            seen = page.evaluate(LOOK, time)
            assert seen["length"] == pytest.approx(4.0, abs=0.001)
            image = np.array(seen["pixels"], np.uint8).reshape(seen["height"], seen["width"], 4)
            assert make.number_of(image[:, :, :3]) == number, time
    finally:
        page.close()
