"""Every task on every file of the shared media: outcome in a line, wall time as a multiple of the clip's length.

    PYTHONPATH=. python benchmarks/tasks.py [--only NAME] [--odd]

Warm networks, one process, as a worker runs them. Prints a table for README and the peak memory of the process.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from report import head

from avai.contracts import (
    ComposeRequest,
    Composition,
    Edit,
    EditRequest,
    ProbeRequest,
    Recognition,
    RecognizeRequest,
    Result,
    SummarizeRequest,
    Summary,
)
from avai.errors import RequestError
from avai.networks import registry
from avai.services import recall
from avai.services.compose import compose
from avai.services.edit import edit
from avai.services.probe import probe
from avai.services.recognize import recognize
from avai.services.summarize import summarize

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("AVAI_SHARED") or ROOT.parent / "shared") / "media"


def files(odd: bool) -> Iterator[Path]:
    folder, table = (SHARED / "odd", "ODD.csv") if odd else (SHARED, "SOURCES.csv")
    with (folder / table).open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            yield folder / row["file"]


def told(result: Result) -> str:
    """A result in a line."""
    if isinstance(result, Recognition):
        layers = ", ".join(
            f"{name} {sum(span.end - span.start for span in spans):.1f} s"
            for name, spans in result.layers.items()
            if spans
        )
        strongest: dict[str, float] = {}
        for span in result.spans:
            strongest[span.label] = max(strongest.get(span.label, 0.0), span.confidence)
        best = ", ".join(f"{k} {v:.2f}" for k, v in sorted(strongest.items(), key=lambda item: -item[1])[:4])
        verdict = result.classes[0].label if result.classes else "nothing"
        return f"verdict {verdict}; {layers}; {best}"
    if isinstance(result, Summary):
        times = " ".join(f"{picture.time:.1f}" for picture in result.pictures)
        return f"{len(result.shots)} shots, pictures at {times}, skim {result.skim.duration:.2f} s"
    if isinstance(result, Edit):
        return f"{result.source_duration:.1f} s -> {result.duration:.2f} s in {len(result.pieces)} pieces"
    if isinstance(result, Composition):
        return f"{result.duration:.2f} s of {len(result.pieces)} pieces, {result.loudness:.1f} LUFS"
    return ""


def attempt(name: str, run: Callable[[Path], Result], length: float) -> None:
    """Run one task and print its line; nothing is remembered of the one before."""
    recall.forget()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        try:
            result = run(Path(folder))
            line, notes = told(result), [note.code for note in result.warnings]
        except RequestError as refused:
            line, notes = f"refused: {refused}", []
        took = time.perf_counter() - began
    multiple = f"{took / length:5.2f} x" if length else "       "
    print(f"  {name:9s} {took:6.1f} s {multiple}  {line}{'  ! ' + ', '.join(notes) if notes else ''}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--odd", action="store_true")
    asked = parser.parse_args()
    head("Every task on every shared file", "av", "tensorflow", "keras")
    registry.warm()
    sound = SHARED / "music_vibe_ace.ogg"
    for path in files(asked.odd):
        if asked.only not in path.name:
            continue
        length = 0.0
        try:
            with tempfile.TemporaryDirectory() as folder:
                info = probe(ProbeRequest(clip=path), Path(folder))
            length = info.duration
            notes = ", ".join(note.code for note in info.warnings)
            print(f"{path.name}: {info.kind}, {info.duration:.2f} s{'  ! ' + notes if notes else ''}")
        except RequestError as refused:
            print(f"{path.name}: refused: {refused}")
        silence = bool(length and info.audio)
        attempt("recognize", lambda out, p=path: recognize(RecognizeRequest(clip=p), out), length)
        attempt("summarize", lambda out, p=path: summarize(SummarizeRequest(clip=p), out), length)
        attempt(
            "edit",
            lambda out, p=path, s=silence: edit(EditRequest(clip=p, drop_silence=s, target=10), out),
            length,
        )
        attempt("compose", lambda out, p=path: compose(ComposeRequest(clips=(p,), sound=sound, seconds=6), out), length)
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
