"""The one door: what comes in, what is refused, and that nothing else is read."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from pathlib import Path

import pytest

from avai.errors import RequestError
from avai.media import audio, open_clip, probe


@pytest.fixture
def listener():
    """A port of this machine and the list of who connected to it."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    callers: list[object] = []
    stop = threading.Event()

    def listen() -> None:
        while not stop.is_set():
            try:
                connection, address = server.accept()
            except TimeoutError:
                continue
            callers.append(address)
            connection.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], callers
    stop.set()
    thread.join()
    server.close()


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{url}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{file}'\n",
    "concat_bare": "file '{file}'\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n",
    "dash": '<?xml version="1.0"?><MPD><BaseURL>{url}</BaseURL></MPD>',
    "pls": "[playlist]\nFile1={url}\nNumberOfEntries=1\n",
    "marked": "\ufeff#EXTM3U\n#EXTINF:5,\n{url}\n",
}


@pytest.mark.parametrize("name", ["list.mp4", "list.mp3", "list.wav"])
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_is_refused_and_nothing_is_connected(tmp_path, odd, listener, name, kind) -> None:
    port, callers = listener
    url = f"http://127.0.0.1:{port}/secret.ts"
    path = tmp_path / name
    path.write_text(PLAYLISTS[kind].format(url=url, port=port, file=odd["whole.mp4"]), encoding="utf-8")
    for entry in (open_clip, probe, audio):
        with pytest.raises(RequestError) as refused:
            entry(path)
        assert refused.value.key == "media.playlist"
    assert callers == []


def test_an_mp4_that_refers_to_another_file_reads_nothing_of_it(tmp_path, odd) -> None:
    """A data reference that is not 'self-contained' points elsewhere: FFmpeg must not follow it."""
    data = bytearray(odd["whole.mp4"].read_bytes())
    at = data.find(b"url \x00\x00\x00\x01")
    assert at > 0
    data[at : at + 8] = b"alis\x00\x00\x00\x00"
    path = tmp_path / "refers.mp4"
    path.write_bytes(data)
    with open_clip(path) as source:
        assert source.container.streams.video


@pytest.mark.parametrize(
    "name",
    [
        "100%d %s.mp4",
        "a:b.mp4",
        "http:__x.mp4",
        "two\nlines.mp4",
        'it\'s "quoted".mp4',
        "视频 片段.mp4",
        "-i.mp4",
        "no ending",
    ],
)
def test_any_name_is_fine(tmp_path, odd, name) -> None:
    path = tmp_path / name
    shutil.copy(odd["whole.mp4"], path)
    assert probe(path).duration == pytest.approx(4.0, abs=0.001)


def test_a_relative_path_with_a_colon_is_a_file(tmp_path, odd, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(odd["whole.mp4"], "concat:x.mp4")
    assert probe("concat:x.mp4").kind == "video"


def key_of(path: Path | str) -> str:
    with pytest.raises(RequestError) as refused:
        open_clip(path)
    sentence = refused.value.sentence("en")
    assert sentence
    assert refused.value.sentence("zh") != sentence
    return refused.value.key


def test_what_is_not_a_clip_is_refused_in_a_sentence(tmp_path, odd) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert key_of(tmp_path / "absent.mp4") == "media.missing"
    assert key_of("nul\0byte.mp4") == "media.missing"
    assert key_of(tmp_path) == "media.not_a_file"
    assert key_of(tmp_path / "pipe.mp4") == "media.not_a_file"
    assert key_of(odd["empty.mp4"]) == "media.empty"
    assert key_of(odd["text.mp4"]) == "media.unknown"
    assert key_of(odd["no_index.mp4"]) == "media.unfinished"
    assert key_of(odd["turned.jpg"]) == "media.is_picture"


def test_limits_are_held(odd, monkeypatch) -> None:
    whole = odd["whole.mp4"]
    monkeypatch.setenv("AVAI_MAX_BYTES", "1000")
    assert key_of(whole) == "media.too_big"
    monkeypatch.delenv("AVAI_MAX_BYTES")
    monkeypatch.setenv("AVAI_MAX_SECONDS", "3")
    assert key_of(whole) == "media.too_long"
    monkeypatch.delenv("AVAI_MAX_SECONDS")
    monkeypatch.setenv("AVAI_MAX_PIXELS", "1000")
    assert key_of(whole) == "media.too_many_pixels"
    assert probe_key(odd["turned.jpg"]) == "media.too_many_pixels"


def probe_key(path: Path) -> str:
    with pytest.raises(RequestError) as refused:
        probe(path)
    return refused.value.key


def test_a_film_that_vanishes_while_it_is_opened_is_missing(tmp_path, monkeypatch) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x20ftypisom" + bytes(100))

    def vanish(*_: object, **__: object) -> None:
        path.unlink()
        raise ValueError

    monkeypatch.setattr("avai.media.door.av.open", vanish)
    with pytest.raises(RequestError) as caught:
        open_clip(path)
    assert caught.value.key == "media.missing"
