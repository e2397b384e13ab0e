"""Where real media is, and skips that say what is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_folder() -> Path:
    return Path(os.environ.get("AVAI_SHARED") or ROOT.parent / "shared")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared media and data; the test is skipped when it is not there."""
    folder = shared_folder()
    if not (folder / "media" / "SOURCES.csv").exists():
        pytest.skip(f"shared media not found at {folder}")
    return folder


@pytest.fixture(scope="session")
def gradio_media() -> Path:
    """Real videos, sounds and photographs that gradio's package carries (found without importing gradio)."""
    from importlib.util import find_spec

    spec = find_spec("gradio")
    assert spec and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "media_assets"
