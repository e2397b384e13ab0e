"""Shots of the three shared films whose cuts were marked by eye (``shots.json``, by its rules).

What is asked of the shot network, and its thresholds, were chosen while looking at these films: the figures say that
nothing is broken, not how good it is on films never seen.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from report import head

from avai import media
from avai.networks import registry
from avai.progress import quiet
from avai.services import seeing

SHARED = Path(os.environ.get("AVAI_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "media"


def near(time_: float, spans: list[tuple[float, float]], tolerance: float) -> bool:
    return any(start - tolerance <= time_ <= end + tolerance for start, end in spans)


def judge(name: str, truth: dict[str, Any], tolerance: float) -> None:
    """Print what was missed and what was reported where nothing is."""
    clip = SHARED / name
    info = media.probe(clip)
    assert info.video
    began = time.perf_counter()
    shots = seeing.shots(seeing.watch(clip, info.video.duration, quiet), info.video.duration)
    took = time.perf_counter() - began
    found = [shot.start for shot in shots[1:]]
    cuts = truth["cuts"]
    missed = [cut for cut in cuts if not near(cut, [(time_, time_) for time_ in found], tolerance)]
    excused = [(each["from"], each["to"]) for each in truth["gradual"]] + [(a, b) for a, b in truth["ignore"]]
    right = [(cut, cut) for cut in cuts]
    wrong = [time_ for time_ in found if not near(time_, right + excused, tolerance)]
    print(f"{name}: {len(cuts)} cuts, missed {missed}, wrong {wrong}, {took / info.video.duration:.2f} x its length")


def main() -> None:
    head("Shots of films marked by eye", "av", "tensorflow")
    registry.warm()
    table = json.loads((SHARED / "shots.json").read_text(encoding="utf-8"))
    for name, truth in table.items():
        if name != "about":
            judge(name, truth, table["about"]["tolerance_s"])


if __name__ == "__main__":
    main()
