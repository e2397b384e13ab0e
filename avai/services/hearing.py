"""What is heard in a clip, analysed once: levels, the sound network, speech, and from them layers and tags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.contracts import Layer, Note, Span
from avai.networks import registry
from avai.networks.sound import Heard
from avai.networks.sounding import STEP as LEVEL_STEP
from avai.networks.sounding import levels_db
from avai.progress import Progress, part
from avai.services.spans import Stretch, closed, complement, long_enough, overlap, padded, runs, union

RATE = 16_000
SPEECH_STEP = 512 / RATE
BLOCK = 10 * RATE
CLICK = 0.03
NOTHING = -90.0
"""Below this level in dB re full scale nothing is heard at all: under the last bit of 16-bit sound."""

SPEECH_FAMILY = slice(0, 13)
SINGING_FAMILY = slice(24, 33)
MUSIC_FAMILY = slice(132, 277)
SILENCE = 494
ROOMS = slice(500, 507)
"""Rows of AudioSet's table: speech and voices speaking, singing, music and its instruments, silence, acoustic rooms."""


@dataclass(frozen=True)
class Hearing:
    """``levels`` are RMS in dB re full scale each 10 ms; ``speech`` is a probability each 32 ms.

    ``duration`` is that of the clip, ``ends`` where its sound ends: what picture there is beyond is silent.
    """

    duration: float
    ends: float
    levels: NDArray[np.float64]
    heard: Heard
    speech: NDArray[np.float32]
    notes: tuple[Note, ...]

    @property
    def nothing(self) -> bool:
        """Digital silence all through."""
        return bool(self.levels.size == 0 or self.levels.max() < NOTHING)


def listen(clip: Path, duration: float, progress: Progress) -> Hearing:
    """Decode the clip's sound once and ask both networks. Memory does not grow with length: samples wait on disk."""
    check = media.SoundCheck()
    found: list[NDArray[np.float64]] = []
    with TemporaryFile() as spool:
        total = 0
        share = part(progress, 0.0, 0.3)
        for block in media.audio_blocks(clip, rate=RATE, mono=True, seconds=BLOCK / RATE, check=check):
            mono = np.ascontiguousarray(block.reshape(-1), dtype=np.float32)
            spool.write(mono.tobytes())
            found.append(levels_db(mono, RATE))
            total += mono.size
            share(total / RATE / max(duration, 0.1), "doing.decoding_sound")
        levels = np.concatenate(found or [np.zeros(0)])
        given = total if levels.size and levels.max() >= NOTHING else 0
        heard = registry.sound().hear(_blocks(spool, given, part(progress, 0.3, 0.7), "doing.listening"))
        speech = registry.speech().listen(_blocks(spool, given, part(progress, 0.7, 1.0), "doing.finding_speech"))
    return Hearing(max(duration, total / RATE), total / RATE, levels, heard, speech, tuple(check.notes()))


def _blocks(spool: IO[bytes], count: int, progress: Progress, what: str) -> Iterator[NDArray[np.float32]]:
    """The first ``count`` samples of the spool, a block at a time."""
    spool.seek(0)
    for start in range(0, count, BLOCK):
        progress(start / count, what)
        size = min(BLOCK, count - start) * np.dtype(np.float32).itemsize
        yield np.frombuffer(spool.read(size), np.float32)


def quiet_level(levels: NDArray[np.float64]) -> float:
    """The level in dB below which a clip is quiet, found from its own loud parts and floor.

    35 dB under the loud parts (95th percentile); raised to 6 dB over the floor (10th percentile) where floor and loud
    parts stand clearly apart, as in a talk over room noise. Between -70 and -30 dB.
    """
    if levels.size == 0:
        return -70.0
    floor, loud = np.percentile(levels, (10, 95))
    quiet = loud - 35
    if floor + 6 <= loud - 15:
        quiet = max(quiet, floor + 6)
    return float(np.clip(quiet, -70.0, -30.0))


def speech_spans(hearing: Hearing) -> list[Stretch]:
    """Stretches of speech: hysteresis on the speech network (enter at 0.5, leave at 0.35, no gap under 0.1 s, none
    shorter than 0.2 s), without those where the sound network hears singing and music and no speech at all."""
    high = runs(hearing.speech >= 0.35, SPEECH_STEP)
    sure = hearing.speech >= 0.5
    spans = [(a, b) for a, b in high if sure[round(a / SPEECH_STEP) : round(b / SPEECH_STEP)].any()]
    spans = long_enough(closed(spans, 0.1), 0.2)
    return [(a, min(b, hearing.ends)) for a, b in spans if not _sung(hearing.heard, a, b)]


