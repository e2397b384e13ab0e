"""When something is there in the picture of a fixed camera."""

from __future__ import annotations

from avai.services.seeing import Change
from avai.services.spans import Stretch


def busy(change: Change, duration: float) -> list[Stretch]:
    """For now: always."""
    return [(0.0, duration)]
