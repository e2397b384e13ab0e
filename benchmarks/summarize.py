"""What understanding a video costs: ten minutes of 720p30 H.264, beside PySceneDetect's adaptive detector in one run.

    python benchmarks/summarize.py [MINUTES]

Films of two minutes are made by ``joins`` and repeated without being encoded again; in the one with a single key frame
it stands at the start of each repetition. ``storyboard`` is all that makes the grid of six pictures from key frames,
``shots`` what makes frame-exact shots after it. Times are wall seconds, the peer's
and ours one after the other on the same file. Memory is the peak of a process that does both, for 1, 10 and 60 minutes.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
from joins import Way, write
from report import head, peak_mb
from scenedetect import AdaptiveDetector, detect

from avai.progress import quiet

SIZE, PART = (1280, 720), 120.0
FILMS = (
    (Way("h264, fast cutting", "libx264", 30, {"crf": "23", "preset": "veryfast"}, shots=(0.6, 2.5)), 1),
    (Way("h264, long takes", "libx264", 30, {"crf": "23", "preset": "veryfast"}, shots=(5.0, 9.0)), 2),
    (Way("h264, group of 1 s", "libx264", 30, {"crf": "23", "preset": "veryfast", "g": "30"}), 3),
    (Way("h264, groups of 10 s", "libx264", 30,
         {"crf": "23", "preset": "veryfast", "g": "300", "sc_threshold": "0"}), 4),
    (Way("h264, one key frame", "libx264", 30,
         {"crf": "23", "preset": "veryfast", "g": "9999", "sc_threshold": "0"}), 5),
)  # fmt: skip


def repeated(clip: Path, times: int) -> Path:
    """The film so many times after another, its packets copied."""
    out = clip.with_name(f"{clip.stem}_{times}.mp4")
    if times == 1 or out.exists():
        return out if times > 1 else clip
    with av.open(str(out), "w") as container:
        stream, shift = None, 0
        for _ in range(times):
            with av.open(str(clip)) as source:
                video = source.streams.video[0]
                stream = stream or container.add_stream_from_template(video)
                for packet in source.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                    container.mux(packet)
                assert video.duration
                shift += video.duration
    return out


def storyboard(clip: Path) -> None:
    from avai import media
    from avai.services import seeing
    from avai.services.choice import choose

    duration = seeing.picture_span(media.probe(clip))[1]
    looks = seeing.look(clip, duration, quiet)
    shown = [(float(frame.time), frame.image) for frame in media.frames_at(clip, choose(looks, 6, ()))]
    media.write_jpeg(clip.with_suffix(".jpg"), seeing.storyboard(shown))


def shots(clip: Path) -> None:
    from avai import media
    from avai.services import seeing

    info = media.probe(clip)
    print(f"{len(seeing.shots(seeing.watch(clip, info, quiet), seeing.picture_span(info)[1])):5d} shots", end="")


def adaptive(clip: Path) -> None:
    print(f"{len(detect(str(clip), AdaptiveDetector())):5d} scenes", end="")


def seconds(work: Callable[[Path], None], clip: Path) -> float:
    began = time.perf_counter()
    work(clip)
    return time.perf_counter() - began


def peak(clip: Path, found: multiprocessing.Queue[float]) -> None:
    from avai.networks import registry

    registry.warm()
    storyboard(clip)
    shots(clip)
    found.put(peak_mb())


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    head("Summarise", "scenedetect", "av", "opencv-python", "tensorflow")
    from avai.networks import registry

    registry.warm()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for way, seed in FILMS:
            part = write(folder, way, min(PART, minutes * 60), SIZE, 1, seed)[0]
            clip = repeated(part, max(round(minutes * 60 / PART), 1))
            theirs = seconds(adaptive, clip)
            board, exact = seconds(storyboard, clip), seconds(shots, clip)
            print(
                f"  {way.name:22s} adaptive {theirs:6.1f} s   storyboard {board:5.1f} s = {board / theirs:.3f} x"
                f"   shots {exact:6.1f} s = {exact / theirs:.2f} x",
                flush=True,
            )
        if minutes < 10:
            return
        spawn = multiprocessing.get_context("spawn")
        for count in (1, 10, 60):
            queue = spawn.Queue()
            part = write(folder, FILMS[0][0], 60.0, SIZE, 1, 9)[0]
            process = spawn.Process(target=peak, args=(repeated(part, count), queue))
            process.start()
            print(f"  {count:3d} minutes: peak {queue.get():.0f} MB")
            process.join()


if __name__ == "__main__":
    main()
