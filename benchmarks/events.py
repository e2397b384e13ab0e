"""Sounds over time on held-out sequences: event-based F1 by sed_eval, edges, and whether confidence can be believed.

    make bench ONLY=events

All was tuned and taught on folds 1 to 3 of ESC-10 (``training/train_events.py``); the figures are of folds 4 and 5, in
sequences that ``training/sequences.py`` assembles. An event is right when its label is, its onset lies within 250 ms
and its offset within 250 ms or half the event's length, whichever is more (sed_eval: ``t_collar=0.25``,
``percentage_of_length=0.5``, optimal matching); "strict" allows the offset 250 ms only. What is told beside the ten
labels is not judged, nor is a background's own label: it is there.
"""

from __future__ import annotations

import numpy as np
import sed_eval
from report import head

from avai.contracts import Span
from avai.networks import registry
from avai.networks.sounding import levels_db
from avai.services.hearing import Hearing, window_spans
from avai.services.layers import layers_of
from avai.services.tags import tags
from training.sequences import LABELS, LEVELS, SECONDS, Sequence, sequences
from training.train_esc10 import calibration_error
from training.train_events import REPORTED, TUNED

COLLAR, LENGTH = 0.25, 0.5
SEED = 0
Told = list[tuple[Sequence, list[Span]]]


def main() -> None:
    head("Sounds over time", "tensorflow", "sed_eval", "numpy")
    tuned = [(sequence, hearing_of(sequence)) for sequence in sequences(TUNED, SEED)]
    held = [(sequence, hearing_of(sequence)) for sequence in sequences(REPORTED, SEED)]
    levels = thresholds(tuned)
    rows: dict[str, Told] = {
        "segments, named": [(s, told(s, h)) for s, h in held],
        "YAMNet windows over thresholds": [(s, plain(s, h, levels)) for s, h in held],
    }
    count = sum(len(s.events) for s, _ in held) // len(LEVELS)
    print(f"{count} events, folds {REPORTED}; tuned on {TUNED}; seed {SEED}. F1 (precision, recall)\n")
    print("| | " + " | ".join(LEVELS) + " |")
    print("|---|" + "---|" * len(LEVELS))
    for name, results in rows.items():
        for how, length in (("", LENGTH), (", strict", 0.0)):
            cells = [overall([r for r in results if r[0].level == level], length) for level in LEVELS]
            print(f"| {name}{how} | " + " | ".join("{:.3f} ({:.2f}, {:.2f})".format(*cell) for cell in cells) + " |")
    ours = rows["segments, named"]
    print("\n| label | " + " | ".join(LEVELS) + " |")
    print("|---|" + "---|" * len(LEVELS))
    for label in LABELS.values():
        cells = [of_label([r for r in ours if r[0].level == level], label) for level in LEVELS]
        print(f"| {label} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")
    for level in LEVELS:
        onset, offset = edges([r for r in ours if r[0].level == level])
        print(f"\nedges, {level}: median error of onsets {onset * 1000:.0f} ms, of offsets {offset * 1000:.0f} ms")
    believed(held, ours)


def hearing_of(sequence: Sequence) -> Hearing:
    blocks = [sequence.samples]
    heard, speech = registry.sound().hear(blocks), registry.speech().listen(blocks)
    return Hearing(float(SECONDS), float(SECONDS), levels_db(sequence.samples), heard, speech, ())


def told(sequence: Sequence, hearing: Hearing) -> list[Span]:
    """What the studio tells of the ten labels."""
    names = set(LABELS.values()) - {sequence.background}
    return [
        span
        for span in tags(hearing, list(registry.labels("sound")), layers_of(hearing, None, 0.4))
        if span.label in names
    ]


def plain(sequence: Sequence, hearing: Hearing, levels: dict[str, float]) -> list[Span]:
    """The network's windows over a threshold, half a hop to each side of their centres."""
    labels = registry.labels("sound")
    found = []
    for label, level in levels.items():
        if label != sequence.background:
            on = hearing.heard.scores[:, labels.index(label)] >= level
            found += [Span(start=a, end=b, label=label) for a, b in window_spans(hearing.heard, on, SECONDS, 0.0)]
    return found


def thresholds(tuned: list[tuple[Sequence, Hearing]]) -> dict[str, float]:
    """For each label the threshold over windows that is best on the tuning folds, over all levels."""
    best = {}
    for label in LABELS.values():
        tried = {
            level: of_label([(s, plain(s, h, {label: level})) for s, h in tuned], label)
            for level in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
        }
        best[label] = max(tried, key=lambda level: tried[level])
    return best


def measured(results: Told, length: float) -> sed_eval.sound_event.EventBasedMetrics:
    metrics = sed_eval.sound_event.EventBasedMetrics(
        event_label_list=list(LABELS.values()), t_collar=COLLAR, percentage_of_length=length
    )
    for sequence, spans in results:
        metrics.evaluate(listed(sequence.events, sequence.name), listed(spans, sequence.name))
    return metrics


def listed(spans: tuple[Span, ...] | list[Span], name: str) -> list[dict[str, object]]:
    return [
        {"event_onset": span.start, "event_offset": span.end, "event_label": span.label, "filename": name}
        for span in spans
    ]


def overall(results: Told, length: float) -> tuple[float, float, float]:
    found = measured(results, length).results_overall_metrics()["f_measure"]
    return found["f_measure"], found["precision"], found["recall"]


def of_label(results: Told, label: str) -> float:
    only = [(s, [span for span in spans if span.label == label]) for s, spans in results]
    return float(np.nan_to_num(measured(only, LENGTH).results_class_wise_metrics()[label]["f_measure"]["f_measure"]))


def edges(results: Told) -> tuple[float, float]:
    """Median error in seconds of the edges of spans that share most of their time with an event of their label."""
    errors = [
        (abs(span.start - event.start), abs(span.end - event.end))
        for sequence, spans in results
        for span in spans
        for event in sequence.events
        if event.label == span.label and together(span, event) > 0.5 * max(length(span), length(event))
    ]
    onset, offset = np.median(np.array(errors), axis=0)
    return float(onset), float(offset)


def length(span: Span) -> float:
    return span.end - span.start


def together(one: Span, other: Span) -> float:
    return max(0.0, min(one.end, other.end) - max(one.start, other.start))


def believed(held: list[tuple[Sequence, Hearing]], ours: Told) -> None:
    """Calibration: a told label is right when an event of that label fills half of the span or lies half in it."""
    labels = registry.labels("sound")
    sure, raw, right = [], [], []
    for (sequence, hearing), (_, spans) in zip(held, ours, strict=True):
        for span in spans:
            near = (hearing.heard.times >= span.start - 0.24) & (hearing.heard.times <= span.end + 0.24)
            raw.append(float(hearing.heard.scores[near, labels.index(span.label)].max(initial=0)))
            sure.append(span.confidence)
            right.append(
                any(
                    event.label == span.label and together(span, event) >= 0.5 * min(length(span), length(event))
                    for event in sequence.events
                )
            )
    print(f"\nconfidence of {len(right)} spans: {np.mean(right):.3f} are right; said {np.mean(sure):.3f} on average;")
    ours_off, raw_off = (calibration_error(np.array(said), np.array(right)) for said in (sure, raw))
    print(f"expected calibration error {ours_off:.3f}; of the network's own scores {raw_off:.3f}")


if __name__ == "__main__":
    main()
