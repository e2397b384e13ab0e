import subprocess
import sys
from fcntl import LOCK_EX, flock

import librosa
import pytest


def test_librosa_is_imported_by_one_process_at_a_time():
    code = "import avai.services.rosa as rosa; print(rosa.beat_track.__name__)"
    with open(librosa.__file__, "rb") as first:
        flock(first, LOCK_EX)
        second = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(8)
    assert second.communicate(timeout=120)[0] == "beat_track\n"
