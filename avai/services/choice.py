"""Which frames stand for a video: K-means on embeddings, and of each cluster the good still nearest its centre, and
where faces are seen one that shows a face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from avai.contracts import Shot
from avai.services.seeing import Looks, unit
from avai.services.spans import covers

SAME, ALIKE = 0.80, 0.60
"""Two frames whose embeddings have at least this cosine show the same thing; or may do so, as where a scene moves."""
GOOD = 0.5
CLEAR, AS_OPEN = 0.3, 0.7
"""From where on a face counts, and which part of the best seen one's openness is as good (``benchmarks/faces.py``)."""
NEAR_EDGE = 0.15
TOUCH = 1e-3  # times of shots are rounded
POOR = 0.5
MOST = 24
BLINK = 0.2
SOME = 300
UNCLEAR = 0.1
"""Clusters with a lower silhouette do not stand apart."""
NEAR, EQUAL = 0.5, 0.95
"""A frame this many seconds from one that was dropped, or this alike (cosine), is taken for it."""


@dataclass(frozen=True)
class Taste:
    """Pictures that a person wants to keep and does not want to see, by their times."""

    pinned: tuple[float, ...] = ()
    dropped: tuple[float, ...] = ()


def choose(looks: Looks, count: int, shots: tuple[Shot, ...], taste: Taste = Taste()) -> list[float]:
    """The times of at most ``count`` frames in order, none showing what another shows; 0 for as many as the video has
    different things to show, at most ``MOST``.

    More clusters than asked are made first, so that a scene seen often does not take two places, and merged while two
    are alike; of what is left the largest clusters stay that have a good still. What is pinned comes first, and takes
    the place of the clusters that show the same; what is dropped is left out with all that is taken for it.
    """
    chosen = sorted(set(taste.pinned))
    vectors = unit(looks.embedding)
    kept = _usable(looks, np.flatnonzero(~_taken_for(looks, vectors, taste.dropped)), shots)
    if not len(kept):
        return chosen
    groups = [kept[group] for group in _clusters(vectors[kept], count)]
    shown = [int(np.abs(looks.times - time).argmin()) for time in chosen]
    if shown:
        groups = [group for group in groups if (unit(vectors[group].mean(axis=0)) @ vectors[shown].T).max() < SAME]
    for group in sorted(groups, key=lambda group: -len(group) * float(looks.good[group].max())):
        best = _best(group, vectors, looks, shots)
        time = float(looks.times[best])
        if (
            not _poor(best, looks, shots)
            and len(chosen) < (count or MOST)
            and all(abs(time - other) > NEAR for other in chosen)
        ):
            chosen.append(time)
    return sorted(chosen)


def choose_first(looks: Looks, first: NDArray[np.bool_], count: int, shots: tuple[Shot, ...]) -> list[float]:
    """As ``choose``, from the looks that are ``first`` (n,), and where they show too little from the others too."""
    chosen = choose(looks.those(np.flatnonzero(first)), count, shots) if first.any() else []
    if first.all() or len(chosen) >= (count or MOST):
        return chosen
    return choose(looks.those(np.flatnonzero(~first)), count or MOST, shots, Taste(pinned=tuple(chosen)))


def _taken_for(looks: Looks, vectors: NDArray[np.float32], times: tuple[float, ...]) -> NDArray[np.bool_]:
    """Which looks are at one of these times or almost the same picture."""
    taken = np.zeros(len(looks.times), bool)
    for time in times:
        apart = np.abs(looks.times - time)
        taken |= (apart <= NEAR) | (vectors @ vectors[int(apart.argmin())] >= EQUAL)
    return taken


def _clusters(vectors: NDArray[np.float32], count: int) -> list[NDArray[np.intp]]:
    """Groups of vectors that are not alike, more than ``count``; for 0, as many as make the clearest groups."""
    different = len(np.unique(vectors.round(4), axis=0))
    if different == 1:
        return [np.arange(len(vectors))]
    labels = _clearest(vectors, different) if not count else _labels(vectors, min(different, max(2 * count, count + 4)))
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return _merged(vectors, groups, count)


