"""Makes models/events.safetensors and models/events.csv: what a segment of sound is, and how sure that is.

The head and the curves are taught on sequences of ESC-10's folds 1 to 3 (``training/sequences.py``) and on segments of
speech, music and single hits that are none of its labels; folds 4 and 5, and every second recording of the others, are
kept for the figures of ``benchmarks/events.py``. The curves see only segments of a fold that their head was not taught.

    python -m training.train_events
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from avai.config import MODELS
from avai.networks import registry, weights
from avai.networks.sound import Heard
from avai.services.segments import segments
from avai.services.sources import FAINTEST, Curves, described
from training import esc10, manifest, real
from training.sequences import LABELS, Sequence, sequences

TUNED, REPORTED = (1, 2, 3), (4, 5)
SEEDS = (0, 1)
STRENGTH = 0.002
NONE = "none"
KIN = {
    "dog": "animal domestic_animals dog bark yip howl bow_wow growling whimper_dog",
    "crowing": "animal livestock fowl chicken cluck crowing bird bird_vocalization squawk wild_animals",
    "rain": "rain raindrop rain_on_surface water thunderstorm stream waterfall",
    "waves": "waves ocean water stream waterfall wind",
    "baby_cry": "baby_cry crying whimper wail",
    "tick": "tick tick_tock clock",
    "sneeze": "sneeze cough sniff",
    "helicopter": "helicopter aircraft aircraft_engine propeller_airscrew propeller vehicle engine",
    "chainsaw": "chainsaw engine light_engine_high_frequency medium_engine_mid_frequency vehicle power_tool tools",
    "crackle": "crackle fire",
}  # fmt: skip
"""Labels of AudioSet's ontology that are true of each class beside its own: parents, children and near synonyms."""


@dataclass(frozen=True)
class Examples:
    """Segments: what is known of them, their true label (or ``NONE``), and the group that is left out together."""

    root: np.ndarray
    score: np.ndarray
    rise: np.ndarray
    label: np.ndarray
    group: np.ndarray

    def of(self, mask: np.ndarray) -> Examples:
        return Examples(self.root[mask], self.score[mask], self.rise[mask], self.label[mask], self.group[mask])


def main() -> None:
    examples = joined([assembled(seed) for seed in SEEDS] + [outsiders(0)])
    found = taught(examples)
    names = ("mean", "scale", "coef", "intercept", "ordinary", "taught")
    data = weights.pack({name: getattr(found, name).astype(np.float32) for name in names})
    manifest.record(
        "events.safetensors",
        data,
        made_by="training/train_events.py",
        licence="Apache-2.0; trained on recordings under CC0 and CC BY",
        source="ESC-10 (Piczak 2015) folds 1 to 3, LibriSpeech, music and hits under free licences",
    )
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerows([["label", "esc10"], *((label, name) for name, label in LABELS.items())])
    (MODELS / "events.csv").write_text(text.getvalue(), encoding="utf-8")


def true_label(start: float, end: float, sequence: Sequence) -> str:
    """The label of the event that fills most of a stretch; ``NONE`` when that is less than a third of it."""
    shared, label = max((min(end, e.end) - max(start, e.start), e.label) for e in sequence.events)
    return label if shared > (end - start) / 3 else NONE


def assembled(seed: int) -> Examples:
    """The segments of the tuning folds' sequences."""
    parts = []
    for sequence in sequences(TUNED, seed):
        if sequence.fold in TUNED and not (seed != SEEDS[0] and sequence.level == "silence"):
            heard = registry.sound().hear([sequence.samples])
            spans = [(s.start, s.end) for s in segments(heard.bands)]
            kept = [span for span in spans if true_label(*span, sequence) != NONE or not sequence.background]
            label = [true_label(*span, sequence) for span in kept]
            parts.append(Examples(*described(heard, kept), np.array(label), np.full(len(kept), sequence.fold)))
    return joined(parts)


def outsiders(half: int) -> Examples:
    """Segments of speech, music and hits: the even recordings of each kind, or the odd ones with ``half`` 1."""
    parts = []
    for path in islice(_recordings(), half, None, 2):
        heard = _heard(path)
        spans = [(s.start, s.end) for s in segments(heard.bands)][:40]
        if spans:
            group = np.full(len(spans), 1 + len(parts) % 3)
            parts.append(Examples(*described(heard, spans), np.full(len(spans), NONE), group))
    return joined(parts)


def _recordings() -> Many[Path]:
    found: list[Path] = []
    for name in ("speech", "music", "loops"):
        found += [path for path in sorted(esc10.data_folder(name).rglob("*")) if path.suffix in (".flac", ".ogg")]
    return found


def _heard(path: Path) -> Heard:
    samples = real.sound(path)[: 60 * 16_000]
    return registry.sound().hear([np.pad(samples, 16_000)])


def joined(parts: Many[Examples]) -> Examples:
    return Examples(*(np.concatenate([getattr(part, name) for part in parts]) for name in Examples.__annotations__))


def taught(examples: Examples) -> Curves:
    """The head of all examples, and curves from those that heads of the other folds judge."""
    labels = registry.labels("sound")
    names = list(LABELS.values())
    rows = np.array([labels.index(name) for name in names])
    odds, own, right = [], [], []
    for fold in TUNED:
        inside = examples.group != fold
        one = _head(examples.of(inside), rows)
        rest = examples.of(~inside)
        share = np.clip(one.shares(rest.root)[:, :-1], 1e-4, 1 - 1e-4)
        odds.append(np.log(share / (1 - share)).ravel())
        own.append(np.log(rest.score[:, rows] + FAINTEST).ravel())
        right.append((rest.label[:, None] == np.array(names)).ravel())
    taught_curve = _curve(np.concatenate(odds), np.concatenate(own), np.concatenate(right))
    kin = np.array([[label in KIN.get(name, "").split() for label in labels] for name in [*names, NONE]])
    mine = examples.of(examples.label != NONE)
    true = kin[[names.index(label) for label in mine.label]]
    loud = mine.score > 0.02
    ordinary = _curve(np.log(mine.score + FAINTEST)[loud], np.log(mine.rise + FAINTEST)[loud], true[loud])
    return replace(_head(examples, rows), ordinary=ordinary, taught=taught_curve)


def _head(examples: Examples, rows: np.ndarray) -> Curves:
    order = [*LABELS.values(), NONE]
    target = np.array([order.index(label) for label in examples.label])
    scaler = StandardScaler().fit(examples.root)
    # A constant number has no spread: leave it as it is.
    scale = np.maximum(scaler.scale_, 1e-3)
    head = LogisticRegression(C=STRENGTH, max_iter=100).fit((examples.root - scaler.mean_) / scale, target)
    blank = np.zeros(3, np.float32)
    return Curves(rows, scaler.mean_, scale, head.coef_, head.intercept_, blank, blank)


def _curve(one: np.ndarray, other: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Bias and two slopes of the logistic curve that says how likely it is that a label is right."""
    curve = LogisticRegression(C=1.0).fit(np.stack([one, other], axis=1), right)
    return np.array([curve.intercept_[0], *curve.coef_[0]], np.float32)


if __name__ == "__main__":
    main()
