"""Odd sounds: each is heard as its plain version is, or refused in one sentence."""

from __future__ import annotations

import csv
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from odd import sounds

from avai.contracts import LAYERS, Layer, Recognition, RecognizeManyRequest
from avai.media import probe
from avai.services.recognize_many import recognize_many
from avai.services.segments import segments

DRESSES = (
    *("8 bit", "24 bit", "32 bit", "float", "double", "mu-law", "AIFF", "FLAC", "MP3", "Vorbis"),
    *(f"{rate} Hz" for rate in sounds.RATES),
    *("offset", "offset below", "upside down", "no end said", "no size said", "not numbers", "7.1"),
)
LOSSY = {"8 bit", "mu-law", "MP3", "Vorbis", "not numbers", "7.1"}
"""What is not the same sound to the sample: where the networks are in doubt, they may say otherwise."""


@pytest.fixture(scope="module")
def tune(saxophone: np.ndarray) -> np.ndarray:
    """A saxophone from 1 s to 4 s and from 6 s to 9 s of 10 s, silence between."""
    tune = np.zeros(10 * 48_000, np.float32)
    for at in (1, 6):
        tune[at * 48_000 : (at + 3) * 48_000] = np.clip(0.7 * saxophone[: 3 * 48_000], -0.75, 0.75)
    return tune


@pytest.fixture(scope="module")
def heard(tune: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Recognition]:
    """What is heard in every dress of the tune."""
    out = tmp_path_factory.mktemp("heard")
    dresses = sounds.dressed(tmp_path_factory.mktemp("dressed"), tune)
    result = recognize_many(RecognizeManyRequest(clips=tuple(dresses.values()), split=False), out)
    assert not result.unread
    assert dresses.keys() == {"plain", *DRESSES}
    return {name: _recognition(out / row.folder) for name, row in zip(dresses, result.clips, strict=True)}


def _recognition(folder: Path) -> Recognition:
    return Recognition.model_validate_json((folder / "recognition.json").read_text(encoding="utf-8"))


def seconds(result: Recognition, layer: Layer) -> float:
    return sum(span.end - span.start for span in result.layers[layer])


def test_the_plain_one_is_music_between_silences(heard: dict[str, Recognition]) -> None:
    layers = heard["plain"].layers
    assert [(span.start, span.end) for span in layers["silence"]] == [
        pytest.approx(each, abs=0.05) for each in [(0, 1), (4, 6), (9, 10)]
    ]
    assert seconds(heard["plain"], "music") > 3


@pytest.mark.parametrize("name", DRESSES)
def test_every_dress_is_heard_as_the_plain_one(heard: dict[str, Recognition], name: str) -> None:
    plain, other = heard["plain"], heard[name]
    assert other.duration == pytest.approx(plain.duration, abs=0.05)
    for layer in LAYERS if name not in LOSSY else ("silence",):
        edges = [[edge for span in each.layers[layer] for edge in (span.start, span.end)] for each in (plain, other)]
        assert edges[1] == pytest.approx(edges[0], abs=0.051), layer
    lengths = [{layer: seconds(each, layer) for layer in LAYERS} for each in (plain, other)]
    assert lengths[1] == pytest.approx(lengths[0], abs=1.1)
    sure = [{span.label for span in each.spans if span.confidence > 0.6} for each in (plain, other)]
    assert sure[0] == sure[1] if name not in LOSSY else sure[0] & sure[1]
    assert other.classes[0].label == plain.classes[0].label
    assert [each.code for each in other.warnings] == (["media.nan_replaced"] if name == "not numbers" else [])


def test_every_odd_file_is_heard_or_refused_as_its_row_says(shared: Path, tmp_path: Path) -> None:
    folder = shared / "media" / "odd"
    with (folder / "ODD.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    result = recognize_many(RecognizeManyRequest(clips=tuple(folder / row["file"] for row in rows)), tmp_path)
    refused = {each.name: each.reason for each in result.unread}
    mute = {name for name, reason in refused.items() if reason.code == "recognize_note.no_sound"}
    for row in rows:
        if row["file"] in mute:
            assert "no sound" in row["what_is_odd"] or "without" in row["what_is_odd"] or row["file"] in MUTE
        else:
            assert (row["file"] in refused) == (row["outcome"] in ("refused", "still")), row["file"]
    warned = {each.name: [note.code for note in each.warnings] for each in result.clips if each.warnings}
    expected = {row["file"] for row in rows if row["outcome"] == "warning"} - mute
    assert warned.keys() == expected
    assert warned["truncated_tail.mp4"][0] == "media.truncated"
    assert warned["nan_float.wav"] == ["media.nan_replaced", "media.over_full_scale"]
    assert [each.layers["silence"] for each in result.clips if each.name == "silence_one_hour.flac"] == [3600]
    late = next(each for each in result.clips if each.name == "audio_starts_late.mov")
    assert late.layers["silence"] == pytest.approx(1.5, abs=0.05)


MUTE = {"rotated_portrait.mp4", "odd_size_444.mp4", "vfr.mp4", "one_frame.mp4", "gif_renamed.mp4"}
"""Odd in their pictures; they have no sound track."""


def test_a_wav_that_breaks_off_is_said_with_its_lengths(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.wav", tmp_path / "cut.wav"
    soundfile.write(whole, np.zeros(4 * 16_000, np.float32), 16_000)
    cut.write_bytes(whole.read_bytes()[: 44 + 3 * 32_000 + 1])
    warning = probe(cut).warnings[0]
    assert (warning.code, warning.values) == ("media.truncated", {"readable": "3.0", "promised": "4.0"})


def test_segments_of_a_long_sound_take_little_memory() -> None:
    """No more than five times what they are found in: three hours fit beside the networks."""
    bands = np.random.default_rng(1).normal(-3, 1, (20 * 60 * 50, 64)).astype(np.float16)
    tracemalloc.start()
    segments(bands)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * bands.nbytes
