"""Stills as a person sees them: upright, in their colours, what is transparent on white."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avai import media
from avai.errors import RequestError


def test_real_odd_stills_look_alike(shared: Path) -> None:
    odd = shared / "media" / "odd"
    upright = media.still(odd / "exif_rotated.jpg", size=200).astype(float)
    assert upright.shape == (134, 200, 3)
    for name in ("cmyk.jpg", "jpeg_renamed.png"):
        assert np.abs(media.still(odd / name, size=200) - upright).mean() < 3
    grey = media.still(odd / "grey_16bit.png", size=200).astype(float)
    assert np.abs(grey.mean(axis=2) - upright @ [0.299, 0.587, 0.114]).mean() < 3
    assert (media.still(odd / "transparent.webp")[0, 0] == 255).all()


def test_a_still_that_breaks_off_is_refused(tmp_path: Path) -> None:
    media.write_jpeg(tmp_path / "a.jpg", np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8))
    assert media.still(tmp_path / "a.jpg").shape == (64, 96, 3)
    assert media.still(tmp_path / "a.jpg", size=48).shape == (32, 48, 3)
    (tmp_path / "a.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:1500])
    with pytest.raises(RequestError, match="damaged"):
        media.still(tmp_path / "a.jpg")
