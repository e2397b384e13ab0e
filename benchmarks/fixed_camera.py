"""Films of a fixed camera, made with known visits, on which the constants of avai/services/deadtime.py were chosen.

    PYTHONPATH=. python benchmarks/fixed_camera.py [first seed] [how many]

A photograph stands still; cut-outs of other photographs in the shape of people and cars come in over an edge, stand or
drive through, and go. Each film draws how often something is there (a fifth to nine tenths of the time), how large and
how dark it is, its shadow, sensor noise, slow drift of exposure, an exposure that answers to what is in the picture, a
mount that sways and is nudged by a pixel or two (a third of a spot), and how strongly x264 squeezes it. Something is
there while any of it is in the picture; its shadow is nothing.
Constants were chosen on seeds 1 to 30 (of which 1 to 20 did not sway yet); reported are those from 101 on.
"""

from __future__ import annotations

import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from report import head

from avai import media
from avai.progress import quiet
from avai.services import seeing
from avai.services.deadtime import busy
from avai.services.spans import Stretch, covered, runs
from training import real

WIDE, HIGH, RATE = 320, 180, 10
PLACES = ("tower.jpg", "bus.png", "lion.jpg", "cheetah1.jpg")


def photographs() -> list[np.ndarray]:
    """Places and what cut-outs are made of (180, 320, 3)."""
    found = []
    for name in PLACES:
        image = real.picture(real.media() / "images" / name)
        scale = max(WIDE / image.shape[1], HIGH / image.shape[0])
        wide = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found.append(wide[:HIGH, :WIDE].astype(np.float32))
    return found


