"""ESC-10, the thorough way: our network tuned, and a network from scratch, on official folds 2 to 5; fold 1 is asked.

make bench ONLY=thorough

As in ``digits``: a fifth of the sources is watched to find for how many epochs to learn, then all of the four folds are
learnt from, and the model is judged as it is kept in a file. The seed is 0.
"""

from __future__ import annotations

import csv

import numpy as np
from digits import heard, row_of
from report import head

from avai.networks.teaching import Example
from training import esc10


def main() -> None:
    head("ESC-10, thorough", "tensorflow", "keras", "numpy")
    folder = esc10.data_folder("esc10")
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    classes = tuple(sorted({row["label"] for row in rows}))
    sources = sorted({row["source_clip"] for row in rows})
    examples = [
        Example(classes.index(row["label"]), sources.index(row["source_clip"]), heard(folder / row["file"]))
        for row in rows
    ]
    inside = np.array([int(row["fold"]) != 1 for row in rows])
    print("start              per cent  epochs  seconds", flush=True)
    for start in ("pretrained", "scratch"):
        row_of(start, examples, inside, classes, start)


if __name__ == "__main__":
    main()
