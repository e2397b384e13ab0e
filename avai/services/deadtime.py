"""Where something is there before a fixed camera, moving or not: what differs from the picture of the empty place.

The empty place is found by its coming back: what visits a spot differs from visit to visit, and between two visits the
spot looks as it did before, however short that is. So of all that a spot shows for a while, the value that it shows
most *often*, not longest, is the background (people may stand before it most of the time).
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from avai.services.ends import SURE
from avai.services.seeing import Change
from avai.services.spans import Stretch, closed, long_enough, runs, union

# The constants were chosen by benchmarks/fixed_camera.py.
WINDOW = 1200.0
"""Seconds of film that share one picture of the empty place, so that daylight may wander."""
LASTS = 1.0
"""Seconds for which a spot must look the same for it to count as what is seen there."""
LEAST, TIMES_NOISE = 9.0, 6.0
"""A spot differs by at least so many levels (of 255), and by so many times its own noise."""
SWAY = 0.12
"""Part of a spot by which a fixed camera may sway: what differs by less than this part of the contrast around is the
place."""
WHITE, SQUEEZED = 200.0, 0.4
"""Cameras squeeze what is brighter than the first: a level may be off by the second of what is above it."""
PLAIN = 2.0
"""A spot that is over the threshold by this many times the threshold is as plain as any."""
ENTER, LEAVE = 6.0, 1.0
"""How much spots (of 48 x 27) that hang together differ in sum where something comes, and until it is gone: what a
codec leaves of one who went is many spots, none of them plain."""
SHARE, ANSWERS = 0.05, 1.0
"""What is less than this part of what is there within so many seconds is its shadow, or how the exposure answers."""
CLOSED, SHORTEST = 1.0, 0.4
"""Seconds; a shorter absence is none, and what is there for less is a flash."""
NEW_VIEW = 0.4
"""Where more of the picture than this differs from just before, the film was cut; where it differs from the empty place
in a quarter of the pictures, the camera moves."""
FACE = 0.5
"""How openly a face is seen (``Looks.face``) that is one."""
FEW = 4
"""Spots by which one picture of the empty place may differ from another."""
FEWEST = 8
"""Pictures; in fewer there is no telling the place from what visits it."""

Pictures = NDArray[np.float32]


def busy(change: Change, duration: float) -> list[Stretch]:
    """Where in [0, duration) something is there, to about an eighth of a second; all of it where the camera moves or
    the film has cuts.

    A slow or sudden change of exposure, noise, and what moves for a moment in one spot are nothing. What stands in the
    same place from the beginning to the end is part of the place, but a face that is seen is somebody.
    """
    times, pictures = change.greys.times, change.greys.pictures
    if len(times) < FEWEST or _cut(change):
        return [(0.0, duration)] if duration else []
    step = float(np.median(np.diff(times)))
    area, share = np.zeros(len(times)), np.zeros(len(times))
    for own, around in _windows(times):
        if around.stop - around.start < FEWEST:
            area[own] = np.inf  # a film that shows few pictures here
            continue
        here = slice(own.start - around.start, own.stop - around.start)
        over = _differing(pictures[around], step)[here]
        area[own], share[own] = [_largest(each) for each in over], (over > 0).mean(axis=(1, 2))
    if np.percentile(share, 75) > NEW_VIEW:
        return [(0.0, duration)]
    bounds = np.concatenate(([0.0], (times[:-1] + times[1:]) / 2, [duration]))
    there = [(float(bounds[round(a)]), float(bounds[round(b)])) for a, b in _stays(area, step)]
    return long_enough(closed(union(there, _faces(change, duration)), CLOSED), SHORTEST)


def _faces(change: Change, duration: float) -> list[Stretch]:
    """Where a face is seen, halfway to the looks before and after."""
    times = change.looks.times
    bounds = np.concatenate(([0.0], (times[:-1] + times[1:]) / 2, [duration]))
    return [(float(bounds[round(a)]), float(bounds[round(b)])) for a, b in runs(change.looks.face >= FACE, 1.0)]


def _cut(change: Change) -> bool:
    """Whether the film has a cut: reported, and most of the picture is another, however bright."""
    times, pictures = change.greys.times, change.greys.pictures
    for at in np.flatnonzero(change.cut[:-1] >= SURE):
        after = int(np.searchsorted(times, change.times[at + 1]))
        pair = pictures[[max(after - 2, 0), min(after + 1, len(pictures) - 1)]].reshape(2, -1)
        before = pair[0].astype(np.float32)
        if np.mean(_over(pair[1:].astype(np.float32), before, np.full_like(before, 2 * LEAST)) > 0) > NEW_VIEW:
            return True
    return False


def _windows(times: NDArray[np.float64]) -> list[tuple[slice, slice]]:
    """Slices of pictures to judge, and for each the pictures around it from which the empty place is known."""
    count = max(round(2 * (times[-1] - times[0]) / WINDOW) - 1, 1)
    edges = np.linspace(times[0], times[-1] + 1e-6, count + 1)
    side = WINDOW / 4 if count > 1 else 0.0
    found = []
    for a, b in pairwise(edges):
        own, around = (np.searchsorted(times, (a - more, b + more)) for more in (0.0, side))
        if own[1] > own[0]:
            found.append((slice(*own.tolist()), slice(*around.tolist())))
    return found


def _differing(pictures: NDArray[np.uint8], step: float) -> Pictures:
    """By how many times the threshold each spot of the pictures (n, h, w) differs from the empty place beyond it."""
    shape = pictures.shape[1:]
    flat = pictures.reshape(len(pictures), -1).astype(np.float32)
    even = flat / _exposure(flat, np.median(flat, axis=0))
    noise = 1.05 * np.median(np.abs(np.diff(even, axis=0)), axis=0)
    far = np.maximum(LEAST, TIMES_NOISE * noise)
    empty = _recurring(even, far, max(round(LASTS / step), 2))
    count = (_over(flat, empty, far) > 0).sum(axis=1)
    calm = flat[count <= np.percentile(count, 5) + FEW]
    empty = np.median(calm / _exposure(calm, empty), axis=0)
    far = far + SWAY * _contrast(empty.reshape(shape)).ravel()
    return _over(flat, empty, far).reshape(-1, *shape)


def _contrast(empty: Pictures) -> Pictures:
    """The range of levels in and around each spot of a picture (h, w)."""
    around = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.dilate(empty, around) - cv2.erode(empty, around), np.float32)


def _over(flat: Pictures, empty: Pictures, far: Pictures) -> Pictures:
    """By how many times the threshold ``far`` (m,) pictures (n, m) are over it, at most ``PLAIN`` times."""
    exposure = _exposure(flat, empty)
    bright = np.maximum(empty * exposure, empty)
    allowed = far + SQUEEZED * np.maximum(bright - WHITE, 0)
    return np.asarray(np.clip(np.abs(flat / exposure - empty) / allowed - 1, 0, PLAIN), np.float32)


def _largest(over: Pictures) -> float:
    """The most that spots (h, w) which hang together are over the threshold in sum."""
    count, labels = cv2.connectedComponents((over > 0).astype(np.uint8), connectivity=8)
    return float(np.bincount(labels.ravel(), over.ravel(), count)[1:].max(initial=0.0))


def _exposure(flat: Pictures, place: Pictures) -> Pictures:
    """How much brighter than ``place`` (m,) each picture (n, m) is, (n, 1): gamma-coded, exposure is a factor."""
    lit = (place > 20) & (place < WHITE)
    if lit.sum() < len(place) / 10:
        return np.ones((len(flat), 1), np.float32)
    return np.asarray(np.maximum(np.median(flat[:, lit] / place[lit], axis=1, keepdims=True), 0.05), np.float32)


def _recurring(even: Pictures, far: Pictures, least: int) -> Pictures:
    """For each spot the value that it comes back to most often and keeps for ``least`` pictures, (m,); what lasts
    longer decides between two that come back alike."""
    count, spots = even.shape
    votes = np.zeros((spots, 32), np.float32)
    sums = np.zeros((spots, 32), np.float32)
    every = np.arange(spots)
    mean, length = even[0].copy(), np.ones(spots, np.float32)
    for picture in (*even[1:], np.full(spots, 1e6, np.float32)):
        stays = np.abs(picture - mean) <= far
        ended = ~stays & (length >= least)
        if ended.any():
            bins = np.clip(mean / 8, 0, 31).astype(int)[ended]
            votes[every[ended], bins] += 1 + length[ended] / count
            sums[every[ended], bins] += (1 + length[ended] / count) * mean[ended]
        length = np.where(stays, length + 1, 1)
        mean = np.where(stays, mean + (picture - mean) / np.minimum(length, 20), picture)
    wide, total = (np.apply_along_axis(np.convolve, 1, table, (1, 1, 1), "same") for table in (votes, sums))
    best = wide.argmax(axis=1)
    found = total[every, best] / np.maximum(wide[every, best], 1e-6)
    return np.asarray(np.where(wide[every, best] > 0, found, np.median(even, axis=0)), np.float32)


def _stays(area: NDArray[np.float64], step: float) -> list[Stretch]:
    """Runs of pictures with at least ``LEAVE``, ``ENTER`` in one of them, less what is next to nothing beside what is
    there within ``ANSWERS`` seconds: (first, after the last)."""
    most = maximum_filter1d(area, 2 * round(ANSWERS / step) + 1)
    there = (area >= LEAVE) & (area >= SHARE * most)
    return [(a, b) for a, b in runs(there, 1.0) if area[round(a) : round(b)].max() >= ENTER]
