"""Makes models/still.safetensors: tells a good still from a blurred, dark, blank, burnt-out or half-dissolved one.

python -m training.train_still
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from avai.networks import registry, weights
from avai.networks.still import Still
from training import manifest, stills

STRENGTH = 0.01


def main() -> None:
    good = stills.good_stills()
    everything = good + stills.worsened(good, seed=10)
    early = registry.frame().look([still.image for still in everything]).early
    for name, value in evaluate(everything, early).items():
        print(f"{name}: {value}")
    manifest.record(
        "still.safetensors",
        weights.pack(fit(early, np.array([still.fault == "" for still in everything]))),
        made_by="training/train_still.py",
        licence="Apache-2.0",
        source="trained on photographs and video frames under free licences, made worse on purpose",
    )


def fit(early: np.ndarray, is_good: np.ndarray) -> dict[str, np.ndarray]:
    """The head's arrays, from early averages (n, 272) and what is good (n,); both kinds count the same."""
    scaler = StandardScaler().fit(early)
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=2000)
    model.fit(scaler.transform(early), is_good)
    arrays = {"mean": scaler.mean_, "scale": scaler.scale_, "coef": model.coef_[0], "intercept": model.intercept_}
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def evaluate(everything: list[stills.Still], early: np.ndarray) -> dict[str, float]:
    """AUC of good against worsened pictures, each judged by a head that has seen no picture of its source."""
    folds = np.array([still.fold for still in everything])
    faults = np.array([still.fault for still in everything])
    found = np.zeros(len(everything))
    for fold in range(stills.FOLDS):
        head = Still(fit(early[folds != fold], faults[folds != fold] == ""))
        found[folds == fold] = head.good(early[folds == fold])
    good = faults == ""
    figures = {"pictures": len(everything), "sources": len({still.source for still in everything})}
    figures["auc"] = round(float(roc_auc_score(good, found)), 4)
    for fault in sorted(set(faults[~good])):
        mine = good | (faults == fault)
        figures[f"auc, {fault}"] = round(float(roc_auc_score(good[mine], found[mine])), 4)
    return figures


if __name__ == "__main__":
    main()
