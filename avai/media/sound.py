"""Sound as arrays: float32, shape (samples, channels), one or two channels, values in [-1, 1].

Sample 0 is the clip's common start: a track that begins later is padded with silence. Encoder delay and padding, which
headers tell, are left out. Only one block is held at a time, so hours of sound take no more memory than seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from avai.config import settings
from avai.contracts import Note
from avai.errors import RequestError
from avai.media.clock import PADDING, base, common_start, packets, promised_end
from avai.media.door import Source, open_clip
from avai.media.mixing import mixed
from avai.media.soundcheck import SoundCheck, cleaned

Samples = NDArray[np.float32]

PREROLL = Fraction(1, 2)  # decoders need what came before: MP3 a few frames, Opus 80 ms
DRIFT = Fraction(1, 200)  # containers round stamps to a millisecond; more than this is a real gap or overlap
SHORTEST = Fraction(1, 100)
GATHERED = Fraction(1, 2)  # seconds of frames that are worked on at once: each alone costs more than its decoding
SEEKABLE = {"mp4", "mov", "webm", "mkv", "wav", "flac", "ogg", "aiff"}  # the others' stamps are guesses after a seek
FAR = Fraction(4)  # decoding on is cheaper than a seek below this many seconds


@dataclass(frozen=True)
class Sound:
    """``samples`` (n, channels) at ``rate`` a second, and what there is to know about them."""

    samples: Samples
    rate: int
    notes: tuple[Note, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate


class SoundReader:
    """Reads stretches of a sound track of a clip (0: its first), at its own rate, going forward.

    ``channels`` is 1 or 2. Reading in order decodes nothing twice.
    """

    def __init__(self, path: Path, *, track: int = 0, mono: bool = False, check: SoundCheck | None = None) -> None:
        self.path = path
        self.track = track
        self.check = check
        self._start = common_start(path)
        self._source: Source = open_clip(path)
        stream = self._source.sound(track)
        self.rate: int = stream.codec_context.rate
        self.channels = 1 if mono or stream.codec_context.channels == 1 else 2
        promised = promised_end(stream)
        self._promised = None if promised is None else round((promised - self._start) * self.rate)
        self._limit = round(settings().max_seconds * self.rate)
        self._at = 0
        self._held: tuple[int, Samples] | None = None
        self._decoded = self._trimmed()

    def __enter__(self) -> SoundReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    @property
    def bits(self) -> int:
        """Bits a sample that keep what the clip's have: 16, 24, or 32 for float; 16 for what was coded with loss."""
        context = self._source.sound(self.track).codec_context
        name = context.format.name.removesuffix("p")
        if name in ("u8", "s16") or not context.codec.lossless:
            return 16
        return 24 if name == "s32" and not context.name.startswith("pcm_s32") else 32

    def blocks(self, start: int, end: int | None = None) -> Iterator[Samples]:
        """Blocks of samples [start, end) counted from the common start; fewer where the sound ends before."""
        if start < self._at or (start - self._at > FAR * self.rate and self._source.name in SEEKABLE):
            self._begin(Fraction(start, self.rate))
        while end is None or start < end:
            if self._held is None:
                self._held = next(self._decoded, None)
                if self._held is None:
                    return
            first, block = self._held
            self._at = first
            if first > start:
                stop = first if end is None else min(first, end)
                for at in range(start, stop, self.rate):
                    yield np.zeros((min(self.rate, stop - at), self.channels), np.float32)
                start = stop
                continue
            taken = block[start - first : None if end is None else end - first]
            if len(taken):
                start += len(taken)
                yield taken
            if end is not None and first + len(block) >= end:
                return
            self._held = None
            self._at = first + len(block)

    def _begin(self, time: Fraction) -> None:
        """Be ready to read from ``time`` on."""
        self._source.close()
        self._source = open_clip(self.path)
        self._held = None
        self._at = 0
        if time > FAR and self._source.name in SEEKABLE:
            track = self._source.sound(self.track)
            target = time - PREROLL + self._start
            try:
                self._source.container.seek(int(target / base(track)), stream=track)
            except av.error.FFmpegError:
                self._source.close()
                self._source = open_clip(self.path)
            else:
                self._at = max(0, round((time - PREROLL) * self.rate))
        self._decoded = self._trimmed()

    def _trimmed(self) -> Iterator[tuple[int, Samples]]:
        """The placed blocks, without the padding that the header tells of."""
        beyond: list[tuple[int, Samples]] = []
        for first, block in self._placed():
            promised = self._promised
            if promised is None or first + len(block) <= promised:
                yield first, block
                continue
            beyond.append((first, block))
            if first + len(block) > promised + PADDING * self.rate:
                yield from beyond
                beyond = []
                self._promised = None
        for first, block in beyond:
            kept = block[: max(0, (self._promised or 0) - first)]
            if len(kept):
                yield first, kept

    def _placed(self) -> Iterator[tuple[int, Samples]]:
        """Decoded blocks and the number of their first sample; frames that follow each other in one block."""
        enough = int(GATHERED * self.rate)
        held: list[NDArray[Any]] = []
        first = count = 0
        kind: AudioFrame | None = None
        for at, frame, block in self._stamped():
            if kind and (at != first + count or count >= enough or not _alike(frame, kind)):
                yield first, self._ready(held, kind)
                held, count, kind = [], 0, None
            if kind is None:
                first, kind = at, frame
            held.append(block)
            count += len(block)
        if kind:
            yield first, self._ready(held, kind)

    def _stamped(self) -> Iterator[tuple[int, AudioFrame, NDArray[Any]]]:
        """Decoded frames, the number of their first sample, and their samples; counted on, and set anew only where
        there is a gap."""
        unit, offset = base(self._source.sound(self.track)) * self.rate, self._start * self.rate
        far = int(DRIFT * self.rate)
        position: int | None = None
        for frame in self._frames():
            block = _rows(frame)
            if frame.pts is not None:
                stamped = round(frame.pts * unit - offset)
                if position is None or abs(stamped - position) > far:
                    overlap = 0 if position is None else max(0, position - stamped)
                    block = block[overlap:]
                    position = stamped + overlap
            position = position or 0
            if position > self._limit:
                return
            if position < 0:
                block = block[-position:]
                position = 0
            if len(block):
                yield position, frame, block
            position += len(block)

    def _frames(self) -> Iterator[AudioFrame]:
        track = self._source.sound(self.track)
        context = track.codec_context
        for packet in packets(self._source, track):
            try:
                decoded = context.decode(packet if packet.size else None)
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                if self.check is not None:
                    self.check.damaged += 1
                continue
            for frame in decoded:
                if frame.sample_rate == self.rate and frame.samples:
                    yield frame

    def _ready(self, held: list[NDArray[Any]], kind: AudioFrame) -> Samples:
        values = cleaned(_floats(np.concatenate(held)), self.check)
        return mixed(values, [channel.name for channel in kind.layout.channels], self.channels)


