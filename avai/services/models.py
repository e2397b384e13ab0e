"""Taught models that people give: read, or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

from avai.contracts import Kind
from avai.errors import RequestError
from avai.networks import taught
from avai.networks.taught import OtherVersion, Taught
from avai.services.naming import shown

LARGEST = 25_000_000
"""Bytes of a file of a model; ours are far smaller."""
ZIP = b"PK"


def model_of(path: Path, kind: Kind | None = None) -> Taught:
    """The model in a file.

    Raises ``RequestError`` when there is none, when it is no model, damaged, too large, of another version, or knows
    another ``kind`` of thing.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise RequestError("model.too_large", file=shown(path), most=LARGEST // 1_000_000)
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError):
        raise RequestError("model.missing", file=shown(path)) from None
    if not data.startswith(ZIP):
        raise RequestError("model.none", file=shown(path))
    try:
        model = taught.loads(data)
    except OtherVersion:
        raise RequestError("model.version", file=shown(path)) from None
    except ValueError:
        raise RequestError("model.damaged", file=shown(path)) from None
    if kind is not None and model.kind != kind:
        raise RequestError(f"model.knows_{model.kind}s", file=shown(path))
    return model


def usual_seconds(model: Taught) -> float:
    """How long the clips were that a model was taught (their median); five seconds where it does not say."""
    seconds = model.settings.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 5.0


def silent_class(model: Taught) -> str | None:
    """The class in which nothing was to be heard, where a model was taught one."""
    silent = model.settings.get("silent")
    labels = silent if isinstance(silent, list) else []
    return next((label for label in model.classes if label in labels), None)
