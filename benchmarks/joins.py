"""Films of known shots, made by joining real ones: for ``benchmarks/shots.py`` and ``benchmarks/summarize.py``.

Pieces are stretches of the shared films without a cut inside (``shots.json`` says where those are). They are joined by
cuts, dissolves of 0.2 to 2 s, fades through black or white and wipes; in some of the pieces something happens that is
no cut: a photo flash, a whip pan, a shaking camera. Even and odd pieces make two sets that share no stretch: what is
chosen is chosen on one, what is reported is reported on the other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path

import av
import cv2
import numpy as np

from avai import media

SHARED = Path(os.environ.get("AVAI_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "media"
ONE_SHOT = {
    "animal_cockatoo.mp4": (0.0, 14.0),
    "traffic_cars_from_above.mp4": (0.0, 28.0),
    "nature_flower_timelapse.mp4": (0.0, 5.0),
    "sport_squats_portrait.mp4": (0.0, 13.0),
    "fixed_camera_people_in_room.mp4": (0.0, 135.0),
    "space_apollo15_moonwalk.mp4": (0.0, 34.0),
    "talk_webcam_art_critic.mp4": (0.3, 13.2),
}
LONGEST, SHORTEST, MARGIN = 9.0, 1.2, 0.15
SPARE = 1.25
"""How much larger than the picture the pieces are held, to move about in."""
MOST_HELD = 640
"""Pixels across up to which all pieces are held in memory: three gigabytes."""
KINDS = {"cut": 0.55, "dissolve": 0.22, "fade": 0.13, "wipe": 0.10}
LASTS = {"dissolve": (0.2, 2.0), "fade": (0.4, 1.6), "wipe": (0.4, 1.2)}
TRAPS = ("flash", "pan", "shake")


@dataclass(frozen=True)
class Piece:
    """A stretch of a film without a cut inside."""

    clip: str
    start: float
    end: float


@dataclass(frozen=True)
class Join:
    """Where a shot passes into the next: from the first picture that is not of the old one alone to the first that is
    of the new one alone, in seconds; the same for a cut."""

    kind: str
    start: float
    end: float


@dataclass(frozen=True)
class Way:
    """How a film is written: ``drop`` is the share of pictures that are left out at random (a changing rate)."""

    name: str
    codec: str
    rate: int
    options: dict[str, str]
    suffix: str = ".mp4"
    drop: float = 0.0
    shots: tuple[float, float] = (1.0, 6.0)


WAYS = (
    Way("h264, 25/s, long groups", "libx264", 25, {"crf": "23", "preset": "veryfast"}),
    Way("h264, 30/s, coarse, group of 1 s", "libx264", 30, {"crf": "34", "preset": "veryfast", "g": "30"}),
    Way("h264, 24/s, fast cutting", "libx264", 24, {"crf": "23", "preset": "veryfast"}, shots=(0.5, 1.6)),
    Way("h264, 60/s", "libx264", 60, {"crf": "26", "preset": "veryfast"}),
    Way("h264, 30/s, changing rate", "libx264", 30, {"crf": "25", "preset": "veryfast"}, ".mkv", drop=0.3),
    Way("h264, 25/s, one key frame", "libx264", 25,
        {"crf": "25", "preset": "veryfast", "g": "9999", "sc_threshold": "0"}),
    Way("mpeg4, 25/s", "mpeg4", 25, {"qscale": "5", "g": "12"}),
    Way("hevc, 30/s", "libx265", 30, {"crf": "27", "preset": "ultrafast", "x265-params": "log-level=none"}, ".mkv"),
    Way("vp9, 25/s", "libvpx-vp9", 25, {"crf": "36", "b": "0", "deadline": "realtime", "cpu-used": "8"}, ".webm"),
)  # fmt: skip


@cache
def pieces(half: int) -> tuple[Piece, ...]:
    """Pieces of a half of the material, 0 or 1."""
    table = json.loads((SHARED / "shots.json").read_text(encoding="utf-8"))
    found = []
    for clip, (start, end) in ONE_SHOT.items():
        step = LONGEST if end - start > LONGEST * 1.5 else end - start
        found += [Piece(clip, at, min(at + step, end)) for at in np.arange(start, end - SHORTEST, step).tolist()]
    for clip, truth in table.items():
        if clip == "about":
            continue
        length = media.probe(SHARED / clip).duration
        broken = [(cut, cut) for cut in truth["cuts"]] + [(each["from"], each["to"]) for each in truth["gradual"]]
        broken += [(a, b) for a, b in truth["ignore"]]
        at = 0.0
        for start, end in [*sorted(broken), (length, length)]:
            if start - at >= SHORTEST + 2 * MARGIN:
                found.append(Piece(clip, at + MARGIN, min(start - MARGIN, at + MARGIN + LONGEST)))
            at = max(at, end)
    return tuple(found[half::2])


@lru_cache(maxsize=64)
def held(piece: Piece, size: tuple[int, int]) -> tuple[list[float], list[np.ndarray]]:
    """The times and pictures of a piece, larger than ``size``, filled."""
    wide, high = (round(each * SPARE) for each in size)
    times, images = [], []
    for frame in media.frames(SHARED / piece.clip, start=piece.start, end=piece.end):
        tall, broad = frame.image.shape[:2]
        scale = max(wide / broad, high / tall)
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        image = cv2.resize(
            frame.image, (max(round(broad * scale), wide), max(round(tall * scale), high)), None, 0, 0, way
        )
        y, x = (image.shape[0] - high) // 2, (image.shape[1] - wide) // 2
        times.append(float(frame.time))
        images.append(image[y : y + high, x : x + wide])
    return times, images


def loaded(piece: Piece, rate: int, size: tuple[int, int]) -> np.ndarray:
    """The pictures (n, h, w, 3) of a piece at so many a second, larger than ``size``."""
    small = size[0] <= MOST_HELD
    times, images = held(piece, size) if small else held.__wrapped__(piece, size)
    wanted = np.arange(piece.start, piece.end, 1 / rate)
    return np.stack([images[max(int(np.searchsorted(times, time + 1e-6)) - 1, 0)] for time in wanted])


def shot(piece: Piece, seconds: float, rate: int, size: tuple[int, int], rng: np.random.Generator) -> list[np.ndarray]:
    """The pictures of a shot of so many seconds at most, with a trap in some of the longer ones."""
    held = loaded(piece, rate, size)
    count = min(max(round(seconds * rate), 2), len(held))
    first = int(rng.integers(0, len(held) - count + 1))
    held = held[first : first + count]
    wide, high = size
    room = np.array([held.shape[1] - high, held.shape[2] - wide])
    corner = np.tile(room / 2, (count, 1))
    trap = str(rng.choice(TRAPS)) if count > 2.5 * rate and rng.random() < 0.5 else ""
    begin = int(rng.integers(rate, count - rate)) if trap else 0
    blurred = range(0)
    if trap == "pan":
        blurred = range(begin, min(begin + round(0.35 * rate), count))
        share = np.clip((np.arange(count) - begin) / max(len(blurred), 1), 0, 1)
        corner[:, 1] = room[1] * (share if rng.random() < 0.5 else 1 - share)
    elif trap == "shake":
        some = slice(begin, min(begin + rate, count))
        corner[some] = room * rng.uniform(0.1, 0.9, (len(corner[some]), 2))
    images = []
    for number in range(count):
        y, x = corner[number].round().astype(int)
        image = held[number, y : y + high, x : x + wide]
        if number in blurred:
            image = cv2.blur(image, (max(wide // 20, 1), 1))
        if trap == "flash" and 0 <= number - begin < max(round(0.08 * rate), 1):
            image = (image * 0.3 + 255 * 0.7).astype(np.uint8)
        images.append(np.ascontiguousarray(image))
    return images


def between(kind: str, old: np.ndarray, new: np.ndarray, share: float, white: bool) -> np.ndarray:
    """The picture ``share`` of the way from the old shot to the new one."""
    if kind == "dissolve":
        return cv2.addWeighted(old, 1 - share, new, share, 0)
    if kind == "fade":
        shown, part = (old, 1 - 2 * share) if share < 0.5 else (new, 2 * share - 1)
        return cv2.addWeighted(shown, part, np.full_like(shown, 255 * white), 1 - part, 0)
    edge = round(share * old.shape[1])
    return np.concatenate([new[:, :edge], old[:, edge:]], axis=1)


def film(seconds: float, way: Way, size: tuple[int, int], half: int, seed: int) -> Iterator[np.ndarray | Join]:
    """Pictures of a film, and the joins between them; their times are numbers of pictures."""
    rng = np.random.default_rng(seed)
    total, count, last = round(seconds * way.rate), 0, ""
    order: list[Piece] = []
    old: list[np.ndarray] = []
    while count < total:
        while not order or order[-1].clip == last:
            order = list(rng.permutation(np.array(pieces(half), object)))
        piece = order.pop()
        last = piece.clip
        new = shot(piece, float(rng.uniform(*way.shots)), way.rate, size, rng)
        kind = str(rng.choice(list(KINDS), p=list(KINDS.values()))) if old else "start"
        steps = round(float(rng.uniform(*LASTS.get(kind, (0, 0)))) * way.rate)
        steps = min(steps, len(old) // 2, len(new) // 2)
        if kind not in ("start", "cut") and steps < 4:
            kind, steps = "cut", 0
        white = bool(rng.random() < 0.3)
        yield from old[: len(old) - steps]
        count += max(len(old) - steps, 0)
        if kind != "start":
            yield Join(kind, count, count + steps)
        for step in range(steps):
            yield between(kind, old[len(old) - steps + step], new[step], (step + 1) / (steps + 1), white)
        count += steps
        old = new[steps:]
    yield from old


def write(
    folder: Path, way: Way, seconds: float, size: tuple[int, int], half: int, seed: int
) -> tuple[Path, list[Join]]:
    """A film as a file, and its joins in seconds; made once, and kept in the folder."""
    path = (
        folder
        / f"{way.name.replace(', ', '_').replace(' ', '-').replace('/', 'per')}_{half}_{seed}_{size[1]}{way.suffix}"
    )
    known = path.with_suffix(".json")
    if known.exists():
        return path, [Join(*each) for each in json.loads(known.read_text(encoding="utf-8"))]
    rng = np.random.default_rng(seed + 1)
    joins: list[Join] = []
    numbers: list[int] = []
    with av.open(str(path), "w") as container:
        stream = container.add_stream(way.codec, way.rate, options=way.options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        number = 0
        for each in film(seconds, way, size, half, seed):
            if isinstance(each, Join):
                joins.append(each)
                continue
            if not number or rng.random() >= way.drop:
                picture = av.VideoFrame.from_ndarray(each, "rgb24")
                picture.pts, picture.time_base = number, Fraction(1, way.rate)
                container.mux(stream.encode(picture))
                numbers.append(number)
            number += 1
        container.mux(stream.encode())
    # A join begins with the first picture from there on that was not left out.
    shown = np.array(numbers)
    first = [float(shown[min(np.searchsorted(shown, each.start), len(shown) - 1)]) / way.rate for each in joins]
    last = [float(shown[min(np.searchsorted(shown, each.end), len(shown) - 1)]) / way.rate for each in joins]
    joins = [Join(each.kind, a, b) for each, a, b in zip(joins, first, last, strict=True)]
    known.write_text(json.dumps([[each.kind, each.start, each.end] for each in joins]), encoding="utf-8")
    return path, joins
