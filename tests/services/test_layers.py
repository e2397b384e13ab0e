"""Layers against known truth: speech to 10 ms, song that is no speech, music under speech, silence that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly

from avai import media
from avai.contracts import Layer, Span
from avai.networks.sound import Heard
from avai.networks.sounding import STEP, levels_db
from avai.progress import quiet
from avai.services.hearing import RATE, Hearing, listen
from avai.services.layers import layers_of, music_spans, speech_spans
from avai.services.silences import quiet_level, silent_spans, sounding
from avai.services.spans import Stretch, closed, complement, covered, long_enough, overlap, runs

Hear = Callable[[np.ndarray], Hearing]


@pytest.fixture
def hear(tmp_path: Path) -> Hear:
    """What the studio hears in mono samples at 16 kHz."""

    def heard(samples: np.ndarray) -> Hearing:
        media.write_wav(tmp_path / "sound.wav", samples.astype(np.float32), RATE)
        return listen(tmp_path / "sound.wav", len(samples) / RATE, quiet)

    return heard


@pytest.fixture(scope="module")
def sax(saxophone: np.ndarray) -> np.ndarray:
    return resample_poly(saxophone, 1, 3).astype(np.float32)


def sound(path: Path) -> np.ndarray:
    samples = media.audio(path, rate=RATE, mono=True).samples.reshape(-1)
    return samples * np.float32(0.1 / np.sqrt(np.mean(samples**2)))


def spoken(utterance: np.ndarray, at: float = 0.0) -> list[Stretch]:
    """Where a clean recording speaks, by its energy (as in benchmarks/layers.py)."""
    levels = levels_db(utterance)
    loud = runs(levels >= np.percentile(levels, 95) - 30, STEP)
    return [(at + a, at + b) for a, b in long_enough(closed(loud, 0.2), 0.05)]


def error(found: list[Stretch], truth: list[Stretch], seconds: float) -> float:
    count = round(seconds / STEP)
    return float(np.mean(covered(found, count, STEP) != covered(truth, count, STEP)))


def stretches(spans: tuple[Span, ...]) -> list[Stretch]:
    return [(span.start, span.end) for span in spans]


def made(levels: np.ndarray, scores: dict[int, np.ndarray] | None = None, speech: float = 0.0) -> Hearing:
    """A hearing with given levels, without any network."""
    seconds = len(levels) * STEP
    windows = int(seconds / 0.48) + 1
    table = np.zeros((windows, 521), np.float32)
    for row, values in (scores or {}).items():
        table[:, row] = np.resize(values, windows)
    heard = Heard(
        np.arange(windows) * 0.48,
        table,
        np.zeros((windows, 1024), np.float32),
        np.zeros((48 * windows, 64), np.float16),
    )
    steps = np.full(int(np.ceil(seconds / 0.032)), speech, np.float32)
    return Hearing(seconds, seconds, levels, heard, steps, ())


@pytest.fixture(scope="module")
def talk(shared: Path) -> tuple[np.ndarray, list[Stretch]]:
    """Two readers with pauses of 1 and 1.5 s, and where they speak."""
    first, second = (
        sound(shared / "data" / "speech" / name)
        for name in ("libri_2033-164914-0002.flac", "libri_3080-5032-0005.flac")
    )
    gap = np.zeros(RATE, np.float32)
    samples = np.concatenate([gap, first, gap, gap[: RATE // 2], second, gap])
    return samples, spoken(first, 1.0) + spoken(second, 2.5 + len(first) / RATE)


def test_speech_is_placed_to_a_hundredth_of_a_second(hear: Hear, talk: tuple[np.ndarray, list[Stretch]]) -> None:
    samples, truth = talk
    found = speech_spans(hear(samples))
    assert error(found, truth, len(samples) / RATE) < 0.02
    for side in (0, 1):
        away = [min(abs(span[side] - edge[side]) for span in found) for edge in truth]
        assert np.median(away) <= 0.011


@pytest.mark.parametrize("under", ["music", "rain"])
def test_speech_is_found_over_music_and_rain_at_5_db_and_the_music_too(
    shared: Path, hear: Hear, talk: tuple[np.ndarray, list[Stretch]], under: str
) -> None:
    samples, truth = talk
    name = {"music": "data/music/sugar_plum_fairy.ogg", "rain": "data/esc10/audio/1-17367-A-10.ogg"}[under]
    rest = np.resize(sound(shared / name), len(samples))
    on = np.repeat(covered(truth, len(samples) // 160 + 1, STEP), 160)[: len(samples)]
    loud = np.sqrt(np.mean(samples[on] ** 2) / np.mean(rest**2) / 10**0.5)
    hearing = hear(0.5 * (samples + loud * rest))
    assert error(speech_spans(hearing), truth, len(samples) / RATE) < 0.1
    played = sum(b - a for a, b in music_spans(hearing)) / hearing.duration
    assert played > 0.9 if under == "music" else played == 0


def test_song_is_music_and_not_speech(shared: Path) -> None:
    path = shared / "media" / "music_song_lets_go_fishin.ogg"
    hearing = listen(path, media.probe(path).duration, quiet)
    assert (hearing.speech > 0.5).mean() > 0.2, "the speech network alone takes song for speech"
    assert sum(b - a for a, b in speech_spans(hearing)) < 0.05 * hearing.duration
    assert sum(b - a for a, b in music_spans(hearing)) > 0.95 * hearing.duration


def test_an_instrument_is_music_where_it_plays(hear: Hear, sax: np.ndarray) -> None:
    samples = np.zeros(20 * RATE, np.float32)
    samples[5 * RATE : 13 * RATE] = sax[: 8 * RATE]
    layers = layers_of(hear(samples), None, 0.4)
    music, silence = stretches(layers["music"]), stretches(layers["silence"])
    assert (music[0][0], music[-1][1]) == pytest.approx((5, 13), abs=0.02)
    assert layers["speech"] == ()
    assert (silence[0], silence[-1]) == (pytest.approx((0, 5), abs=0.02), pytest.approx((13, 20), abs=0.02))
    assert sum(b - a for a, b in music) > 7, "the player rests for less than a second"
    assert min(span.confidence for span in layers["music"]) > 0.5


def test_layers_lie_inside_the_clip_and_silence_excludes_the_others(
    hear: Hear, talk: tuple[np.ndarray, list[Stretch]], sax: np.ndarray
) -> None:
    samples = np.concatenate([talk[0], sax[: 4 * RATE], np.zeros(2 * RATE, np.float32)])
    hearing = hear(samples)
    layers = layers_of(hearing, None, 0.4)
    silence = stretches(layers["silence"])
    assert silence
    names: tuple[Layer, ...] = ("speech", "music", "other")
    for name in names:
        assert overlap(stretches(layers[name]), silence) == []
    for spans in layers.values():
        edges = [edge for span in spans for edge in (span.start, span.end)]
        assert edges == sorted(set(edges))
        assert not edges or (edges[0] >= 0 and edges[-1] <= hearing.duration)
    every = [stretch for name in (*names, "silence") for stretch in stretches(layers[name])]
    assert max(b - a for a, b in complement(every, hearing.duration)) < 0.5


def test_no_span_ends_after_a_clip_that_is_no_whole_number_of_milliseconds(
    tmp_path: Path, saxophone: np.ndarray
) -> None:
    media.write_wav(tmp_path / "sax.wav", saxophone[48_000 : 48_000 + 65_478], 44_100)
    duration = media.probe(tmp_path / "sax.wav").duration
    hearing = listen(tmp_path / "sax.wav", duration, quiet)
    assert hearing.duration == duration
    every = [span for spans in layers_of(hearing, None, 0.4).values() for span in spans]
    assert every
    assert max(span.end for span in every) == duration


def test_how_music_fades_is_no_other_sound() -> None:
    levels = np.concatenate([np.full(1000, -20.0), np.linspace(-20, -80, 300), np.full(300, -80.0)])
    music = np.where(np.arange(34) * 0.48 < 10, 0.8, 0.0).astype(np.float32)
    layers = layers_of(made(levels, {132: music}), None, 0.4)
    assert stretches(layers["music"]) == [(0.0, pytest.approx(10, abs=0.5))]
    assert layers["other"] == ()
    assert stretches(layers["silence"])[0][0] == pytest.approx(11.75, abs=0.05)


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.2, 0.4])
def test_a_short_loud_sound_of_no_name_is_other(seconds: float) -> None:
    count = round(seconds / STEP)
    levels = np.full(1000, -90.0)
    levels[500 : 500 + count], levels[800 : 800 + count] = -20, -62
    other = stretches(layers_of(made(levels), None, 0.4)["other"])
    assert other == [(pytest.approx(5), pytest.approx(5 + seconds))]
    assert stretches(layers_of(made(levels[500 : 500 + count]), None, 0.4)["other"]) == [(0.0, pytest.approx(seconds))]


def test_films_and_talk_read_sensibly(shared: Path) -> None:
    def shares(name: str) -> dict[Layer, float]:
        path = shared / "media" / name
        hearing = listen(path, media.probe(path).duration, quiet)
        layers = layers_of(hearing, None, 0.4)
        return {layer: sum(s.end - s.start for s in spans) / hearing.duration for layer, spans in layers.items()}

    sintel = shares("film_sintel_trailer.mp4")
    assert sintel["music"] > 0.4
    assert 0.02 < sintel["speech"] < 0.3
    talking = shares("talk_voice_with_pauses.mp4")
    assert 0.25 < talking["speech"] < 0.42
    assert talking["silence"] > 0.5
    assert talking["music"] == 0


def test_a_minute_of_sound_in_an_hour_of_room_noise_leaves_silence() -> None:
    random = np.random.default_rng(0)
    levels = -62 + random.normal(0, 1.0, 360_000)
    levels[100_000:102_000] = -25
    assert -58 < quiet_level(levels) < -40
    spans = silent_spans(made(levels), None, 0.4)
    assert sum(b - a for a, b in spans) == pytest.approx(3580, abs=5)


def test_steady_sound_is_never_silence() -> None:
    random = np.random.default_rng(0)
    assert silent_spans(made(-35 + random.normal(0, 1.5, 6000)), None, 0.4) == []


def test_a_quiet_passage_of_music_is_no_floor() -> None:
    dynamics = np.concatenate([np.linspace(-60, -35, 600), np.full(5400, -15.0)])
    room = np.concatenate([np.full(900, -40.0), np.full(5100, -15.0)])
    assert quiet_level(dynamics) == pytest.approx(-50)
    assert quiet_level(room) == pytest.approx(-34)


def test_a_quiet_passage_that_is_heard_as_music_is_no_silence() -> None:
    levels = np.full(6000, -55.0)
    levels[:3000] = -12
    plain, music = made(levels), made(levels, {132: np.array([0.8], np.float32)})
    assert silent_spans(plain, None, 0.4) == [(30.0, 60.0)]
    assert silent_spans(music, None, 0.4) == []
    assert silent_spans(music, -40.0, 0.4) == [(30.0, 60.0)], "a threshold that is given is kept to"


def test_a_short_loud_tick_ends_a_silence_and_a_soft_one_does_not() -> None:
    levels = np.full(1000, -90.0)
    levels[400:402], levels[700:702] = -30, -65
    assert sounding(made(levels), None, 0.4) == [(pytest.approx(3.9), pytest.approx(4.12))]
    assert sounding(made(levels), None, 0.4, count_clicks=False) == []


def test_an_hour_takes_no_time_beside_the_networks() -> None:
    import time

    random = np.random.default_rng(1)
    levels = random.uniform(-60, -15, 360_000)
    hearing = made(levels, {132: random.uniform(0, 1, 7501), 0: random.uniform(0, 1, 7501)})
    speech = (np.sin(np.arange(len(hearing.speech)) / 20) > 0).astype(np.float32)
    hearing = Hearing(hearing.duration, hearing.ends, levels, hearing.heard, speech, ())
    start = time.process_time()
    assert len(layers_of(hearing, None, 0.4)["speech"]) > 500
    assert time.process_time() - start < 3
