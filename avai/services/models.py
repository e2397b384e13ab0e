"""Taught models that people give: read, or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

from avai.contracts import Kind
from avai.errors import RequestError
from avai.networks import taught
from avai.networks.taught import Taught

LARGEST = 25_000_000
"""Bytes of a file of a model; ours are far smaller."""


def model_of(path: Path, kind: Kind | None = None) -> Taught:
    """The model in a file.

    Raises ``RequestError`` when it is none, is damaged, of another version, or knows another ``kind`` of thing.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("too large")
        model = taught.loads(path.read_bytes())
    except OSError:
        raise RequestError("model.missing", file=path.name) from None
    except ValueError:
        raise RequestError("model.damaged", file=path.name) from None
    if kind is not None and model.kind != kind:
        raise RequestError(f"model.knows_{model.kind}s", file=path.name)
    return model
