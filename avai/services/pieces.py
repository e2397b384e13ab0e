"""Silence separation: what sounds between silences, as files, with lists of them that other programs read."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

import numpy as np
import soundfile
from numpy.typing import NDArray

from avai import exchange
from avai.contracts import RecognizeSettings, Span
from avai.media.sound import SoundReader, regular
from avai.media.writing import written
from avai.progress import Progress, part
from avai.services.hearing import Hearing
from avai.services.silences import sounding
from avai.services.spans import Stretch, long_enough, padded

IN_MEMORY = 1 << 24
"""A piece of more bytes than this waits on disk until it is in the archive."""
RIFF_BYTES = 4_000_000_000
"""A WAV can't say that it is longer: RF64 (EBU Tech 3306) can."""
CUE_TRACKS = 99
"""A cue sheet has no more tracks."""
SUBTYPES = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}


def pieces_of(hearing: Hearing, settings: RecognizeSettings) -> list[Stretch]:
    """What sounds, cut at the silences: pieces shorter than asked left out, with the margin on both sides.

    Margins reach no further than the sound; pieces whose margins meet become one.
    """
    loud = sounding(hearing, settings.silence_db, settings.shortest_silence)
    kept = long_enough(((a, min(b, hearing.ends)) for a, b in loud), max(settings.shortest_piece, 0.001))
    return padded(kept, settings.margin, settings.margin, hearing.ends)


def write_pieces(clip: Path, kept: Sequence[Stretch], to: Path, progress: Progress) -> None:
    """A zip of WAV files, one a stretch, named by number and by where it begins and ends; whole or not at all.

    Pieces are cut to the sample, at the clip's own rate and with its own sample values: 16 or 24 bits where it has
    those, 32-bit float where it has more, and 16 where it was compressed with loss (``SoundReader.bits``). More than
    two channels are mixed to two. Beside them: ``pieces.csv`` (start, end, file) and ``pieces.txt`` (Audacity's
    labels), in the clip's time, and ``pieces.cue``, which plays the pieces one after another; a sheet holds 99 tracks,
    so the hundredth begins ``pieces_2.cue``. Sound goes through in blocks: a piece may be as long as the clip.
    """
    total = sum(end - start for start, end in kept)
    width = max(3, len(str(len(kept))))
    done = 0.0
    spans: list[Span] = []
    with (
        written(to) as unfinished,
        zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive,
        SoundReader(clip) as reader,
    ):
        for number, (start, end) in enumerate(kept, 1):
            here = part(progress, done / total, (done + end - start) / total)
            first, last = round(start * reader.rate), round(end * reader.rate)
            name = f"piece_{number:0{width}d}_{start:09.3f}-{end:09.3f}.wav"
            with SpooledTemporaryFile(IN_MEMORY, "w+b", dir=str(to.parent)) as piece:
                count = _write(piece, reader, first, last, here)
                if count:
                    _store(piece, archive, name, partial(here, 1.0, "doing.cutting_pieces"))
                    spans.append(Span(start=first / reader.rate, end=(first + count) / reader.rate, label=name))
            done += end - start
        archive.writestr("pieces.csv", _table(spans))
        archive.writestr("pieces.txt", exchange.audacity_labels(spans, _stem))
        for number, at in enumerate(range(0, len(spans), CUE_TRACKS), 1):
            sheet = "pieces.cue" if number == 1 else f"pieces_{number}.cue"
            archive.writestr(sheet, cue_sheet(spans[at : at + CUE_TRACKS]))


def cue_sheet(spans: Sequence[Span]) -> str:
    """A cue sheet of the files that the labels name, a track each from its first sample; at most 99.

    Titles are where a piece lies in the clip. Lines end as the format's programs expect.
    """
    lines = []
    for number, span in enumerate(spans, 1):
        lines += [
            f'FILE "{span.label}" WAVE',
            f"  TRACK {number:02d} AUDIO",
            f'    TITLE "{_clock(span.start)} - {_clock(span.end)}"',
            "    INDEX 01 00:00:00",
        ]
    return "".join(f"{line}\r\n" for line in lines)


def _write(piece: IO[bytes], reader: SoundReader, first: int, last: int, progress: Progress) -> int:
    """Write samples [first, last) as a WAV file; how many there were."""
    bits = reader.bits
    large = (last - first) * reader.channels * bits // 8 > RIFF_BYTES
    count = 0
    with soundfile.SoundFile(
        piece, "w", reader.rate, reader.channels, SUBTYPES[bits], format="RF64" if large else "WAV"
    ) as file:
        for block in _stretch(reader, first, last, progress):
            file.write(_stored(block, bits))
            count += len(block)
    return count


def _stretch(reader: SoundReader, first: int, last: int, progress: Progress) -> Iterator[NDArray[np.float32]]:
    """The samples [first, last) in blocks of a second."""
    given = 0
    for block in regular(reader.blocks(first, last), reader.rate):
        given += len(block)
        progress(given / (last - first), "doing.cutting_pieces")
        yield block


def _stored(block: NDArray[np.float32], bits: int) -> NDArray[np.generic]:
    """The block as the file holds it: whole numbers exactly as they were in the clip (24 bits at the top of 32)."""
    if bits == 32:
        return block
    full = 2 ** (bits - 1)
    values: NDArray[np.float64] = np.clip(np.rint(block.astype(np.float64) * full), -full, full - 1)
    return values.astype(np.int16) if bits == 16 else (values * 256).astype(np.int32)


def _store(piece: IO[bytes], archive: zipfile.ZipFile, name: str, report: Callable[[], None]) -> None:
    """Copy a file into the archive, a megabyte at a time."""
    piece.seek(0)
    entry = zipfile.ZipInfo(name, time.localtime()[:6])
    with archive.open(entry, "w", force_zip64=True) as taken:
        while block := piece.read(1 << 20):
            taken.write(block)
            report()


def _table(spans: Sequence[Span]) -> str:
    """Comma-separated values with a heading: start, end, file."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("start", "end", "file"))
    table.writerows((f"{span.start:.6f}", f"{span.end:.6f}", span.label) for span in spans)
    return text.getvalue()


def _stem(name: str) -> str:
    """``piece_001`` of ``piece_001_00002.000-00005.000.wav``."""
    return "_".join(name.split("_")[:2])


def _clock(seconds: float) -> str:
    """``h:mm:ss.mmm``."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
