"""Silence separation: pieces hold the clip's own samples, begin where the sound begins, and are listed for others."""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avai import exchange, media
from avai.contracts import RecognizeSettings
from avai.errors import Cancelled
from avai.progress import quiet
from avai.services.hearing import Hearing, listen
from avai.services.pieces import cue_sheet, pieces_of, write_pieces

RATE = 44_100


def stored(path: Path, name: str) -> tuple[np.ndarray, int]:
    with zipfile.ZipFile(path) as archive:
        return soundfile.read(io.BytesIO(archive.read(name)), dtype="int32", always_2d=True)


def waves(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return [name for name in archive.namelist() if name.endswith(".wav")]


def text(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def bursts(times: list[tuple[float, float]], seconds: float) -> np.ndarray:
    """Noise at the given times in digital silence, stereo."""
    samples = np.zeros((round(seconds * RATE), 2))
    random = np.random.default_rng(3)
    for start, end in times:
        a, b = round(start * RATE), round(end * RATE)
        samples[a:b] = random.uniform(-0.9, 0.9, (b - a, 2))
    return samples


def listened(path: Path) -> Hearing:
    return listen(path, soundfile.info(path).duration, quiet)


@pytest.mark.parametrize(
    ("suffix", "subtype"),
    [("wav", "PCM_U8"), ("wav", "PCM_16"), ("wav", "PCM_24"), ("flac", "PCM_16"), ("flac", "PCM_24"), ("wav", "FLOAT")],
)
def test_samples_are_those_of_the_clip(tmp_path: Path, suffix: str, subtype: str) -> None:
    clip = tmp_path / f"clip.{suffix}"
    soundfile.write(clip, bursts([(0.5, 2.1)], 3), RATE, subtype=subtype)
    write_pieces(clip, [(0.25, 1.0000113), (1.5, 3.0)], tmp_path / "pieces.zip", quiet)
    source = soundfile.read(clip, dtype="int32", always_2d=True)[0]
    for name, (first, last) in zip(waves(tmp_path / "pieces.zip"), [(11025, 44100), (66150, 132300)], strict=True):
        samples, rate = stored(tmp_path / "pieces.zip", name)
        assert rate == RATE
        np.testing.assert_array_equal(samples, source[first:last])


def test_pieces_begin_where_the_sound_begins_and_margins_that_meet_join(tmp_path: Path) -> None:
    truth = [(0.0, 1.0), (2.0, 2.5), (3.1, 4.0), (7.0, 8.0)]
    clip = tmp_path / "bursts.wav"
    soundfile.write(clip, bursts(truth, 8), RATE)
    hearing = listened(clip)
    bare = pieces_of(hearing, RecognizeSettings(margin=0))
    assert np.allclose(bare, truth, atol=0.011)
    wide = pieces_of(hearing, RecognizeSettings(margin=0.31))
    assert np.allclose(wide, [(0, 1.31), (1.69, 4.31), (6.69, 8)], atol=0.011)
    long = pieces_of(hearing, RecognizeSettings(margin=0, shortest_piece=0.7))
    assert np.allclose(long, [truth[0], truth[2], truth[3]], atol=0.011)
    joined = pieces_of(hearing, RecognizeSettings(margin=0, shortest_silence=0.8))
    assert np.allclose(joined, [(0, 1), (2, 4), (7, 8)], atol=0.011)


def test_a_threshold_in_decibels_is_kept_to(tmp_path: Path) -> None:
    samples = bursts([(1, 2), (3, 4)], 5)
    samples[3 * RATE : 4 * RATE] *= 0.02
    soundfile.write(tmp_path / "two.wav", samples, RATE)
    hearing = listened(tmp_path / "two.wav")
    assert len(pieces_of(hearing, RecognizeSettings(silence_db=-60))) == 2
    assert np.allclose(pieces_of(hearing, RecognizeSettings(silence_db=-30, margin=0)), [(1, 2)], atol=0.011)
    assert pieces_of(hearing, RecognizeSettings(silence_db=-30, shortest_piece=3)) == []


def test_lists_name_the_pieces_in_the_clip_s_time(tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, bursts([(0, 100)], 100), RATE)
    kept = [(float(second), second + 0.5) for second in range(100)]
    write_pieces(clip, kept, tmp_path / "pieces.zip", quiet)
    names = waves(tmp_path / "pieces.zip")
    rows = list(csv.DictReader(io.StringIO(text(tmp_path / "pieces.zip", "pieces.csv"))))
    assert [row["file"] for row in rows] == names
    np.testing.assert_allclose([(float(row["start"]), float(row["end"])) for row in rows], kept)
    labels = exchange.read_audacity_labels(text(tmp_path / "pieces.zip", "pieces.txt"))
    np.testing.assert_allclose([(label.start, label.end) for label in labels], kept)
    assert labels[41].label == "piece_042"
    sheets = [text(tmp_path / "pieces.zip", name) for name in ("pieces.cue", "pieces_2.cue")]
    assert [len(re.findall(r"^  TRACK \d\d AUDIO\r$", sheet, re.MULTILINE)) for sheet in sheets] == [99, 1]
    assert re.findall(r'FILE "([^"]+)" WAVE', "".join(sheets)) == names


def test_a_cue_sheet_says_file_track_and_index() -> None:
    span = exchange.read_audacity_labels("61.5\t3723.25\tpiece_001.wav\n")
    assert cue_sheet(span).split("\r\n") == [
        'FILE "piece_001.wav" WAVE',
        "  TRACK 01 AUDIO",
        '    TITLE "0:01:01.500 - 1:02:03.250"',
        "    INDEX 01 00:00:00",
        "",
    ]


def test_a_film_s_sound_is_cut_at_its_own_rate(
    film: Callable[..., Path], photographs: list[np.ndarray], saxophone: np.ndarray, tmp_path: Path
) -> None:
    clip = film(tmp_path / "film.mp4", [(photographs[0], 3.0)], sound=saxophone[: 3 * 48_000])
    write_pieces(clip, [(1.0, 2.5)], tmp_path / "pieces.zip", quiet)
    samples, rate = stored(tmp_path / "pieces.zip", waves(tmp_path / "pieces.zip")[0])
    assert rate == 48_000
    whole = media.audio(clip).samples[48_000:120_000]
    np.testing.assert_allclose(samples / 2**31, whole, atol=2**-16)
    assert np.abs(whole).max() > 0.1


def test_thousands_of_pieces_are_quick_tell_of_it_and_can_be_stopped(tmp_path: Path) -> None:
    clip = tmp_path / "long.wav"
    soundfile.write(clip, np.tile(bursts([(0, 0.1)], 0.2)[:, :1], (3000, 1)), RATE)
    kept = [(0.2 * number, 0.2 * number + 0.1) for number in range(3000)]
    told: list[float] = []
    start = time.process_time()
    write_pieces(clip, kept, tmp_path / "pieces.zip", lambda done, what: told.append(done))
    assert time.process_time() - start < 6
    assert len(waves(tmp_path / "pieces.zip")) == 3000
    assert told == sorted(told)
    assert len(told) >= 3000

    def stop(done: float, what: str) -> None:
        if done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_pieces(clip, kept, tmp_path / "stopped.zip", stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.wav", "pieces.zip"]
