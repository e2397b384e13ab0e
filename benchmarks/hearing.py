"""How long ten minutes of sound take to be recognised, part by part, beside decoding alone; memory over three hours.

    PYTHONPATH=. python benchmarks/hearing.py [--hours 3]

One warm process, as a worker. The sound is music, speech and everyday sounds of the shared data, one after another.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import cycle
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
from report import head

from avai import media
from avai.config import settings
from avai.contracts import RecognizeRequest
from avai.networks import logmel, registry
from avai.progress import quiet
from avai.services.hearing import listen
from avai.services.layers import layers_of
from avai.services.recognize import recognize
from avai.services.tags import tags
from avai.services.verdict import verdict
from avai.words import sound_labels
from training import esc10, real

SECONDS = 600
RATE = 44_100
KINDS = {"mp3": ("libmp3lame", 128_000), "opus": ("libopus", 96_000), "wav": ("pcm_s16le", 0)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=0)
    asked = parser.parse_args()
    head("Ten minutes of sound, recognised", "tensorflow", "av", "numpy")
    registry.warm()
    with tempfile.TemporaryDirectory() as folder:
        if asked.hours:
            memory(Path(folder) / "long.wav", asked.hours)
            return
        samples = sound()
        print(f"{settings().threads} threads; seconds of wall clock (of processor time, for a busy machine)\n")
        for kind, (codec, bits) in KINDS.items():
            path = Path(folder) / f"ten.{kind}"
            written(samples, path, codec, bits)
            parts(path)


def parts(path: Path) -> None:
    def decoded() -> None:
        with av.open(str(path)) as container:
            for _ in container.decode(audio=0):
                pass

    print(f"{path.suffix[1:]}, {path.stat().st_size / 1e6:.1f} MB, load of the machine {os.getloadavg()[0]:.1f}")
    took("decoding alone", decoded)
    blocks = took("decoded, mixed, at 16 kHz", lambda: list(media.audio_blocks(path, rate=logmel.RATE)))
    flat = [block[:, 0] for block in blocks]
    if path.suffix == ".wav":
        took("log-mel", lambda: list(logmel.patches(flat)))
        took("sound network, with log-mel", lambda: registry.sound().hear(flat))
        took("speech network", lambda: registry.speech().listen(flat))
    hearing = took("decoding and both networks at once", lambda: listen(path, SECONDS, quiet))
    took(
        "layers, tags, verdict",
        lambda: (tags(hearing, sound_labels(), layers_of(hearing, None, 0.4)), verdict(hearing)),
    )
    with tempfile.TemporaryDirectory() as out:
        took("RECOGNISED, all layers", lambda: recognize(RecognizeRequest(clip=path, split=False), Path(out)))
    print()


def took(what: str, action: Callable[[], Any]) -> Any:
    wall, work = time.perf_counter(), time.process_time()
    made = action()
    print(f"  {what:36s} {time.perf_counter() - wall:6.2f} ({time.process_time() - work:5.2f})", flush=True)
    return made


def sound() -> np.ndarray:
    """Ten minutes, mono at 44.1 kHz."""
    given = [sorted(esc10.data_folder(name).rglob(kind)) for name, kind in SOURCES]
    found: list[np.ndarray] = []
    for number, turn in enumerate(cycle(given)):
        if turn:
            found.append(real.sound(turn.pop(number % len(turn)), RATE))
        if sum(map(len, found)) >= SECONDS * RATE:
            return np.concatenate(found)[: SECONDS * RATE]
    raise AssertionError


SOURCES = (("music", "*.ogg"), ("speech", "*.flac"), ("esc10", "*.ogg"))


def written(samples: np.ndarray, path: Path, codec: str, bits: int) -> None:
    rate = 48_000 if codec == "libopus" else RATE
    with av.open(str(path), "w") as container:
        track = container.add_stream(codec, rate=rate, layout="stereo")
        if bits:
            track.bit_rate = bits
        change = av.AudioResampler(
            track.codec_context.format, "stereo", rate, frame_size=track.codec_context.frame_size or 1024
        )
        for frame in (*frames(samples), None):
            for ready in change.resample(frame):
                container.mux(track.encode(ready))
        container.mux(track.encode(None))


def frames(samples: np.ndarray) -> Iterator[av.AudioFrame]:
    for start in range(0, len(samples), RATE):
        block = np.stack([samples[start : start + RATE], 0.8 * samples[start : start + RATE]])
        frame = av.AudioFrame.from_ndarray(block.astype(np.float32), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame


def memory(path: Path, hours: float) -> None:
    """Resident memory at each tenth of a sound of so many hours at 8 kHz."""
    os.environ["AVAI_MAX_SECONDS"] = str(hours * 3600 + 60)
    minute = np.resize(real.sound(next(esc10.data_folder("music").glob("*.ogg")), 8000), 60 * 8000)
    with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16") as file:
        for _ in range(round(hours * 60)):
            file.write(minute)
    peak, ended = [resident()], threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            peak.append(resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as out:
        recognize(RecognizeRequest(clip=path, split=False), Path(out))
    ended.set()
    watcher.join()
    tenths = [max(part) for part in np.array_split(peak, 10)]
    print(
        f"{hours:g} h in {time.perf_counter() - began:.0f} s; resident MB before {peak[0]:.0f}, by tenths of the time",
        end="",
    )
    print(f" {' '.join(f'{value:.0f}' for value in tenths)}")


def resident() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
