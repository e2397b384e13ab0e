"""The clips that a taught model got wrong, for a person to listen to or to look at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.contracts import Kind, Mistake
from avai.errors import RequestError
from avai.progress import Progress
from avai.services.figures import Figures
from avai.services.material import Gathered, Given

MOST = 24
LONGEST = 6.0
"""Seconds of a clip that is played."""
WIDTH = 480
"""Pixels of the longer side of a picture that is shown."""


def mistakes_of(
    gathered: Gathered, figures: Figures, chances: NDArray[np.float64], out: Path, progress: Progress
) -> tuple[Mistake, ...]:
    """Clips that were taken for another class when they were left out, those first of which the model was surest by
    ``chances`` (n, k), each with a file in ``out`` to play or to look at."""
    target = np.array([gathered.classes.index(clip.label) for clip in gathered.clips])
    wrong = np.flatnonzero((figures.taken >= 0) & (figures.taken != target))
    sure = chances[wrong].max(axis=1)
    made: list[Mistake] = []
    for number in wrong[np.argsort(-sure, kind="stable")][:MOST]:
        progress(len(made) / MOST, "doing.writing_mistakes")
        clip = gathered.clips[number]
        made.append(
            Mistake(
                name=clip.name,
                label=clip.label,
                taken_for=gathered.classes[figures.taken[number]],
                confidence=float(chances[number].max()),
                file=_shown(clip, gathered.kind, out, len(made) + 1),
            )
        )
    return tuple(made)


def _shown(clip: Given, kind: Kind, out: Path, number: int) -> str:
    """Write what a person hears or sees of a clip; the name of the file, "" when there is none to be had."""
    name = f"mistake_{number:02}.{'wav' if kind == 'sound' else 'jpg'}"
    try:
        if kind == "picture":
            media.write_jpeg(out / name, media.still(clip.path, size=WIDTH))
        else:
            end = min(clip.end, clip.start + LONGEST)
            sound = media.audio(clip.path, start=clip.start, end=end)
            media.write_wav(out / name, sound.samples, sound.rate)
    except RequestError as error:
        if error.about_all:
            raise
        return ""
    return name
