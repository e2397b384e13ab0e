"""Where faces are."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from avai.networks import faces, registry
from training import originals, real

PORTRAIT = (0.34, 0.23, 0.72, 0.56)
"""The face in the portrait: left, top, right, bottom."""


def shared_part(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    inner = float(np.prod(np.maximum(sides, 0)))
    return inner / float(np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - inner)


def test_faces_equal_their_original() -> None:
    originals.compare("faces", originals.faces_row(*registry.faces().judged(originals.faces_input())))


def test_one_face_is_found_where_it_is() -> None:
    (found,) = registry.faces().find([real.portrait()])
    assert found.scores.shape == (1,)
    assert found.scores[0] > 0.8
    assert shared_part(found.boxes[0], np.array(PORTRAIT)) > 0.7


@pytest.mark.parametrize("border", [(0, 0, 500, 100), (300, 100, 0, 0), (400, 400, 50, 900)])
def test_its_place_follows_the_picture(border: tuple[int, int, int, int]) -> None:
    """Upright or wide, the box is of the same part of the photograph."""
    portrait = real.portrait()
    height, width = portrait.shape[:2]
    top, bottom, left, right = border
    larger = cv2.copyMakeBorder(portrait, top, bottom, left, right, cv2.BORDER_REPLICATE)
    (found,) = registry.faces().find([larger])
    sizes, corner = np.tile(larger.shape[1::-1], 2), np.tile((left, top), 2)
    (box,) = (found.boxes * sizes - corner) / np.tile((width, height), 2)
    assert shared_part(box, np.array(PORTRAIT)) > 0.7


def test_two_people_are_two_faces_and_many_answers_one() -> None:
    (found,) = registry.faces().find([np.concatenate([real.portrait(), real.portrait()[:, ::-1]], axis=1)])
    assert len(found.scores) == 2
    assert sorted(found.boxes[:, [0, 2]].mean(axis=1)) == pytest.approx([0.26, 0.74], abs=0.03)


@pytest.mark.parametrize("name", ["lion.jpg", "cheetah.jpg", "tower.jpg"])
def test_animals_and_buildings_have_none(gradio_media: Path, name: str) -> None:
    (found,) = registry.faces().find([real.picture(gradio_media / "images" / name)])
    assert found.boxes.shape == (0, 4)
    assert found.scores.shape == (0,)


def test_pictures_of_any_size_together_and_none(gradio_media: Path) -> None:
    tower = real.picture(gradio_media / "images" / "tower.jpg")
    portrait = real.portrait()
    mixed = [tower, portrait, np.zeros((1, 700, 3), np.uint8), portrait[::3, ::3], np.zeros((5, 1, 3), np.uint8)]
    assert [len(found.scores) for found in registry.faces().find(mixed)] == [0, 1, 0, 1, 0]
    assert registry.faces().find([]) == []


def test_batches_do_not_change_what_is_found() -> None:
    small = cv2.resize(real.portrait(), (160, 188), interpolation=cv2.INTER_AREA)
    shifted = np.stack([np.roll(small, by, axis=1) for by in range(-9, 10)])
    together = registry.faces().find(shifted)
    (alone,) = registry.faces().find(shifted[17:18])
    np.testing.assert_allclose(together[17].boxes, alone.boxes, atol=1e-3)


def test_overlapping_boxes_are_one_with_the_surest_score() -> None:
    boxes = np.array([[0, 0, 10, 10], [2, 0, 12, 10], [40, 40, 50, 50], [0, 1, 10, 11]], np.float32)
    kept, scores = faces.merged(boxes, np.array([0.9, 0.6, 0.5, 0.5], np.float32))
    np.testing.assert_allclose(kept, [[0.6, 0.25, 10.6, 10.25], [40, 40, 50, 50]], atol=1e-5)
    np.testing.assert_allclose(scores, [0.9, 0.5])


def test_faces_of_a_film_and_none_where_people_turn_away(shared: Path) -> None:
    talking = real.pictures(shared / "media" / "talk_webcam_art_critic.mp4", (320, 147), every=120)[1:6]
    turned = real.pictures(shared / "media" / "fixed_camera_people_in_room.mp4", (320, 180), every=100)
    assert [len(found.scores) for found in registry.faces().find(talking)] == [1] * len(talking)
    assert [len(found.scores) for found in registry.faces().find(turned)] == [0] * len(turned)