def _sung(heard: Heard, start: float, end: float) -> bool:
    inside = (heard.times >= start - 0.24) & (heard.times <= end + 0.24)
    if not inside.any():
        return False
    scores = heard.scores[inside].mean(axis=0)
    music = max(scores[MUSIC_FAMILY].max(), scores[SINGING_FAMILY].max())
    return bool(music > 0.4 and scores[SPEECH_FAMILY].max() < 0.5 * music)


def clicks(hearing: Hearing, level: float) -> list[Stretch]:
    """Sounds shorter than ``CLICK`` that stand 15 dB above ``level``, with a tenth of a second around each."""
    short = [(a, b) for a, b in runs(hearing.levels >= level, LEVEL_STEP) if b - a < CLICK]
    heard = [
        (a, b) for a, b in short if hearing.levels[round(a / LEVEL_STEP) : round(b / LEVEL_STEP)].max() >= level + 15
    ]
    return padded(heard, 0.1, 0.1, hearing.duration)


def silent_spans(
    hearing: Hearing, threshold: float | None, shortest: float, count_clicks: bool = True
) -> list[Stretch]:
    """Stretches of at least ``shortest`` seconds below the threshold in dB (None: ``quiet_level``) with no speech.

    Without ``count_clicks``, sounds shorter than ``CLICK`` do not end a silence.
    """
    level = quiet_level(hearing.levels) if threshold is None else threshold
    loud = long_enough(runs(hearing.levels >= level, LEVEL_STEP), CLICK)
    ticks = clicks(hearing, level) if count_clicks else []
    return long_enough(complement(union(loud, ticks, speech_spans(hearing)), hearing.duration), shortest)


def music_spans(hearing: Hearing) -> list[Stretch]:
    """Stretches where music, an instrument or singing is heard, from the sound network's windows."""
    heard = hearing.heard
    score = np.maximum(heard.scores[:, MUSIC_FAMILY].max(axis=1), heard.scores[:, SINGING_FAMILY].max(axis=1))
    return long_enough(_window_spans(heard, score >= 0.3, hearing.ends, 1.5), 0.9)


def _window_spans(heard: Heard, on: NDArray[np.bool_], ends: float, gap: float) -> list[Stretch]:
    """Windows that are on, as stretches: half a hop to each side of their centres, gaps closed."""
    hop = float(heard.times[1] - heard.times[0]) if len(heard.times) > 1 else 0.96
    first = float(heard.times[0]) if len(heard.times) else 0.0
    spans = [(max(0.0, first + a - hop / 2), min(ends, first + b - hop / 2)) for a, b in runs(np.asarray(on), hop)]
    return closed([(a, b) for a, b in spans if b > a], gap)


def sounding(
    hearing: Hearing, threshold: float | None = None, shortest: float = 0.3, count_clicks: bool = True
) -> list[Stretch]:
    """What is not silence."""
    return complement(silent_spans(hearing, threshold, shortest, count_clicks), hearing.duration)


