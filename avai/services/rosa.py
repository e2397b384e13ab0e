"""What the services take of librosa, imported by one process at a time.

numba compiles librosa's loops at the first import (20 s) and keeps them on the disk. Two processes that do so at once
can leave halves that do not fit, which then crash every process that loads them (numba issue 10128). The file that is
locked belongs to the librosa that is imported, so every process that shares those loops shares the lock.
"""

from fcntl import LOCK_EX, flock

import librosa  # its parts are imported when they are asked for

with open(librosa.__file__, "rb") as _one_at_a_time:
    flock(_one_at_a_time, LOCK_EX)
    from librosa import autocorrelate, power_to_db, stft
    from librosa.beat import beat_track
    from librosa.effects import pitch_shift, time_stretch
    from librosa.feature import mfcc, tempo
    from librosa.filters import chroma, mel
    from librosa.onset import onset_strength
    from librosa.util import normalize

__all__ = [
    "autocorrelate",
    "beat_track",
    "chroma",
    "mel",
    "mfcc",
    "normalize",
    "onset_strength",
    "pitch_shift",
    "power_to_db",
    "stft",
    "tempo",
    "time_stretch",
]
