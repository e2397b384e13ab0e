"""Which pictures stand for a video: every scene once? On compilations whose scenes are known (A B A C B ...).

    python benchmarks/choice.py [--chosen-on]    the half of the material that settings were chosen on

A scene is a take of the shared films; each is shown one to three times, in other stretches, joined by cuts and
dissolves. Asked for as many pictures as there are scenes: recall is the share of the scenes that are shown, precision
the share of the pictures that show a scene that no other shows. Pictures in the midst of a dissolve count as wrong.
Beside ours, on the same files: uniform sampling, key frames at even distances, and K-means of colour histograms with
the least blurred frame of each cluster, as Katna does. Then the number of pictures is left to the studio.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from joins import ONE_SHOT, Piece, between, loaded, pieces
from report import head
from sklearn.cluster import KMeans

from avai import media
from avai.contracts import StoryboardRequest, SummarizeRequest
from avai.networks import registry
from avai.services import recall
from avai.services.storyboard import storyboard
from avai.services.summarize import summarize

FILMS, RATE, SIZE, MIX = 12, 25, (512, 288), 12
Scenes = list[tuple[float, float, int]]


def scenes_of(half: int) -> list[list[Piece]]:
    """The takes of a half of the material that look different, each as its stretches: of a film with many shots two."""
    takes: dict[str, list[Piece]] = {}
    for piece in pieces(half):
        single = piece.clip in ONE_SHOT
        if single or sum(name.startswith(piece.clip) for name in takes) < 2:
            takes.setdefault(piece.clip if single else f"{piece.clip} {piece.start}", []).append(piece)
    return list(takes.values())


def compilation(path: Path, half: int, seed: int) -> tuple[int, Scenes]:
    """Write a film; how many scenes it has, and where each of them stands alone."""
    rng = np.random.default_rng(seed)
    every = scenes_of(half)
    count = int(rng.integers(4, min(len(every), 9) + 1))
    takes = [every[index] for index in rng.permutation(len(every))[:count]]
    order = [scene for scene in range(count) for _ in range(int(rng.integers(1, 4)))]
    while any(a == b for a, b in pairwise(order)):
        order = [order[index] for index in rng.permutation(len(order))]
    spans: Scenes = []
    number = 0
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", RATE, options={"crf": "23", "preset": "veryfast"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"

        def put(image: np.ndarray) -> None:
            nonlocal number
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
            number += 1

        old: np.ndarray | None = None
        for scene in order:
            stretches = takes[scene]
            held = loaded(stretches[rng.integers(len(stretches))], RATE, SIZE)
            lasts = min(int(rng.uniform(2, 5) * RATE), len(held))
            first = int(rng.integers(0, len(held) - lasts + 1))
            y, x = (held.shape[1] - SIZE[1]) // 2, (held.shape[2] - SIZE[0]) // 2
            new = held[first : first + lasts, y : y + SIZE[1], x : x + SIZE[0]]
            mixed = old is not None and lasts > 3 * MIX and rng.random() < 0.4
            for step in range(MIX if mixed else 0):
                assert old is not None
                put(between("dissolve", old[step], new[step], (step + 1) / (MIX + 1), False))
            new = new[MIX:] if mixed else new
            body = new[: len(new) - MIX]
            begin = number
            for image in body:
                put(image)
            old = new[len(new) - MIX :]
            spans.append((begin / RATE, number / RATE, scene))
        assert old is not None
        for image in old:
            put(image)
        container.mux(stream.encode())
    return count, spans


def ours(clip: Path, count: int) -> list[float]:
    """The pictures of a whole summary."""
    with tempfile.TemporaryDirectory() as out:
        return [
            each.time for each in summarize(SummarizeRequest(clip=clip, pictures=count, seconds=1), Path(out)).pictures
        ]


def from_keys(clip: Path, count: int) -> list[float]:
    """The command `storyboard`: of key frames alone where there are enough."""
    recall.forget()
    with tempfile.TemporaryDirectory() as out:
        return [each.time for each in storyboard(StoryboardRequest(clip=clip, pictures=count), Path(out)).pictures]


def uniform(clip: Path, count: int) -> list[float]:
    return [(number + 0.5) / count * media.probe(clip).duration for number in range(count)]


def even_keys(clip: Path, count: int) -> list[float]:
    keys = [float(frame.time) for frame in media.frames(clip, size=64, keys_only=True)]
    return [keys[index] for index in np.linspace(0, len(keys) - 1, count).round().astype(int)]


def histograms(clip: Path, count: int) -> list[float]:
    """Frames that differ most from the one before in LUV, not too dark, bright or flat; K-means of their histograms;
    of each cluster the sharpest (variance of the Laplacian)."""
    frames = list(media.frames(clip, size=320))
    luv = [cv2.cvtColor(cv2.GaussianBlur(frame.image, (5, 5), 0), cv2.COLOR_RGB2LUV).astype(float) for frame in frames]
    changes = np.array([0.0, *(np.abs(after - before).mean() for before, after in pairwise(luv))])
    smooth = np.convolve(changes, np.hanning(20) / np.hanning(20).sum(), "same")
    peaks = [i for i in range(1, len(smooth) - 1) if smooth[i - 1] < smooth[i] >= smooth[i + 1]] or [0]
    told = [i for i in peaks if 10 < frames[i].image.mean() / 2.55 < 90 and _entropy(frames[i].image) > 4] or peaks
    shape = [
        np.concatenate([cv2.calcHist([frames[i].image], [c], None, [64], [0, 256]).ravel() for c in range(3)])
        for i in told
    ]
    labels = KMeans(min(count, len(told)), n_init=4, random_state=0).fit_predict(np.stack(shape))
    sharp = [cv2.Laplacian(cv2.cvtColor(frames[i].image, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var() for i in told]
    best = [max(np.flatnonzero(labels == label), key=lambda at: sharp[at]) for label in np.unique(labels)]
    return sorted(float(frames[told[at]].time) for at in best)


def _entropy(image: np.ndarray) -> float:
    share = np.bincount(image.ravel(), minlength=256) / image.size
    return float(-(share[share > 0] * np.log2(share[share > 0])).sum())


WAYS: dict[str, Callable[[Path, int], Sequence[float]]] = {
    "ours": ours,
    "ours, storyboard alone": from_keys,
    "uniform": uniform,
    "key frames": even_keys,
    "K-means of histograms": histograms,
}


def main() -> None:
    head("Choice", "scikit-learn", "av", "opencv-python", "tensorflow")
    registry.warm()
    half = 0 if "--chosen-on" in sys.argv else 1
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    numbers: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        for film in range(FILMS):
            clip = Path(folder) / f"{film}.mp4"
            count, spans = compilation(clip, half, 100 * half + film)
            for name, way in WAYS.items():
                times = way(clip, count)
                shown = [next((scene for a, b, scene in spans if a <= time < b), None) for time in times]
                distinct = len(set(shown) - {None})
                found[name].append((distinct / count, distinct / max(len(times), 1)))
            numbers.append((count, len(from_keys(clip, 0))))
            clip.unlink()
    print(f"{FILMS} compilations, {sum(count for count, _ in numbers)} scenes, half {half} of the material")
    for name, scores in found.items():
        recall_, precision = np.mean(scores, axis=0)
        print(f"  {name:24s} recall {recall_:.3f}  precision {precision:.3f}")
    print(f"  number left to the studio, (scenes, pictures): {numbers}")


if __name__ == "__main__":
    main()
