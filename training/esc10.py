"""The ESC-10 clips as the sound network hears them; kept in the system's temporary folder between runs.

Data: Piczak 2015, "ESC: Dataset for Environmental Sound Classification", in the shared data folder (``data/esc10``).
"""

from __future__ import annotations

import csv
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avai.config import MODELS
from avai.networks import logmel, registry, sounding
from training import real


@dataclass(frozen=True)
class Clip:
    """One clip: its label, official fold, licence, windows' embedding (n, 1024) and scores (n, 521), and levels."""

    file: str
    label: str
    fold: int
    licence: str
    embedding: np.ndarray
    scores: np.ndarray
    levels: np.ndarray

    @property
    def times(self) -> np.ndarray:
        return np.arange(len(self.embedding)) * logmel.STEP_SECONDS

    @property
    def sounding(self) -> np.ndarray:
        return sounding.sounding_windows(self.levels, self.times)


def data_folder(name: str) -> Path:
    """``data/<name>`` of the shared folder (``AVAI_SHARED``, else ``../shared``)."""
    folder = real.shared() / "data" / name
    if not folder.is_dir():
        raise SystemExit(f"data not found at {folder}: set AVAI_SHARED to the folder of shared media and data")
    return folder


def heard(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Embedding, scores and 10 ms levels of a sound file, remembered by its content and the network's."""
    key = hashlib.sha256(path.read_bytes() + (MODELS / "sound.safetensors").read_bytes()).hexdigest()
    kept = Path(tempfile.gettempdir()) / "avai-training" / f"{key}.npz"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        samples = real.sound(path)
        hearing = registry.sound().hear([samples])
        levels = sounding.levels_db(samples)
        np.savez(kept, embedding=hearing.embedding, scores=hearing.scores, levels=levels)
    with np.load(kept) as stored:
        return stored["embedding"], stored["scores"], stored["levels"]


def clips() -> list[Clip]:
    """All 400 clips."""
    folder = data_folder("esc10")
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return [
            Clip(row["file"], row["label"], int(row["fold"]), row["licence"], *heard(folder / row["file"]))
            for row in csv.DictReader(file)
        ]
