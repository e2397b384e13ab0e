"""ESC-10's names among the sound network's 521 classes, and a threshold of its own for each: no training of a head."""

from __future__ import annotations

import numpy as np
from scipy.special import logit

from avai.networks import registry

NAMED: dict[str, tuple[str, ...]] = {
    "chainsaw": ("chainsaw", "light_engine_high_frequency", "power_tool", "lawn_mower"),
    "clock_tick": ("tick", "tick_tock", "clock"),
    "crackling_fire": ("fire", "crackle", "wood"),
    "crying_baby": ("baby_cry",),
    "dog": ("dog", "bark", "yip", "howl", "whimper_dog"),
    "helicopter": ("helicopter", "aircraft"),
    "rain": ("rain", "raindrop", "rain_on_surface"),
    "rooster": ("crowing", "chicken", "fowl", "cluck"),
    "sea_waves": ("ocean", "waves"),
    "sneezing": ("sneeze",),
}
"""What the table of the 521 calls each class, in the order of the classes' names."""

POOLS = {
    "maximum": lambda heights: heights.max(axis=0),
    "mean of the three largest": lambda heights: np.sort(heights, axis=0)[-3:].mean(axis=0),
    "mean": lambda heights: heights.mean(axis=0),
}
STEPS = np.arange(-4, 4.01, 0.25)
ROUNDS = 4
COST = 0.02
"""Of a unit of threshold, in share of clips: thresholds that nothing asks for stay at zero."""


def heights(scores: np.ndarray, pool: str) -> np.ndarray:
    """The log odds (10,) of each class in a clip's scores (n, 521): its likeliest name, pooled over all windows."""
    odds = logit(np.clip(scores, 1e-6, 1 - 1e-6))
    labels = registry.labels("sound")
    each = [odds[:, [labels.index(name) for name in names]].max(axis=1) for names in NAMED.values()]
    return np.asarray(POOLS[pool](np.stack(each, axis=1)))


def thresholds(rows: np.ndarray, target: np.ndarray) -> np.ndarray:
    """What is taken off each class's log odds (n, 10) so that the largest is right most often: coordinate ascent over
    the clips given, from no threshold at all."""
    found = np.zeros(rows.shape[1])

    def worth(offsets: np.ndarray) -> float:
        return float(np.mean((rows - offsets).argmax(axis=1) == target) - COST * np.abs(offsets).mean())

    for _ in range(ROUNDS):
        for index in range(len(found)):
            tries = np.tile(found, (len(STEPS), 1))
            tries[:, index] = STEPS
            found = max(tries, key=worth)
    return found
