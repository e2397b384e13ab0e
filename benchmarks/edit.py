"""Edit: jump cuts of talks against known pauses, and dead time of fixed cameras against marks made by eye.

    PYTHONPATH=. python benchmarks/edit.py [--tuning]

Talks: clean LibriSpeech utterances (level span of 42 dB or more) with pauses of 0.5 to 2.5 s between them, as they are
and over noise that goes on throughout, so many dB below the speech while it sounds: the tone of real rooms (what is
left of noisy readers' recordings when they do not speak), pink noise with mains hum, rain. The truth is found in the
clean recordings before noise is added: a 10 ms frame is speech when it is within 30 dB of the loud parts (95th
percentile) of its utterance, and gaps under 0.2 s belong to it. Bursts under 0.05 s do not, and neither do those that
nowhere come within 20 dB and are more than 0.1 s from what does: breaths and smacks of the lips, no words.
Ours goes by the same measure of energy, so that clean talks say little more than that nothing is lost or left; over
noise it can't see it. The two videos have no clean original: the same rule is applied to their own sound.

What should be kept is worked out from the truth by the conditions (silences from 0.4 s, margins, pieces from 0.3 s).
Edges: every edge that should be and every edge that is, to the nearest of the other kind and side, at most 1 s; pauses
within 0.1 s of the shortest that is cut (0.4 s, or both margins and the smallest cut) may be cut or not, and do not
count. Lost: share of speech frames cut away. Left: of the pauses 0.1 s longer than that, those of which more than that
is kept.
Beside ours: all that is above 4 % of full scale (-28 dB), what auto-editor takes by default.
``--tuning`` prints the readers, rooms and noises that constants were chosen on; no other is among the reported ones.

Dead time: share of the kept seconds in which something is there (precision), and of those in which something is there
that are kept (recall). Beside ours, change between frames over a threshold, gaps of up to 1 s closed: the threshold
with the best F1 on each film, chosen with the truth in hand. Ours was looked at on these two films five times. The
first time it kept half of the traffic's empty road (precision 0.55): that its mount sways, and that an exposure still
answers when a car has gone, was learnt there; how much is allowed for was chosen on the films of ``fixed_camera.py``.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fixed_camera import rated
from layers import REPORT, TUNING, Material, Samples, heard, mixed, noise, sound, utterances
from report import head

from avai import media
from avai.networks.sounding import STEP, levels_db
from avai.progress import quiet
from avai.services import seeing
from avai.services.deadtime import busy
from avai.services.hearing import RATE, Hearing, listen
from avai.services.pauses import SMALLEST_CUT, spoken_stretches
from avai.services.spans import Stretch, closed, complement, covered, long_enough, overlap, padded, runs, touching
from training import real

TALKS = ("talk_voice_with_pauses.mp4", "talk_webcam_art_critic.mp4")
SHORTEST_SILENCE, SHORTEST_PIECE, MARGINS = 0.4, 0.3, (0.1, 0.2)
ROOMS = {TUNING: ("1998", "533", "1688"), REPORT: ("2609", "367", "3005")}
NOISES = (("room", 30), ("room", 20), ("room", 10), ("pink and hum", 20), ("pink and hum", 10), ("rain", 20))
BURST, RELEASE = 0.05, 0.03
AUTO_EDITOR_DB = 20 * np.log10(0.04)
CAP, NEAR = 1.0, 0.1


@dataclass(frozen=True)
class Talk:
    """What is heard of a talk, where its words are, and which of its 10 ms frames are speech."""

    name: str
    hearing: Hearing
    words: list[Stretch]
    frames: np.ndarray


# ---- talks ----------------------------------------------------------------------------------------------------------


def sounds_of_speech(levels: np.ndarray, below: float = 30.0, burst: float = BURST) -> list[Stretch]:
    """The truth: where a clean recording with these 10 ms levels speaks, stops between sounds left open."""
    loud = np.percentile(levels, 95)
    sounds = long_enough(runs(levels >= loud - below, STEP), burst)
    vowels = closed(touching(sounds, runs(levels >= loud - 20, STEP)), 0.2)
    return overlap(sounds, padded(vowels, 0.1, 0.1, len(levels) * STEP))


def talk(of: Material, below: float = 30.0) -> tuple[Samples, list[Stretch], np.ndarray]:
    """Utterances with pauses, where their words are, and which frames are speech."""
    random = np.random.default_rng(3)
    parts: list[Samples] = []
    words: list[Stretch] = []
    frames: list[np.ndarray] = []
    at = 0
    for utterance in utterances(of):
        utterance = utterance[: len(utterance) // 160 * 160]
        pause = round(random.uniform(0.5, 2.5) / STEP)
        parts += [np.zeros(160 * pause, np.float32), utterance]
        levels = levels_db(utterance)
        loud = sounds_of_speech(levels, below)
        frames += [np.zeros(pause, bool), covered(loud, len(levels), STEP)]
        words += [((at + pause) * STEP + a, (at + pause) * STEP + b) for a, b in closed(loud, 0.2)]
        at += pause + len(levels)
    return np.concatenate([*parts, np.zeros(RATE, np.float32)]), words, np.concatenate([*frames, np.zeros(100, bool)])


def room(readers: tuple[str, ...], size: int) -> Samples:
    """What rooms sound like when nobody speaks: the softest quarter of noisy readers' recordings, joined softly."""
    folder = real.shared() / "data" / "speech"
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as file:
        files = [folder / row["file"] for row in csv.DictReader(file) if row["speaker"] in readers]
    random, ramp = np.random.default_rng(5), np.linspace(0, 1, 160, dtype=np.float32)
    parts = []
    for path in files:
        samples = sound(path)
        levels = levels_db(samples)
        for a, b in long_enough(runs(levels <= np.percentile(levels, 25), STEP), 0.15):
            part = samples[round(a * RATE) : round(b * RATE)]
            parts.append(part / np.sqrt(np.mean(part**2)))
    made = np.zeros(0, np.float32)
    pieces = []
    total = 0
    while total < size:
        part = parts[random.integers(len(parts))].copy()
        part[:160] *= ramp
        part[-160:] *= ramp[::-1]
        pieces.append(part)
        total += len(part) - 160
    made = np.zeros(total + 160, np.float32)
    at = 0
    for part in pieces:
        made[at : at + len(part)] += part
        at += len(part) - 160
    return made[:size]


