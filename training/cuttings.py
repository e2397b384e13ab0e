"""Tiny films of shots joined in known ways, for teaching ``glance``: made at 48 x 27, without any encoding.

Shots are stretches of the shared films without a cut inside, from the half that ``benchmarks/shots.py`` does not report
on. What is no cut happens in them, too: flashes, pans, shake, zooms, blasts, things that pass in front, lamps, titles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.networks.shots import HEIGHT, WIDTH
from benchmarks.joins import SHARED, pieces

Images = NDArray[np.float32]

HELD = (80, 45)
"""The size at which stretches are held, to cut 48 x 27 pictures out of them."""
RATES = (20, 24, 25, 30, 30)
PACES = ((0.5, 1.6), (0.6, 2.5), (1.0, 6.0), (2.0, 9.0))
KINDS = {"cut": 0.5, "dissolve": 0.25, "fade": 0.15, "wipe": 0.1}
LASTS = {"cut": (0.0, 0.0), "dissolve": (0.2, 2.6), "fade": (0.3, 2.6), "wipe": (0.3, 2.2)}
UNSEEN = 7.0
"""Shots that differ by less where they meet (0..255) would be joined unseen."""
SAME_PLACE = 0.3
"""The share of shots that are another view of the same stretch: cuts between what looks alike."""
PAINTED = 0.5
"""The share of shots that move over a picture that is painted at random, as films show more than these do."""
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)


@dataclass(frozen=True)
class Film:
    """Pictures (n, 27, 48, 3) uint8; whether a shot ends with each, and whether it is part of a slow transition."""

    images: NDArray[np.uint8]
    cut: NDArray[np.bool_]
    mixed: NDArray[np.bool_]


@cache
def bank() -> list[tuple[NDArray[np.uint8], float]]:
    """The stretches, as pictures (n, 45, 80, 3) and their rate."""
    found = []
    for piece in pieces(0):
        times, images = [], []
        for frame in media.frames(SHARED / piece.clip, start=piece.start, end=piece.end):
            tall, broad = frame.image.shape[:2]
            width, height = min(broad, tall * 16 // 9), min(tall, broad * 9 // 16)
            y, x = (tall - height) // 2, (broad - width) // 2
            inside = np.ascontiguousarray(frame.image[y : y + height, x : x + width])
            images.append(cv2.resize(inside, HELD, interpolation=cv2.INTER_AREA))
            times.append(float(frame.time))
        if len(images) >= 12:
            found.append((np.stack(images), (len(times) - 1) / (times[-1] - times[0])))
    return found


def film(rng: np.random.Generator, seconds: float = 60.0) -> Film:
    """A film of so many seconds at a rate and a pace of cutting that are drawn, some with noise, with the pulse of key
    frames, or with pictures left out."""
    rate = float(rng.choice(RATES))
    pace = PACES[rng.integers(len(PACES))]
    images: list[Images] = []
    mixed: list[NDArray[np.bool_]] = []
    cuts: list[int] = []
    count, last = 0, -1
    old: Images | None = None
    while count < seconds * rate:
        if old is None or rng.random() >= SAME_PLACE:
            if rng.random() < PAINTED:
                held, own_rate, last = _painted(rng), rate, -1
            else:
                last = int(rng.choice([index for index in range(len(bank())) if index != last]))
                held, own_rate = bank()[last]
        new = _shot(held, own_rate, rate, float(rng.uniform(*pace)), rng)
        if old is not None and np.abs(old[-1] - new[0]).mean() < UNSEEN:
            continue
        if old is not None:
            kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
            steps = min(int(rng.uniform(*LASTS[kind]) * rate), len(old) // 2, len(new) // 2)
            steps = steps if steps >= 4 else 0
            plain = old[: len(old) - steps]
            between = _mixed(kind, old[len(old) - steps :], new[:steps], rng) if steps else old[:0]
            images += [plain, between]
            mixed += [np.zeros(len(plain), bool), np.ones(steps, bool)]
            count += len(plain) + steps
            if not steps:
                cuts.append(count - 1)
            new = new[steps:]
        old = new
    found = _spoilt(np.concatenate(images), rng)
    cut = np.zeros(count, bool)
    cut[cuts] = True
    slow = np.concatenate(mixed)
    if rng.random() < 0.2:
        kept = np.flatnonzero(rng.random(count) > 0.3)
        # A cut is where the last picture before it that was kept is.
        moved = np.searchsorted(kept, np.array(cuts, int), side="right") - 1
        cut = np.zeros(len(kept), bool)
        cut[moved[moved >= 0]] = True
        found, slow = found[kept], slow[kept]
    return Film(found, cut, slow)


def _painted(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Pictures (n, 45, 80, 3) as cameras see them: strength falls with frequency, shapes with edges stand before that,
    colours are few; some of it moves on its own."""
    wide, high = HELD
    frequency = np.hypot(np.fft.fftfreq(high)[:, None] * high, np.fft.rfftfreq(wide)[None] * wide)
    falls = np.maximum(frequency, 1.0) ** -rng.uniform(0.8, 1.8)
    wave = rng.normal(size=(3, *falls.shape)) + 1j * rng.normal(size=(3, *falls.shape))
    texture = np.fft.irfft2(wave * falls, s=(high, wide))
    texture = texture / (texture.std(axis=(1, 2), keepdims=True) + 1e-9)
    mixing = rng.normal(size=(3, 3)) * 0.3 + rng.normal(size=(3, 1))
    picture = np.tensordot(mixing, texture, axes=1).transpose(1, 2, 0)
    picture = rng.uniform(30, 220) + picture * rng.uniform(8, 55)
    y, x = np.mgrid[0:high, 0:wide]
    for _ in range(int(rng.integers(0, 7))):
        cy, cx, tall, broad = rng.uniform(0, high), rng.uniform(0, wide), rng.uniform(2, 20), rng.uniform(2, 25)
        inside = np.abs(y - cy) / tall, np.abs(x - cx) / broad
        there = (np.maximum(*inside) < 1) if rng.random() < 0.5 else (np.hypot(*inside) < 1)
        picture[there] = rng.uniform(0, 255, 3) + rng.uniform(0, 0.5) * (picture[there] - picture.mean())
    grey = picture.mean(axis=2, keepdims=True)
    picture = grey + (picture - grey) * rng.uniform(0.1, 1.0)
    count = 300
    if rng.random() < 0.4:
        return np.repeat(np.clip(picture, 0, 255).astype(np.uint8)[None], count, axis=0)
    tall, broad = int(rng.integers(6, 24)), int(rng.integers(6, 30))
    sprite = np.clip(rng.uniform(0, 255, 3) + rng.normal(0, 25, (tall, broad, 1)), 0, 255).astype(np.uint8)
    way = np.cumsum(rng.normal(0, rng.uniform(0.05, 0.8), (count, 2)), axis=0) + rng.uniform(0, (high, wide))
    images = np.repeat(np.clip(picture, 0, 255).astype(np.uint8)[None], count, axis=0)
    for image, (top, left) in zip(images, way.astype(int), strict=True):
        part = image[max(top, 0) : max(top + tall, 0), max(left, 0) : max(left + broad, 0)]
        part[:] = sprite[: part.shape[0], : part.shape[1]]
    return images


