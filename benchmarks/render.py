"""Rendering: ours, one plain FFmpeg call and MoviePy, on films of 720p30 made by joining real ones.

    python benchmarks/render.py [short] [long] [smart] [runs=5]      nothing named: all three

``short``: 86 s of H.264 and AAC into 20 pieces that keep 60 s; ``long``: 10 minutes into 100 pieces; ``smart``: a smart
cut of 10 minutes into 20 pieces, key frames where x264 puts them and every 2 s. All write H.264 with the same preset,
CRF and threads and AAC at the same rate of bits. Runs are interleaved; figures are medians of wall time, and of the
time that the cores worked, which other work on the machine changes less.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg
from moviepy import VideoFileClip, concatenate_videoclips
from report import head

from avai import media
from avai.media.timeline import Piece, Timeline, Track

SHARED = Path(os.environ.get("AVAI_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "media"
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
PRESET, CRF, SOUND = "veryfast", 20, "192k"
RATE, SIZE = 30, (1280, 720)
SHORT, LONG = 86, 600
PARTS = {  # seconds of each film; sounds where there are some
    "film_sintel_trailer.mp4": 30,
    "film_tears_of_steel_battle.webm": 20,
    "talk_webcam_art_critic.mp4": 12,
    "animal_cockatoo.mp4": 12,
    "space_apollo15_moonwalk.mp4": 12,
}
KEYS = {"as x264 puts them": (), "every 2 s": ("-g", str(2 * RATE), "-keyint_min", str(2 * RATE), "-sc_threshold", "0")}

Spans = Sequence[tuple[Fraction, Fraction]]
Way = Callable[[Path, Spans, Path], None]


def material(folder: Path) -> Path:
    """The film of 86 s, which the studio joins: parts of the shared films, or of those that gradio carries."""
    parts = [(SHARED / name, seconds) for name, seconds in PARTS.items()]
    if not SHARED.exists():
        spec = find_spec("gradio")
        assert spec
        assert spec.submodule_search_locations
        videos = Path(spec.submodule_search_locations[0]) / "media_assets" / "videos"
        parts = [(videos / name, 5) for name in ("world.mp4", "a.mp4", "b.mp4")] * 6
    pieces: list[Piece] = []
    at = Fraction(0)
    for path, seconds in parts:
        length = min(Fraction(seconds), Fraction(media.probe(path).duration).limit_denominator(1000) - Fraction(1, 10))
        length = min(Fraction(int(length * RATE), RATE), SHORT - at)
        if length > 0:
            pieces.append(Piece(path, Fraction(0), length, at))
            at += length
    track = Track(tuple(pieces))
    media.render(Timeline(track, track, SIZE, Fraction(RATE), "fill"), folder / "joined.mp4")
    return folder / "joined.mp4"


def film(joined: Path, seconds: int, keys: str) -> Path:
    """The film written by x264's own defaults, once, and played again and again until it is long enough."""
    once = joined.with_name(f"once {keys}.mp4")
    if not once.exists():
        ffmpeg("-i", joined, "-c:v", "libx264", *KEYS[keys], "-c:a", "aac", "-b:a", SOUND, once)
    if seconds == SHORT:
        return once
    long = joined.with_name(f"{seconds} {keys}.mp4")
    if not long.exists():
        picture = joined.with_name(f"picture {keys}.mp4")  # alone: a sound that is longer would leave gaps
        ffmpeg("-i", once, "-an", "-c:v", "copy", picture)
        again = ("-stream_loop", str(seconds // SHORT), "-i")
        ffmpeg(
            *(*again, picture, *again, once, "-map", "0:v", "-map", "1:a"),
            *("-c:v", "copy", "-c:a", "aac", "-b:a", SOUND, "-t", str(seconds), long),
        )
    return long


def ffmpeg(*words: str | Path) -> None:
    subprocess.run([FFMPEG, "-y", "-v", "error", *map(str, words)], check=True)


def spans_of(seconds: int, count: int, keep: float) -> Spans:
    """``count`` pieces on frame edges that keep about ``keep`` of the film, each with a gap behind it."""
    rng = random.Random(seconds + count)
    cuts = sorted(rng.sample(range(RATE // 2, seconds * RATE - RATE // 2, RATE // 3), count - 1))
    edges = [0, *cuts, seconds * RATE - 2]
    return [
        (Fraction(start, RATE), Fraction(start + max(2, round((end - start) * keep)), RATE))
        for start, end in pairwise(edges)
    ]


def by_moviepy(source: Path, spans: Spans, out: Path) -> None:
    with VideoFileClip(str(source)) as clip:
        kept = concatenate_videoclips([clip.subclipped(float(start), float(end)) for start, end in spans])
        kept.write_videofile(
            str(out),
            codec="libx264",
            preset=PRESET,
            audio_codec="aac",
            audio_bitrate=SOUND,
            ffmpeg_params=["-crf", str(CRF)],
            logger=None,
        )


def by_ffmpeg(source: Path, spans: Spans, out: Path) -> None:
    # a thousandth early: a frame on an edge must fall on the right side of it
    kept = "+".join(f"between(t,{float(start) - 1e-3:.4f},{float(end) - 2e-3:.4f})" for start, end in spans)
    ffmpeg(
        *("-i", source, "-vf", f"select='{kept}',setpts=N/({RATE}*TB)", "-af", f"aselect='{kept}',asetpts=N/SR/TB"),
        *("-c:v", "libx264", "-preset", PRESET, "-crf", str(CRF), "-c:a", "aac", "-b:a", SOUND),
        *("-movflags", "+faststart", out),
    )


def by_render(source: Path, spans: Spans, out: Path) -> None:
    track = media.joined(source, spans)
    media.render(Timeline(track, track), out, crf=CRF, preset=PRESET)


def by_smart_cut(source: Path, spans: Spans, out: Path) -> None:
    track = media.joined(source, spans)
    done = media.smart_cut(Timeline(track, track), out)
    assert not isinstance(done, media.Refusal), done


def worked() -> float:
    """Seconds that cores have worked for this process and those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def race(title: str, source: Path, spans: Spans, ways: dict[str, Way], runs: int) -> None:
    """Print what each way takes, the runs by turns, and checks that all wrote the same length."""
    wanted = float(sum(end - start for start, end in spans))
    print(f"\n{title}: {len(spans)} pieces keep {wanted:.1f} s", flush=True)
    taken: dict[str, list[float]] = {name: [] for name in ways}
    cores: dict[str, list[float]] = {name: [] for name in ways}
    written: dict[str, str] = {}
    for _ in range(runs):
        for name, way in ways.items():
            out = source.with_name("out.mp4")
            begin, busy = time.perf_counter(), worked()
            way(source, spans, out)
            taken[name].append(time.perf_counter() - begin)
            cores[name].append(worked() - busy)
            info = media.probe(out)
            written[name] = f"{info.video.duration:.2f} s, {out.stat().st_size / 1e6:.1f} MB" if info.video else "?"
            print(f"    {name:10s} {taken[name][-1]:6.2f} s, cores {cores[name][-1]:6.2f} s", flush=True)
    for kind, figures in (("wall", taken), ("cores", cores)):
        middle = {name: statistics.median(times) for name, times in figures.items()}
        for name, seconds in middle.items():
            ratios = "  ".join(f"{seconds / middle[other]:.3f} x {other}" for other in middle if other != name)
            spread = f"{min(figures[name]):.2f}-{max(figures[name]):.2f}"
            print(f"  {kind:5s} {name:10s} {seconds:6.2f} s ({spread})  {ratios}  {written[name]}", flush=True)


def main() -> None:
    head("Rendering", "av", "moviepy", "imageio-ffmpeg")
    runs = next((int(word[5:]) for word in sys.argv if word.startswith("runs=")), 5)
    named = {word for word in sys.argv[1:] if word in ("short", "long", "smart")} or {"short", "long", "smart"}
    everybody: dict[str, Way] = {"moviepy": by_moviepy, "ffmpeg": by_ffmpeg, "ours": by_render}
    usual = next(iter(KEYS))
    with tempfile.TemporaryDirectory() as made:
        joined = material(Path(made))
        if "short" in named:
            race("86 s of 720p30", film(joined, SHORT, usual), spans_of(SHORT, 20, 0.7), everybody, runs)
        if "long" in named:
            race("10 minutes of 720p30", film(joined, LONG, usual), spans_of(LONG, 100, 0.7), everybody, runs)
        if "smart" in named:
            for keys in KEYS:
                ways: dict[str, Way] = {"moviepy": by_moviepy, "smart cut": by_smart_cut}
                race(
                    f"Smart cut of 10 minutes, key frames {keys}",
                    film(joined, LONG, keys),
                    spans_of(LONG, 20, 0.7),
                    ways,
                    runs,
                )


if __name__ == "__main__":
    main()
