from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from avai.config import MODELS
from avai.networks.registry import Registry


@pytest.fixture
def copied(tmp_path: Path) -> Registry:
    """A registry over a copy of models/ that a test may spoil."""
    folder = tmp_path / "models"
    shutil.copytree(MODELS, folder)
    return Registry(folder)
