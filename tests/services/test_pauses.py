"""The jump cut of a talk: edges where words begin and end, pauses as short as asked, in clean and noisy rooms."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from avai import media
from avai.networks.sound import Heard
from avai.networks.sounding import STEP, levels_db
from avai.progress import quiet
from avai.services.hearing import RATE, SPEECH_STEP, Hearing, listen
from avai.services.pauses import spoken_stretches
from avai.services.spans import Stretch, closed, complement, covered, long_enough, overlap, padded, runs, touching

WORDS = [(1.0, 3.0), (3.3, 4.0), (6.0, 8.0), (8.6, 8.9), (12.0, 14.0)]


def talk(words: list[Stretch] = WORDS, seconds: float = 16.0, room: float = -65.0) -> Hearing:
    """What would be heard of a talk: words at -20 dB, each soft at both ends, a breath before each; the speech network
    a little late, as it is."""
    rng = np.random.default_rng(0)
    levels = room + rng.normal(0, 1, round(seconds / STEP))
    speech = np.full(round(seconds / SPEECH_STEP), 0.02, np.float32)
    for start, end in words:
        a, b = round(start / STEP), round(end / STEP)
        levels[a:b] = np.maximum(levels[a:b], -22 + rng.normal(0, 2, b - a))
        levels[a : a + 4] = levels[b - 4 : b] = max(-40.0, room + 8)
        levels[a - 30 : a - 10] = np.maximum(levels[a - 30 : a - 10], -56)
        speech[round((start + 0.03) / SPEECH_STEP) : round((end + 0.05) / SPEECH_STEP)] = 0.95
    windows = int(seconds / 0.48) + 1
    heard = Heard(
        np.arange(windows) * 0.48,
        np.zeros((windows, 521), np.float32),
        np.zeros((windows, 1024), np.float32),
        np.zeros((48 * windows, 64), np.float16),
    )
    return Hearing(seconds, seconds, levels, heard, speech, ())


def near(found: list[Stretch], asked: list[Stretch], within: float = 0.021) -> bool:
    return len(found) == len(asked) and np.allclose(found, asked, atol=within)


def test_pauses_are_cut_to_their_margins_and_short_ones_stay() -> None:
    kept = spoken_stretches(talk(), None, 0.4, 0.1, 0.15)
    assert near(kept, [(0.9, 4.15), (5.9, 8.15), (8.5, 9.05), (11.9, 14.15)])


@pytest.mark.parametrize(("room", "within"), [(-65.0, 0.011), (-50.0, 0.03), (-38.0, 0.1)])
def test_edges_are_where_the_words_are_whatever_the_room(room: float, within: float) -> None:
    kept = spoken_stretches(talk(room=room), None, 0.4, 0.1, 0.1)
    assert near(kept, [(0.9, 4.1), (5.9, 8.1), (8.5, 9.0), (11.9, 14.1)], within)


def test_a_longer_shortest_silence_leaves_shorter_ones_alone() -> None:
    kept = spoken_stretches(talk(), None, 0.7, 0.1, 0.1)
    assert near(kept, [(0.9, 4.1), (5.9, 9.0), (11.9, 14.1)])


def test_margins_that_leave_less_than_a_tenth_of_a_second_make_no_cut() -> None:
    kept = spoken_stretches(talk(), None, 0.4, 0.3, 0.25)
    assert near(kept, [(0.7, 4.25), (5.7, 9.15), (11.7, 14.25)])
    assert spoken_stretches(talk(), None, 0.1, 2, 2) == [(0.0, 16.0)]


def test_a_short_word_is_made_longer_and_a_short_noise_goes() -> None:
    hearing = talk()
    hearing.levels[1000:1020] = -25.0  # a thump in a pause, 0.2 s
    wide = spoken_stretches(hearing, None, 0.4, 0.0, 0.0, shortest_piece=0.1)
    assert any(a <= 10.0 < b for a, b in wide)
    kept = spoken_stretches(hearing, None, 0.4, 0.0, 0.0, shortest_piece=0.5)
    assert near(kept, [(1.0, 4.0), (6.0, 8.0), (8.5, 9.0), (12.0, 14.0)])


def test_a_given_threshold_is_kept_to() -> None:
    kept = spoken_stretches(talk(), -30.0, 0.4, 0.0, 0.0, shortest_piece=0.1)
    assert near(kept, [(1.04, 3.96), (6.04, 7.96), (8.64, 8.86), (12.04, 13.96)])
    assert spoken_stretches(talk(), 0.0) == []
    assert spoken_stretches(talk(), -80.0) == [(0.0, 16.0)]


def test_without_speech_all_that_sounds_is_kept() -> None:
    hearing = talk()
    hearing.speech[:] = 0.02
    kept = spoken_stretches(hearing, None, 0.4, 0.1, 0.1)
    assert near(kept, [(0.9, 4.1), (5.9, 8.1), (8.5, 9.0), (11.9, 14.1)])


def test_music_between_the_words_is_kept_when_it_is_as_loud_and_cut_when_it_is_a_soft_bed() -> None:
    for level, kept in ((-30.0, [(0.0, 16.0)]), (-55.0, [(0.9, 4.1), (5.9, 8.1), (8.5, 9.0), (11.9, 14.1)])):
        hearing = talk()
        hearing.levels[:] = np.maximum(hearing.levels, level)
        hearing.heard.scores[:, [0, 132]] = 0.8, 0.6  # speech and music
        assert near(spoken_stretches(hearing, None, 0.4, 0.1, 0.1), kept, 0.05)


def test_digital_silence_keeps_nothing() -> None:
    assert spoken_stretches(talk(words=[], room=-99.0)) == []


def sounds_of_speech(levels: np.ndarray) -> list[Stretch]:
    """Where a clean recording speaks, by its energy (as in benchmarks/edit.py)."""
    loud = np.percentile(levels, 95)
    sounds = long_enough(runs(levels >= loud - 30, STEP), 0.05)
    vowels = closed(touching(sounds, runs(levels >= loud - 20, STEP)), 0.2)
    return overlap(sounds, padded(vowels, 0.1, 0.1, len(levels) * STEP))


@pytest.mark.parametrize("snr", [None, 20, 10])
def test_readers_are_cut_at_their_words_clean_and_over_noise(shared: Path, tmp_path: Path, snr: int | None) -> None:
    """The short form of benchmarks/edit.py: two readers, pauses of 0.7 and 1.4 s."""
    rng = np.random.default_rng(0)
    parts, truth, at = [], [], 0.0
    for name, pause in (("libri_2033-164914-0002.flac", 0.7), ("libri_3080-5032-0005.flac", 1.4)):
        samples = media.audio(shared / "data" / "speech" / name, rate=RATE, mono=True).samples.reshape(-1)
        samples = samples[: len(samples) // 160 * 160] * np.float32(0.1 / np.sqrt(np.mean(samples**2)))
        levels = levels_db(samples)
        truth += [(at + pause + a, at + pause + b) for a, b in sounds_of_speech(levels)]
        parts += [np.zeros(round(pause * RATE), np.float32), samples]
        at += pause + len(samples) / RATE
    samples = np.concatenate([*parts, np.zeros(RATE, np.float32)])
    if snr is not None:
        hiss = np.cumsum(rng.normal(0, 1, len(samples)))
        hiss -= np.convolve(hiss, np.ones(400) / 400, "same")  # brown noise, as of a room
        samples += (hiss / hiss.std() * 0.1 / 10 ** (snr / 20)).astype(np.float32)
    media.write_wav(tmp_path / "talk.wav", 0.5 * samples, RATE)
    hearing = listen(tmp_path / "talk.wav", len(samples) / RATE, quiet)
    kept = spoken_stretches(hearing, None, 0.4, 0.1, 0.1)
    count = len(hearing.levels)
    spoken = covered(truth, count, STEP)
    assert np.mean(~covered(kept, count, STEP)[spoken]) < 0.005
    truth = closed(truth, 0.2)
    right = [(a - 0.1, b + 0.1) for a, b in closed(truth, 0.399)]
    for side in (0, 1):
        away = [min(abs(span[side] - edge[side]) for edge in right) for span in kept]
        assert np.median(away) <= 0.03
    for a, b in complement(truth, hearing.ends):
        left = sum(max(0.0, min(b, d) - max(a, c)) for c, d in kept)
        assert b - a < 0.5 or left <= 0.5


def test_a_lone_word_after_a_long_silence_is_kept(shared: Path) -> None:
    """The video says that somebody speaks until 17.2 s and one word at 40.0 to 40.5 s."""
    path = shared / "media" / "talk_voice_with_pauses.mp4"
    kept = spoken_stretches(listen(path, media.probe(path).duration, quiet), None, 0.4, 0.1, 0.1)
    assert kept[-1] == pytest.approx((39.9, 40.6), abs=0.15)
    assert kept[-2][1] == pytest.approx(17.3, abs=0.15)
    assert all(later - end >= 0.2 for (_, end), (later, _) in itertools.pairwise(kept))
