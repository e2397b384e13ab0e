"""When the sound of a clip beats."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avai import media
from avai.contracts import ClipInfo
from avai.progress import Progress, part
from avai.services.recall import recall


def beats_of(clip: Path, info: ClipInfo, work: Path, progress: Progress, track: int = 0) -> NDArray[np.float64]:
    """The beats of a sound track (0: the first) in seconds, empty where there is no steady one (``music.listen``);
    remembered."""
    if not info.audio:
        return np.zeros(0)
    find = partial(_found, clip, work, progress, track)
    return recall(clip, ("beats", track), find, partial(progress, 0.0, "doing.listening"))


def _found(clip: Path, work: Path, progress: Progress, track: int) -> NDArray[np.float64]:
    from avai.services import music  # librosa with it, which few edits need

    with tempfile.TemporaryDirectory(dir=work) as folder:
        wav = Path(folder) / "sound.wav"
        media.write_wav(
            wav, _told(media.audio_blocks(clip, track=track, rate=music.RATE, mono=True), progress), music.RATE
        )
        return music.listen(wav, part(progress, 0.3, 1.0)).beats


def _told(blocks: Iterator[NDArray[np.float32]], progress: Progress) -> Iterator[NDArray[np.float32]]:
    for block in blocks:
        progress(0.0, "doing.decoding_sound")
        yield block