def _alike(frame: AudioFrame, other: AudioFrame) -> bool:
    return frame.format.name == other.format.name and frame.layout.name == other.layout.name


def _rows(frame: AudioFrame) -> NDArray[Any]:
    """The samples of a frame as decoded, (samples, channels)."""
    array = frame.to_ndarray()
    return array.T if frame.format.is_planar else array.reshape(-1, frame.layout.nb_channels)


def _floats(array: NDArray[Any]) -> Samples:
    """Samples of any kind as float32, full scale 1."""
    if array.dtype == np.uint8:
        return np.asarray((array.astype(np.float32) - 128) / 128, np.float32)
    if array.dtype.kind == "i":
        return np.asarray(array.astype(np.float32) / 2 ** (8 * array.dtype.itemsize - 1), np.float32)
    return array.astype(np.float32)


def audio(
    path: Path | str,
    *,
    rate: int | None = None,
    mono: bool = False,
    start: Fraction | float = 0,
    end: Fraction | float | None = None,
    track: int = 0,
) -> Sound:
    """The sound of [start, end) seconds, whole in memory, at ``rate`` (None: its own), one channel or at most two.

    Surround is mixed down without losing its centre. Values that are not numbers become silence. Beyond the end of
    the clip there are no samples.
    Raises ``RequestError``: ``media.no_sound``, ``media.no_track``, ``media.too_short``, and what ``open_clip`` raises.
    """
    path = Path(path)
    check = SoundCheck()
    with SoundReader(path, track=track, mono=mono, check=check) as reader:
        first = round(Fraction(start) * reader.rate)
        last = None if end is None else round(Fraction(end) * reader.rate)
        target = rate or reader.rate
        parts = list(resampled(reader.blocks(first, last), reader.rate, target, reader.channels))
    samples = np.concatenate(parts) if parts else np.zeros((0, reader.channels), np.float32)
    if check.samples == 0 and first == 0:
        raise RequestError("media.no_sound")
    if end is None and first == 0 and len(samples) < SHORTEST * target:
        raise RequestError("media.too_short", seconds=float(SHORTEST))
    return Sound(samples, target, check.notes())


def audio_blocks(
    path: Path | str,
    *,
    rate: int,
    mono: bool = True,
    seconds: float = 10.0,
    check: SoundCheck | None = None,
    track: int = 0,
) -> Iterator[Samples]:
    """The whole sound of a track (0: the first) in blocks of ``seconds`` (the last one shorter), at ``rate``; ``check``
    gathers what is odd.

    Raises ``RequestError`` as ``audio`` does, before the first block.
    """
    seen = check if check is not None else SoundCheck()
    size = max(1, round(seconds * rate))
    with SoundReader(Path(path), track=track, mono=mono, check=seen) as reader:
        given = 0
        for block in regular(resampled(reader.blocks(0), reader.rate, rate, reader.channels), size):
            given += len(block)
            if given < SHORTEST * rate:
                raise RequestError("media.too_short", seconds=float(SHORTEST))
            yield block
    if given == 0:
        raise RequestError("media.no_sound")


def regular(blocks: Iterator[Samples], size: int) -> Iterator[Samples]:
    """The same samples in blocks of ``size``, the last one shorter."""
    held: list[Samples] = []
    count = 0
    for block in blocks:
        held.append(block)
        count += len(block)
        if count >= size:
            whole = np.concatenate(held)
            for at in range(0, count - size + 1, size):
                yield whole[at : at + size]
            held = [whole[count - count % size :]]
            count = len(held[0])
    if count:
        yield np.concatenate(held)


def resampled(blocks: Iterator[Samples], rate: int, target: int, channels: int) -> Iterator[Samples]:
    """Blocks at another rate (libswresample, its delay compensated: sample k stands at k / ``target`` seconds)."""
    if rate == target:
        yield from blocks
        return
    layout = "mono" if channels == 1 else "stereo"
    change = AudioResampler(format="flt", layout=layout, rate=target)
    given = received = 0
    for block in blocks:
        received += len(block)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block.reshape(1, -1)), format="flt", layout=layout)
        frame.sample_rate = rate
        for made in change.resample(frame):
            given += made.samples
            yield np.clip(_floats(_rows(made)), -1.0, 1.0)
    if not received:
        return
    for made in change.resample(None):
        kept = np.clip(_floats(_rows(made)), -1.0, 1.0)[: max(0, -(-received * target // rate) - given)]
        given += len(kept)
        yield kept