def layers(hearing: Hearing, threshold: float | None, shortest: float) -> dict[Layer, tuple[Span, ...]]:
    """Speech, music, other and silence over time. The first three may overlap; silence excludes them.

    A quiet stretch in which the network clearly hears something (music, rain) is not silence.
    """
    duration = hearing.duration
    if hearing.nothing:
        whole = (Span(start=0.0, end=duration, label="silence"),) if duration else ()
        return {"speech": (), "music": (), "other": (), "silence": whole}
    speech = speech_spans(hearing)
    quiet = silent_spans(hearing, threshold, shortest)
    heard = hearing.heard
    named = heard.scores.copy()
    named[:, [SILENCE, *range(ROOMS.start, ROOMS.stop)]] = 0
    faint = _window_spans(heard, named.max(axis=1) >= 0.4, hearing.ends, 0.0) if threshold is None else []
    loud = complement(quiet, duration)
    audible = union(loud, overlap(faint, _above(hearing, -60.0)))
    silence = long_enough(complement(audible, duration), shortest)
    heard_at_all = complement(silence, duration)
    music = long_enough(overlap(music_spans(hearing), heard_at_all), 0.2)
    rest = named
    rest[:, SPEECH_FAMILY] = rest[:, MUSIC_FAMILY] = rest[:, SINGING_FAMILY] = 0
    tagged = overlap(_window_spans(heard, rest.max(axis=1) >= 0.3, hearing.ends, 0.5), heard_at_all)
    unnamed = overlap(heard_at_all, complement(union(speech, music), duration))
    ticks = overlap(clicks(hearing, quiet_level(hearing.levels) if threshold is None else threshold), unnamed)
    other = long_enough(closed(union(tagged, ticks, long_enough(unnamed, 0.5)), 0.3), 0.1)
    found: dict[Layer, list[Stretch]] = {"speech": speech, "music": music, "other": other, "silence": silence}
    return {
        name: tuple(
            Span(start=round(a, 3), end=round(b, 3), label=name, confidence=_confidence(hearing, name, a, b))
            for a, b in spans
        )
        for name, spans in found.items()
    }


def _above(hearing: Hearing, level: float) -> list[Stretch]:
    return closed(runs(hearing.levels >= level, LEVEL_STEP), 0.3)


def _confidence(hearing: Hearing, layer: Layer, start: float, end: float) -> float:
    if layer == "speech":
        inside = hearing.speech[round(start / SPEECH_STEP) : max(round(end / SPEECH_STEP), 1)]
        return round(float(inside.mean()), 3) if inside.size else 0.5
    heard = hearing.heard
    near = (heard.times >= start - 0.24) & (heard.times <= end + 0.24)
    if layer == "silence" or not near.any():
        return 1.0 if layer == "silence" else 0.5
    scores = heard.scores[near]
    if layer == "music":
        return round(float(scores[:, MUSIC_FAMILY].max(axis=1).mean()), 3)
    rest = np.delete(scores, np.r_[SPEECH_FAMILY, SINGING_FAMILY, MUSIC_FAMILY, SILENCE, ROOMS], axis=1)
    return round(float(rest.max(axis=1).mean()), 3)


def tags(hearing: Hearing, labels: list[str], most: int, threshold: float = 0.2) -> tuple[Span, ...]:
    """The strongest sounds over time, at most ``most`` labels, ordered by time.

    The network says what is heard, the signal where it begins and ends: the stretch of windows is cut to where
    something sounds, and its edge moved to the onset when that lies within half a window.
    """
    if hearing.nothing:
        return ()
    heard = hearing.heard
    scores = heard.scores.copy()
    scores[:, [SILENCE, *range(ROOMS.start, ROOMS.stop)]] = 0
    strongest = np.argsort(-scores.max(axis=0))[:most]
    loud = long_enough(sounding(hearing, shortest=0.2), 0.02)
    found: list[Span] = []
    for index in strongest:
        score = scores[:, index]
        if score.max() < threshold:
            continue
        entered = max(threshold, 0.35 * float(score.max()))
        for start, end in _window_spans(heard, score >= entered, hearing.ends, 0.5):
            inside = (heard.times >= start - 0.01) & (heard.times <= end + 0.01)
            confidence = float(score[inside].max()) if inside.any() else float(score.max())
            for a, b in long_enough(_placed(start, end, loud), 0.1):
                found.append(
                    Span(start=round(a, 3), end=round(b, 3), label=labels[index], confidence=round(confidence, 3))
                )
    return tuple(sorted(found, key=lambda span: (span.start, span.end, span.label)))


def _placed(start: float, end: float, loud: list[Stretch], reach: float = 0.48) -> list[Stretch]:
    """The stretch cut to what sounds. Where sound begins or ends within ``reach`` of an edge, the edge goes there."""
    touched = [(a, b) for a, b in loud if b > start and a < end]
    if not touched:
        near = [(a, b) for a, b in loud if b > start - reach and a < end + reach]
        return near[:1]
    first, last = touched[0], touched[-1]
    begin = first[0] if abs(first[0] - start) <= reach or first[0] > start else start
    finish = last[1] if abs(last[1] - end) <= reach or last[1] < end else end
    return closed([(max(a, begin), min(b, finish)) for a, b in touched if min(b, finish) > max(a, begin)], 0.8)
