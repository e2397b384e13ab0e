"""Where shots end: cuts, dissolves, fades and wipes of known films, and what is none of these."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from avai import media
from avai.contracts import Shot
from avai.networks import registry
from avai.progress import quiet
from avai.services.ends import CHUNK, Ends, judged
from avai.services.seeing import shots, watch

Images = list[np.ndarray]
SIZE = (192, 108)


def take(photograph: np.ndarray, count: int, speed: float = 0.5) -> Images:
    """A slow pan over a photograph."""
    wide = cv2.resize(photograph, (SIZE[0] * 3 // 2, SIZE[1] * 3 // 2), interpolation=cv2.INTER_AREA)
    room = wide.shape[1] - SIZE[0]
    images = []
    for number in range(count):
        x = int(abs((number * speed) % (2 * room) - room))
        images.append(wide[20 : 20 + SIZE[1], x : x + SIZE[0]])
    return images


def mixed(old: Images, new: Images) -> Images:
    steps = len(old)
    return [
        cv2.addWeighted(a, 1 - (i + 1) / (steps + 1), b, (i + 1) / (steps + 1), 0)
        for i, (a, b) in enumerate(zip(old, new, strict=True))
    ]


def faded(old: Images, new: Images) -> Images:
    black = [np.zeros_like(old[0])] * len(old)
    half = len(old) // 2
    return mixed(old[:half], black[:half]) + mixed(black[half:], new[half:])


def wiped(old: Images, new: Images) -> Images:
    steps = len(old)
    found = []
    for index, (a, b) in enumerate(zip(old, new, strict=True)):
        edge = round((index + 1) / (steps + 1) * SIZE[0])
        found.append(np.concatenate([b[:, :edge], a[:, edge:]], axis=1))
    return found


def written(path: Path, images: Images, rate: int = 25, codec: str = "libx264", **options: str) -> Path:
    with av.open(str(path), "w") as film:
        video = film.add_stream(codec, rate=rate, options=options)
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            film.mux(video.encode(frame))
        film.mux(video.encode())
    return path


def found(path: Path) -> tuple[Shot, ...]:
    info = media.probe(path)
    return shots(watch(path, info, quiet), info.duration)


@pytest.mark.parametrize(
    ("codec", "rate", "options"),
    [
        ("libx264", 25, {"crf": "23"}),
        ("libx264", 60, {"crf": "26", "preset": "veryfast"}),
        ("libx264", 30, {"crf": "30", "g": "9999", "sc_threshold": "0"}),
        ("mpeg4", 24, {"qscale": "5", "g": "12"}),
        ("libvpx-vp9", 25, {"crf": "36", "b": "0", "deadline": "realtime", "cpu-used": "8"}),
    ],
)
def test_cuts_are_on_the_frame(
    tmp_path: Path, photographs: Images, codec: str, rate: int, options: dict[str, str]
) -> None:
    lengths = [2.0, 0.5, 1.5, 3.0, 0.5, 2.0]
    images: Images = []
    edges = []
    for number, seconds in enumerate(lengths):
        images += take(photographs[number % 4], round(seconds * rate), 25 / rate)
        edges.append(len(images) / rate)
    suffix = ".webm" if "vp9" in codec else ".mp4"
    got = found(written(tmp_path / f"cuts{suffix}", images, rate, codec, **options))
    assert [shot.start for shot in got[1:]] == pytest.approx(edges[:-1], abs=0.25 / rate)
    assert {shot.transition for shot in got[1:]} == {"cut"}


@pytest.mark.parametrize(
    ("how", "kind", "lasts"),
    [
        *((mixed, "dissolve", lasts) for lasts in (0.4, 1.0, 2.0)),
        *((faded, "fade", lasts) for lasts in (0.4, 1.0, 2.0)),
        *((wiped, "dissolve", lasts) for lasts in (0.4, 1.0, 1.5)),
    ],
)
def test_a_slow_transition_is_one_and_its_middle_the_edge(
    tmp_path: Path, photographs: Images, how: Callable[[Images, Images], Images], kind: str, lasts: float
) -> None:
    steps = round(lasts * 25)
    old, new = take(photographs[0], 75 + steps), take(photographs[2], 75 + steps)
    images = old[:75] + how(old[75:], new[:steps]) + new[steps:]
    (first, second) = found(written(tmp_path / "slow.mp4", images, crf="23"))
    assert first.end == second.start == pytest.approx(3.0 + lasts / 2, abs=0.12 + lasts / 8)
    assert second.transition == kind
    assert second.lasts == pytest.approx(lasts, abs=0.12 + lasts / 4)


def test_flashes_pans_and_shake_are_no_cuts(tmp_path: Path, photographs: Images) -> None:
    rng = np.random.default_rng(3)
    images = take(photographs[1], 102)
    images[50:52] = [cv2.addWeighted(image, 0.3, np.full_like(image, 255), 0.7, 0) for image in images[50:52]]
    wide = cv2.resize(photographs[1], (SIZE[0] * 3 // 2, SIZE[1] * 3 // 2), interpolation=cv2.INTER_AREA)
    for _ in range(25):
        y, x = rng.integers(0, 40), rng.integers(0, 80)
        images.append(wide[y : y + SIZE[1], x : x + SIZE[0]])
    panned = take(photographs[1], 8, speed=12.0)
    images += [cv2.blur(image, (15, 1)) for image in panned] + [panned[-1]] * 40
    assert len(found(written(tmp_path / "calm.mp4", images, crf="28", g="12"))) == 1


def test_pieces_of_a_long_film_are_judged_as_the_whole(photographs: Images) -> None:
    tiny = [cv2.resize(image, (48, 27), interpolation=cv2.INTER_AREA) for image in photographs]
    images = [np.roll(tiny[(number // 70) % 4], number // 6, axis=1) for number in range(CHUNK * 2 + 130)]
    ends = Ends(lambda: None)
    for image in images:
        ends.see(image)
    together = judged(np.stack(images), lambda: None)
    apart = ends.all()
    assert apart.shape == together.shape == (len(images), 2)
    assert np.flatnonzero(apart[:, 0] >= 0.5).tolist() == np.flatnonzero(together[:, 0] >= 0.5).tolist()
    assert np.flatnonzero(apart[:, 0] >= 0.5).tolist() == list(range(69, len(images) - 1, 70))


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_few_pictures_have_no_ends(count: int) -> None:
    ends = Ends(lambda: None)
    for _ in range(count):
        ends.see(np.full((27, 48, 3), 90, np.uint8))
    assert ends.all().shape == (count, 2)
    assert (ends.all() < 0.5).all()


def test_what_is_in_doubt_is_judged_from_its_surroundings_as_from_all(gradio_media: Path) -> None:
    names = ("a.mp4", "world.mp4")
    a, b = (
        np.stack([frame.image for frame in media.frames(gradio_media / "videos" / name, size=(48, 27))])[:100]
        for name in names
    )
    images = np.concatenate([a, b])
    whole = registry.shots().transitions(images)
    near = registry.shots().near(images, [len(a), 20, len(images) - 1])
    assert near.shape == (3, 28)
    assert int(near[0].argmax()) + len(a) - 14 == int(whole.argmax()) == len(a) - 1
    assert near[1:].max() < 0.2
