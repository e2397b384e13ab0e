"""Dead time of a fixed camera: what stands still is there all the same, light and noise are nothing."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from avai import media
from avai.progress import quiet
from avai.services.deadtime import busy
from avai.services.greys import MOST, RATE, Gathering, Greys
from avai.services.seeing import NOTHING, Change, watch
from avai.services.spans import Stretch, covered

MARKS = Path(__file__).resolve().parents[2] / "benchmarks" / "dead_time.json"


@pytest.fixture(scope="module")
def place() -> np.ndarray:
    """An empty place: a floor that gets lighter, a dark door."""
    image = np.tile(np.linspace(90, 170, 48), (27, 1))
    image[4:18, 30:38] = 60
    return image


def seen(pictures: np.ndarray, cut: float | None = None) -> Change:
    """What ``watch`` would keep of these pictures (n, 27, 48), four a second; ``cut`` says when a shot ends."""
    times = np.arange(len(pictures)) / RATE
    none = np.zeros(len(times), np.float32)
    cuts = none.copy()
    if cut is not None:
        cuts[round(cut * RATE) - 1] = 1.0
    greys = Greys(times, np.clip(pictures, 0, 255).astype(np.uint8))
    return Change(times, none, none + 99, cuts, none, NOTHING, (), greys)


def still(place: np.ndarray, seconds: float, noise: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    return place + rng.normal(0, noise, (round(seconds * RATE), 27, 48))


def rated(kept: list[Stretch], truth: list[Stretch], seconds: float) -> tuple[float, float]:
    """Precision and recall of kept time."""
    a, b = (covered(spans, round(seconds * 100), 0.01) for spans in (kept, truth))
    both = (a & b).sum()
    return both / max(a.sum(), 1), both / max(b.sum(), 1)


def test_people_who_stand_in_one_spot_most_of_the_time_are_there(place: np.ndarray) -> None:
    pictures = still(place, 80)
    visits = [(4.0, 20.0), (24.0, 44.0), (47.0, 62.0), (65.0, 76.0)]
    rng = np.random.default_rng(1)
    for number, (start, end) in enumerate(visits):
        cloth = rng.uniform(10, 80, (14, 6)) if number != 2 else 230.0
        for at in range(round(start * RATE), round(end * RATE)):
            pictures[at, 10:24, 20 + at % 2 : 26 + at % 2] = cloth
    kept = busy(seen(pictures), 80.0)
    precision, recall = rated(kept, visits, 80.0)
    assert len(kept) == len(visits)
    assert precision > 0.97
    assert recall > 0.97


def test_light_and_noise_are_nothing(place: np.ndarray) -> None:
    pictures = still(place, 60, noise=3.0)
    pictures *= (1 + 0.2 * np.sin(np.arange(240) / 40))[:, None, None]
    pictures[120:140] *= 0.6
    pictures[200, 3, 3] = 255
    assert busy(seen(pictures), 60.0) == []


def test_what_enters_when_the_exposure_answers_is_there_just_as_long(place: np.ndarray) -> None:
    pictures = still(place, 40)
    pictures[60:100, 12:25, 10:18] = 250
    pictures[64:110] *= 0.6
    kept = busy(seen(pictures), 40.0)
    assert kept == [pytest.approx((15.0, 25.0), abs=0.26)]


def test_a_moving_camera_and_a_film_with_cuts_are_kept_whole(place: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    wide = np.kron(rng.uniform(20, 230, (9, 100)), np.ones((3, 4)))
    moving = np.stack([wide[:, at : at + 48] for at in range(160)])
    assert busy(seen(moving), 40.0) == [(0.0, 40.0)]
    other = np.kron(rng.uniform(20, 230, (9, 16)), np.ones((3, 3)))
    cut = np.concatenate([still(place, 10), still(other, 10), still(place, 20)])
    assert busy(seen(cut, cut=10.0), 40.0) == [(0.0, 40.0)]
    assert busy(seen(still(place, 20), cut=10.0), 20.0) == [], "a cut is reported where none is"


def test_very_short_and_empty_films_are_kept_whole(place: np.ndarray) -> None:
    assert busy(seen(still(place, 1)), 1.0) == [(0.0, 1.0)]
    assert busy(seen(np.zeros((0, 27, 48))), 0.0) == []


def test_small_pictures_are_kept_four_a_second_and_fewer_of_a_long_film() -> None:
    image = np.full((27, 48, 3), 100, np.uint8)
    short, long = Gathering(10.0), Gathering(10 * 3600.0)
    for frame in range(250):
        short.see(frame / 25, image)
    for frame in range(10 * 3600):
        long.see(float(frame), image)
    assert np.allclose(short.all().times, np.arange(40) / 4, atol=0.04)
    assert len(long.all().times) == MOST
    assert long.all().pictures.nbytes < 20_000_000


def test_what_a_film_shows_is_found_in_one_decode(photographs: list[np.ndarray], tmp_path: Path) -> None:
    tower, parked = photographs[2], photographs[2].copy()
    parked[120:260, 100:300] = photographs[3][100:240, 100:300]
    with av.open(str(tmp_path / "parked.mp4"), "w") as film:
        video = film.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 480, 270, "yuv420p"
        for number in range(160):
            image = parked if 50 <= number < 110 else tower
            film.mux(video.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        film.mux(video.encode())
    info = media.probe(tmp_path / "parked.mp4")
    change = watch(tmp_path / "parked.mp4", info, quiet)
    assert change.greys.pictures.shape == (64, 27, 48)
    assert busy(change, info.duration) == [pytest.approx((5.0, 11.0), abs=0.15)]


@pytest.mark.parametrize("name", ["traffic_cars_from_above.mp4", "fixed_camera_people_in_room.mp4"])
def test_cars_and_people_are_there_when_marked(shared: Path, name: str) -> None:
    path = shared / "media" / name
    info = media.probe(path)
    truth = [(a, b) for a, b in json.loads(MARKS.read_text(encoding="utf-8"))[name]]
    precision, recall = rated(busy(watch(path, info, quiet), info.duration), truth, info.duration)
    assert precision >= 0.9
    assert recall >= 0.95


def test_a_hand_held_camera_is_kept_whole(shared: Path) -> None:
    path = shared / "media" / "animal_cockatoo.mp4"
    info = media.probe(path)
    assert busy(watch(path, info, quiet), info.duration) == [(0.0, info.duration)]


def test_daylight_may_wander_in_a_long_film(place: np.ndarray) -> None:
    """Two hours, one picture a second: one side of the place gets lighter and darker, somebody comes now and then."""
    rng = np.random.default_rng(3)
    light = 1 + 0.15 * np.sin(np.arange(7200) / 7200 * 2 * np.pi)[:, None, None] * np.linspace(0, 1, 48)
    pictures = light * place + rng.normal(0, 1, (7200, 27, 48))
    visits = [(float(at), at + 120.0) for at in range(600, 7000, 900)]
    for start, end in visits:
        pictures[round(start) : round(end), 5:19, 10:16] = 20
    greys = Greys(np.arange(7200.0), np.clip(pictures, 0, 255).astype(np.uint8))
    none = np.zeros(7200, np.float32)
    precision, recall = rated(
        busy(Change(greys.times, none, none, none, none, NOTHING, (), greys), 7200.0), visits, 7200
    )
    assert precision > 0.98
    assert recall > 0.98