def pink(size: int, mains: float) -> Samples:
    """Pink noise and the hum of the mains, alike in power."""
    random = np.random.default_rng(int(mains))
    spectrum = np.fft.rfft(random.normal(0, 1, size))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20 * size / RATE))
    hiss = np.fft.irfft(spectrum, size)
    time = np.arange(size) / RATE
    hum = sum(np.sin(2 * np.pi * mains * k * time) / k for k in (1, 2, 3))
    return (hiss / hiss.std() + hum / np.std(hum)).astype(np.float32)


def talks(of: Material) -> Iterator[Talk]:
    clean, words, frames = talk(of)
    hearing = heard(clean)
    yield Talk("clean", hearing, words, frames)
    for below in (25, 40):
        yield Talk(f"clean, truth at {below} dB", hearing, *talk(of, below)[1:])
    for kind, db in NOISES:
        if kind == "room":
            rest = room(ROOMS[of], len(clean))
        elif kind == "rain":
            rest = noise(of, "rain", len(clean))
        else:
            rest = pink(len(clean), 50.0 if of is TUNING else 60.0)
        yield Talk(f"{kind}, {db} dB", heard(mixed(clean, words, rest, db)), words, frames)


def videos() -> Iterator[Talk]:
    for name in TALKS:
        path = real.shared() / "media" / name
        hearing = listen(path, media.probe(path).duration, quiet)
        for burst, rule in ((BURST, ""), (RELEASE, ", stops count")):
            loud = sounds_of_speech(hearing.levels, burst=burst)
            frames = covered(loud, len(hearing.levels), STEP)
            yield Talk(f"{name.split('.')[0]}{rule}", hearing, closed(loud, 0.2), frames)


# ---- figures of talks -----------------------------------------------------------------------------------------------


def shortest(margin: float) -> float:
    """The shortest silence that is cut."""
    return max(SHORTEST_SILENCE, 2 * margin + SMALLEST_CUT)


