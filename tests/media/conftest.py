"""Clips that a script makes, once a session."""

from __future__ import annotations

from pathlib import Path

import pytest
from odd import make


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Awkward files by name."""
    return make.make_all(tmp_path_factory.mktemp("odd"))
