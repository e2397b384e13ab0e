"""The small moving picture: it loops, it is small, it shows the pieces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from avai import media
from avai.progress import quiet
from avai.services import glimpse as module
from avai.services.glimpse import glimpse


def opened(path: Path) -> Image.Image:
    assert path.stat().st_size <= 700_000
    image = Image.open(path)
    assert image.format == "WEBP"
    return image


@pytest.fixture(scope="module")
def scenes(film: Callable[..., Path], photographs: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("film") / "abcd.mp4", [(photograph, 3.0) for photograph in photographs])


def test_it_loops_over_all_pieces(scenes: Path, photographs: list[np.ndarray], tmp_path: Path) -> None:
    glimpse(scenes, [(3.0 * number, 3.0 * number + 3) for number in range(4)], tmp_path / "preview.webp", quiet)
    image = opened(tmp_path / "preview.webp")
    assert image.size == (320, 180)
    assert image.info["loop"] == 0
    assert image.n_frames == 36
    wanted = [np.asarray(Image.fromarray(each).resize((320, 180)), float)[::4, ::4] for each in photographs]
    for number in range(4):
        image.seek(9 * number)
        image.load()
        assert image.info["duration"] == 167
        shown = np.asarray(image.convert("RGB"), float)[::4, ::4]
        assert int(np.argmin([abs(shown - each).mean() for each in wanted])) == number
    assert [each.name for each in tmp_path.iterdir()] == ["preview.webp"]


def test_a_long_piece_is_shown_at_several_places_and_many_pieces_in_part(scenes: Path, tmp_path: Path) -> None:
    for name, pieces in (("one", [(0.0, 12.0)]), ("many", [(number / 2, number / 2 + 0.5) for number in range(24)])):
        glimpse(scenes, pieces, tmp_path / name, quiet)
        assert 20 <= opened(tmp_path / name).n_frames <= 36


@pytest.mark.parametrize(
    ("name", "size", "count"), [("one_frame.mp4", (320, 180), 1), ("rotated_portrait.mp4", (180, 320), None)]
)
def test_one_frame_and_upright(
    name: str, size: tuple[int, int], count: int | None, shared: Path, tmp_path: Path
) -> None:
    clip = shared / "media" / "odd" / name
    times = media.frame_times(clip)
    glimpse(clip, [(float(times.times[0]), float(times.end))], tmp_path / "preview.webp", quiet)
    image = opened(tmp_path / "preview.webp")
    assert image.size == size
    assert count is None or image.n_frames == count


def test_what_compresses_badly_loses_quality_rather_than_grow(
    film: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    noise = [(rng.integers(0, 255, (270, 480, 3), np.uint8), 0.2) for _ in range(15)]
    clip = film(tmp_path / "noise.mp4", noise)
    glimpse(clip, [(0, 3)], tmp_path / "fine.webp", quiet)
    monkeypatch.setattr(module, "MOST_BYTES", (tmp_path / "fine.webp").stat().st_size - 1)
    glimpse(clip, [(0, 3)], tmp_path / "coarse.webp", quiet)
    assert (tmp_path / "coarse.webp").stat().st_size < (tmp_path / "fine.webp").stat().st_size