def edges(kept: list[Stretch], talk: Talk, margin: float) -> np.ndarray:
    """How far edges are from where they should be, in seconds."""
    end = talk.hearing.ends
    gaps = complement(talk.words, end)
    doubtful = [(a - 0.05, b + 0.05) for a, b in gaps if abs(b - a - shortest(margin)) <= NEAR]
    right = closed(padded(closed(talk.words, SHORTEST_SILENCE - 1e-6), margin, margin, end), SMALLEST_CUT)
    away: list[float] = []
    for side in (0, 1):
        asked, found = (np.array([span[side] for span in spans]) for spans in (right, kept))
        for these, others in ((asked, found), (found, asked)):
            for edge in these:
                counts = 0 < edge < end and not any(a <= edge <= b for a, b in doubtful)
                if counts:
                    away.append(min(CAP, float(np.abs(others - edge).min(initial=CAP))))
    return np.array(away or [0.0])


def figures(kept: list[Stretch], talk: Talk, margin: float) -> str:
    """Median and 95th percentile of edges, in ms; speech lost; silences left too long; the share kept."""
    away = 1000 * edges(kept, talk, margin)
    on = covered(kept, len(talk.frames), STEP)
    lost = float(np.mean(~on[talk.frames]))
    asked = shortest(margin) + NEAR
    gaps = [gap for gap in complement(talk.words, talk.hearing.ends) if gap[1] - gap[0] >= asked]
    left = sum(sum(max(0.0, min(b, d) - max(a, c)) for c, d in kept) > asked for a, b in gaps)
    share = sum(b - a for a, b in kept) / talk.hearing.duration
    return (
        f"{np.median(away):6.0f} /{np.percentile(away, 95):5.0f} {lost:7.2%} {left:4d} of {len(gaps):2d} {share:6.0%}"
    )


def talk_table(title: str, found: list[Talk]) -> None:
    print(f"{title}: edges median / 95 % in ms, speech lost, silences left, share kept\n")
    print(f"{'':40s}{'margin':>7s}  {'ours':38s}{'over -28 dB':38s}")
    for each in found:
        for margin in MARGINS:
            said = f"{each.name:40s}{margin:7.1f}"
            for threshold in (None, AUTO_EDITOR_DB):
                kept = spoken_stretches(each.hearing, threshold, SHORTEST_SILENCE, margin, margin, SHORTEST_PIECE)
                said += f"  {figures(kept, each, margin)}"
            print(said)
    print()


# ---- dead time ------------------------------------------------------------------------------------------------------


def by_difference(change: seeing.Change, truth: list[Stretch], duration: float) -> tuple[float, float, float]:
    """Change between frames over the threshold of the best F1: that threshold, precision, recall."""
    step, best = 1 / change.rate(), (0.0, 0.0, 0.0, 0.0)
    for threshold in np.geomspace(0.05, 20, 60):
        kept = closed(runs(change.moved >= threshold, step), 1.0)
        precision, recall = rated(kept, truth, duration)
        best = max(best, (2 * precision * recall / max(precision + recall, 1e-9), threshold, precision, recall))
    return best[1:]


def dead_time_table() -> None:
    marks = json.loads((Path(__file__).parent / "dead_time.json").read_text(encoding="utf-8"))
    print("Dead time: precision and recall of kept seconds\n")
    for name in (name for name in marks if name.endswith(".mp4")):
        path = real.shared() / "media" / name
        info = media.probe(path)
        change, truth = seeing.watch(path, info, quiet), [(a, b) for a, b in marks[name]]
        precision, recall = rated(busy(change, info.duration), truth, info.duration)
        threshold, *plain = by_difference(change, truth, info.duration)
        there = sum(b - a for a, b in truth) / info.duration
        print(f"{name} (something is there {there:.0%} of {info.duration:.0f} s)")
        print(f"  ours                                     {precision:.3f}  {recall:.3f}")
        print(f"  difference of frames, best at {threshold:6.2f}     {plain[0]:.3f}  {plain[1]:.3f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tuning", action="store_true", help="what constants were chosen on, not what is reported")
    tuning = arguments.parse_args().tuning
    head("Edit", "tensorflow", "numpy", "av")
    of = TUNING if tuning else REPORT
    talk_table(f"Talks of readers {', '.join(of.readers)}", list(talks(of)))
    if not tuning:
        talk_table("Talks on video", list(videos()))
        dead_time_table()


if __name__ == "__main__":
    main()
