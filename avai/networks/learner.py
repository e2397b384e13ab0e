"""How a network of one's own learns: a compiled step, an epoch after another, the best one kept.

AdamW (Loshchilov and Hutter 2019; its weight decay is the L2 of the classic recipe) with a short warm-up and a cosine
to nothing, label smoothing, a weight for each class. What it begins with and all that is drawn come from the seed, so
the same sounds give the same arrays, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from avai.contracts import Augmentation, Point
from avai.networks.augment import draw, mixed, styled
from avai.networks.convnet import build, learnt
from avai.networks.logmel import BANDS
from avai.networks.runtime import keras, tf
from avai.networks.view import View, drawn

BATCH, LEAST_STEPS, WARM = 50, 20, 40
SMOOTHING, DECAY, PATIENCE = 0.1, 0.01, 10
KEPT = 0.98
"""How much of the mean of the weights a step keeps: what is judged is that mean, which is steadier."""
RATES = {"scratch": 3e-3, "pretrained": 1e-4}
EPOCHS = {"scratch": 40, "pretrained": 12}
MOST_WEIGHT = 10.0

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Sounds:
    """What is learnt from: ``parts`` of frames (n, 64) of each clip, its class ``target`` (n,) of so many ``classes``,
    and the ``plain`` pictures of its parts."""

    parts: Sequence[Sequence[Floats]]
    plain: Sequence[Floats]
    target: Numbers
    classes: int


@dataclass(frozen=True)
class Fitted:
    """What was learnt: ``arrays`` of the network, ``coef`` (k, f) and ``intercept`` (k,) of its last layer, after
    so many ``epochs``, and the loss on clips that it was watched on."""

    arrays: dict[str, Floats]
    coef: Floats
    intercept: Floats
    epochs: int
    loss: float


class Learner:
    """A network that is built once and taught afresh any number of times."""

    def __init__(self, view: View, classes: int, augment: Collection[Augmentation], seed: int) -> None:
        self.view, self.augment, self.seed = view, augment, seed
        self.trunk = build(view, seed)
        if view.start == "pretrained":
            _ours(self.trunk)
        features = keras.layers.Dropout(0.2, seed=1000 * seed + 95)(self.trunk.output)
        begin = keras.initializers.GlorotUniform(seed=1000 * seed + 96)
        self.head = keras.layers.Dense(classes, name="head", kernel_initializer=begin)
        self.model = keras.Model(self.trunk.inputs, self.head(features))
        self.optimizer = keras.optimizers.AdamW(RATES[view.start], weight_decay=DECAY, clipnorm=1.0)
        self.optimizer.build(self.model.trainable_variables)
        self._mean = [tf.Variable(each) for each in self.model.trainable_variables]
        self._steps = tf.Variable(0.0)
        self._state = [*self.model.variables, *self.optimizer.variables, *self._mean, self._steps]
        self._first = [each.numpy() for each in self._state]
        pictures = tf.TensorSpec((None, view.length, BANDS, 1), tf.float32)
        self._step = tf.function(
            self._learn, input_signature=[pictures, tf.TensorSpec((None, classes)), tf.TensorSpec((None,))]
        )
        self._features = tf.function(lambda x: self.trunk(x, training=False), input_signature=[pictures])

    def fit(
        self,
        sounds: Sounds,
        inside: Numbers,
        watched: Numbers,
        number: int,
        report: Callable[[float], bool],
        told: Callable[[Point], None],
        epochs: int,
    ) -> Fitted | None:
        """Learn from the clips ``inside``, until the loss on those ``watched`` was no better for some epochs; without
        any, for all ``epochs``. ``report`` is called after each batch with the share that is done and says whether to
        go on; None when not even one epoch was finished, or, with nothing to be watched, not all."""
        for variable, value in zip(self._state, self._first, strict=True):
            variable.assign(value)
        if self.view.start == "pretrained":
            self._begin_head(sounds, inside)
        rng = np.random.default_rng([self.seed, number])
        weights = class_weights(sounds.target[inside], sounds.classes)
        size = min(BATCH, len(inside))
        steps = max(round(len(inside) / size), LEAST_STEPS)
        # The schedule is the same however early it ends, so an epoch is as good as it was when it was watched.
        planned = EPOCHS[self.view.start] * steps
        best: Fitted | None = None
        more = True
        for epoch in range(1, epochs + 1):
            order = np.concatenate([rng.permutation(inside) for _ in range(-(-steps * size // len(inside)))])
            losses, right = [], []
            for step in range(steps):
                done = (epoch - 1) * steps + step
                warm = min((done + 1) / WARM, 1.0)
                self.optimizer.learning_rate.assign(
                    RATES[self.view.start] * warm * (0.5 + 0.5 * np.cos(np.pi * done / planned))
                )
                pictures, answers = self._batch(sounds, order[step * size : (step + 1) * size], rng)
                loss, good = self._step(
                    tf.constant(pictures[..., None]),
                    tf.constant(answers * (1 - SMOOTHING) + SMOOTHING / sounds.classes),
                    tf.constant(answers @ weights),
                )
                losses.append(float(loss))
                right.append(float(good))
                more = report((done + 1) / (epochs * steps))
                if not more and step < steps - 1:
                    self.take(best)
                    return best
            if len(watched):
                learning = self._averaged()
                held, accuracy = self._watched(sounds, watched)
                told(
                    Point(
                        epoch=epoch,
                        loss=float(np.mean(losses)),
                        accuracy=float(np.mean(right)),
                        held_out_loss=held,
                        held_out_accuracy=accuracy,
                    )
                )
                if best is None or held < best.loss:
                    best = self._now(epoch, held)
                self._learning(learning)
                if best and epoch - best.epochs >= PATIENCE:
                    break
            if not more and (len(watched) or epoch < epochs):
                self.take(best)
                return best
        if not len(watched):
            self._averaged()
            return self._now(epochs, float("inf"))
        self.take(best)
        return best

    def take(self, fitted: Fitted | None) -> None:
        """Be again what was learnt then."""
        if fitted is None:
            return
        named = {f"{layer.name}.{each.name}": each for layer in self.trunk.layers for each in layer.weights}
        for name, array in fitted.arrays.items():
            named[name].assign(array)

    def features(self, pictures: Floats) -> Floats:
        """Features (n, f) of pictures (n, length, 64)."""
        return np.asarray(self._features(tf.constant(pictures[..., None])).numpy())

    def _begin_head(self, sounds: Sounds, inside: Numbers) -> None:
        """Begin with the head that is best for features as they are, so that tuning does not spoil them for a head that
        knows nothing yet (Kumar et al. 2022)."""
        rows = self.clips([sounds.plain[number] for number in inside.tolist()]).astype(np.float64)
        coef, intercept = linear(rows, sounds.target[inside], class_weights(sounds.target[inside], sounds.classes))
        for variable, value in zip(self.head.weights, (coef.T, intercept), strict=True):
            variable.assign(value)
        for mean, variable in zip(self._mean, self.model.trainable_variables, strict=True):
            mean.assign(variable)

    def _averaged(self) -> list[Floats]:
        """Be the mean of what was learnt lately; gives what it was, to go on from."""
        before = [each.numpy() for each in self.model.trainable_variables]
        for variable, mean in zip(self.model.trainable_variables, self._mean, strict=True):
            variable.assign(mean)
        return before

    def _learning(self, values: list[Floats]) -> None:
        for variable, value in zip(self.model.trainable_variables, values, strict=True):
            variable.assign(value)

    def _now(self, epoch: int, loss: float) -> Fitted:
        kernel, bias = (each.numpy() for each in self.head.weights)
        return Fitted(learnt(self.trunk, self.view), kernel.T.copy(), bias, epoch, loss)

    def _learn(self, pictures: object, answers: object, weights: object) -> object:
        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            logits = self.model(pictures, training=True)
            each = tf.nn.softmax_cross_entropy_with_logits(answers, logits)
            loss = tf.reduce_mean(each * weights)
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        self._steps.assign_add(1.0)
        kept = tf.minimum(KEPT, self._steps / (self._steps + 10.0))
        for mean, variable in zip(self._mean, variables, strict=True):
            mean.assign(kept * mean + (1 - kept) * variable)
        same = tf.equal(tf.argmax(logits, axis=1), tf.argmax(answers, axis=1))
        return tf.reduce_mean(each), tf.reduce_mean(tf.cast(same, tf.float32))

    def _batch(self, sounds: Sounds, chosen: Numbers, rng: np.random.Generator) -> tuple[Floats, Floats]:
        seen = []
        for number in chosen.tolist():
            parts: Sequence[Floats] = sounds.parts[number]
            changes = draw(rng, self.augment)
            seen.append(drawn(parts[int(rng.integers(len(parts)))], self.view, changes, rng))
        pictures = np.stack(seen).astype(np.float32)
        answers = np.eye(sounds.classes, dtype=np.float32)[sounds.target[chosen]]
        if "mixup" not in self.augment:
            return pictures, answers
        if self.view.start == "scratch":
            pictures = styled(pictures, rng)
        return mixed(pictures, answers, rng)

    def _watched(self, sounds: Sounds, watched: Numbers) -> tuple[float, float]:
        """Loss and accuracy on clips that are not learnt from."""
        kernel, bias = (each.numpy() for each in self.head.weights)
        logits = self.clips([sounds.plain[number] for number in watched.tolist()]) @ kernel + bias
        logits = logits.astype(np.float64)
        logs = logits - logits.max(axis=1, keepdims=True)
        logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
        target = sounds.target[watched]
        loss = -float(np.mean(logs[np.arange(len(watched)), target]))
        return loss, float(np.mean(logits.argmax(axis=1) == target))

    def clips(self, pictures: Sequence[Floats], report: Callable[[], object] = lambda: None) -> Floats:
        """Features (n, f) of clips, the mean over the pictures (m, length, 64) of each."""
        found = []
        for first in range(0, len(pictures), BATCH):
            some = pictures[first : first + BATCH]
            each = self.features(np.concatenate(some))
            edges = np.cumsum([0, *(len(one) for one in some)])
            found += [each[a:b].mean(axis=0) for a, b in pairwise(edges)]
            report()
        return np.stack(found)


def linear(
    rows: npt.NDArray[np.float64], target: Numbers, weights: Floats
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Logistic regression on standardised rows (n, f): coef (k, f) and intercept (k,) for rows as they are."""
    middle, scale = rows.mean(axis=0), rows.std(axis=0) + 0.1 * rows.std()
    found = LogisticRegression(C=0.01, max_iter=300).fit((rows - middle) / scale, target, weights[target])
    coef, intercept = found.coef_, found.intercept_
    if len(intercept) == 1:
        coef, intercept = np.concatenate([-coef, coef]) / 2, np.concatenate([-intercept, intercept]) / 2
    return coef / scale, intercept - coef @ (middle / scale)


def class_weights(target: Numbers, classes: int) -> Floats:
    """What a clip of each class (k,) counts, so that all classes count the same, however many clips they have."""
    counts = np.maximum(np.bincount(target, minlength=classes), 1)
    return np.minimum(len(target) / classes / counts, MOST_WEIGHT).astype(np.float32)


def _ours(trunk: object) -> None:
    """Give a trunk the sound network's weights."""
    from avai.networks import registry
    from avai.networks.runtime import fill

    arrays = registry.arrays("sound")
    fill(trunk, {name: array for name, array in arrays.items() if not name.startswith("scores.")}, "sound")
