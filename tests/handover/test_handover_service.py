"""The project files of an edit of a real file: the cuts are those of the rendered edit, to the frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from otio_readers import Seen, tracks

from avai import media
from avai.contracts import Edit, EditPiece, Span
from avai.handover import clock_of
from avai.services.handover import cut_of, write_handover

NTSC = Fraction(30000, 1001)


def film(path: Path, rate: Fraction, seconds: int = 6, code: str = "", sound: bool = True) -> Path:
    """Grey pictures and a tone, with the timecode of a camera."""
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 64, 36, "yuv420p"
        if code:
            video.metadata["timecode"] = code
        audio = file.add_stream("aac", rate=48000, layout="stereo") if sound else None
        for number in range(int(seconds * rate)):
            frame = av.VideoFrame.from_ndarray(np.full((36, 64, 3), number % 200, np.uint8), "rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            file.mux(video.encode(frame))
        file.mux(video.encode())
        if audio:
            tone = np.sin(np.arange(48000 * seconds) / 20).astype(np.float32)
            for start in range(0, len(tone), 1024):
                block = av.AudioFrame.from_ndarray(np.stack([tone[start : start + 1024]] * 2), "fltp", "stereo")
                block.sample_rate, block.pts, block.time_base = 48000, start, Fraction(1, 48000)
                file.mux(audio.encode(block))
            file.mux(audio.encode())
    return path


def edit_of(clip: Path, stretches: list[tuple[float, float, float]]) -> Edit:
    """An edit with edges on frames, rounded as a result has them."""
    pieces, at = [], 0.0
    for start, end, speed in stretches:
        first, last = (round(float(time), 6) for time in media.snap(clip, [start, end]))
        pieces.append(EditPiece(start=first, end=last, at=round(at, 6), why=("all",), speed=speed))
        at += (last - first) / speed
    return Edit(source_duration=6, duration=at, pieces=tuple(pieces))


@pytest.mark.parametrize(
    "rate", [Fraction(10), Fraction(24000, 1001), Fraction(25), NTSC, Fraction(60000, 1001)], ids=str
)
def test_the_frames_are_those_that_were_cut_at(tmp_path: Path, rate: Fraction) -> None:
    clip = film(tmp_path / "a talk.mp4", rate)
    result = edit_of(clip, [(0.5, 1.25, 1.0), (2.0, 3.1, 1.0), (4.4, 6.0, 1.0)])
    tags = [Span(start=1.0, end=2.5, label="dog"), Span(start=1.4, end=1.8, label="rain")]
    files = write_handover(result, media.probe(clip), clip, tags, tmp_path)
    assert files == ("edit.otio", "edit.edl", "edit.xml", "edit.fcpxml", "tags.srt", "tags.vtt")
    times = media.frame_times(clip)
    edges = (*times.times, times.end)
    clock = {Fraction(10): Fraction(30)}.get(rate, rate)
    asked, at = [], 0
    for piece in result.pieces:
        first, last = (min(range(len(edges)), key=lambda n: abs(float(edges[n]) - t)) for t in (piece.start, piece.end))
        of_clock = [int(number * clock / rate) for number in (first, last)]
        asked.append(Seen(at, of_clock[0], of_clock[1] - of_clock[0]))
        at += asked[-1].length
    for name in files[:4]:
        assert tracks(name.split(".")[1], (tmp_path / name).read_text("utf-8"), clock)[0] == asked
    captions = (tmp_path / "tags.srt").read_text("utf-8")
    assert captions.count("Dog") == 2
    assert "Rain" not in captions


def test_speeds_and_the_timecode_of_the_camera(tmp_path: Path) -> None:
    clip = film(tmp_path / "b.mov", NTSC, code="01:00:59;28")
    result = edit_of(clip, [(1.0, 2.0, 1.0), (2.0, 5.0, 1.5), (5.0, 6.0, 1.0)])
    cut = cut_of(result, media.probe(clip), clip, [])
    assert (cut.timecode, cut.rate, cut.size, cut.channels) == ("01:00:59;28", NTSC, (64, 36), 2)
    assert cut.length == 119 / NTSC
    files = write_handover(result, media.probe(clip), clip, [], tmp_path)
    assert files == ("edit.otio", "edit.edl", "edit.xml", "edit.fcpxml")
    assert (
        "001  AX       AA/V  C        01:01:01;00 01:01:02;00 01:00:00;00 01:00:01;00"
        in (tmp_path / "edit.edl").read_text()
    )


def test_a_name_with_another_systems_folders(tmp_path: Path) -> None:
    clip = film(tmp_path / "C:\\secret\\talk.mp4", Fraction(25), seconds=2)
    write_handover(edit_of(clip, [(0.0, 1.0, 1.0)]), media.probe(clip), clip, [], tmp_path)
    for path in tmp_path.glob("edit.*"):
        text = path.read_text("utf-8")
        assert "talk.mp4" in text
        assert "secret" not in text
        assert str(tmp_path) not in text


def test_sound_alone(tmp_path: Path) -> None:
    clip = tmp_path / "podcast.wav"
    media.write_wav(clip, np.zeros((48000 * 6, 1), np.float32), 48000)
    result = Edit(
        source_duration=6,
        duration=2.5,
        pieces=(
            EditPiece(start=1.2345, end=2.2345, at=0, why=("sound",)),
            EditPiece(start=4.0, end=5.5, at=1.0, why=("sound",)),
        ),
    )
    write_handover(result, media.probe(clip), clip, [], tmp_path)
    assert "001  AX       A     C        00:00:01:07 00:00:02:07 01:00:00:00" in (tmp_path / "edit.edl").read_text()
    for name in ("edit.otio", "edit.edl", "edit.xml", "edit.fcpxml"):
        assert tracks(name.split(".")[1], (tmp_path / name).read_text("utf-8"), Fraction(30))[0] == [
            Seen(0, 37, 30),
            Seen(30, 120, 45),
        ]


@pytest.mark.parametrize(("track", "channels"), [(1, [1, 2]), (2, [3]), (3, [4, 5]), (0, [1, 2, 3, 4, 5])])
def test_the_sound_track_of_the_edit(tmp_path: Path, track: int, channels: list[int]) -> None:
    clip = film(tmp_path / "c.mp4", Fraction(25), seconds=2)
    info = media.probe(clip)
    stereo = info.audio[0]
    info = info.model_copy(update={"audio": (stereo, stereo.model_copy(update={"channels": 1}), stereo)})
    write_handover(edit_of(clip, [(0.0, 1.0, 1.0)]), info, clip, [], tmp_path, track)
    found = ElementTree.parse(tmp_path / "edit.xml").findall(".//sourcetrack/trackindex")
    assert [int(index.text or 0) for index in found] == channels


def test_real_media(shared: Path, tmp_path: Path) -> None:
    """Variable rates, rotation, a sound that begins later: every format agrees, and no cut is a frame off."""
    for name in (
        "vfr.mp4",
        "fps_29_97.mp4",
        "fps_59_94.mp4",
        "rotated_portrait.mp4",
        "audio_starts_late.mov",
        "no_audio.mp4",
    ):
        clip = shared / "media" / "odd" / name
        info = media.probe(clip)
        assert info.video
        edges = media.snap(clip, [info.video.start + info.video.duration * n / 7 for n in range(1, 7)])
        result = edit_of(clip, [(float(a), float(b), 1.0) for a, b in zip(edges[::2], edges[1::2], strict=True)])
        cut = cut_of(result, info, clip, [])
        files = write_handover(result, info, clip, [], tmp_path)
        clock = clock_of(cut.rate)
        read = [tracks(file.split(".")[1], (tmp_path / file).read_text("utf-8"), clock)[0] for file in files]
        assert all(seen == read[0] for seen in read)
        for piece, seen in zip(cut.pieces, read[0], strict=True):
            assert abs(seen.source - piece.start * clock) <= Fraction(1, 2)
            assert abs(seen.at - piece.at * clock) <= Fraction(1, 2)
