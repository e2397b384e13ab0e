"""What Recognise says of every shared file with sound, in a line: verdict, layers in seconds, strongest tags.

    PYTHONPATH=. python benchmarks/heard.py [--odd]

Below them what contradicts the table's own description of a file; whatever cannot be told by rule is for ears.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

from report import head

from avai import media
from avai.contracts import LAYERS
from avai.errors import RequestError
from avai.progress import quiet
from avai.services.hearing import listen
from avai.services.layers import layers_of
from avai.services.tags import tags
from avai.services.verdict import verdict
from avai.words import sound_labels
from training import real

SHORTEST_SILENCE = 0.4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--odd", action="store_true", help="the awkward files too")
    asked = parser.parse_args()
    head("What is heard in every shared file with sound", "tensorflow", "av")
    wrong: list[str] = []
    for path, what in files(asked.odd):
        try:
            info = media.probe(path)
            if not info.audio:
                continue
            hearing = listen(path, info.duration, quiet)
        except RequestError as refused:
            print(f"{path.name}: refused: {refused}")
            continue
        layers = layers_of(hearing, None, SHORTEST_SILENCE)
        seconds = {name: sum(span.end - span.start for span in layers[name]) for name in LAYERS}
        strongest: dict[str, float] = {}
        for span in tags(hearing, sound_labels(), layers):
            strongest[span.label] = max(strongest.get(span.label, 0.0), span.confidence)
        best = sorted(strongest.items(), key=lambda item: -item[1])[:5]
        told = verdict(hearing)
        said = f"{told[0].label} {told[0].confidence:.2f}" if told else "nothing"
        print(
            f"{path.name} ({info.duration:.1f} s): {said}; "
            f"{', '.join(f'{name} {value:.1f}' for name, value in seconds.items() if value)}; "
            f"{', '.join(f'{label} {value:.2f}' for label, value in best)}",
            flush=True,
        )
        found = contradictions(what.lower(), told[0].label if told else "", seconds, info.duration)
        wrong += [f"{path.name}: {line}" for line in found]
    print("\nKnown to be wrong by the files' descriptions:", *(wrong or ["nothing"]), sep="\n  ")


def files(odd: bool) -> Iterator[tuple[Path, str]]:
    """Every file of the tables and what it is said to be; of the awkward ones, only what their outcome is."""
    folder = real.shared() / "media"
    for table in ("SOURCES.csv", "odd/ODD.csv") if odd else ("SOURCES.csv",):
        with (folder / table).open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                yield (folder / table).parent / row["file"], row.get("what", "")


def contradictions(what: str, verdict: str, seconds: dict[str, float], duration: float) -> Iterator[str]:
    """What a description rules out, for it says who speaks and plays: none of these files is one of the ten sounds."""
    if not what:
        return
    if "is silent" in what:
        if seconds["silence"] < 0.99 * duration:
            yield "silent, and something is heard"
        return
    if verdict not in ("other", ""):
        yield f"is none of the ten, and the verdict is {verdict}"
    speaks = any(word in what for word in ("speech", "speak", "talk", "voice"))
    plays = any(word in what for word in ("music", "song", "band", "instrumental", "orchestra"))
    if speaks and not seconds["speech"] and "song" not in what:
        yield "somebody speaks, and no speech is heard"
    if plays and not seconds["music"]:
        yield "music plays, and none is heard"
    if not speaks and "film" not in what and seconds["speech"] > 0.05 * duration:
        yield f"nobody is said to speak, and {seconds['speech']:.1f} s are speech"
    if speaks and not plays and "film" not in what and seconds["music"] > 0.1 * duration:
        yield f"nobody is said to play, and {seconds['music']:.1f} s are music"


if __name__ == "__main__":
    main()
