"""A film with another sound under it: the picture's packets are the same, the sound stands where it stood."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from odd import make

from avai import media
from avai.errors import Cancelled
from avai.media import remux
from avai.media.clock import base, packets

RATE = 48_000


def picture_packets(path: Path) -> list[tuple[bytes, Fraction, bool]]:
    """Bytes, time of showing on the clip's clock, and whether a picture stands alone."""
    from avai.media.clock import common_start

    start = common_start(path)
    with media.open_clip(path) as source:
        picture = source.picture()
        return [
            (bytes(packet), packet.pts * base(picture) - start, packet.is_keyframe)
            for packet in packets(source, picture)
            if packet.size and packet.pts is not None
        ]


def lag(one: np.ndarray, other: np.ndarray) -> int:
    """By how many samples ``other`` is later, where they are most alike."""
    one, other = one.mean(axis=1), other.mean(axis=1)
    size = 2 * max(len(one), len(other))
    alike = np.fft.irfft(np.fft.rfft(other, size) * np.conj(np.fft.rfft(one, size)))
    at = int(np.argmax(alike))
    return at if at < size // 2 else at - size


def put_back(film: Path, folder: Path) -> tuple[Path, np.ndarray, np.ndarray]:
    """The film with its own sound, decoded and put under it again; and both sounds."""
    sound = media.audio(film, rate=RATE).samples
    media.write_wav(folder / "sound.wav", sound, RATE)
    made = media.with_sound(film, folder / "sound.wav", folder / "film")
    assert made is not None
    return made, sound, media.audio(made, rate=RATE).samples


@pytest.fixture(scope="module")
def flash_and_beep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds, black and silent but for a white frame and a click at 1 s and at 2 s; with B-frames."""
    path = tmp_path_factory.mktemp("flash") / "flash.mp4"
    sound = np.zeros((1, 3 * RATE), np.float32)
    with av.open(str(path), "w") as film:
        video = film.add_stream("libx264", rate=25, options={"bf": "2"})
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        audio = film.add_stream("aac", rate=RATE, layout="mono")
        for number in range(75):
            shade = 255 if number in (25, 50) else 0
            frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), shade, np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            film.mux(video.encode(frame))
        film.mux(video.encode())
        sound[0, [RATE, 2 * RATE]] = 0.9
        for start in range(0, sound.shape[1], 1024):
            block = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[:, start : start + 1024]), "fltp", "mono")
            block.sample_rate, block.pts = RATE, start
            film.mux(audio.encode(block))
        film.mux(audio.encode())
    return path


def beeps(film: Path, sound: np.ndarray) -> list[float]:
    """By how many samples each click is later than its white frame."""
    flashes = [float(frame.time) * RATE for frame in media.frames(film, size=16) if frame.image.mean() > 128]
    assert len(flashes) == 2
    loudest = np.abs(sound[:, 0])
    return [int(np.argmax(np.where(abs(np.arange(len(sound)) - at) < 4800, loudest, 0))) - at for at in flashes]


@pytest.mark.parametrize("later", [0.0, 1.4])
@pytest.mark.parametrize("container", ["mp4", "mov", "mkv", "ts"])
def test_the_beep_is_at_the_flash(container: str, later: float, flash_and_beep: Path, tmp_path: Path) -> None:
    given = make.copied(tmp_path / f"given.{container}", flash_and_beep, later=later)
    made, sound, again = put_back(given, tmp_path)
    assert made.suffix == ".mp4"
    assert beeps(made, again) == pytest.approx(beeps(given, sound), abs=1)
    ours, theirs = picture_packets(made), picture_packets(given)
    assert [time for _, time, _ in ours] == pytest.approx([time for _, time, _ in theirs], abs=1e-4)
    if container != "ts":  # a transport stream marks where pictures begin, MP4 says how long they are
        assert [data for data, _, _ in ours] == [data for data, _, _ in theirs]


@pytest.mark.parametrize("name", ["a.mp4", "b.mp4", "world.mp4"])
def test_real_films_keep_every_packet(name: str, gradio_media: Path, tmp_path: Path) -> None:
    film = gradio_media / "videos" / name
    with media.open_clip(film) as source:
        has_sound = bool(source.audio)
    sax = gradio_media / "audio" / "sax.wav"
    made = media.with_sound(film, film if has_sound else sax, tmp_path / "film")
    assert made is not None
    assert picture_packets(made) == picture_packets(film)
    assert media.probe(made).video == media.probe(film).video


def test_odd_films(shared: Path, tmp_path: Path) -> None:
    """Late sound, hidden pre-roll, other codecs, unusual rates, subtitles: same packets, same look, same place."""
    folder = shared / "media" / "odd"
    for name in (
        *("audio_starts_late.mov", "edit_list_preroll.mov", "hevc_10bit.mp4", "vp9_opus.webm", "av1.mp4"),
        *("fps_59_94.mp4", "anamorphic_par.mp4", "subtitle_track.mp4", "sound_longer_than_picture.mp4"),
    ):
        made, sound, again = put_back(folder / name, tmp_path)
        assert picture_packets(made) == picture_packets(folder / name), name
        assert len(again) == len(sound), name
        assert lag(sound, again) == 0, name
        before, after = media.probe(folder / name), media.probe(made)
        assert (after.width, after.height, after.subtitles) == (before.width, before.height, before.subtitles), name
        assert (b"hvc1" in made.read_bytes()) == name.startswith("hevc"), name  # as it was: Apple plays no hev1
        assert made.suffix == (".webm" if name.endswith(".webm") else ".mp4")


def test_an_upright_film_stays_upright(odd: dict[str, Path], gradio_media: Path, tmp_path: Path) -> None:
    turned = next(path for name, path in odd.items() if "rotat" in name and path.suffix in (".mp4", ".mov"))
    made = media.with_sound(turned, gradio_media / "audio" / "sax.wav", tmp_path / "film")
    assert made is not None
    before, after = media.probe(turned), media.probe(made)
    assert (after.width, after.height) == (before.width, before.height)


def test_a_container_is_chosen_by_the_picture() -> None:
    assert remux.home_of("h264", "mkv") is remux.MP4
    assert remux.home_of("vp9", "webm") is remux.WEBM
    assert remux.home_of("vp9", "mp4") is remux.MP4
    assert remux.home_of("vp8", "mkv") is remux.WEBM
    assert remux.home_of("mpeg2video", "ts") is remux.MKV
    assert remux.home_of("prores", "mov") is remux.MOV
    assert remux.home_of("rawvideo", "avi") is None


def test_a_picture_that_no_container_takes_leaves_no_file(tmp_path: Path, gradio_media: Path) -> None:
    path = tmp_path / "raw.avi"
    with av.open(str(path), "w") as container:
        video = container.add_stream("rawvideo", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), "rgb24")))
    assert media.with_sound(path, gradio_media / "audio" / "sax.wav", tmp_path / "film") is None
    assert [found.name for found in tmp_path.iterdir()] == ["raw.avi"]


def test_stop_leaves_nothing(flash_and_beep: Path, tmp_path: Path) -> None:
    def stop(done: float, what: str) -> None:
        if done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        media.with_sound(flash_and_beep, flash_and_beep, tmp_path / "film", stop)
    assert list(tmp_path.iterdir()) == []