def _shot(held: NDArray[np.uint8], own_rate: float, rate: float, seconds: float, rng: np.random.Generator) -> Images:
    """Some pictures of a stretch, cropped, perhaps faster or slower, with what may happen in them."""
    step = own_rate / rate * float(rng.choice([1.0, 1.0, 1.0, 0.6, 1.6]))
    count = max(min(round(seconds * rate), int((len(held) - 1) / step) + 1), 3)
    step = min(step, (len(held) - 1) / count)
    first = rng.uniform(0, len(held) - 1 - (count - 1) * step)
    source = held[(first + np.arange(count) * step).astype(int)]
    share = rng.uniform(0.55, 1.0) if rng.random() < 0.5 else 0.8
    size = np.array([HELD[1], HELD[0]]) * share
    room = np.array([HELD[1], HELD[0]]) - size
    corner = np.tile(room * rng.uniform(0, 1, 2), (count, 1))
    zoom, blurred, trap = np.ones(count), np.zeros(count, bool), ""
    if count > 1.6 * rate:
        trap = str(rng.choice(["pan", "shake", "zoom", "flash", "dim", "", "", ""]))
    at = int(rng.integers(0.3 * rate, max(count - 0.3 * rate, 0.3 * rate + 1))) if trap else 0
    if trap == "pan":
        lasts = max(int(rng.uniform(0.15, 1.2) * rate), 1)
        way = np.clip((np.arange(count) - at) / lasts, 0, 1)[:, None]
        corner = room * (rng.uniform(0, 1, 2) * (1 - way) + rng.uniform(0, 1, 2) * way)
        blurred[at : at + lasts] = True
    elif trap == "shake":
        some = slice(at, min(at + int(rng.uniform(0.3, 1.5) * rate), count))
        corner[some] = room * rng.uniform(0.1, 0.9, (len(corner[some]), 2))
    elif trap == "zoom":
        way = np.clip((np.arange(count) - at) / max(int(rng.uniform(0.2, 2) * rate), 1), 0, 1)
        zoom = 1 - way * rng.uniform(0.1, 0.5)
    images = np.stack([
        _cropped(image, place + size * (1 - part) / 2, size * part)
        for image, place, part in zip(source, corner, zoom, strict=True)
    ]).astype(np.float32)  # fmt: skip
    for index in np.flatnonzero(blurred):
        images[index] = cv2.blur(images[index], (3, 1))
    if trap == "flash":
        lasts = max(round(rng.uniform(0.03, 0.12) * rate), 1)
        images[at : at + lasts] = images[at : at + lasts] * 0.3 + 255 * 0.7
    elif trap == "dim":
        images *= (1 - 0.5 * np.exp(-(((np.arange(count) - at) / (0.8 * rate)) ** 2)))[:, None, None, None]
    for _ in range(int(rng.choice([0, 0, 1, 1, 2]))):
        images = _happening(images, rate, rng)
    if rng.random() < 0.3:
        images = images[:, :, ::-1]
    if rng.random() < 0.3:
        images = images[::-1]
    if rng.random() < 0.3:
        images = images[..., rng.permutation(3)]
    gamma = rng.uniform(0.7, 1.4) if rng.random() < 0.4 else 1.0
    light = rng.uniform(0.25, 0.7) if rng.random() < 0.2 else rng.uniform(0.7, 1.0)
    images = 255 * np.clip(images / 255, 0, 1) ** gamma * light
    if rng.random() < 0.15:
        images = np.repeat(images.mean(axis=3, keepdims=True), 3, axis=3)
    return images.astype(np.float32)


