"""Makes ``assets/examples``: a reel of 16 s and a soundscape of 20 s, with the studio's own parts, and three sounds to
teach.

The material is what gradio's package carries: the videos ``world`` and ``a``, ``sax.wav`` and three photographs; rain,
clock, chirps and the sounds to teach are computed here.

    python assets/make_examples.py
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import soundfile
from moviepy.video.io.ffmpeg_writer import FFMPEG_VideoWriter
from scipy.signal import butter, sosfilt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from avai import media
from avai.media.timeline import Piece, Timeline, Track
from avai.services import music
from avai.services.loudness import even

OUT = Path(__file__).resolve().parent / "examples"
SIZE = (640, 360)
FPS = 25
RATE = music.RATE
RATE_TAUGHT = 16_000
SECONDS = 16
LOUDNESS = -16.0

Sound = npt.NDArray[np.float32]

# what is shown, from which second of its clip on, about when it comes, and how many frames it takes to dissolve in
REEL = (
    ("world", 8.0, 0.0, 0),
    ("lion", 0.5, 3.4, 16),
    ("cheetah1", 0.5, 5.6, 0),
    ("tower", 0.5, 7.7, 12),
    ("world", 22.0, 9.6, 0),
    ("a", 1.0, 11.6, 20),
)


def gradio_media() -> Path:
    """Where gradio keeps its media, found without importing it."""
    spec = find_spec("gradio")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "media_assets"


def pan(photograph: Path, out: Path, seconds: float = 4.0, closer: float = 0.18) -> Path:
    """A slow move into a photograph, as a clip."""
    image = cv2.cvtColor(cv2.imread(str(photograph)), cv2.COLOR_BGR2RGB)
    height, width = image.shape[:2]
    whole = min(width / SIZE[0], height / SIZE[1])
    count = round(seconds * FPS)
    with FFMPEG_VideoWriter(str(out), SIZE, FPS, codec="libx264", ffmpeg_params=["-crf", "12"]) as film:
        for number in range(count):
            scale = whole * (1 - closer * number / count)
            left, top = (width - scale * SIZE[0]) * 0.5, (height - scale * SIZE[1]) * 0.4
            move = np.array([[scale, 0, left], [0, scale, top]], np.float32)
            film.write_frame(cv2.warpAffine(image, move, SIZE, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP))
    return out


def reel(source: Path, work: Path) -> None:
    """Cuts and dissolves on the beats of the saxophone."""
    samples = soundfile.read(source / "audio" / "sax.wav", dtype="float32", always_2d=True)[0]
    soundfile.write(work / "sax.wav", np.repeat(samples, 2, axis=1), RATE, subtype="FLOAT")
    tune = music.listen(work / "sax.wav")
    music.laid(
        work / "sax.wav", music.fitted(tune, work / "sax.wav", SECONDS * RATE), SECONDS * RATE, work / "laid.wav"
    )
    even(work / "laid.wav", work / "evened.wav", LOUDNESS)
    joins = [
        round(float(tune.beats[np.abs(tune.beats - about).argmin()]) * FPS) if about else 0 for _, _, about, _ in REEL
    ]
    pieces = []
    for place, (name, start, _, overlap) in enumerate(REEL):
        first = joins[place] - overlap // 2
        last = joins[place + 1] + REEL[place + 1][3] // 2 if place + 1 < len(REEL) else SECONDS * FPS
        clip = source / "videos" / f"{name}.mp4"
        if not clip.exists():
            photograph = next((source / "images").glob(f"{name}.*"))
            clip = pan(photograph, work / f"{name}.mp4")
        (begin,) = media.snap(clip, [start])
        pieces.append(Piece(clip, begin, begin + Fraction(last - first, FPS), Fraction(first, FPS)))
    sound = Piece(work / "evened.wav", Fraction(0), Fraction(SECONDS), Fraction(0))
    media.render(
        Timeline(Track(tuple(pieces)), Track((sound,)), SIZE, Fraction(FPS), "fill"),
        OUT / "reel.mp4",
        crf=23,
        preset="slow",
    )


def rain(seconds: float, chance: np.random.Generator) -> Sound:
    """A shower: noise that swells and falls, with single drops in it."""
    count = round(seconds * RATE)
    hiss = sosfilt(butter(2, (400, 9000), "bandpass", fs=RATE, output="sos"), chance.standard_normal(count))
    for at in chance.integers(0, count - 400, int(60 * seconds)):
        drop = np.sin(2 * np.pi * chance.uniform(1500, 6000) * np.arange(400) / RATE) * np.exp(-np.arange(400) / 60)
        hiss[at : at + 400] += chance.uniform(0.5, 3.0) * drop
    swell = np.interp(np.arange(count), [0, 0.2 * count, 0.8 * count, count], [0.2, 1.0, 0.9, 0.0])
    return np.asarray(0.06 * hiss * swell, np.float32)


def clock(seconds: float, chance: np.random.Generator) -> Sound:
    """Ticks and tocks, two a second."""
    ticks = np.zeros(round(seconds * RATE))
    for number in range(int(2 * seconds)):
        time = np.arange(2000) / RATE
        ring = np.sin(2 * np.pi * (2900 if number % 2 else 2400) * time) + 0.5 * chance.standard_normal(2000)
        ticks[number * RATE // 2 + 1200 :][:2000] += 0.7 * ring * np.exp(-time * 350)
    return np.asarray(ticks, np.float32)


def chirps(seconds: float) -> Sound:
    """A tone that rises and trembles, again and again, as of a bird."""
    time = np.arange(round(seconds * RATE)) / RATE
    within = time % 0.6
    pitch = 2600 + 900 * np.sin(2 * np.pi * 7 * within) + 1200 * within
    shape = np.clip(np.sin(np.pi * np.minimum(within / 0.35, 1.0)), 0, 1) ** 2
    return np.asarray(0.25 * np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * shape, np.float32)


def soundscape(source: Path, work: Path) -> None:
    """Rain, a clock, a saxophone and chirps, with silences between, as WAV, FLAC and M4A."""
    chance = np.random.default_rng(7)
    sax = soundfile.read(source / "audio" / "sax.wav", dtype="float32", always_2d=True)[0].mean(axis=1)
    phrase = 0.6 * sax[round(1.0 * RATE) : round(6.5 * RATE)]
    edge = np.linspace(0, 1, RATE // 5, dtype=np.float32)
    phrase[: len(edge)] *= edge
    phrase[-len(edge) :] *= edge[::-1]
    whole = np.zeros(20 * RATE, np.float32)
    for at, part in ((0.8, rain(4.5, chance)), (6.2, clock(3.5, chance)), (10.6, phrase), (17.0, chirps(2.4))):
        whole[round(at * RATE) :][: len(part)] += part
    soundfile.write(work / "soundscape.wav", whole, RATE, subtype="FLOAT")
    even(work / "soundscape.wav", work / "evened.wav", -20.0)
    level = soundfile.read(work / "evened.wav", dtype="float32")[0]
    soundfile.write(OUT / "soundscape.wav", level, RATE, subtype="PCM_16")
    soundfile.write(OUT / "soundscape.flac", level, RATE, subtype="PCM_16")
    sound = Piece(OUT / "soundscape.wav", Fraction(0), Fraction(20), Fraction(0))
    media.render(Timeline(sound=Track((sound,))), OUT / "soundscape.m4a")


def kettle(chance: np.random.Generator) -> Sound:
    """A whistle that rises out of hissing steam."""
    time = np.arange(round(chance.uniform(1.0, 1.3) * RATE_TAUGHT)) / RATE_TAUGHT
    pitch = chance.uniform(1900, 2500) * (1 - 0.15 * np.exp(-time * 4)) + 25 * np.sin(2 * np.pi * 6 * time)
    tone = np.sin(2 * np.pi * np.cumsum(pitch) / RATE_TAUGHT)
    hiss = sosfilt(butter(2, 3000, "highpass", fs=RATE_TAUGHT, output="sos"), chance.standard_normal(len(time)))
    return np.asarray(np.minimum(time * 3, 1) * (0.3 * tone + 0.02 * hiss), np.float32)


def bell(chance: np.random.Generator) -> Sound:
    """A stroke that rings out: partials of a church bell."""
    time = np.arange(round(1.2 * RATE_TAUGHT)) / RATE_TAUGHT
    hum = chance.uniform(350, 520)
    parts = ((1, 1.0, 2), (2, 0.8, 3), (2.4, 0.6, 4), (3, 0.5, 5), (4, 0.5, 6), (5.3, 0.3, 9))
    ring = sum(loud * np.sin(2 * np.pi * hum * each * time) * np.exp(-time * fade) for each, loud, fade in parts)
    return np.asarray(0.18 * np.minimum(time * 400, 1) * ring, np.float32)


def knock(chance: np.random.Generator) -> Sound:
    """Three or four knocks on wood."""
    knocks = np.zeros(round(1.2 * RATE_TAUGHT))
    apart = chance.uniform(0.2, 0.28)
    for number in range(int(chance.integers(3, 5))):
        time = np.arange(round(0.12 * RATE_TAUGHT)) / RATE_TAUGHT
        wood = np.sin(2 * np.pi * chance.uniform(160, 240) * time) + 0.3 * chance.standard_normal(len(time))
        at = round((0.05 + number * apart + chance.uniform(0, 0.02)) * RATE_TAUGHT)
        knocks[at : at + len(time)] += 0.5 * wood * np.exp(-time * chance.uniform(45, 70))
    return np.asarray(np.clip(knocks, -1, 1), np.float32)


def three_sounds(source: Path, work: Path) -> None:
    """A folder each of a kettle, a bell and knocks, as a zip that is the same each time it is made."""
    chance = np.random.default_rng(5)
    with zipfile.ZipFile(OUT / "three_sounds.zip", "w") as archive:
        for make in (bell, kettle, knock):
            for number in range(1, 7):
                name = f"{make.__name__}/{make.__name__}_{number}.flac"
                soundfile.write(work / "sound.flac", make(chance), RATE_TAUGHT, subtype="PCM_16")
                archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), (work / "sound.flac").read_bytes())


def main() -> None:
    """Write all examples, and say how big they are."""
    OUT.mkdir(exist_ok=True)
    for make in (reel, soundscape, three_sounds):
        with tempfile.TemporaryDirectory() as work:
            make(gradio_media(), Path(work))
    for path in sorted(OUT.iterdir()):
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
