"""Memory of an edit by the length of what is edited: the peak of a process that plans and renders it, networks and all.

    python benchmarks/memory.py [MINUTES ...]      nothing named: 1, 10 and 60

A film of 320 by 180 is joined of real ones and played again and again. The edit asks for all that is analysed:
silences, action, faces, repeats, blurred and black pictures, a share of the length. Then the same as a smart cut.
"""

from __future__ import annotations

import multiprocessing
import re
import sys
import tempfile
import time
from pathlib import Path

from render import ffmpeg, film, material
from report import head

from avai.contracts import EditRequest
from avai.progress import quiet

SIZE = "320:180"
ASKED = {
    "ratio": 0.6,
    "drop_silence": True,
    "prefer": ("action", "faces"),
    "without": ("repeats", "blurred", "black"),
}


def peak(clip: Path, smart: bool, found: multiprocessing.Queue[str]) -> None:
    """Say the peak in MB, with what was done."""
    from avai.networks import registry
    from avai.services.edit import edit

    registry.warm()
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        done = edit(EditRequest(clip=clip, smart=smart, **ASKED), Path(out), quiet)
        took = time.perf_counter() - began
    # not ru_maxrss, which a process has from the one that started it
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    size = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024
    way = "smart cut" if done.smart else "rendered"
    found.put(f"{size:6.0f} MB, {len(done.pieces)} pieces, {done.duration:.0f} s {way}, in {took:.0f} s")


def main() -> None:
    lengths = [float(word) for word in sys.argv[1:]] or [1.0, 10.0, 60.0]
    head("Memory of an edit", "av", "tensorflow", "numpy")
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as made:
        joined = material(Path(made))
        small = joined.with_name("small.mp4")
        ffmpeg("-i", joined, "-vf", f"scale={SIZE}", "-c:v", "libx264", "-c:a", "copy", small)
        for minutes in lengths:
            clip = film(small, round(60 * minutes), "as x264 puts them")
            for smart in (False, True):
                queue = spawn.Queue()
                process = spawn.Process(target=peak, args=(clip, smart, queue))
                process.start()
                process.join()
                print(f"  {minutes:4g} minutes: {queue.get()}", flush=True)


if __name__ == "__main__":
    main()