def _cropped(image: NDArray[np.uint8], corner: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.uint8]:
    down, across = size[0] / HEIGHT, size[1] / WIDTH
    way = np.array([[across, 0, corner[1] + (across - 1) / 2], [0, down, corner[0] + (down - 1) / 2]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, way, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _happening(images: Images, rate: float, rng: np.random.Generator) -> Images:
    """Something covers a part of the picture for a while, or its light changes."""
    what = str(rng.choice(["blast", "blast", "passing", "lamp", "title", "box", "fog", "strobe", "growing"]))
    count = len(images)
    time = ((np.arange(count) - rng.integers(0, count)) / rate).astype(np.float32)[:, None, None]
    y, x = rng.uniform(0, HEIGHT), rng.uniform(0, WIDTH)
    colour = rng.uniform(0, 255, 3).astype(np.float32)
    if what == "lamp":
        gain = 1 + (rng.uniform(0.35, 1.8) - 1) * np.clip(time / rng.uniform(0.02, 1.5), 0, 1)
        lit = 1 / (1 + np.exp((X - x) / rng.uniform(2, 30))) if rng.random() < 0.5 else np.ones_like(X)
        return np.clip(images * (1 + (gain - 1) * lit)[..., None], 0, 255).astype(np.float32)
    if what == "strobe":
        lit = (rng.random((count, 1, 1)) < 0.25) & (time > 0) & (time < rng.uniform(0.3, 2))
        cover = np.where(lit, 0.6, 0.0) * np.ones_like(X)
        paint = np.full(3, 255 * rng.uniform(0.5, 1))
    elif what == "blast":
        rise, fall = rng.uniform(0.02, 0.4), rng.uniform(0.1, 1.5)
        force = np.exp(np.where(time < 0, time / rise, -time / fall)) * rng.uniform(0.5, 1)
        radius = rng.uniform(5, 45) * (0.5 + np.clip(time + 0.5, 0, 2))
        cover = np.exp(-((Y - y) ** 2 + (X - x) ** 2) / (2 * radius**2)) * force
        paint = np.array([255, rng.uniform(150, 255), rng.uniform(60, 255)])
    elif what == "passing":
        centre = WIDTH / 2 + rng.choice([-1, 1]) * rng.uniform(20, 120) * time
        cover = _soft(rng.uniform(8, 50) / 2 - np.abs(X - centre), rng.uniform(0.5, 4))
        paint = colour * rng.uniform(0.1, 1) + rng.normal(0, 12, (HEIGHT, WIDTH, 1))
    elif what == "growing":
        radius = np.clip(rng.uniform(3, 15) + time * rng.uniform(5, 40), 0, 60)
        cover = _soft(radius - np.hypot(Y - y, X - x), rng.uniform(0.5, 4)) * (time > 0)
        cover = cover * np.exp(-np.maximum(time - 1, 0) / 0.5)
        paint = colour + rng.normal(0, 25, (HEIGHT, WIDTH, 1))
    elif what == "fog":
        cover = np.exp(-((time / rng.uniform(0.5, 3)) ** 2)) * rng.uniform(0.2, 0.6) * np.ones_like(X)
        paint = cv2.resize(rng.uniform(80, 230, (5, 8)).astype(np.float32), (WIDTH, HEIGHT))[..., None]
    else:
        lasts = rng.uniform(0.02, 1.2)
        tall, broad = int(rng.integers(2, 16)), int(rng.integers(6, 40))
        top, left = int(rng.integers(0, HEIGHT - tall)), int(rng.integers(0, WIDTH - broad))
        part = np.zeros_like(X)
        part[top : top + tall, left : left + broad] = rng.random((tall, broad)) < (0.6 if what == "title" else 1.0)
        cover = part * np.clip(time / lasts, 0, 1)
        paint = np.full(3, 255.0 * (rng.random() < 0.8)) if what == "title" else colour
        if what == "title":
            cover = cover * np.clip((rng.uniform(0.5, 4) - time) / lasts, 0, 1)
    return np.clip(images * (1 - cover[..., None]) + paint * cover[..., None], 0, 255).astype(np.float32)


def _soft(inside: NDArray[np.floating], width: float) -> NDArray[np.floating]:
    return 1 / (1 + np.exp(np.clip(-inside / width, -30, 30)))


def _mixed(kind: str, old: Images, new: Images, rng: np.random.Generator) -> Images:
    """The pictures of a slow transition between as many of the old and of the new shot."""
    steps = len(old)
    share = (np.arange(steps) + 1) / (steps + 1)
    if rng.random() < 0.2:
        share = share**2 * (3 - 2 * share)
    if kind == "wipe":
        soft = rng.random() < 0.4
        place = ((X + 0.5) / WIDTH, 1 - (X + 0.5) / WIDTH, (Y + 0.5) / HEIGHT, 1 - (Y + 0.5) / HEIGHT)[rng.integers(4)]
        front = share[:, None, None] * (1.2 if soft else 1.0) - place
        cover = np.clip(front / (0.2 if soft else 0.02), 0, 1)[..., None]
    else:
        cover = share[:, None, None, None]
    if kind == "fade":
        hold = rng.uniform(0, 0.3) if rng.random() < 0.5 else 0.0
        seen = np.clip(np.abs(2 * cover - 1) * (1 + hold) - hold, 0, 1)
        blank = 255 * (rng.random() < 0.3)
        return (np.where(cover < 0.5, old, new) * seen + blank * (1 - seen)).astype(np.float32)
    return (old * (1 - cover) + new * cover).astype(np.float32)


def _spoilt(images: Images, rng: np.random.Generator) -> NDArray[np.uint8]:
    """With the noise of a camera, or drifting away from key frames as coarse encodings do."""
    if rng.random() < 0.45:
        images = images + rng.normal(0, rng.choice([1, 2, 4]), images.shape).astype(np.float32)
    if rng.random() < 0.3:
        since = np.arange(len(images)) % int(rng.integers(12, 60))
        drift = (since / max(int(since.max()), 1) * rng.uniform(0.5, 2.5)).astype(np.float32)
        images = images + drift[:, None, None, None] * np.sign(rng.normal(size=(1, HEIGHT, WIDTH, 1))).astype(
            np.float32
        )
    return np.clip(images, 0, 255).astype(np.uint8)
