"""A small conditional GAN that makes log-mel patches (96 x 64) of a class, as the sound network sees them.

Generator: a code and the class modulate each layer (Chen et al. 2019, "On self modulation"), and white noise comes in
at two sizes, since rain and fire are noise. Discriminator: a small network on the patch and three on layers of the
sound network, which stays as it is (Sauer et al. 2021, "Projected GANs": with few clips and few steps a discriminator
on patches alone taught the generator blobs); each with a projection of the class (Miyato and Koyama 2018), spectral
normalisation (Miyato et al. 2018; only where the largest singular value is above ``steep``), hinge loss and the
spread of the batch among its features (Karras et al. 2018). For few data, differentiable augmentation of real and
made alike: shift, mask, gain (Zhao et al. 2020, "DiffAugment"). What is kept is the mean of the generator's weights
over the last steps.

It is not part of the product: ``benchmarks/gan.py`` and ``docs/gan.md`` say what it is good for.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from avai.networks import logmel, registry, sound, sounding
from avai.networks.runtime import compiled, fill, keras, tf
from training import esc10, real

VERSION = 1
"""Of the code below: another one where it trains otherwise, or what is remembered would be taken for its own."""

FLOOR = float(np.log(0.001))
TALL, WIDE = logmel.FRAMES, logmel.BANDS
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """How it is trained; chosen on folds 1 and 2 alone, by the figures of ``benchmarks/gan.py --choose`` and by eye."""

    steps: int = 600
    batch: int = 16
    code: int = 48
    rate: float = 6e-4
    own_rate: float = 6e-4
    kept: float = 0.99
    width: int = 24
    own_width: int = 24
    steep: float = 2.0


@dataclass(frozen=True)
class Source:
    """A clip to learn from: its class number, log-mel ``frames`` (m, 64) each 10 ms, and which of them ``sound``."""

    target: int
    frames: Floats
    sounds: npt.NDArray[np.bool_]

    def starts(self) -> npt.NDArray[np.intp]:
        """Where patches may begin: at least a tenth of such a patch sounds, as in use; all starts when none does."""
        inside = np.concatenate([[0], np.cumsum(self.sounds)])
        share = (inside[TALL:] - inside[:-TALL]) / TALL
        good = np.flatnonzero(share >= sounding.SHARE)
        return good if len(good) else np.arange(len(share))

    def patches(self, starts: npt.NDArray[np.intp]) -> Floats:
        """Those (n, 96, 64) that begin there."""
        return np.asarray(self.frames[starts[:, None] + np.arange(TALL)], np.float32)


def source(clip: esc10.Clip, target: int) -> Source:
    """An ESC-10 clip; half a patch of silence stands before it, so that patch 48 i is window i of the network."""
    samples = real.sound(esc10.data_folder("esc10") / clip.file)
    frames = np.concatenate([sound.frames(batch) for batch in logmel.patches([samples])]).astype(np.float32)
    heard = np.zeros(len(frames), bool)
    loud = clip.levels > sounding.threshold_db(clip.levels)
    heard[: len(loud)] = loud[: len(frames)]
    before = np.full((logmel.STEP, WIDE), FLOOR, np.float32)
    return Source(target, np.concatenate([before, frames]), np.concatenate([np.zeros(logmel.STEP, bool), heard]))


class Draw:
    """Patches at random: each class as often, each clip of a class as often, any start that sounds."""

    def __init__(self, sources: Sequence[Source], seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.starts = [each.starts() for each in sources]
        self.sources = sources
        self.of = [
            [number for number, each in enumerate(sources) if each.target == target]
            for target in range(max(each.target for each in sources) + 1)
        ]

    def batch(self, size: int) -> tuple[Floats, npt.NDArray[np.int32]]:
        """Patches (size, 96, 64) and their classes."""
        targets = self.rng.permutation(np.arange(size) + self.rng.integers(len(self.of))) % len(self.of)
        chosen = [self.rng.choice(self.of[target]) for target in targets]
        patches = [self.sources[k].patches(self.rng.choice(self.starts[k], 1)) for k in chosen]
        return np.concatenate(patches), targets.astype(np.int32)


def generator(classes: int, recipe: Recipe) -> Any:
    """The architecture: code (n, c), class (n,) and noise (n, 96, 64, 1) to standardised patches (n, 96, 64, 1)."""
    layers = keras.layers
    code = keras.Input((recipe.code,))
    label = keras.Input((), dtype="int32")
    noise = keras.Input((TALL, WIDE, 1))
    style = layers.Concatenate()([code, layers.Embedding(classes, 32, name="classes")(label)])
    style = layers.Dense(96, activation="leaky_relu", name="style")(style)

    def modulated(x: Any, filters: int, name: str) -> Any:
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
        x = layers.GroupNormalization(8, center=False, scale=False, name=f"{name}_norm")(x)
        gain = layers.Reshape((1, 1, filters))(
            layers.Dense(filters, bias_initializer="ones", name=f"{name}_gain")(style)
        )
        move = layers.Reshape((1, 1, filters))(layers.Dense(filters, name=f"{name}_move")(style))
        return layers.LeakyReLU(0.2)(x * gain + move)

    def noise_of(size: int) -> Any:
        return layers.Lambda(lambda x: tf.nn.space_to_depth(x, size), (TALL // size, WIDE // size, size * size))(noise)

    w = recipe.width
    x = layers.Reshape((6, 4, 4 * w))(layers.Dense(6 * 4 * 4 * w, name="root")(style))
    x = modulated(layers.UpSampling2D()(x), 3 * w, "a")
    x = modulated(layers.UpSampling2D()(x), 2 * w, "b")
    x = modulated(layers.Concatenate()([x, noise_of(4)]), 2 * w, "c")
    # Few channels where there are many points: on a processor those cost the most.
    x = layers.LeakyReLU(0.2)(layers.Conv2D(32, 3, padding="same", name="d")(x))
    x = layers.Lambda(lambda y: tf.nn.depth_to_space(y, 2), (TALL // 2, WIDE // 2, 8))(x)
    x = layers.Conv2D(4, 3, padding="same", name="last")(layers.Concatenate()([x, noise_of(2)]))
    x = layers.Lambda(lambda y: tf.nn.depth_to_space(y, 2), (TALL, WIDE, 1))(x)
    return keras.Model([code, label, noise], x, name="generator")


def discriminator(classes: int, recipe: Recipe, mean: float, deviation: float) -> Any:
    """The architecture: standardised patches (n, 96, 64, 1) and classes (n,) to how real they look (n, 4): to a small
    network on the patch itself, and to one on each of three layers of the sound network, which stays as it is."""
    layers, w = keras.layers, recipe.own_width
    patch, label = keras.Input((TALL, WIDE, 1)), keras.Input((), dtype="int32")
    hot = layers.Lambda(lambda y: tf.one_hot(y, classes), (classes,))(label)

    def halved(x: Any, filters: int, name: str, size: int = 3) -> Any:
        return layers.LeakyReLU(0.2)(layers.Conv2D(filters, size, strides=2, padding="same", name=name)(x))

    def looks(x: Any, name: str) -> Any:
        """Of maps (n, 6, 4, f): does this look real, and like that class."""
        x = layers.Lambda(with_spread, (6, 4, x.shape[-1] + 1))(x)
        x = layers.LeakyReLU(0.2)(layers.Conv2D(3 * w, 3, padding="same", name=f"{name}_near")(x))
        x = layers.LeakyReLU(0.2)(layers.Dense(96, name=f"{name}_all")(layers.Flatten()(x)))
        of_class = layers.Dot(axes=1)([layers.Dense(96, use_bias=False, name=f"{name}_class")(hot), x])
        return layers.Reshape((1,))(layers.Dense(1, name=f"{name}_real")(x) + of_class)

    ear = sound.build()
    fill(ear, registry.Registry().arrays("sound"), "sound")
    ear = keras.Model(ear.input, [ear.get_layer(name).output for name in ("point3", "point5", "point7")], name="ear")
    ear.trainable = False
    third, fifth, seventh = (
        layers.UnitNormalization()(x) * float(np.sqrt(x.shape[-1]))
        for x in ear(layers.Rescaling(deviation, mean)(patch))
    )
    x = halved(patch, w, "down0", 4)
    for number in (1, 2, 3):
        x = halved(x, (number + 1) * w, f"down{number}")
    parts = [
        looks(x, "patch"),
        looks(halved(halved(third, 2 * w, "third0"), 3 * w, "third1"), "third"),
        looks(halved(layers.Conv2D(2 * w, 1, name="fifth0")(fifth), 3 * w, "fifth1"), "fifth"),
        looks(layers.LeakyReLU(0.2)(layers.Conv2D(3 * w, 1, name="seventh0")(seventh)), "seventh"),
    ]
    return keras.Model([patch, label], layers.Concatenate()(parts), name="judge")


def with_spread(x: Any) -> Any:
    """One more channel: the mean deviation over the batch, by which a discriminator sees that all look the same."""
    spread = tf.reduce_mean(tf.sqrt(tf.math.reduce_variance(x, axis=0) + 1e-8))
    return tf.concat([x, tf.fill([tf.shape(x)[0], x.shape[1], x.shape[2], 1], spread)], axis=-1)


def disturbed(patches: Any, seed: Any) -> Any:
    """DiffAugment for log-mel (n, 96, 64, 1): shifted in time and a little in frequency, one band of each masked,
    louder or quieter, of more or less contrast; all differentiable, drawn anew for each patch from ``seed`` (2,)."""
    n = tf.shape(patches)[0]
    drawn = tf.random.stateless_uniform((8, n), seed)

    def shifting(size: int, most: float, by: Any) -> Any:
        moved = tf.range(size)[None] + tf.cast(tf.round((2 * by - 1) * most), tf.int32)[:, None]
        return tf.one_hot(tf.clip_by_value(moved, 0, size - 1), size)

    def mask(size: int, most: float, at: Any, long: Any) -> Any:
        place = tf.cast(tf.range(size), tf.float32)[None]
        first, last = at[:, None] * size - long[:, None] * most / 2, at[:, None] * size + long[:, None] * most / 2
        return 1 - tf.cast((place >= first) & (place < last), tf.float32)

    x = shifting(TALL, 20, drawn[0]) @ patches[..., 0] @ tf.transpose(shifting(WIDE, 2, drawn[1]), (0, 2, 1))
    x *= 0.85 + 0.3 * drawn[2][:, None, None]
    x += (drawn[3] - 0.5)[:, None, None]
    x *= mask(TALL, 24, drawn[4], drawn[5])[:, :, None] * mask(WIDE, 12, drawn[6], drawn[7])[:, None]
    return x[..., None]


@dataclass(frozen=True)
class Gan:
    """A trained generator for k classes: its arrays, and the mean and deviation of the patches that it was taught."""

    classes: int
    recipe: Recipe
    arrays: dict[str, Floats]
    mean: float
    deviation: float

    def maker(self) -> Callable[[int, int, np.random.Generator, float], Floats]:
        """Makes patches: ``make(target, count, rng, alike)`` gives (count, 96, 64) of one class; of codes that are
        ``alike`` from 0 (nothing in common) to 1 (all the same), as the windows of one clip are."""
        model = generator(self.classes, self.recipe)
        fill(model, self.arrays, "gan")
        run = compiled(
            model, ((None, self.recipe.code), tf.float32), ((None,), tf.int32), ((None, TALL, WIDE, 1), tf.float32)
        )

        def make(target: int, count: int, rng: np.random.Generator, alike: float = 0.0) -> Floats:
            shared, own = rng.normal(size=(1, self.recipe.code)), rng.normal(size=(count, self.recipe.code))
            code = np.sqrt(alike) * shared + np.sqrt(1 - alike) * own
            (made,) = run(code, np.full(count, target), rng.normal(size=(count, TALL, WIDE, 1)))
            return np.maximum(made[..., 0] * np.float32(self.deviation) + np.float32(self.mean), np.float32(FLOOR))

        return make


def train(
    sources: Sequence[Source],
    recipe: Recipe = Recipe(),
    seed: int = 0,
    told: Callable[[str], None] = print,
) -> Gan:
    """A GAN of these clips; the same clips, recipe and seed give the same one."""
    keras.utils.set_random_seed(seed)
    classes = max(each.target for each in sources) + 1
    draw = Draw(sources, seed)
    sample = draw.batch(500)[0]
    mean, deviation = float(sample.mean()), float(sample.std())
    maker, judge = generator(classes, recipe), discriminator(classes, recipe, mean, deviation)
    slow = {name: tf.Variable(value) for name, value in named(maker).items()}
    step = steps(maker, judge, slow, recipe, seed)
    began = time.perf_counter()
    for number in range(recipe.steps):
        patches, targets = draw.batch(recipe.batch)
        rate = 0.5 * (1 + np.cos(np.pi * max(0.0, 2 * number / recipe.steps - 1)))
        losses = step(
            tf.constant(((patches - mean) / deviation)[..., None], tf.float32),
            tf.constant(targets),
            tf.constant(number),
            tf.constant(rate, tf.float32),
        )
        if number % 50 == 49 or number + 1 == recipe.steps:
            real_score, made_score, loss = (float(loss) for loss in losses)
            seconds = time.perf_counter() - began
            told(
                f"step {number + 1} of {recipe.steps}, {seconds:.0f} s: "
                f"real {real_score:+.2f}, made {made_score:+.2f}, generator {loss:+.2f}"
            )
    return Gan(classes, recipe, {name: value.numpy() for name, value in slow.items()}, mean, deviation)


def named(model: Any) -> dict[str, Any]:
    """The weights of a model, by the names that ``runtime.fill`` knows."""
    return {f"{layer.name}.{weight.name}": weight.value for layer in model.layers for weight in layer.weights}


def steps(maker: Any, judge: Any, slow: dict[str, Any], recipe: Recipe, seed: int) -> Any:
    """The compiled step: one of the discriminator, one of the generator, and the slow mean of its weights."""
    makers = keras.optimizers.Adam(recipe.rate, beta_1=0.0, beta_2=0.99)
    judges = keras.optimizers.Adam(recipe.own_rate, beta_1=0.0, beta_2=0.99)
    makers.build(maker.trainable_variables)
    judges.build(judge.trainable_variables)
    kernels = [weight.value for weight in judge.trainable_variables if weight.name == "kernel"]
    ways = [tf.Variable(tf.random.stateless_normal((1, kernel.shape[-1]), (seed, 7))) for kernel in kernels]
    classes = maker.get_layer("classes").embeddings.shape[0]

    def normalise() -> None:
        """Each kernel of the discriminator is held to its largest singular value, by one turn of the power method."""
        for kernel, way in zip(kernels, ways, strict=True):
            matrix = tf.reshape(kernel, (-1, kernel.shape[-1]))
            across = tf.math.l2_normalize(way @ tf.transpose(matrix))
            way.assign(tf.math.l2_normalize(across @ matrix))
            kernel.assign(kernel / tf.maximum(tf.reduce_sum((across @ matrix) * way) / recipe.steep, 1.0))

    @tf.function(jit_compile=False)
    def step(patches: Any, targets: Any, number: Any, rate: Any) -> Any:
        n = recipe.batch
        at = tf.stack([seed, number * 8])
        makers.learning_rate.assign(recipe.rate * rate)
        judges.learning_rate.assign(recipe.own_rate * rate)
        wanted = tf.random.stateless_uniform((n,), at, maxval=classes, dtype=tf.int32)
        with tf.GradientTape() as forward:
            code = tf.random.stateless_normal((n, recipe.code), at + 1)
            made = maker([code, wanted, tf.random.stateless_normal((n, TALL, WIDE, 1), at + 2)], training=True)
            with forward.stop_recording(), tf.GradientTape() as tape:
                # One call on both would let the spread over the batch mix what is real with what is made.
                real_score = judge([disturbed(patches, at + 3), targets], training=True)
                made_score = judge([disturbed(made, at + 4), wanted], training=True)
                loss = tf.reduce_mean(tf.nn.relu(1 - real_score)) + tf.reduce_mean(tf.nn.relu(1 + made_score))
            with forward.stop_recording():
                judges.apply(tape.gradient(loss, judge.trainable_variables), judge.trainable_variables)
                normalise()
            loss = -tf.reduce_mean(judge([disturbed(made, at + 5), wanted], training=True))
        makers.apply(forward.gradient(loss, maker.trainable_variables), maker.trainable_variables)
        # At first the mean is short, or it would remember how the generator began.
        share = tf.minimum(recipe.kept, (1 + tf.cast(number, tf.float32)) / (10 + tf.cast(number, tf.float32)))
        for name, value in named(maker).items():
            slow[name].assign(share * slow[name] + (1 - share) * value)
        return tf.reduce_mean(real_score), tf.reduce_mean(made_score), loss

    return step


def remembered(
    sources: Sequence[Source], recipe: Recipe, seed: int = 0, told: Callable[[str], None] = print
) -> tuple[Gan, float]:
    """The GAN of these clips and the seconds that it took to train; kept in the system's temporary folder by clips,
    recipe, seed and ``VERSION``."""
    key = hashlib.sha256(repr((VERSION, astuple(recipe), seed)).encode())
    for each in sources:
        key.update(each.frames.tobytes() + bytes([each.target]))
    kept = Path(tempfile.gettempdir()) / "avai-training" / f"gan-{key.hexdigest()}.npz"
    if not kept.exists():
        began = time.perf_counter()
        gan = train(sources, recipe, seed, told)
        kept.parent.mkdir(exist_ok=True)
        about = np.array([gan.classes, gan.mean, gan.deviation, time.perf_counter() - began])
        np.savez(kept, **{"about": about, **gan.arrays})
    with np.load(kept) as stored:
        classes, mean, deviation, seconds = stored["about"]
        arrays = {name: stored[name] for name in stored.files if name != "about"}
    return Gan(int(classes), recipe, arrays, float(mean), float(deviation)), float(seconds)
