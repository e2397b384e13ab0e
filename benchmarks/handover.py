"""The cuts of a real edit as each project file has them, read by OpenTimelineIO's own readers, beside those asked for.

    python benchmarks/handover.py [video]

Silence is dropped from a talk; then the same talk with its silences four times as fast instead; then 20 s are kept of
a film of 29.97 frames a second (or the same of the video that is given). Frames are those of the files' clock. FCPXML
is read by OTIO's reader with its rounding mended (``tests/handover/otio_readers.py``): by itself it counts 29.97 as 29
frames a second, and is a frame early now and then at 25, 30, 50 and 60.
"""

from __future__ import annotations

import sys
import tempfile
from fractions import Fraction
from pathlib import Path

from joins import SHARED
from report import head

from avai import handover, media
from avai.contracts import Edit, EditPiece, EditRequest
from avai.services.edit import edit
from avai.services.handover import WRITERS, cut_of, write_handover

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "handover"))
from otio_readers import Seen, tracks

SHOWN = 12
FAST = 4.0


def sped_up(result: Edit) -> Edit:
    """The same talk with what was dropped played faster instead."""
    kept = [(piece.start, piece.end, 1.0) for piece in result.pieces]
    dropped = [(stretch.start, stretch.end, FAST) for stretch in result.dropped]
    pieces = [EditPiece(start=a, end=b, at=0, why=("all",), speed=speed) for a, b, speed in sorted(kept + dropped)]
    return result.model_copy(update={"pieces": tuple(pieces)})


def show(clip: Path, result: Edit, asked: str, out: Path) -> None:
    print(f"## {clip.name}, {asked}\n")
    info = media.probe(clip)
    files = write_handover(result, info, clip, [], out)
    cut = cut_of(result, info, clip, [])
    clock = handover.clock_of(cut.rate)
    read = {name: tracks(name.split(".")[1], (out / name).read_text("utf-8"), clock)[0] for name in WRITERS}
    print(
        f"{len(cut.pieces)} pieces, {float(cut.length):.2f} s of {float(cut.duration):.2f}; {float(clock):.3f} frames/s"
    )
    print(f"wrote {', '.join(files)}\n")
    print("Frames of the edit, and of the clip where a piece begins:\n")
    print("| piece | asked at s | of s | speed | asked | " + " | ".join(read) + " |")
    print("|---|---|---|---|---|" + "---|" * len(read))
    off = {name: Fraction(0) for name in read}
    for number, (piece, event) in enumerate(zip(cut.pieces, handover.events(cut), strict=True)):
        asked = (piece.at * clock, piece.start * clock, (piece.until - piece.at) * clock)
        cells = []
        for name, seen in read.items():
            one = seen[number]
            start = in_clip(name, one, event, piece.speed)
            off[name] = max(
                off[name], abs(one.at - asked[0]), abs(one.length - asked[2]), abs(start - asked[1]) / piece.speed
            )
            cells.append(f"{one.at}+{one.length} of {float(start):g}")
        if number < SHOWN:
            wanted = f"{float(asked[0]):.6g}+{float(asked[2]):.6g} of {float(asked[1]):.6g}"
            row = [
                f"{number + 1}",
                f"{float(piece.at):.4f}",
                f"{float(piece.start):.4f}",
                f"{float(piece.speed):g}",
                wanted,
            ]
            print(f"| {' | '.join(row + cells)} |")
    print("\nFurthest from what was asked, in frames of the edit:")
    print(", ".join(f"{name} {float(value):.3f}" for name, value in off.items()) + "\n")


def in_clip(name: str, seen: Seen, event: handover.Event, speed: Fraction) -> Fraction:
    """The frame of the clip that a piece begins with: Final Cut's two formats count it at the piece's speed."""
    if speed == 1 or name in ("edit.otio", "edit.edl"):
        return Fraction(seen.source)
    if name == "edit.xml":
        return seen.source * speed
    return event.source + (seen.source - event.source // speed) * speed  # the map begins what is left of a frame later


def main() -> None:
    head("Hand-over to editors", "opentimelineio", "otio-cmx3600-adapter", "otio-fcp-adapter", "otio-fcpx-xml-adapter")
    given = [Path(name) for name in sys.argv[1:2]]
    talk, film = given * 2 or [SHARED / name for name in ("talk_voice_with_pauses.mp4", "space_apollo15_moonwalk.mp4")]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        spoken = edit(EditRequest(clip=talk, drop_silence=True), out)
        show(talk, spoken, "silence dropped", out)
        show(talk, sped_up(spoken), "silence four times as fast", out)
        show(film, edit(EditRequest(clip=film, target=20, longest=3), out), "20 s, pieces of 3 s at most", out)


if __name__ == "__main__":
    main()
