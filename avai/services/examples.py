"""What was gathered, as networks hear and see it: examples to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from avai import media
from avai.networks import registry
from avai.networks.excerpt import Excerpt, excerpt
from avai.networks.sound import Heard
from avai.networks.sounding import Levels, levels_db
from avai.networks.teaching import Example
from avai.progress import Progress
from avai.services.material import Gathered
from avai.services.seeing import SAMPLE

RATE = 16_000
PART = 5.0
"""Seconds that are judged at once, in teaching and in use (``verdict.PART``)."""


def examples_of(gathered: Gathered, progress: Progress) -> list[Example]:
    """An example for each clip, in the order of ``gathered.clips``."""
    sources = {name: number for number, name in enumerate(sorted({clip.source for clip in gathered.clips}))}
    made: dict[int, Example] = {}
    order = sorted(range(len(gathered.clips)), key=lambda number: str(gathered.clips[number].path))
    done = 0
    for path, numbers in groupby(order, key=lambda number: gathered.clips[number].path):
        progress(done / len(order), "doing.listening")
        heard = _heard(path) if gathered.kind == "sound" else None
        for number in numbers:
            clip = gathered.clips[number]
            target, group = gathered.classes.index(clip.label), sources[clip.source]
            if heard is None:
                made[number] = Example(target, group, picture=seen(path))
            else:
                made[number] = Example(target, group, parts=tuple(parts_of(*heard, clip.start, clip.end)))
            done += 1
    return [made[number] for number in range(len(order))]


def seen(path: Path) -> np.ndarray:
    """The frame network's embedding (1280,) of a picture."""
    look = registry.frame().look(media.frame_at(path, 0.0, size=SAMPLE).image[None])
    return np.asarray(look.embedding[0])


def parts_of(heard: Heard, levels: Levels, start: float, end: float) -> Iterator[Excerpt]:
    """Equal parts of about five seconds."""
    count = max(round((end - start) / PART), 1)
    edges = np.linspace(start, end, count + 1)
    for a, b in pairwise(edges):
        yield excerpt(heard, levels, float(a), float(b))


def _heard(path: Path) -> tuple[Heard, Levels]:
    blocks = [block.reshape(-1) for block in media.audio_blocks(path, rate=RATE, mono=True)]
    return registry.sound().hear(blocks), levels_db(np.concatenate(blocks or [np.zeros(0, np.float32)]))
