"""The networks that see: likeness of frames, good stills, ends of shots."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from avai.networks import frame, registry
from avai.networks.shots import HEIGHT, WIDTH, histograms
from training import originals, real


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_frame_equals_its_original() -> None:
    stored = registry.frame().look(originals.frame_input()).embedding
    originals.compare("frame", stored, most=0.05)  # the stored file is float16; the exact one is within 2e-5


def nearer_within_than_across(videos: list[np.ndarray]) -> bool:
    seen = [registry.frame().look(images).embedding for images in videos]
    within = min(likeness(own[0], own[1]) for own in seen)
    across = max(likeness(a[0], b[1]) for a in seen for b in seen if a is not b)
    return within > across + 0.1


def test_two_frames_of_one_video_are_nearer_than_frames_of_two(gradio_media: Path) -> None:
    names = ("a.mp4", "world.mp4")
    assert nearer_within_than_across(
        [real.pictures(gradio_media / "videos" / name, (320, 180), every=40)[1:3] for name in names]
    )


def test_frames_of_real_videos_are_told_apart(shared: Path) -> None:
    names = ("animal_cockatoo.mp4", "nature_flower_timelapse.mp4", "sport_squats_portrait.mp4")
    assert nearer_within_than_across(
        [real.pictures(shared / "media" / name, (320, 180), every=30)[:2] for name in names]
    )


def test_pictures_of_any_size_and_none(gradio_media: Path) -> None:
    photograph = real.picture(gradio_media / "images" / "tower.jpg")
    small = cv2.resize(photograph, (97, 131), interpolation=cv2.INTER_AREA)
    look = registry.frame().look([photograph, small])
    assert look.embedding.shape == (2, frame.EMBEDDING)
    assert look.early.shape == (2, frame.EARLY)
    assert likeness(*look.embedding) > 0.7
    assert registry.frame().look([]).early.shape == (0, frame.EARLY)


def test_batches_do_not_change_what_is_seen(gradio_media: Path) -> None:
    images = real.pictures(gradio_media / "videos" / "a.mp4", (160, 90))[:19]
    together = registry.frame().look(images).embedding
    np.testing.assert_allclose(together[17], registry.frame().look(images[17:18]).embedding[0], atol=1e-3)


@pytest.mark.parametrize("name", ["tower.jpg", "lion.jpg"])
def test_spoilt_pictures_are_worse_stills(gradio_media: Path, name: str) -> None:
    photograph = real.picture(gradio_media / "images" / name)
    photograph = cv2.resize(photograph, (480, 320), interpolation=cv2.INTER_AREA)
    spoilt = [
        cv2.GaussianBlur(photograph, (0, 0), 6),
        (photograph * 0.06).astype(np.uint8),
        np.clip(photograph * 4.0 + 40, 0, 255).astype(np.uint8),
        np.zeros_like(photograph),
        np.full_like(photograph, 255),
    ]
    good = registry.still().good(registry.frame().look([photograph, *spoilt]).early)
    assert good[0] > 0.6
    assert (good[1:] < good[0] - 0.2).all()


def test_shots_equal_their_original() -> None:
    stored = registry.shots().transitions(originals.shots_input())
    originals.compare("shots", stored, most=0.05)  # int8 and windows of 200; the exact one is within 1e-6


def test_a_shot_ends_where_two_videos_are_joined(gradio_media: Path) -> None:
    a, b = (real.pictures(gradio_media / "videos" / name, (WIDTH, HEIGHT)) for name in ("a.mp4", "world.mp4"))
    ends = registry.shots().transitions(np.concatenate([a[20:97], b[:120]]))
    assert ends.shape == (197,)
    assert int(np.argmax(ends)) == 76
    assert ends[76] > 0.5
    assert (np.delete(ends, [75, 76, 77]) < 0.5).all()


@pytest.mark.parametrize("length", [0, 1, 149, 150, 151])
def test_any_number_of_frames(length: int) -> None:
    ends = registry.shots().transitions(np.full((length, HEIGHT, WIDTH, 3), 90, np.uint8))
    assert ends.shape == (length,)
    assert (ends < 0.1).all()


def test_known_cuts_of_a_film_are_found(shared: Path) -> None:
    """The first half minute of Big Buck Bunny has three hard cuts."""
    images = real.pictures(shared / "media" / "film_big_buck_bunny_30s.mp4", (WIDTH, HEIGHT))
    ends = registry.shots().transitions(images) > 0.5
    assert 3 <= np.sum(ends[1:] & ~ends[:-1]) <= 5


def test_histograms_count_colours() -> None:
    images = np.zeros((2, 1, 2, 3), np.uint8)
    images[1, 0] = [[255, 0, 0], [0, 0, 40]]
    found = histograms(images)
    assert found[0, 0] == 1
    assert found[1, 7 << 6] == pytest.approx(0.5**0.5)
    assert found[1, 1] == pytest.approx(0.5**0.5)
