"""A taught model over time, on recordings that it was not taught: sounds with gaps between them, and spoken digits.

    make bench ONLY=taught

Sounds: models taught on folds 1 to 4 of ESC-10, judged in the sequences that ``training/sequences.py`` assembles of
fold 5, as ``benchmarks/events.py`` judges (its docstring says when an event is right). Beside it stand the studio's own
521 labels, whose head was taught on folds 1 to 3. Settings were chosen on fold 4 with models taught on folds 1 to 3.
Digits: a model taught on the takes that the data set calls training, of one speaker and of all six, hears takes of the
test, eight in a row with 0.4 s between them. Right is one span for each digit, in order; edges are compared with where
the levels of the take itself begin and end, 30 dB under their peak.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path

import events
import numpy as np
from report import head

from avai.contracts import Span
from avai.networks import registry
from avai.networks.excerpt import excerpt
from avai.networks.sounding import levels_db
from avai.networks.taught import Taught
from avai.networks.teaching import Example, quick
from avai.services.hearing import Hearing
from avai.services.taught_tags import taught_tags
from training import esc10, real
from training.sequences import LABELS, LEVELS, Sequence, sequences

RATE = 16_000
GAP = 0.4
COUNT = 8
BELOW_PEAK_DB = 30.0


def main() -> None:
    head("A taught model over time", "tensorflow", "sed_eval", "scikit-learn", "numpy")
    held = int(sys.argv[1]) if sys.argv[1:] else 5
    model = everyday(tuple(fold for fold in range(1, 6) if fold != held and (held == 5 or fold < 4)))
    heard = [(sequence, events.hearing_of(sequence)) for sequence in sequences((held,), events.SEED)]
    rows = {
        f"taught ({model.method})": [(s, told(s, h, model)) for s, h in heard],
        "the 521": [(s, events.told(s, h)) for s, h in heard],
    }
    print(f"Events of fold {held}. F1 (precision, recall)\n")
    print("| | " + " | ".join(LEVELS) + " |")
    print("|---|" + "---|" * len(LEVELS))
    for name, results in rows.items():
        for how, length in (("", events.LENGTH), (", strict", 0.0)):
            cells = [events.overall([r for r in results if r[0].level == level], length) for level in LEVELS]
            print(f"| {name}{how} | " + " | ".join("{:.3f} ({:.2f}, {:.2f})".format(*cell) for cell in cells) + " |")
    for level in LEVELS:
        onset, offset = events.edges([r for r in next(iter(rows.values())) if r[0].level == level])
        print(f"\nedges, {level}: median error of onsets {onset * 1000:.0f} ms, of offsets {offset * 1000:.0f} ms")
    for speakers in (("george",), ("jackson",), ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")):
        digits(speakers)


def everyday(folds: tuple[int, ...]) -> Taught:
    """A model taught on these folds of ESC-10."""
    clips = [clip for clip in esc10.clips() if clip.fold in folds]
    classes = tuple(sorted({clip.label for clip in clips}))
    examples = [
        example(real.sound(esc10.data_folder("esc10") / clip.file), classes.index(clip.label), clip.fold)
        for clip in clips
    ]
    return quick(examples, classes).model


def example(samples: np.ndarray, target: int, group: int) -> Example:
    heard = registry.sound().hear([samples])
    return Example(target, group, (excerpt(heard, levels_db(samples), 0.0, len(samples) / RATE),))


def told(sequence: Sequence, hearing: Hearing, model: Taught) -> list[Span]:
    """What the model tells of its classes, by the labels of the sequences."""
    spans = taught_tags(hearing, model)
    named = [span.model_copy(update={"label": LABELS.get(span.label, span.label)}) for span in spans]
    return [span for span in named if span.label not in (sequence.background, "other")]


def digits(speakers: tuple[str, ...]) -> None:
    folder = esc10.data_folder("digits")
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as file:
        table = [row for row in csv.DictReader(file) if row["speaker"] in speakers]
    classes = tuple(str(digit) for digit in range(10))
    takes = [row for row in table if row["split"] == "train"]
    examples = [example(real.sound(folder / row["file"]), int(row["digit"]), n) for n, row in enumerate(takes)]
    lengths = [float(row["seconds"]) for row in takes]
    model = quick(examples, classes).model
    model = replace(model, settings={**model.settings, "seconds": float(np.median(lengths))})
    rng = np.random.default_rng(0)
    test = [row for row in table if row["split"] == "test"]
    rows = [[test[i] for i in part] for part in np.array_split(rng.permutation(len(test)), len(test) // COUNT)]
    right, whole, errors = 0, 0, []
    for row in rows:
        samples, events_of = said(folder, row)
        spans = [span for span in taught_tags(hearing(samples), model) if span.label != "other"]
        names = [event.label for event in events_of]
        whole += [span.label for span in spans] == names
        for event in events_of:
            mine = [span for span in spans if events.together(span, event) > 0.5 * events.length(event)]
            if len(mine) == 1 and mine[0].label == event.label:
                right += 1
            if len(mine) == 1:
                errors += [abs(mine[0].start - event.start), abs(mine[0].end - event.end)]
    count = sum(len(row) for row in rows)
    late = np.array(errors)
    print(
        f"\ndigits of {' '.join(speakers)} ({model.method}): {right} of {count} right, {whole} of {len(rows)} rows of"
        f" {COUNT} without a fault; {len(late) // 2} cut out; edges within 100 ms: {np.mean(late <= 0.1):.3f},"
        f" median {np.median(late) * 1000:.0f} ms"
    )


def said(folder: Path, row: list[dict[str, str]]) -> tuple[np.ndarray, list[Span]]:
    """Digits in a row, at equal level, and where each of them sounds."""
    parts, spans, at = [np.zeros(round(GAP * RATE), np.float32)], [], GAP
    for take in row:
        samples = real.sound(folder / take["file"])
        samples = samples * (0.2 / np.abs(samples).max())
        levels = levels_db(samples)
        loud = np.flatnonzero(levels >= levels.max() - BELOW_PEAK_DB) * 0.01
        spans.append(Span(start=at + loud[0], end=at + loud[-1] + 0.01, label=take["digit"]))
        parts += [samples, np.zeros(round(GAP * RATE), np.float32)]
        at += len(samples) / RATE + GAP
    return np.concatenate(parts), spans


def hearing(samples: np.ndarray) -> Hearing:
    seconds = len(samples) / RATE
    heard, speech = registry.sound().hear([samples]), registry.speech().listen([samples])
    return Hearing(seconds, seconds, levels_db(samples), heard, speech, ())


if __name__ == "__main__":
    main()
