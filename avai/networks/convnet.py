"""A network of one's own: convolutions over a picture of a sound, and features for a head; or ours, tuned.

From scratch: five convolutions with batch norm that pool over bands only, then time in quarters (words: what comes
first matters) or its mean and maximum (long sounds), then a dense layer. Tuned: the sound network, of which the last
two blocks are learnt again. ``shapes`` tells what its arrays must look like before Keras is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from avai.networks.excerpt import Excerpt
from avai.networks.logmel import BANDS
from avai.networks.view import View, pictures

CONVOLUTIONS = (
    (24, (5, 5), (2, 2)),
    (32, (3, 3), (1, 2)),
    (48, (3, 3), (1, 2)),
    (64, (3, 3), (1, 2)),
    (96, (3, 4), (1, 1)),
)
SEGMENT, UNITS = 5, 128
TUNED = {
    "depth12.kernel": (3, 3, 512, 1), "depth12.bias": (512,),
    "point12.kernel": (1, 1, 512, 1024), "point12.bias": (1024,),
    "depth13.kernel": (3, 3, 1024, 1), "depth13.bias": (1024,),
    "point13.kernel": (1, 1, 1024, 1024), "point13.bias": (1024,),
}  # fmt: skip
BATCH_NORM = ("gamma", "beta", "moving_mean", "moving_variance")

Arrays = Mapping[str, npt.NDArray[np.float32]]


def shapes(view: View) -> dict[str, tuple[int, ...]]:
    """The shape of each array of a network that is shown ``view``."""
    if view.start == "pretrained":
        return dict(TUNED)
    found: dict[str, tuple[int, ...]] = {}
    before = 1
    for number, (filters, kernel, _) in enumerate(CONVOLUTIONS, 1):
        found[f"conv{number}.kernel"] = (*kernel, before, filters)
        found |= {f"norm{number}.{name}": (filters,) for name in BATCH_NORM}
        before = filters
    if view.window == 0:
        seen = view.length // 2 - CONVOLUTIONS[-1][1][0] + 1
        found["dense.kernel"] = (-(-seen // SEGMENT) * before, UNITS)
        found["dense.bias"] = (UNITS,)
    return found


def width(view: View) -> int:
    """How many features the network has."""
    if view.start == "pretrained":
        return 1024
    return UNITS if view.window == 0 else 2 * CONVOLUTIONS[-1][0]


def check(arrays: Arrays, view: View) -> None:
    """Raises ``ValueError`` unless the arrays are exactly those of a network that is shown ``view``, finite."""
    if {name: array.shape for name, array in arrays.items()} != shapes(view):
        raise ValueError("the network's arrays are of other shapes")
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise ValueError("the network's arrays should be finite numbers")


def build(view: View, seed: int = 0) -> Any:
    """The Keras model: pictures (n, length, 64, 1) to features (n, ``width``), none negative."""
    from avai.networks.runtime import keras

    if view.start == "pretrained":
        from avai.networks import sound

        model = sound.build()
        for layer in model.layers:
            layer.trainable = any(name.startswith(f"{layer.name}.") for name in TUNED)
        return keras.Model(model.inputs, model.get_layer("pool").output)
    layers = keras.layers

    def begin(number: int) -> Any:
        return keras.initializers.GlorotUniform(seed=1000 * seed + number)

    picture = x = keras.Input((view.length, BANDS, 1))
    for number, (filters, kernel, strides) in enumerate(CONVOLUTIONS, 1):
        padding = "valid" if number == len(CONVOLUTIONS) else "same"
        convolution = layers.Conv2D(
            filters, kernel, strides, padding, use_bias=False, name=f"conv{number}", kernel_initializer=begin(number)
        )
        x = layers.BatchNormalization(momentum=0.95, name=f"norm{number}")(convolution(x))
        x = layers.Activation("relu")(x)
    if view.window == 0:
        x = layers.Flatten()(layers.AveragePooling2D((SEGMENT, 1), padding="same")(x))
        x = layers.Dropout(0.3, seed=1000 * seed + 90)(x)
        x = layers.Dense(UNITS, "relu", name="dense", kernel_initializer=begin(91))(x)
    else:
        x = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])
    return keras.Model(picture, x)


def learnt(model: Any, view: View) -> dict[str, npt.NDArray[np.float32]]:
    """The arrays of a built model that a file keeps."""
    named = {f"{layer.name}.{each.name}": each for layer in model.layers for each in layer.weights}
    return {name: np.asarray(named[name].numpy(), np.float32) for name in shapes(view)}


class Network:
    """A network with its weights: what of a model is between a sound and its head."""

    def __init__(self, view: View, arrays: Arrays) -> None:
        from avai.networks import registry
        from avai.networks.runtime import compiled, fill, tf

        self.view = view
        model = build(view)
        ours = {} if view.start == "scratch" else registry.arrays("sound")
        kept = {name: array for name, array in ours.items() if not name.startswith("scores.")}
        fill(model, {**kept, **arrays}, "taught")
        self._run = compiled(model, ((None, view.length, BANDS, 1), tf.float32))

    def features(self, excerpt: Excerpt) -> npt.NDArray[np.float32]:
        """Features (f,) of an excerpt: the mean over its pictures."""
        (each,) = self._run(pictures(excerpt, self.view)[..., None])
        return np.asarray(each.mean(axis=0))
