"""Shots: ours, TransNetV2 on every frame, and PySceneDetect, on films of known joins and on films marked by eye.

    python benchmarks/shots.py [--chosen-on]     the set of joins that settings were chosen on, not the reported one

A report within 0.1 s of a cut, or of the span of a dissolve, fade or wipe, finds it; each join is found once, and any
report more is wrong. F1 of cuts: reports at slow joins count neither way; F1 of slow joins: those at cuts do not.
``exact`` is the share of the cuts found that are on the very frame. The films marked by eye (``shots.json``, by its
rules) were looked at while the first thresholds were chosen.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from joins import SHARED, WAYS, Join, write
from report import head
from scenedetect import AdaptiveDetector, ContentDetector, detect

from avai import media
from avai.networks import registry
from avai.progress import quiet
from avai.services import seeing
from avai.services.spans import runs

TOLERANCE, SECONDS, SIZE = 0.1, 60.0, (512, 288)
SEEDS = {"chosen on": (1, 2), "reported": (11, 12)}
Reports = Sequence[float]


def ours(clip: Path) -> Reports:
    """Where the studio says that a shot begins."""
    info = media.probe(clip)
    return [shot.start for shot in seeing.shots(seeing.watch(clip, info, quiet), seeing.picture_span(info)[1])[1:]]


def everything(clip: Path) -> Reports:
    """TransNetV2 on every frame, as its authors report: one edge in the middle of each run of at least 0.5."""
    seen = [(float(frame.time), frame.image) for frame in media.frames(clip, size=seeing.TINY)]
    times = np.array([time for time, _ in seen])
    joint = registry.shots().transitions(np.stack([image for _, image in seen]))
    edges = []
    for start, end in runs(joint >= 0.5, 1):
        first, last = int(start), min(int(end), len(times) - 1)
        edges.append(float(times[(first + last + 1) // 2]))
    return edges


def content(clip: Path) -> Reports:
    return [scene[0].seconds for scene in detect(str(clip), ContentDetector())[1:]]


def adaptive(clip: Path) -> Reports:
    return [scene[0].seconds for scene in detect(str(clip), AdaptiveDetector())[1:]]


DETECTORS: dict[str, Callable[[Path], Reports]] = {
    "ours": ours,
    "TransNetV2 on every frame": everything,
    "PySceneDetect content": content,
    "PySceneDetect adaptive": adaptive,
}


def counted(joins: Sequence[Join], reports: Reports, frame: float) -> Counter[str]:
    """What was found, missed and wrong, by kind."""
    found: Counter[str] = Counter()
    left = sorted(reports)
    for join in sorted(joins, key=lambda each: each.end - each.start):
        near = [time for time in left if join.start - TOLERANCE <= time <= join.end + TOLERANCE]
        middle = (join.start + join.end) / 2
        if near:
            best = min(near, key=lambda time: abs(time - middle))
            left.remove(best)
            found["exact"] += join.kind == "cut" and abs(best - join.start) < frame / 2
        found[f"{'found' if near else 'missed'} {join.kind}"] += 1
    found["wrong"] = len(left)
    return found


def f1(found: int, missed: int, wrong: int) -> float:
    return 2 * found / max(2 * found + missed + wrong, 1)


def line(name: str, count: Counter[str]) -> str:
    slow = ("dissolve", "fade", "wipe")
    got, lost = (sum(count[f"{word} {kind}"] for kind in slow) for word in ("found", "missed"))
    cuts, cut_lost, wrong = count["found cut"], count["missed cut"], count["wrong"]
    recalls = "  ".join(f"{count[f'found {kind}']}/{count[f'found {kind}'] + count[f'missed {kind}']}" for kind in slow)
    exact = count["exact"] / max(cuts, 1)
    return (
        f"{name:34s} F1 {f1(got + cuts, lost + cut_lost, wrong):.3f}  cuts {f1(cuts, cut_lost, wrong):.3f}"
        f" ({cuts}/{cuts + cut_lost}, exact {exact:.3f})  slow {f1(got, lost, wrong):.3f}"
        f"  dissolve, fade, wipe {recalls}  wrong {wrong}"
    )


def joined(which: str, detectors: dict[str, Callable[[Path], Reports]], verbose: bool) -> None:
    """Print the table for the films of known joins."""
    half = list(SEEDS).index(which)
    total: dict[str, Counter[str]] = {name: Counter() for name in detectors}
    with tempfile.TemporaryDirectory() as made:
        for seed in SEEDS[which]:
            for way in WAYS:
                clip, joins = write(Path(made), way, SECONDS, SIZE, half, seed)
                for name, detector in detectors.items():
                    count = counted(joins, detector(clip), 1 / way.rate)
                    total[name] += count
                    if verbose or name == "ours":
                        print(
                            line(f"  {way.name}, {seed}"[:34] if name == "ours" else f"    {name}", count), flush=True
                        )
    print(f"\nAll films of the set {which!r}:")
    for name, count in total.items():
        print(line(name, count))


def by_eye(detectors: dict[str, Callable[[Path], Reports]]) -> None:
    """Print the table for the films marked by eye."""
    table = json.loads((SHARED / "shots.json").read_text(encoding="utf-8"))
    tolerance = table.pop("about")["tolerance_s"]
    for clip, truth in table.items():
        excused = [(each["from"], each["to"]) for each in truth["gradual"]] + [tuple(each) for each in truth["ignore"]]
        print(f"\n{clip}: {len(truth['cuts'])} cuts")
        for name, detector in detectors.items():
            reports = detector(SHARED / clip)
            missed = [cut for cut in truth["cuts"] if not any(abs(cut - time) <= tolerance for time in reports)]
            spans = [(cut, cut) for cut in truth["cuts"]] + excused
            wrong = [
                round(time, 3) for time in reports if not any(a - tolerance <= time <= b + tolerance for a, b in spans)
            ]
            print(f"  {name:30s} missed {missed}, wrong {wrong}")


def main() -> None:
    head("Shots", "scenedetect", "av", "opencv-python", "tensorflow")
    registry.warm()
    if "--chosen-on" in sys.argv:
        joined("chosen on", DETECTORS, verbose="-v" in sys.argv)
        return
    joined("reported", DETECTORS, verbose="-v" in sys.argv)
    by_eye(DETECTORS)


if __name__ == "__main__":
    main()
