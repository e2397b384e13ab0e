"""Spoken digits, 1200 clips of six speakers, taught the thorough way, and judged by the model as it is kept in a file.

make bench ONLY=digits

Each speaker is left out once: of the five others one part (whole speakers) is watched to find for how many epochs to
learn, as ``thorough`` does in a fold; then a network learns from all five for as many, and is asked about the sixth,
who was never looked at. The official split is taught likewise on its training clips. What the recipe is (trimming,
ranges of the changes, layers) was chosen with the clips of george, jackson and lucas left out; nicolas, theo and
yweweler had no part in that, and have a line of their own. The seed is 0.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

import numpy as np
from report import head

from avai.networks import registry, taught
from avai.networks.excerpt import Excerpt
from avai.networks.sounding import levels_db
from avai.networks.teaching import Example
from avai.networks.thorough import Lessons
from avai.services.examples import parts_of
from training import esc10, real

CHOSEN_WITH = ("george", "jackson", "lucas")
DIGITS = tuple("0123456789")


def main(speakers: list[str]) -> None:
    head("Spoken digits, thorough", "tensorflow", "keras", "numpy")
    folder = esc10.data_folder("digits")
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["speaker"] for row in rows})
    examples = [Example(int(row["digit"]), names.index(row["speaker"]), heard(folder / row["file"])) for row in rows]
    speaker = np.array([example.group for example in examples])
    official = np.array([row["split"] for row in rows]) == "test"
    found: dict[str, float] = {}
    print(f"{'left out':12s} per cent  epochs  seconds", flush=True)
    for name in speakers or names:
        found[name] = row_of(name, examples, speaker != names.index(name))
    if len(found) == len(names):
        others = [value for name, value in found.items() if name not in CHOSEN_WITH]
        print(f"\nmean {np.mean(list(found.values())):.2f}, worst {min(found.values()):.2f};")
        print(f"of the three that had no part in choosing: mean {np.mean(others):.2f}, worst {min(others):.2f}\n")
        row_of("the official test", examples, ~official)


def row_of(
    name: str,
    examples: list[Example],
    inside: np.ndarray,
    classes: tuple[str, ...] = DIGITS,
    start: str = "scratch",
) -> float:
    """Per cent right of the clips that are not inside, by a model that was written and read."""
    began = time.perf_counter()
    own = [example for example, taken in zip(examples, inside, strict=True) if taken]
    lessons = Lessons(own, classes, start, seed=0)
    everything = np.arange(len(own))
    watched = lessons.watched(everything, 0, 0.0, 0.5)
    assert watched
    fitted = lessons.whole([watched], 1, 0.5)
    assert fitted
    # The curve for "other" and the temperature change no order of the classes: the clips themselves stand in.
    decisions = lessons.seen(everything) @ fitted.coef.T + fitted.intercept
    model = taught.loads(taught.dumps(lessons.model(fitted, decisions, decisions * 0)))
    outside = [example for example, taken in zip(examples, inside, strict=True) if not taken]
    right = [
        next(label for label, _ in model.judge(example.parts[0]) if label != "other") == classes[example.target]
        for example in outside
    ]
    percent = 100 * float(np.mean(right))
    print(f"{name:18s} {percent:6.2f}  {fitted.epochs:4d}  {time.perf_counter() - began:6.0f}", flush=True)
    return percent


def heard(path: Path) -> tuple[Excerpt, ...]:
    """What examples are made of."""
    samples = real.sound(path)
    hearing = registry.sound().hear([samples])
    return tuple(parts_of(hearing, levels_db(samples), 0.0, len(samples) / 16_000))


if __name__ == "__main__":
    main(sys.argv[1:])
