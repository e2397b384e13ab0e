"""The tasks: one module each, ``task(request, out, progress) -> result``, imported only when one is asked for.

``out`` is an existing empty folder, into which a service writes its files and its result as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path

from avai.contracts import MaterialRequest, Request, TrainRequest
from avai.errors import RequestError

SERVICES: Mapping[str, str] = {
    name: f"avai.services.{name}:{name}"
    for name in (
        "probe",
        "preview",
        "recognize",
        "recognize_many",
        "storyboard",
        "summarize",
        "plan",
        "edit",
        "compose",
        "material",
        "train",
        "judge",
        "variants",
        "card",
    )
}

LOOKED_THROUGH, LEARNT_QUICKLY, LEARNT_THOROUGHLY = 300.0, 600.0, 3600.0
"""Seconds that material counts for where time is limited, as folders and zips are not measured before they are read:
at six times that, half an hour to look through it, an hour to learn from it, six hours to train a network."""


def warm() -> None:
    """Load and warm up all networks, once a process."""
    from avai.networks import registry

    registry.warm()


def clips_of(request: Request) -> Iterator[Path]:
    """The files that a request names."""
    for _, value in request:
        if isinstance(value, Path):
            yield value
        elif isinstance(value, tuple):
            yield from (each for each in value if isinstance(each, Path))


def seconds_of(request: Request) -> Iterator[float]:
    """How long the clips of a request are together, said anew for each that is measured: many take their time.

    Each counts a second at least, as even the shortest takes some work, and so does one of several that cannot be
    used: what is wrong with it is for the service to say. One alone is refused here, before any network is loaded:
    raises what ``media.probe`` raises.
    """
    if isinstance(request, MaterialRequest):
        if not isinstance(request, TrainRequest):
            yield LOOKED_THROUGH
        else:
            yield LEARNT_THOROUGHLY if request.thorough else LEARNT_QUICKLY
        return
    from avai import media

    total = 0.0
    only = getattr(request, "clip", None)
    for clip in clips_of(request):
        length = 0.0
        with nullcontext() if clip == only else suppress(RequestError):
            length = media.probe(clip).duration
        total += max(length, 1.0)
        yield total
