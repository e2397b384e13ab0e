"""What the original networks give on real input, kept in tests/networks/originals.json, and how to compare.

ONNX files are run by the import scripts themselves. The project does without PyTorch; to make that part again:

    python -m training.originals inputs.npz                          # here: writes the input
    python training/run_originals.py inputs.npz PACKAGES out.json    # where PyTorch is: runs the originals
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np

from avai.config import ROOT
from avai.networks import erb, faces, frame, logmel
from training import real

FILE = ROOT / "tests" / "networks" / "originals.json"
TENTH = 10
"""Every tenth frame's filters are kept."""


def frame_input() -> np.ndarray:
    """Six pictures (6, 224, 224, 3) uint8: photographs and frames of videos."""
    photographs = [real.picture(real.media() / "images" / name) for name in ("tower.jpg", "cheetah.jpg", "lion.jpg")]
    frames = [real.pictures(real.media() / "videos" / name)[50] for name in ("a.mp4", "b.mp4", "world.mp4")]
    return np.stack([frame.fitted(image) for image in [*photographs, *frames]])


def shots_input() -> np.ndarray:
    """Frames (170, 27, 48, 3) uint8: a title, cut (after 60) to a turning globe, dissolved into a photograph that
    moves by."""
    title, globe = (
        real.pictures(real.media() / "videos" / name, (48, 27))[20:90].astype(np.float64) for name in ("a.mp4", "b.mp4")
    )
    tower = real.picture(real.media() / "images" / "tower.jpg")
    height = tower.shape[1] * 27 // 48
    parts = [tower[top : top + height] for top in range(0, 120, 2)]
    photograph = np.stack([cv2.resize(part, (48, 27), interpolation=cv2.INTER_AREA) for part in parts])
    share = np.linspace(0, 1, 22)[1:-1, None, None, None]
    mixed = globe[50:70] * (1 - share) + photograph[:20] * share
    return np.rint(np.concatenate([title[:60], globe[:50], mixed, photograph[20:60]])).astype(np.uint8)


def faces_input() -> np.ndarray:
    """Three pictures (3, 256, 256, 3) uint8: a portrait, the same small in a wide picture, and a lion."""
    portrait = real.portrait()
    wide = cv2.copyMakeBorder(portrait, 300, 100, 700, 300, cv2.BORDER_REPLICATE)
    lion = real.picture(real.media() / "images" / "lion.jpg")
    return np.stack([faces.canvas(image, step=faces.SIZE).image for image in (portrait, wide, lion)])


def faces_row(logits: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Every third answer, a row (n, 5083) a picture: logits to 100 either way, as nobody tells beyond, and numbers in
    fractions of the picture."""
    answers = np.concatenate([np.clip(logits, -100, 100)[..., None], numbers / faces.SIZE], axis=2)[:, ::3]
    return answers.reshape(len(answers), -1)


def sound_input() -> np.ndarray:
    """Log-mel patches (12, 96, 64) of a saxophone."""
    return next(iter(logmel.patches([real.sound(real.media() / "audio" / "sax.wav")], most=12)))


def speech_input() -> np.ndarray:
    """3.2 s of a voice, 16 kHz."""
    return real.sound(real.media() / "audio" / "cate_blanch.mp3")[16_000 : 16_000 + 51_200]


def denoise_input() -> tuple[np.ndarray, np.ndarray]:
    """What the noise suppressor is shown of 1.2 s of a voice: levels (1, 120, 32) and low bins (1, 120, 96, 2)."""
    samples = real.sound(real.media() / "audio" / "cate_blanch.mp3", erb.RATE)[48_000 : 48_000 + 120 * erb.HOP]
    return erb.Features(1).of(erb.Analysis(1).spectra(samples[None]))


def compare_denoise(gains: np.ndarray, filters: np.ndarray) -> None:
    """Gains and filters for ``denoise_input`` against the original's."""
    compare("denoise gains", gains[0], most=1e-4)
    compare("denoise filters", filters[0, ::TENTH].reshape(-1, filters[0, 0].size), most=1e-4)


def keep(name: str, package: str, output: np.ndarray) -> None:
    """Keep what an original gave."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    found[name] = {"package": package, "output": np.round(sampled(output).astype(np.float64), 6).tolist()}
    FILE.write_text(json.dumps(found) + "\n", encoding="utf-8")


def compare(name: str, ours: np.ndarray, most: float = 1e-3) -> float:
    """The largest difference between ``ours`` and what the original gave; stops the script where it is above
    ``most``."""
    theirs = np.array(json.loads(FILE.read_text(encoding="utf-8"))[name]["output"])
    worst = float(np.abs(sampled(ours) - theirs).max())
    print(f"{name}: largest difference from the original {worst:.1e}, over numbers up to {np.abs(theirs).max():.1f}")
    if worst > most:
        raise SystemExit(f"the rebuilt {name} is not the original")
    return worst


def likeness(name: str, exact: np.ndarray, stored: np.ndarray, least: float = 0.9999) -> float:
    """The smallest cosine between rows of the float32 network's output and the stored file's; stops below
    ``least``."""
    exact, stored = np.atleast_2d(exact).astype(np.float64), np.atleast_2d(stored).astype(np.float64)
    cosine = (exact * stored).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(stored, axis=1)
    print(f"{name}: the stored file against float32, cosine at least {cosine.min():.6f}")
    if cosine.min() < least:
        raise SystemExit(f"the stored file of {name} is too coarse")
    return float(cosine.min())


def sampled(output: np.ndarray) -> np.ndarray:
    """Every eighth number of rows, all of a plain list: what the file keeps."""
    return output[:, ::8] if output.ndim == 2 else output


if __name__ == "__main__":
    np.savez(Path(sys.argv[1]), frame=frame_input(), shots=shots_input())
