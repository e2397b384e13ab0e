"""The sound of a timeline as a stream of blocks: pieces mixed where they stand, to the sample, without clicks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from avai.media.door import open_clip
from avai.media.sound import Samples, SoundReader, resampled
from avai.media.stretch import stretched
from avai.media.timeline import Piece, Track

RATE = 48_000
CHANNELS = 2


def unbroken(track: Track) -> list[Piece]:
    """The pieces in order, those that only continue the one before made one: nothing fades where nothing was cut."""
    whole: list[Piece] = []
    for piece in sorted(track.pieces, key=lambda piece: piece.at):
        last = whole[-1] if whole else None
        if (
            last is not None
            and last.source == piece.source
            and last.end == piece.start
            and last.until == piece.at
            and (last.gain, last.speed, last.track) == (piece.gain, piece.speed, piece.track)
        ):
            whole[-1] = replace(last, end=piece.end, fade_out=piece.fade_out)
        else:
            whole.append(piece)
    return whole


def language_of(track: Track) -> dict[str, str]:
    """What a file says of a sound: the language of the track that its first piece is of, where there is one."""
    first = track.pieces[0]
    with open_clip(first.source) as source:
        language = source.sound(first.track).language if first.track < len(source.audio) else None
    return {"language": language} if language else {}


class Readers:
    """Readers of sound that pieces use one after another; a clip without sound has none, and is silent."""

    def __init__(self) -> None:
        self._free: dict[tuple[Path, int], list[SoundReader]] = {}
        self._all: list[SoundReader] = []

    def take(self, path: Path, track: int = 0) -> SoundReader | None:
        """A reader of a sound track of ``path`` that nobody else uses now; None when the clip has no sound."""
        free = self._free.setdefault((path, track), [])
        if free:
            return free.pop()
        with open_clip(path) as source:
            if not source.audio:
                return None
        reader = SoundReader(path, track=track)
        self._all.append(reader)
        return reader

    def give(self, reader: SoundReader | None) -> None:
        """Hand a reader back."""
        if reader is not None:
            self._free[reader.path, reader.track].append(reader)

    def close(self) -> None:
        for reader in self._all:
            reader.__exit__()


class Voice:
    """One piece in the mix, from sample ``first`` up to ``last`` of the output."""

    def __init__(self, piece: Piece, readers: Readers) -> None:
        self.piece = piece
        self.first = round(piece.at * RATE)
        self.last = round(piece.until * RATE)
        self.reader = readers.take(piece.source, piece.track)
        self._blocks: Iterator[Samples] = iter(())
        self._held: Samples = np.zeros((0, CHANNELS), np.float32)
        if self.reader is not None:
            rate = self.reader.rate
            span = self.reader.blocks(round(piece.start * rate), round(piece.end * rate))
            self._blocks = stretched(resampled(span, rate, RATE, self.reader.channels), piece.speed)
            self._held = np.zeros((0, self.reader.channels), np.float32)
        self.given = 0

    def take(self, count: int) -> Samples:
        """The next ``count`` samples, with fades and gain; silence where the source has ended."""
        parts, have = [self._held], len(self._held)
        while have < count and (block := next(self._blocks, None)) is not None:
            parts.append(block)
            have += len(block)
        joined = np.concatenate(parts)
        self._held = joined[count:]
        samples = np.zeros((count, CHANNELS), np.float32)
        samples[: min(count, have)] = joined[:count]
        samples *= self._envelope(count)[:, None]
        self.given += count
        return samples

    def _envelope(self, count: int) -> Samples:
        """Gain and fades of equal power (a quarter of a sine) for the next samples."""
        at = np.arange(self.given, self.given + count) + 0.5
        rest = (self.last - self.first) - at
        shape = np.full(count, self.piece.gain)
        for fade, distance in ((self.piece.fade_in, at), (self.piece.fade_out, rest)):
            if fade > 0:
                shape *= np.sin(np.pi / 2 * np.clip(distance / float(fade * RATE), 0, 1))
        return shape.astype(np.float32)


def mixed_blocks(track: Track, length: Fraction, size: int = RATE // 2) -> Iterator[Samples]:
    """Blocks of ``size`` samples (the last shorter), stereo at 48 kHz, ``length`` seconds in all, within [-1, 1]."""
    total = round(length * RATE)
    waiting = unbroken(track)
    active: list[Voice] = []
    readers = Readers()
    try:
        for begin in range(0, total, size):
            end = min(begin + size, total)
            block = np.zeros((end - begin, CHANNELS), np.float32)
            while waiting and round(waiting[0].at * RATE) < end:
                _finish(active, round(waiting[0].at * RATE), begin, block, readers)
                active.append(Voice(waiting.pop(0), readers))
            _finish(active, end, begin, block, readers)
            yield np.clip(block, -1.0, 1.0)
    finally:
        readers.close()


def _finish(active: list[Voice], until: int, begin: int, block: Samples, readers: Readers) -> None:
    """Mix voices into ``block``, which starts at ``begin``, as far as ``until``; those that end there are let go."""
    for voice in list(active):
        start = max(voice.first + voice.given, begin)
        stop = min(until, voice.last)
        if stop > start:
            block[start - begin : stop - begin] += voice.take(stop - start)
        if voice.last <= until:
            active.remove(voice)
            readers.give(voice.reader)