def _labels(vectors: NDArray[np.float32], clusters: int, tries: int = 4) -> NDArray[np.intp]:
    return np.asarray(KMeans(clusters, n_init=tries, random_state=0).fit_predict(vectors))


def _clearest(vectors: NDArray[np.float32], different: int) -> NDArray[np.intp]:
    """The clusters in the number that has the best silhouette (Rousseeuw 1987), looked for on some hundred of the
    vectors; all in one where none stand apart."""
    some = vectors[:: -(-len(vectors) // SOME)]
    best, number = UNCLEAR, 1
    for clusters in range(2, min(MOST, different - 1, len(some) - 1) + 1):
        labels = _labels(some, clusters, 1)
        clear = float(silhouette_score(some, labels, metric="cosine")) if len(np.unique(labels)) > 1 else 0.0
        if clear > best:
            best, number = clear, clusters
    return _labels(vectors, number)


def _usable(looks: Looks, among: NDArray[np.intp], shots: tuple[Shot, ...]) -> NDArray[np.intp]:
    """Of some looks those that show something for more than a blink, or all when none does."""
    blinks = [(shot.start, shot.end) for shot in shots if shot.end - shot.start < BLINK]
    seen = ~looks.blank[among] & ~covers(blinks, looks.times[among])
    good = seen & (looks.good[among] >= 0.2)
    for mask in (good, seen):
        if mask.any():
            return among[mask]
    return among


def _merged(vectors: NDArray[np.float32], groups: list[NDArray[np.intp]], count: int) -> list[NDArray[np.intp]]:
    """Merge the two clusters with the most alike centres until none may show the same; while there are no more than
    ``count``, until none surely do."""
    while len(groups) > 1:
        centres = unit(np.stack([vectors[group].mean(axis=0) for group in groups]))
        alike = centres @ centres.T
        np.fill_diagonal(alike, -1.0)
        a, b = np.unravel_index(int(alike.argmax()), alike.shape)
        if alike[a, b] < (ALIKE if len(groups) > count else SAME):
            break
        groups[a] = np.concatenate([groups[a], groups[b]])
        del groups[b]
    return groups


def _best(group: NDArray[np.intp], vectors: NDArray[np.float32], looks: Looks, shots: tuple[Shot, ...]) -> int:
    """Of a cluster, the look nearest its centre among the good ones away from where shots meet; where a face is clearly
    seen in some of these, among those that show it openly."""
    good, times = looks.good[group], looks.times[group]
    away = _away(times, shots)
    for mask in ((good >= GOOD) & away, away & (good >= 0.8 * good.max()), good >= 0.8 * good.max()):
        if mask.any():
            inside = group[mask]
            face = looks.face[inside]
            if face.max() >= CLEAR:
                inside = inside[face >= AS_OPEN * face.max()]
            centre = vectors[group].mean(axis=0)
            return int(inside[int(np.argmax(vectors[inside] @ centre))])
    return int(group[0])


def _away(times: NDArray[np.float64], shots: tuple[Shot, ...]) -> NDArray[np.bool_]:
    """Which times are not near where shots meet."""
    away = np.ones(len(times), bool)
    for shot in shots[1:]:
        away &= np.abs(times - shot.start) >= shot.lasts / 2 + NEAR_EDGE
    return away


def _poor(best: int, looks: Looks, shots: tuple[Shot, ...]) -> bool:
    """Whether a look is a blur, or near where shots meet, and its shot has good ones away from there."""
    time = looks.times[best]
    shot = next((each for each in shots if each.start - TOUCH <= time < each.end - TOUCH), None)
    if shot is None:
        return False
    inside = (looks.times >= shot.start - TOUCH) & (looks.times < shot.end - TOUCH)
    others = np.flatnonzero(inside & _away(looks.times, shots))
    if not len(others) or looks.good[others].max() < GOOD:
        return False
    return bool(best not in others or looks.good[best] < POOR * looks.good[others].max())
