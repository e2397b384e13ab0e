"""Whether the importance curve ranks moments as a person would, and what the short versions made by it are like.

    make bench ONLY=moments
    python benchmarks/moments.py [--sheets FOLDER]

Rank: Kendall's tau-b and Spearman's rho, over steps of half a second, between the curve and the marks in
``moments.json``, which says how they were made, beside random numbers (mean and standard deviation over 100 seeds). A
uniform curve has no ranks to compare: both figures are undefined, and taken for 0. Neighbouring steps are alike, so
that random numbers vary too little: the curve itself, moved round in time by each number of steps, shows what chance
does to a curve as smooth. F-scores are not reported: random summaries reach those of good ones (Otani et al. 2019).
The curve's weights were set by reasoning and tuned on nothing; some of its parts were given a least spread after a look
at how much each varies in all shared videos, these three among them, not at the marks.

Short versions of every video that has speech, of a fourth of its length and of 20 s where it is longer. Edges inside
speech are counted twice: by the stretches that the edges are chosen by, and by the speech network alone at 0.5, which
goes on for about 0.1 s after the last sound and says speech of some songs. Leaked is for how long that network hears
speech in what cross-fades bring in from beyond the pieces. Recordings of speech without picture are cut as if one
picture stood still over them, and not written. ``--sheets`` writes pictures of the pieces: beginning, middle and end
of each, under it the speech (blue), the level and the piece's edges (white) with two seconds around.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from report import head
from scipy.stats import kendalltau, spearmanr

from avai import media
from avai.contracts import Shot, Skim, SummarizeRequest
from avai.media.timeline import joined
from avai.progress import quiet
from avai.services import hearing as ear
from avai.services import seeing as eye
from avai.services.moments import PICTURE, SOUND, STEP, Moments, curve
from avai.services.picking import within
from avai.services.skim import Material, chosen, overlaps
from avai.services.spans import Stretch
from avai.services.summarize import summarize
from avai.services.voices import speech_spans
from training import real

MARKS = Path(__file__).with_suffix(".json")
MEDIA = real.shared() / "media"
SEEDS = 100
AROUND, WIDE, TALL = 2.0, 320, 60


def moments_of(clip: Path) -> Moments:
    info = eye.video_of(clip)
    duration = eye.picture_span(info)[1]
    change = eye.watch(clip, info, quiet)
    looks = eye.together([eye.look(clip, duration, quiet), change.looks])
    return curve(duration, change, looks, ear.listen(clip, info.duration, quiet) if info.audio else None)


def ranks(values: NDArray[np.floating], marks: NDArray[np.int_]) -> tuple[float, float]:
    """Kendall's tau-b and Spearman's rho; 0 where a series is constant."""
    if np.ptp(values) == 0:
        return 0.0, 0.0
    return float(kendalltau(values, marks).statistic), float(spearmanr(values, marks).statistic)


def ranked() -> None:
    films = json.loads(MARKS.read_text(encoding="utf-8"))
    films.pop("about")
    print(
        "| film | curve | random | curve moved | uniform | picture alone | sound alone |\n|---|---|---|---|---|---|---|"
    )
    parts: dict[str, list[float]] = {}
    for name, marked in films.items():
        moments = moments_of(MEDIA / name)
        times = (np.arange(len(moments.value)) + 0.5) * STEP
        marks = np.array([next((mark for a, b, mark in marked if a <= time < b), marked[-1][2]) for time in times])
        chance = np.array([ranks(np.random.default_rng(seed).random(len(marks)), marks) for seed in range(SEEDS)])
        moved = np.array([ranks(np.roll(moments.value, by), marks) for by in range(1, len(marks))])
        sums = [sum(weight * moments.parts[part] for part, weight in each.items()) for each in (PICTURE, SOUND)]
        cells = ["{:.2f}, {:.2f}".format(*ranks(moments.value, marks))]
        for each in (chance, moved):
            cells.append("{:.2f} ± {:.2f}, {:.2f} ± {:.2f}".format(*np.stack([each.mean(0), each.std(0)], 1).ravel()))
        cells.append("undefined (0)")
        cells += ["{:.2f}, {:.2f}".format(*ranks(np.asarray(each), marks)) for each in sums]
        print(f"| {name} | " + " | ".join(cells) + " |")
        for part in (*PICTURE, *SOUND):
            parts.setdefault(part, []).append(ranks(moments.parts[part], marks)[0])
    print("\ntau-b of the parts, film by film: ", end="")
    print("; ".join(f"{part} " + ", ".join(f"{each:.2f}" for each in taus) for part, taus in parts.items()))


def skims(sheets: Path | None) -> None:
    print("\n| video | asked | length | pieces | edges | in speech | network > 0.5 | leaked | notes |")
    print("|---|---|---|---|---|---|---|---|---|")
    for clip in sorted((*MEDIA.glob("*.mp4"), *MEDIA.glob("*.webm"))):
        info = media.probe(clip)
        if not info.audio or info.video is None:
            continue
        hearing = ear.listen(clip, info.duration, quiet)
        spoken = speech_spans(hearing)
        if sum(b - a for a, b in spoken) < 1.0:
            continue
        for asked in sorted({max(round(info.duration / 4, 1), 1.0), 20.0}):
            if asked >= info.duration:
                continue
            with tempfile.TemporaryDirectory() as made:
                result = summarize(SummarizeRequest(clip=clip, seconds=asked, pictures=1), Path(made), quiet)
                length = media.probe(Path(made) / result.skim.file).duration
            codes = [each.code.split(".")[1] for each in result.warnings if "skim" in each.code or "cut" in each.code]
            pieces = [(each.start, each.end) for each in result.skim.pieces]
            told(clip, asked, length, pieces, hearing, eye.picture_span(info)[1], codes)
            if sheets:
                sheets.mkdir(parents=True, exist_ok=True)
                sheet = drawn(clip, result.skim, hearing, spoken)
                cv2.imwrite(str(sheets / f"{clip.stem}_{asked:g}.png"), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))


def talks() -> None:
    """Rows for recordings of speech, cut as the sound of one picture that stands still."""
    for clip in sorted(MEDIA.glob("speech_*.wav")):
        duration = media.probe(clip).duration
        hearing = ear.listen(clip, duration, quiet)
        one, times = np.ones(1, np.float32), np.arange(0, duration, 0.04)
        still = eye.Looks(np.zeros(1), np.ones((1, 1280), np.float32), one, np.zeros(1, bool), 0 * one)
        none = np.zeros(len(times), np.float32)
        change = eye.Change(times, none, none + 99, none, none, still)
        moments = curve(duration, change, still, hearing)
        shots = (Shot(start=0, end=duration, transition="start"),)
        material = Material(clip, (0.0, duration), shots, still, moments, hearing)
        for asked in sorted({round(duration / 4, 1), 20.0}):
            if asked < duration:
                pieces = chosen(material, asked, np.arange(0, duration, 0.04), quiet)
                told(clip, asked, sum(b - a for a, b in pieces), pieces, hearing, duration, ())


def told(
    clip: Path,
    asked: float,
    length: float,
    pieces: list[Stretch],
    hearing: ear.Hearing,
    last: float,
    codes: Sequence[str],
) -> None:
    """A row of the table."""
    spoken = speech_spans(hearing)
    inner = np.array([edge for piece in pieces for edge in piece if 0.01 < edge < last - 0.05])
    steps = np.minimum((inner / ear.SPEECH_STEP).astype(int), len(hearing.speech) - 1)
    print(
        f"| {clip.name} | {asked:g} s | {length - asked:+.2f} s | {len(pieces)} | {len(inner)} "
        f"| {int(within(inner, spoken).sum())} | {int((hearing.speech[steps] >= 0.5).sum())} "
        f"| {leaked(clip, pieces, hearing, spoken):.2f} s | {', '.join(codes)} |",
        flush=True,
    )


def leaked(clip: Path, pieces: list[Stretch], hearing: ear.Hearing, spoken: list[Stretch]) -> float:
    """Seconds of speech, as the network alone hears it, that cross-fades bring in from beyond the pieces."""
    track = joined(clip, [(Fraction(a), Fraction(b)) for a, b in pieces])
    found = 0.0
    for (one, other), (early, late) in zip(pairwise(track.pieces), overlaps(track, spoken), strict=True):
        for a, b in ((one.end, one.end + late), (other.start - early, other.start)):
            fine = np.arange(float(a), float(b), 0.001)
            steps = np.minimum((fine / ear.SPEECH_STEP).astype(int), len(hearing.speech) - 1)
            found += 0.001 * float((hearing.speech[steps] >= 0.5).sum())
    return found


def drawn(clip: Path, skim: Skim, hearing: ear.Hearing, spoken: list[Stretch]) -> NDArray[np.uint8]:
    """A row for each piece: three pictures, and the sound around it."""
    rows = []
    for piece in skim.pieces:
        times = (piece.start + 0.01, (piece.start + piece.end) / 2, piece.end - 0.05)
        pictures = [media.frame_at(clip, time, size=WIDE).image for time in times]
        for time, picture in zip(times, pictures, strict=True):
            cv2.putText(picture, eye.timecode(time), (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 0), 1)
        pictures = [cv2.copyMakeBorder(p, 2, 2, 0, WIDE - p.shape[1], cv2.BORDER_CONSTANT) for p in pictures]
        rows.append(
            np.concatenate([np.concatenate(pictures, axis=1), sound_bar(piece.start, piece.end, hearing, spoken)])
        )
    return np.concatenate(rows)


def sound_bar(start: float, end: float, hearing: ear.Hearing, spoken: list[Stretch]) -> NDArray[np.uint8]:
    bar = np.full((TALL, 3 * WIDE, 3), 30, np.uint8)
    low, high = start - AROUND, end + AROUND

    def x(time: float) -> int:
        return round(np.clip((time - low) / (high - low), 0, 1) * (3 * WIDE - 1))

    for a, b in spoken:
        if b > low and a < high:
            bar[TALL // 3 :, x(a) : x(b)] = (0, 90, 160)
    for number, level in enumerate(hearing.levels):
        if low <= number / 100 <= high:
            bar[TALL - 1 - int(np.clip((level + 70) / 70, 0, 1) * (TALL - 2)) :, x(number / 100)] //= 2
    for edge in (start, end):
        bar[:, max(x(edge) - 1, 0) : x(edge) + 1] = 255
    return bar


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--sheets", type=Path)
    head("Moments", "tensorflow", "scipy", "numpy")
    ranked()
    skims(options.parse_args().sheets)
    talks()


if __name__ == "__main__":
    main()
