"""Silence separation: what sounds between silences, as files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.media.sound import SoundReader, regular
from avai.media.writing import written
from avai.progress import Progress, part
from avai.services.spans import Stretch


def write_pieces(clip: Path, kept: list[Stretch], to: Path, progress: Progress) -> None:
    """A zip of WAV files, one a stretch, named by number and by where it begins and ends; whole or not at all.

    Sound goes through in blocks: a piece may be as long as the clip.
    """
    total = sum(end - start for start, end in kept)
    done = 0.0
    with (
        written(to) as unfinished,
        TemporaryDirectory(dir=to.parent) as folder,
        zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive,
        SoundReader(clip) as reader,
    ):
        for number, (start, end) in enumerate(kept, 1):
            here = part(progress, done / total, (done + end - start) / total)
            piece = Path(folder) / f"piece_{number:03d}_{start:09.3f}-{end:09.3f}.wav"
            media.write_wav(piece, _stretch(reader, start, end, here), reader.rate)
            _stored(piece, archive, partial(here, 1.0, "doing.cutting_pieces"))
            piece.unlink()
            done += end - start


def _stretch(reader: SoundReader, start: float, end: float, progress: Progress) -> Iterator[NDArray[np.float32]]:
    """The sound of [start, end) in blocks of a second."""
    first, last = round(start * reader.rate), round(end * reader.rate)
    given = 0
    for block in regular(reader.blocks(first, last), reader.rate):
        given += len(block)
        progress(given / (last - first), "doing.cutting_pieces")
        yield block


def _stored(piece: Path, archive: zipfile.ZipFile, report: Callable[[], None]) -> None:
    """Copy a file into the archive, a megabyte at a time."""
    with piece.open("rb") as given, archive.open(piece.name, "w", force_zip64=True) as taken:
        while block := given.read(1 << 20):
            taken.write(block)
            report()
