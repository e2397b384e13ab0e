"""Which frames stand for a video: K-means on embeddings, and of each cluster the good still nearest its centre, and
where faces are seen one that shows a face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from avai.contracts import Shot
from avai.services.seeing import Looks, unit

SAME = 0.80
"""Two frames whose embeddings have at least this cosine show the same thing."""
GOOD = 0.5
CLEAR, AS_OPEN = 0.3, 0.7
"""From where on a face counts, and which part of the best seen one's openness is as good (``benchmarks/faces.py``)."""
NEAR_EDGE = 0.15


def choose(looks: Looks, count: int, shots: tuple[Shot, ...], seed: int = 0) -> list[int]:
    """Indices of at most ``count`` looks in order of time, none showing what another shows.

    More clusters than asked are made first, so that a scene seen often does not take two places, and merged while two
    chosen frames are alike; of what is left the largest clusters stay.
    """
    usable = _usable(looks)
    vectors = unit(looks.embedding[usable])
    clusters = min(len(np.unique(vectors.round(4), axis=0)), max(2 * count, count + 4))
    labels = (
        KMeans(clusters, n_init=4, random_state=seed).fit_predict(vectors)
        if clusters > 1
        else np.zeros(len(usable), int)
    )
    groups = [np.flatnonzero(labels == label) for label in range(clusters)]
    groups = _merged(vectors, [group for group in groups if len(group)])
    groups.sort(key=lambda group: -len(group))
    edges = np.asarray([shot.start for shot in shots[1:]])
    chosen = [usable[_best(group, vectors, looks, usable, edges)] for group in groups[:count]]
    return sorted(int(index) for index in chosen)


def choose_first(looks: Looks, first: NDArray[np.bool_], count: int, shots: tuple[Shot, ...]) -> list[int]:
    """As ``choose``, from the looks that are ``first`` (n,), and where they show too little from the others too."""
    chosen: list[int] = []
    for part in (np.flatnonzero(first), np.flatnonzero(~first)):
        left = count - len(chosen)
        if not left or not len(part):
            continue
        found = [int(part[index]) for index in choose(looks.those(part), left, shots)]
        vectors = unit(looks.embedding)
        chosen += [index for index in found if not chosen or (vectors[chosen] @ vectors[index]).max() < SAME]
    return sorted(chosen)


def _usable(looks: Looks) -> NDArray[np.int64]:
    """Looks that show something, or all when none does."""
    seen = ~looks.blank
    good = seen & (looks.good >= 0.2)
    for mask in (good, seen):
        if mask.any():
            return np.flatnonzero(mask)
    return np.arange(len(looks.times))


def _merged(vectors: NDArray[np.float32], groups: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """Merge the two clusters with the most alike centres until none are alike."""
    while len(groups) > 1:
        centres = unit(np.stack([vectors[group].mean(axis=0) for group in groups]))
        alike = centres @ centres.T
        np.fill_diagonal(alike, -1.0)
        a, b = np.unravel_index(int(alike.argmax()), alike.shape)
        if alike[a, b] < SAME:
            break
        groups[a] = np.concatenate([groups[a], groups[b]])
        del groups[b]
    return groups


def _best(
    group: NDArray[np.int64],
    vectors: NDArray[np.float32],
    looks: Looks,
    usable: NDArray[np.int64],
    edges: NDArray[np.float64],
) -> int:
    """Of a cluster, the look nearest its centre among the good ones away from shot edges; where a face is clearly seen
    in some of these, among those that show it openly."""
    good = looks.good[usable[group]]
    times = looks.times[usable[group]]
    away = np.abs(times[:, None] - edges[None, :]).min(axis=1) >= NEAR_EDGE if len(edges) else np.ones(len(times), bool)
    for mask in ((good >= GOOD) & away, good >= GOOD, good >= 0.8 * good.max()):
        if mask.any():
            inside = group[mask]
            face = looks.face[usable[inside]]
            if face.max() >= CLEAR:
                inside = inside[face >= AS_OPEN * face.max()]
            centre = vectors[group].mean(axis=0)
            return int(inside[int(np.argmax(vectors[inside] @ centre))])
    return int(group[0])
