"""What was gathered, as networks hear and see it: examples to learn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from avai import media
from avai.contracts import LeftOut, Note
from avai.errors import RequestError
from avai.networks import registry
from avai.networks.excerpt import Excerpt, excerpt, parts
from avai.networks.sound import Heard
from avai.networks.sounding import Levels
from avai.networks.teaching import Example
from avai.progress import Progress
from avai.services.material import Gathered, Given
from avai.services.offset import Centred
from avai.services.seeing import SAMPLE

RATE = 16_000
AFTER = 1.0
"""Seconds that are heard beyond the last span of a recording: what the last window sees."""

Parts = tuple[Excerpt, ...]


@dataclass(frozen=True)
class Examples:
    """``examples`` of the clips of ``gathered``, one each in the same order. Those that turned out to be damaged stand
    in ``gathered.left_out``."""

    gathered: Gathered
    examples: list[Example]


def examples_of(gathered: Gathered, progress: Progress) -> Examples:
    """Hear or see every clip, each file once and by itself, so that what is made of it hangs on no other.

    Of a sound only what was heard is kept (about 20 kB a second).
    """
    seen_of: dict[int, np.ndarray] = {}
    heard: dict[int, Parts] = {}
    left: dict[int, Note] = {}
    order = sorted(range(len(gathered.clips)), key=lambda number: str(gathered.clips[number].path))
    for path, group in groupby(order, key=lambda number: gathered.clips[number].path):
        numbers = list(group)
        done = len(seen_of) + len(heard) + len(left)
        progress(done / len(order), "doing.listening" if gathered.kind == "sound" else "doing.looking")
        try:
            if gathered.kind == "picture":
                seen_of |= dict.fromkeys(numbers, seen(path))
            else:
                clips = [gathered.clips[number] for number in numbers]
                told = _heard(path, clips, progress, done / len(order), len(numbers) / len(order))
                heard |= zip(numbers, told, strict=True)
        except RequestError as error:
            left |= dict.fromkeys(numbers, error.noted())
    return _kept(gathered, seen_of, heard, left)


def seen(path: Path) -> np.ndarray:
    """The frame network's embedding (1280,) of a picture."""
    look = registry.frame().look(media.still(path, size=SAMPLE)[None])
    return np.asarray(look.embedding[0])


def parts_of(heard: Heard, levels: Levels, start: float, end: float) -> Iterator[Excerpt]:
    """What is learnt from of a stretch, in parts."""
    for a, b in parts(start, end):
        yield excerpt(heard, levels, a, b)


def _heard(path: Path, clips: Iterable[Given], progress: Progress, done: float, share: float) -> list[Parts]:
    """The parts of the clips of one file, decoded once, no further than the last of them goes. It is heard as in use:
    without its offset."""
    spans = [(clip.start, clip.end) for clip in clips]
    until = max(end for _, end in spans) + AFTER
    levels: list[Levels] = []
    centred = Centred(RATE)

    def blocks() -> Iterator[np.ndarray]:
        seconds = 0.0
        for block in media.audio_blocks(path, rate=RATE, mono=True):
            mono, block_levels = centred.take(block)
            levels.append(block_levels)
            yield mono
            seconds += len(mono) / RATE
            progress(done + share * min(seconds / until, 1.0), "doing.listening")
            if seconds >= until:
                return

    heard = registry.sound().hear(blocks())
    all_levels = np.concatenate(levels)
    return [tuple(parts_of(heard, all_levels, start, end)) for start, end in spans]


def _kept(
    gathered: Gathered,
    seen_of: dict[int, np.ndarray],
    heard: dict[int, Parts],
    left: dict[int, Note],
) -> Examples:
    numbers = [number for number in range(len(gathered.clips)) if number not in left]
    more = tuple(LeftOut(name=gathered.clips[number].name, reason=left[number]) for number in sorted(left))
    clips = tuple(gathered.clips[number] for number in numbers)
    kept = replace(gathered, clips=clips, left_out=(*gathered.left_out, *more))
    # groups are numbered in the order of the clips: the names of sources may hang on paths
    sources = {source: number for number, source in enumerate(dict.fromkeys(clip.source for clip in clips))}
    targets = {label: number for number, label in enumerate(kept.classes)}
    examples = [
        Example(targets[clip.label], sources[clip.source], heard.get(number, ()), seen_of.get(number))
        for number, clip in zip(numbers, clips, strict=True)
    ]
    return Examples(kept, examples)