def shape(person: bool, tall: float) -> np.ndarray:
    """The mask (h, w) of a person seen whole, or of a car from above, ``tall`` pixels tall, 0 to 1, soft at the rim."""
    high = int(tall)
    wide = int(tall * (0.36 if person else 0.5))
    mask = np.zeros((high, wide), np.float32)
    if person:
        cv2.circle(mask, (wide // 2, high // 9), max(high // 10, 2), 1.0, -1)
        cv2.ellipse(mask, (wide // 2, int(high * 0.45)), (wide // 2 - 1, int(high * 0.26)), 0, 0, 360, 1.0, -1)
        cv2.rectangle(mask, (int(wide * 0.25), int(high * 0.6)), (int(wide * 0.75), high - 1), 1.0, -1)
    else:
        cv2.rectangle(mask, (1, high // 6), (wide - 2, high - high // 6), 1.0, -1)
        cv2.ellipse(mask, (wide // 2, high // 2), (wide // 2 - 1, high // 2 - 1), 0, 0, 360, 1.0, -1)
    return cv2.GaussianBlur(mask, (3, 3), 0)


def visits(rng: np.random.Generator, seconds: float) -> list[tuple[float, float]]:
    """When something comes and how long it stays."""
    share = rng.uniform(0.2, 0.9)
    stays, at = [], rng.uniform(0, 6)
    while at < seconds - 4:
        length = rng.uniform(3, 20)
        stays.append((at, length))
        at += length + max(1.5, length * (1 - share) / share * rng.uniform(0.5, 1.5))
    return stays


def film(path: Path, seed: int, seconds: float = 90.0) -> list[Stretch]:
    """Write a film; where something is there, by its own frames."""
    rng = np.random.default_rng(seed)
    pictures = photographs()
    place = pictures[seed % len(pictures)] * rng.uniform(0.5, 1.0)
    person = bool(rng.random() < 0.6)
    noise, drift, answers = rng.uniform(1, 8), rng.uniform(0, 0.2), rng.uniform(0, 0.5)
    shadow, tone = rng.uniform(0.6, 1.0), rng.uniform(0.25, 1.1)
    phase, here = rng.uniform(0, 6), np.zeros(round(seconds * RATE), bool)
    others = [k for k in range(len(pictures)) if k != seed % len(pictures)]
    layers = [_walk(rng, person, stay, int(rng.choice(others))) for stay in visits(rng, seconds)]
    sway, nudged = rng.uniform(0, 2.5), rng.uniform(0, seconds)
    gain = 1.0
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"crf": str(rng.integers(20, 31)), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv420p"
        for number in range(len(here)):
            time = number / RATE
            moved = sway * (np.sin(time / 3) / 3 + (time > nudged)) / 2
            image = cv2.warpAffine(place, np.array([[1, 0, moved], [0, 1, moved / 2]]), (WIDE, HIGH), borderMode=1)
            for start, end, mask, cloth, path_of in layers:
                if start <= time < end:
                    seen = _put(image, mask, pictures[cloth] * tone, path_of(time), shadow)
                    here[number] |= seen
            gain += 0.3 * ((1 + drift * np.sin(time / 15 + phase)) - answers * (image.mean() / place.mean() - 1) - gain)
            noisy = image * gain + rng.normal(0, noise, (HIGH, WIDE, 1)) + rng.normal(0, noise / 2, image.shape)
            frame = av.VideoFrame.from_ndarray(np.clip(noisy, 0, 255).astype(np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return runs(here, 1 / RATE)


def _walk(rng: np.random.Generator, person: bool, stay: tuple[float, float], cloth: int) -> tuple:
    """Start, end, mask, which photograph clothes it, and where it is when."""
    start, length = stay
    mask = shape(person, rng.uniform(0.25, 0.85 if person else 0.6) * HIGH)
    high, wide = mask.shape
    left, side = rng.uniform(0.1, 0.8) * (WIDE - wide), rng.integers(0, 2)
    stands = (left, rng.uniform(0.3, 0.9) * (HIGH - high))
    first = (-wide, stands[1]) if side else (left, HIGH)
    last = (WIDE, stands[1] + 5) if person or side else (left, -high)
    walk = min(rng.uniform(0.8, 1.8), length / 3) if person else length / 2

    def where(time: float) -> tuple[float, float]:
        come, go = min((time - start) / walk, 1.0), max((time - start - length + walk) / walk, 0.0)
        begin, end = (first, stands) if not go else (stands, last)
        done = go or come
        sway = 1.5 * np.sin(time * 1.7) if person else 0.0
        return begin[0] + (end[0] - begin[0]) * done + sway, begin[1] + (end[1] - begin[1]) * done

    return start, start + length, mask, cloth, where


def _put(image: np.ndarray, mask: np.ndarray, cloth: np.ndarray, at: tuple[float, float], shadow: float) -> bool:
    """Paint into the picture what of it is inside, its shadow below it first; whether anything is."""
    x, y = round(at[0]), round(at[1])
    high, wide = mask.shape
    x0, x1, y0, y1 = max(x, 0), min(x + wide, WIDE), max(y, 0), min(y + high, HIGH)
    ground = image[max(0, y + high - 6) : max(0, y + high + 6), max(0, x - 8) : max(0, x + wide + 8)]
    ground *= shadow
    if x0 >= x1 or y0 >= y1:
        return False
    part = mask[y0 - y : y1 - y, x0 - x : x1 - x, None]
    image[y0:y1, x0:x1] = image[y0:y1, x0:x1] * (1 - part) + cloth[y0 - y : y1 - y, x0 - x : x1 - x] * part
    return bool(part.max() > 0.5)


def rated(kept: list[Stretch], truth: list[Stretch], seconds: float) -> tuple[float, float]:
    """Precision and recall of kept time."""
    count = round(seconds * 100)
    a, b = covered(kept, count, 0.01), covered(truth, count, 0.01)
    both = float((a & b).sum())
    return both / max(float(a.sum()), 1.0), both / max(float(b.sum()), 1.0)


def main() -> None:
    first, count = (int(x) for x in (*sys.argv[1:], *(101, 10)[len(sys.argv) - 1 :]))
    head("Made films of a fixed camera", "numpy", "opencv-python", "av")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            path = Path(folder) / f"{seed}.mp4"
            truth = film(path, seed)
            info = media.probe(path)
            found.append(rated(busy(seeing.watch(path, info, quiet), info.duration), truth, info.duration))
            share = sum(b - a for a, b in truth) / info.duration
            print(f"seed {seed:3d}  there {share:4.0%}  precision {found[-1][0]:.3f}  recall {found[-1][1]:.3f}")
    print("mean precision {:.3f}, recall {:.3f}".format(*np.mean(found, axis=0)))


if __name__ == "__main__":
    main()
