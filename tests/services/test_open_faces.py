"""Pictures that stand for a film show people openly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from avai import media
from avai.networks.faces import Found
from avai.progress import quiet
from avai.services import seeing
from avai.services.choice import CLEAR, choose
from training import real


def hidden(portrait: np.ndarray) -> np.ndarray:
    """The portrait with the face made unknowable, as people's are who did not ask to be seen."""
    unknown = portrait.copy()
    unknown[100:345, 140:385] = cv2.GaussianBlur(portrait, (0, 0), 13)[100:345, 140:385]
    return unknown


def looked(images: list[np.ndarray]) -> seeing.Looks:
    return seeing.looked([media.Frame(Fraction(second), image) for second, image in enumerate(images)])


def brighter(image: np.ndarray, by: int) -> np.ndarray:
    return cv2.convertScaleAbs(image, beta=by)


def test_a_face_is_seen_openly_when_it_is_large_and_turned_this_way() -> None:
    portrait = real.portrait()
    far = cv2.copyMakeBorder(portrait, 1500, 700, 1100, 1100, cv2.BORDER_REPLICATE)
    far = cv2.resize(far, portrait.shape[1::-1], interpolation=cv2.INTER_AREA)
    uniform = cv2.resize(portrait[360:], portrait.shape[1::-1])
    near, small, none = looked([portrait, far, uniform]).face
    assert near > 0.8
    assert 0 < small < 0.6 * near
    assert none == 0


def test_openness_counts_the_best_seen_face_and_the_shorter_side() -> None:
    boxes = np.array([[0.1, 0.1, 0.2, 0.2], [0.5, 0.2, 0.9, 0.6]], np.float32)
    found = Found(boxes, np.array([0.9, 0.75], np.float32))
    assert seeing.openness(found, (200, 200, 3)) == pytest.approx(0.5, abs=1e-3)
    assert seeing.openness(found, (400, 100, 3)) == pytest.approx(1.0, abs=1e-3)
    assert seeing.openness(Found(boxes[:0], boxes[:0, 0]), (200, 200, 3)) == 0


def test_of_frames_that_show_the_same_the_one_with_an_open_face_is_chosen() -> None:
    portrait = real.portrait()
    images = [brighter(hidden(portrait), by) for by in (-4, -2, 0, 2, 4)] + [brighter(portrait, by) for by in (-3, 3)]
    looks = looked(images)
    (index,) = choose(looks, 1, ())
    assert index >= 5
    (index,) = choose(replace(looks, face=np.zeros_like(looks.face)), 1, ())
    assert index < 5


def test_a_face_in_a_spoilt_frame_is_not_preferred() -> None:
    portrait = real.portrait()
    spoilt = cv2.GaussianBlur(portrait, (0, 0), 5)
    looks = looked([brighter(hidden(portrait), by) for by in (-2, 0, 2)] + [spoilt])
    looks = replace(looks, face=np.array([0, 0, 0, 1], np.float32))
    assert looks.good[3] < 0.5
    assert choose(looks, 1, ())[0] < 3


def test_looks_of_a_film_know_faces(film: Callable[..., Path], photographs: list[np.ndarray], tmp_path: Path) -> None:
    portrait = cv2.resize(real.portrait()[:288], (480, 270), interpolation=cv2.INTER_AREA)
    clip = film(tmp_path / "film.mp4", [(photographs[2], 2.0), (portrait, 2.0)])
    looks = seeing.look_often(clip, 4.0, quiet)
    assert (looks.face[looks.times < 1.9] == 0).all()
    assert (looks.face[looks.times > 2.1] > CLEAR).all()
    assert looks.those(np.array([0])).face.shape == (1,)


@pytest.mark.parametrize(("name", "least"), [("film_tears_of_steel_battle.webm", 3), ("talk_webcam_art_critic.mp4", 1)])
def test_the_pictures_of_a_film_with_people_show_faces(shared: Path, name: str, least: int) -> None:
    clip = shared / "media" / name
    looks = seeing.look_often(clip, float(media.probe(clip).duration), quiet)
    chosen = np.isin(looks.times, choose(looks, 6, ()))
    assert np.sum(looks.face[chosen] >= CLEAR) >= least


@pytest.mark.parametrize("name", ["fixed_camera_people_in_room.mp4", "traffic_cars_from_above.mp4"])
def test_no_face_is_seen_where_there_is_none(shared: Path, name: str) -> None:
    clip = shared / "media" / name
    assert seeing.look(clip, float(media.probe(clip).duration), quiet).face.max() < CLEAR
