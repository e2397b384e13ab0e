"""Memory of an edit by the length of what is edited: the peak of a process that cuts, and of one that plans and cuts.

    python benchmarks/memory.py [cuts] [MINUTES ...]      nothing named: 1, 10 and 60; "cuts": nothing is planned

A film of 320 by 180 is joined of real ones and played again and again. The edit asks for all that is analysed:
silences, action, faces, repeats, blurred and black pictures, a share of the length; networks are loaded for it. The
cut alone keeps 70 % in eight pieces a minute. Both are rendered, and made as smart cuts.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

from render import by_render, by_smart_cut, ffmpeg, film, material, spans_of
from report import head, peak_mb

from avai import media
from avai.contracts import EditRequest
from avai.progress import quiet

SIZE = "320:180"
ASKED = {
    "ratio": 0.6,
    "drop_silence": True,
    "prefer": ("action", "faces"),
    "without": ("repeats", "blurred", "black"),
}


def cut(clip: Path, smart: bool, found: multiprocessing.Queue[str]) -> None:
    """Say the peak of a cut alone."""
    minutes = media.probe(clip).duration / 60
    spans = spans_of(round(60 * minutes), round(8 * minutes), 0.7)
    (by_smart_cut if smart else by_render)(clip, spans, clip.with_name("out.mp4"))
    found.put(f"{peak_mb():6.0f} MB, {len(spans)} pieces {'as a smart cut' if smart else 'rendered'}")


def edited(clip: Path, smart: bool, found: multiprocessing.Queue[str]) -> None:
    """Say the peak of an edit, with what was done."""
    from avai.networks import registry
    from avai.services.edit import edit

    registry.warm()
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        done = edit(EditRequest(clip=clip, smart=smart, **ASKED), Path(out), quiet)
        took = time.perf_counter() - began
    way = "smart cut" if done.smart else "rendered"
    found.put(f"{peak_mb():6.0f} MB, {len(done.pieces)} pieces, {done.duration:.0f} s {way}, in {took:.0f} s")


def main() -> None:
    lengths = [float(word) for word in sys.argv[1:] if word != "cuts"] or [1.0, 10.0, 60.0]
    works = (cut,) if "cuts" in sys.argv else (cut, edited)
    head("Memory of an edit", "av", "tensorflow", "numpy")
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as made:
        joined = material(Path(made))
        small = joined.with_name("small.mp4")
        ffmpeg("-i", joined, "-vf", f"scale={SIZE}", "-c:v", "libx264", "-c:a", "copy", small)
        for minutes in lengths:
            clip = film(small, round(60 * minutes), "as x264 puts them")
            for work, smart in product(works, (False, True)):
                queue = spawn.Queue()
                process = spawn.Process(target=work, args=(clip, smart, queue))
                process.start()
                process.join()
                print(f"  {minutes:4g} minutes, {work.__name__:6s} {queue.get()}", flush=True)


if __name__ == "__main__":
    main()
