"""TensorFlow, started once a process with our number of threads and without its chatter.

Everything here that uses Keras imports it from this module, so that these settings come first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from avai.config import settings
from avai.errors import Fault

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


@contextmanager
def _hushed() -> Iterator[None]:
    """Nothing on stderr: what TensorFlow writes while it is imported heeds no setting. Exceptions come through."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


with _hushed():
    import keras
    import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(settings().threads)
tf.config.threading.set_inter_op_parallelism_threads(settings().threads)
tf.get_logger().setLevel("ERROR")

__all__ = ["Arrays", "Compiled", "compiled", "fill", "keras", "tf"]

Arrays = Mapping[str, npt.NDArray[np.float32]]
Compiled = Callable[..., tuple[npt.NDArray[np.float32], ...]]


def fill(model: Any, arrays: Arrays, name: str) -> None:
    """Set every weight of a Keras model from ``arrays``, named ``<layer>.<weight>`` (``conv.kernel``).

    Raises ``Fault`` when an array is missing, left over, or of another shape: the file is not of this network.
    """
    left = set(arrays)
    for layer in model.layers:
        for variable in layer.weights:
            key = f"{layer.name}.{variable.name}"
            if key not in arrays or tuple(arrays[key].shape) != tuple(variable.shape):
                raise Fault("network.damaged", name=name)
            variable.assign(arrays[key])
            left.discard(key)
    if left:
        raise Fault("network.damaged", name=name)


def compiled(model: Any, *inputs: tuple[tuple[int | None, ...], Any]) -> Compiled:
    """One ``tf.function`` of a model, traced once: ``inputs`` are (shape, type), None for a length that varies.

    Measured in ``benchmarks/networks.py``: Keras' ``predict`` is about four times slower, XLA ten times.
    """
    signature = [tf.TensorSpec(shape, kind) for shape, kind in inputs]

    def apply(*tensors: Any) -> Any:
        return model(tensors[0] if len(tensors) == 1 else list(tensors), training=False)

    run = tf.function(apply, input_signature=signature, jit_compile=False)

    def call(*arrays: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float32], ...]:
        results = run(*(tf.constant(array, spec.dtype) for array, spec in zip(arrays, signature, strict=True)))
        return tuple(result.numpy() for result in (results if isinstance(results, list | tuple) else [results]))

    return call
