"""The window of a crop follows the subject: faces first, then what moves, jumping at cuts alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from avai import media
from avai.networks import registry
from avai.progress import quiet
from avai.services import seeing
from avai.services.framing import FASTEST, crop_path, moves
from training import real

SIZE = (480, 270)
RATE = 25
TALL = Fraction(9, 16)
WIDTH = 270 * 9 / 16 / 480  # of the window, in parts of the picture


def film(path: Path, pictures) -> Path:
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=RATE, options={"crf": "18", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        for number, image in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path


def ground(seed: int) -> np.ndarray:
    """Something like a wall: large soft patches."""
    noise = np.random.default_rng(seed).uniform(70, 130, (9, 16, 3)).astype(np.float32)
    return cv2.resize(noise, SIZE, interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)


def with_person(back: np.ndarray, x: float) -> np.ndarray:
    """A portrait whose face has its middle at ``x`` of the width."""
    portrait = cv2.resize(real.portrait(), (210, 246), interpolation=cv2.INTER_AREA)
    image = back.copy()
    left = round(x * SIZE[0]) - 105
    a, b = max(left, 0), min(left + 210, SIZE[0])
    image[24:270, a:b] = portrait[:, a - left : b - left]
    return image


def with_ball(back: np.ndarray, x: float) -> np.ndarray:
    return cv2.circle(back.copy(), (round(x * SIZE[0]), 150), 24, (240, 240, 60), -1)


def walk(number: int) -> float:
    """From the left to the right in six seconds, resting at both ends."""
    return 0.25 + 0.5 * float(np.clip((number / RATE - 1) / 4, 0, 1))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory) -> Path:
    """A person walks to the right; cut; a ball rolls to the left; cut; nothing."""
    pictures = [with_person(ground(1), walk(number)) for number in range(150)]
    pictures += [with_ball(ground(2), 1 - walk(number)) for number in range(150)]
    pictures += [ground(3)] * 50
    return film(tmp_path_factory.mktemp("framing") / "scenes.mp4", pictures)


SHOTS = [(0.0, 6.0), (6.0, 12.0), (12.0, 14.0)]


def test_the_subject_stays_in_the_window(scenes) -> None:
    path = crop_path(scenes, media.probe(scenes), TALL, SHOTS)
    for number in range(300):
        x = walk(number) if number < 150 else 1 - walk(number - 150)
        at = path.at(Fraction(number, RATE))[0]
        assert abs(at - x) < WIDTH / 2 - 0.02, number
    assert path.at(12.5) == (0.5, 0.5)


def test_it_moves_smoothly_and_jumps_at_cuts_alone(scenes) -> None:
    path = crop_path(scenes, media.probe(scenes), TALL, SHOTS)
    xs = np.array([path.at(Fraction(number, RATE)) for number in range(350)])
    assert (np.abs(xs[:, 1] - 0.5) < 1e-9).all()  # the window is as high as the picture
    steps = np.abs(np.diff(xs[:, 0]))
    jumps = set(np.flatnonzero(steps > FASTEST / RATE + 1e-6) + 1)
    assert jumps <= {150, 300}
    inner = np.delete(np.diff(xs[:, 0], 2), [148, 149, 298, 299])
    assert np.abs(inner).max() < 0.006  # no jerk: three pixels of 480


def test_one_who_only_nods_is_not_followed(tmp_path) -> None:
    nods = [0.7 + 0.02 * np.sin(number / 5) for number in range(100)]
    clip = film(tmp_path / "nod.mp4", [with_person(ground(4), x) for x in nods])
    path = crop_path(clip, media.probe(clip), TALL, [(0.0, 4.0)])
    places = {path.at(Fraction(number, RATE)) for number in range(100)}
    assert len(places) == 1
    assert places.pop()[0] == pytest.approx(0.7, abs=0.03)


def test_only_what_is_kept_is_looked_at(scenes) -> None:
    calls: list[float] = []
    kept = [(7.0, 8.0), (9.0, 10.0)]
    path = crop_path(scenes, media.probe(scenes), TALL, SHOTS, kept, lambda done, what: calls.append(done))
    assert len(calls) == 4
    for number in (180, 195, 230, 245):
        assert abs(path.at(Fraction(number, RATE))[0] - (1 - walk(number - 150))) < WIDTH / 2 - 0.02


def test_what_moves_before_a_still_camera() -> None:
    one = np.full((36, 64), 100, np.float32)
    other = one.copy()
    other[10:14, 48:52] = 200
    assert moves(one, other) == pytest.approx((50 / 64, 12 / 36), abs=0.03)
    assert np.isnan(moves(one, one + 40)).all()  # light was switched on
    assert np.isnan(moves(one, one)).all()


def test_a_window_as_wide_as_the_picture_stands_still(scenes) -> None:
    path = crop_path(scenes, media.probe(scenes), Fraction(16, 9), SHOTS)
    assert {path.at(time) for time in (0, 3, 7, 13)} == {(0.5, 0.5)}


@pytest.mark.parametrize(
    ("name", "start", "end"), [("talk_webcam_art_critic.mp4", 0, 13), ("film_sintel_trailer.mp4", 12, 36)]
)
def test_faces_of_real_films_are_in_the_window(shared, name, start, end) -> None:
    """Of the faces that are found a third of a second beside the looks, the largest of each picture is inside."""
    clip = shared / "media" / name
    info = media.probe(clip)
    shots = [(shot.start, shot.end) for shot in seeing.shots(seeing.watch(clip, info, quiet), info.duration)]
    path = crop_path(clip, info, TALL, shots, [(start, end)])
    window = info.video.height * float(TALL) / info.video.width
    inside = []
    for frame in media.frames(clip, size=320, rate=3, start=Fraction(start) + Fraction(1, 5), end=end):
        found = registry.faces().find([frame.image])[0]
        if len(found.boxes):
            box = found.boxes[(found.boxes[:, 3] - found.boxes[:, 1]).argmax()]
            inside.append(abs((box[0] + box[2]) / 2 - path.at(frame.time)[0]) < window / 2)
    assert len(inside) >= 10
    assert np.mean(inside) >= 0.9
    times = np.arange(start, end, 0.04)
    fast = np.flatnonzero(np.abs(np.diff([path.at(time)[0] for time in times])) > FASTEST * 0.04 + 1e-6)
    cuts = np.array([begin for begin, _ in shots])
    assert all(np.abs(cuts - times[at]).min() <= 0.05 for at in fast)
