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

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from avai.config import MODELS
from avai.networks import registry, weights
from avai.services.hearing import MUSIC_FAMILY, SPEECH_FAMILY
from avai.services.segments import STEP, segments
from avai.services.silences import NAMELESS
from avai.services.sources import Curves, described, log_odds
from training import esc10, manifest, real
from training.sequences import LABELS, RATE, SECONDS, Sequence, sequences

TUNED, REPORTED = (1, 2, 3), (4, 5)
SEEDS = (0, 1)
STRENGTH = 0.002
FAINT = 0.02
NONE = "none"
OUTSIDE = {"speech": SPEECH_FAMILY, "music": MUSIC_FAMILY, "loops": MUSIC_FAMILY}
OUTSIDE_WEIGHT = 3.0
"""Recordings that people give are seldom of the ten classes: what is none of them counts more."""
PIECE = 2.0
KIN = {
    "dog": "animal domestic_animals dog bark yip howl bow_wow growling whimper_dog",
    "crowing": "animal livestock fowl chicken cluck crowing bird bird_vocalization squawk wild_animals",
    "rain": "rain raindrop rain_on_surface water thunderstorm stream waterfall patter",
    "waves": "waves ocean water stream waterfall wind",
    "baby_cry": "baby_cry crying whimper wail",
    "tick": "tick tick_tock clock mechanisms",
    "sneeze": "sneeze cough sniff",
    "helicopter": "helicopter aircraft aircraft_engine propeller vehicle engine fixed_wing_aircraft",
    "chainsaw": "chainsaw engine light_engine_high_frequency medium_engine_mid_frequency vehicle power_tool tools",
    "crackle": "crackle fire",
}
"""Labels of AudioSet's ontology that are true of each class beside its own: parents, children and near synonyms."""


@dataclass(frozen=True)
class Examples:
    """Segments: what is known of them, their true label (or ``NONE``), and the group that is left out together."""

    root: np.ndarray
    score: np.ndarray
    label: np.ndarray
    group: np.ndarray

    def of(self, mask: np.ndarray) -> Examples:
        return Examples(self.root[mask], self.score[mask], self.label[mask], self.group[mask])


def main() -> None:
    found = taught(joined([assembled(seed) for seed in SEEDS] + [outsiders(0)]))
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
            spans = [(s.start, s.end) for s in segments(heard.bands[: round(SECONDS / STEP)])]
            kept = [span for span in spans if true_label(*span, sequence) != NONE or not sequence.background]
            label = [true_label(*span, sequence) for span in kept]
            parts.append(Examples(*described(heard, kept), np.array(label), np.full(len(kept), sequence.fold)))
    return joined(parts)


def outsiders(half: int) -> Examples:
    """Segments of speech, music and hits: the even recordings of each kind, or the odd ones with ``half`` 1."""
    parts = []
    for name in OUTSIDE:
        paths = [path for path in sorted(esc10.data_folder(name).rglob("*")) if path.suffix in (".flac", ".ogg")]
        for number, path in enumerate(paths[half::2]):
            samples = np.pad(real.sound(path)[: 60 * RATE], RATE)
            heard = registry.sound().hear([samples])
            spans = [(s.start, s.end) for s in segments(heard.bands[: round(len(samples) / RATE / STEP)])]
            spans += [(at, at + PIECE) for at in np.arange(1.0, heard.times[-1] - 1 - PIECE, PIECE)]
            if spans:
                label, group = np.full(len(spans), name), np.full(len(spans), TUNED[number % len(TUNED)])
                parts.append(Examples(*described(heard, spans), label, group))
    return joined(parts)


def joined(parts: Many[Examples]) -> Examples:
    return Examples(*(np.concatenate([getattr(part, name) for part in parts]) for name in Examples.__annotations__))


def taught(examples: Examples) -> Curves:
    """The head of all examples, and curves from those that heads of the other folds judge."""
    labels = registry.labels("sound")
    names = list(LABELS.values())
    rows = np.array([labels.index(name) for name in names])
    odds, support, right = [], [], []
    for fold in TUNED:
        one = _head(examples.of(examples.group != fold), rows)
        rest = examples.of(examples.group == fold)
        odds.append(log_odds(one.shares(rest.root)[:, :-1]))
        support.append(one.support(rest.score))
        right.append(rest.label[:, None] == np.array(names))
    weight = np.concatenate([_weight(examples.of(examples.group == fold)) for fold in TUNED])
    log_odds_of, support_of, right_of = (np.concatenate(each) for each in (odds, support, right))
    own = np.stack(
        [
            _curve(np.stack([log_odds_of[:, i], support_of[:, i]], axis=1), right_of[:, i], weight)
            for i in range(len(names))
        ],
        axis=1,
    )
    true = np.array([_true_of(label, labels) for label in (*names, *OUTSIDE)])
    kinds = [*names, *OUTSIDE, NONE]
    known = examples.of(examples.label != NONE)
    mine = true[[kinds.index(label) for label in known.label]]
    heard = (known.score > FAINT) & ~np.isin(np.arange(len(labels)), np.r_[NAMELESS])
    ordinary = _curve(log_odds(known.score)[heard][:, None], mine[heard], np.ones(heard.sum()))
    return replace(_head(examples, rows), ordinary=ordinary, taught=own)


def _true_of(label: str, labels: Many[str]) -> np.ndarray:
    if label in OUTSIDE:
        return np.isin(np.arange(len(labels)), np.r_[OUTSIDE[label]])
    return np.isin(labels, KIN[label].split())


def _weight(examples: Examples) -> np.ndarray:
    return np.where(np.isin(examples.label, list(OUTSIDE)), OUTSIDE_WEIGHT, 1.0)


def _head(examples: Examples, rows: np.ndarray) -> Curves:
    names = list(LABELS.values())
    target = np.array([names.index(label) if label in names else len(names) for label in examples.label])
    scaler = StandardScaler().fit(examples.root)
    # A constant number has no spread: leave it as it is.
    scale = np.maximum(scaler.scale_, 1e-3)
    head = LogisticRegression(C=STRENGTH, max_iter=100)
    head.fit((examples.root - scaler.mean_) / scale, target, sample_weight=_weight(examples))
    blank = np.zeros((3, len(names)), np.float32)
    return Curves(rows, scaler.mean_, scale, head.coef_, head.intercept_, blank[:2, 0], blank)


def _curve(seen: np.ndarray, right: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Bias and slopes of the logistic curve that says how likely it is that a label is right."""
    curve = LogisticRegression(C=1.0).fit(seen, right, sample_weight=weight)
    return np.array([curve.intercept_[0], *curve.coef_[0]], np.float32)


if __name__ == "__main__":
    main()
