"""Card: what a taught model is. No network is loaded for it, so it is told at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from avai.contracts import CardRequest, ModelCard
from avai.progress import Progress, quiet
from avai.services.models import model_of


def card(request: CardRequest, out: Path, progress: Progress = quiet) -> ModelCard:
    """What the file says of itself, as far as it is of use; writes ``card.json``. ``RequestError`` as ``model_of``."""
    model = model_of(request.model)
    result = ModelCard(
        kind=model.kind,
        method=model.method,
        classes=model.classes,
        accuracy=_share(model.figures.get("accuracy")),
        low=_share(model.figures.get("low")),
        high=_share(model.figures.get("high")),
        made=model.made[:40],
        files=("card.json",),
    )
    (out / "card.json").write_text(result.model_dump_json(indent=2), encoding="utf-8")
    return result


def _share(value: Any) -> float | None:
    """A share from 0 to 1, or None for whatever else a stranger's file may say."""
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else None
