"""Does a GAN help where clips are few? ESC-10 with 8 clips a class, beside plain augmentation.

make bench ONLY=gan

The tested fold is 3, 4 or 5 in turn; the 80 clips to learn from are drawn from the other four official folds, so no
source is on both sides. The GAN and the changes were chosen on folds 1 and 2 alone: taught on all 80 clips of one,
tested on the other, as ``--choose`` does. ``--draws N`` (5) and ``--steps N`` set how much is done; GANs that were
trained are remembered (``training/gan.py``). Three judges: the product's quick way, in which a made clip is six patches
of like codes; shrinkage LDA of single windows of the sound network's embedding, a clip's verdict their mean; a small
CNN from scratch on single patches, likewise. GAN-test and GAN-train: Shmelkov et al. 2018, "How good is my GAN?".
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from report import head
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from avai.networks import augment, registry, sounding
from avai.networks.excerpt import Excerpt
from avai.networks.logmel import STEP
from avai.networks.runtime import keras, tf
from avai.networks.teaching import Example, quick
from training import esc10, gan

SHOTS, TALL, WIDE = 8, gan.TALL, gan.WIDE
COPIES, MADE, PATCHES, ALIKE = 2, 8, 6, 0.5
SHRUNK = 0.8
CNN_STEPS, EACH, CNN_RATE = 300, 4, 2e-3
CNN_MADE = 64
FLOOR = np.float32(gan.FLOOR)
PLAIN = ("shift", "speed", "pitch", "gain", "mask")
"""Not noise: as loud as spoken words bear it, it takes the small CNN from 76 to 52 % (fold 1 taught, 2 tested)."""
Clips = Sequence[esc10.Clip]


def changed(frames: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Log-mel frames (n, 64) changed as the thorough way changes what it learns from: speed, pitch, shift, gain and
    masks. Returns frames (n / speed, 64) and the speed."""
    drawn = augment.draw(rng, PLAIN)
    frames = augment.stretched(augment.pitched(frames, drawn.pitch), max(TALL, round(len(frames) / drawn.speed)), drawn)
    frames = augment.masked(augment.coloured(frames, drawn), drawn)
    return np.maximum(frames, FLOOR), drawn.speed


def example_of(clip: esc10.Clip, target: int, group: int) -> Example:
    return Example(target, group, (Excerpt(clip.embedding, clip.sounding, frames_of(clip)[STEP:], clip.levels),))


@cache
def source_of(file: str) -> gan.Source:
    return gan.source(BY_FILE[file], CLASSES.index(BY_FILE[file].label))


def frames_of(clip: esc10.Clip) -> np.ndarray:
    return source_of(clip.file).frames


def heard(patches: np.ndarray, sounds: np.ndarray | None = None) -> Excerpt:
    """What the product is given of patches (n, 96, 64)."""
    _, embedding = registry.sound().look(patches)
    frames = patches[:, STEP:].reshape(-1, WIDE)
    return Excerpt(
        embedding,
        np.ones(len(patches), bool) if sounds is None else sounds,
        frames.astype(np.float16),
        np.where(frames.max(axis=1) > -4, -20.0, -90.0),
    )


def copy_of(clip: esc10.Clip, target: int, group: int, rng: np.random.Generator) -> Example:
    """A clip changed, cut at other places, and heard."""
    source = source_of(clip.file)
    frames, speed = changed(source.frames, rng)
    sounds = source.sounds[np.minimum((np.arange(len(frames)) * speed).astype(int), len(source.sounds) - 1)]
    starts = np.arange(rng.integers(STEP), len(frames) - TALL + 1, STEP)
    share = np.array([sounds[start : start + TALL].mean() for start in starts])
    return Example(target, group, (heard(frames[starts[:, None] + np.arange(TALL)], share >= sounding.SHARE),))


def quick_way(examples: list[Example], tested: Clips) -> float:
    """Per cent of clips right by the product's quick teaching, ``other`` left aside."""
    model = quick(examples, tuple(CLASSES)).model
    right = 0
    for clip in tested:
        labels = [label for label, _ in model.judge(example_of(clip, 0, 0).parts[0]) if label != "other"]
        right += labels[0] == clip.label
    return 100 * right / len(tested)


Batch = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


def network() -> keras.Model:
    layers = keras.layers
    net = [layers.Input((TALL, WIDE, 1))]
    for number, (filters, size, stride) in enumerate(((16, 5, 2), (32, 3, 2), (64, 3, 2), (64, 3, 1))):
        net += [layers.Conv2D(filters, size, stride, padding="same", use_bias=False, name=f"conv{number}")]
        net += [layers.BatchNormalization(momentum=0.95), layers.ReLU()]
    net += [layers.GlobalAveragePooling2D(), layers.Dropout(0.3), layers.Dense(len(CLASSES))]
    return keras.Sequential(net)


def cnn_way(batch: Batch, tested: Clips, seed: int) -> float:
    """Per cent of clips right by a small CNN that is taught on batches of patches; the same steps for each row."""
    keras.utils.set_random_seed(seed)
    net, rng = network(), np.random.default_rng(seed)
    rates = keras.optimizers.schedules.CosineDecay(CNN_RATE, CNN_STEPS)
    optimizer = keras.optimizers.AdamW(rates, weight_decay=0.01)
    optimizer.build(net.trainable_variables)

    @tf.function(jit_compile=False)
    def step(patches: tf.Tensor, targets: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            decided = net(patches, training=True)
            hot = tf.one_hot(targets, len(CLASSES)) * 0.9 + 0.1 / len(CLASSES)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(hot, decided))
        optimizer.apply(tape.gradient(loss, net.trainable_variables), net.trainable_variables)

    for _ in range(CNN_STEPS):
        patches, targets = batch(rng)
        step(tf.constant(standard(patches)), tf.constant(targets, tf.int32))
    judge = tf.function(lambda x: tf.nn.softmax(net(x, training=False)), reduce_retracing=True)
    right = 0
    for clip in tested:
        right += CLASSES[int(judge(tf.constant(standard(windows(clip)))).numpy().mean(axis=0).argmax())] == clip.label
    return 100 * right / len(tested)


def standard(patches: np.ndarray) -> np.ndarray:
    return ((patches + 4) / 2.5)[..., None].astype(np.float32)


def windows(clip: esc10.Clip) -> np.ndarray:
    """The sounding windows (n, 96, 64) of a clip; all when none sounds."""
    which = clip.sounding if clip.sounding.any() else np.ones(len(clip.sounding), bool)
    return source_of(clip.file).patches(np.flatnonzero(which) * STEP)


def plain_patch(source: gan.Source, rng: np.random.Generator) -> np.ndarray:
    start = int(rng.choice(source.starts()))
    first = int(np.clip(start - 12, 0, len(source.frames) - 120))
    return changed(source.frames[first : first + 120], rng)[0][:TALL]


def batches(clips: Clips, made: np.ndarray | None, plain: bool, only_made: bool = False) -> Batch:
    """Batches with ``EACH`` patches of a class: of the clips as they are or changed, half of them made when there are
    made ones (k, n, 96, 64)."""
    fixed = [[windows(clip) for clip in clips if clip.label == name] for name in CLASSES]
    sources = [[source_of(clip.file) for clip in clips if clip.label == name] for name in CLASSES]

    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        patches = []
        for target in range(len(CLASSES)):
            for number in range(EACH):
                if made is not None and (only_made or number % 2):
                    patch = made[target, rng.integers(made.shape[1])]
                    patches.append(
                        changed(np.pad(patch, ((12, 12), (0, 0)), "edge"), rng)[0][:TALL] if plain else patch
                    )
                    continue
                clip = rng.integers(len(fixed[target]))
                if plain:
                    patches.append(plain_patch(sources[target][clip], rng))
                else:
                    patches.append(rng.choice(fixed[target][clip]))
        return np.stack(patches), np.repeat(np.arange(len(CLASSES)), EACH)

    return draw


def drawn(clips: Clips, tested: int, seed: int) -> list[esc10.Clip]:
    """8 clips a class from the folds that are not tested."""
    rng = np.random.default_rng(seed)
    found: list[esc10.Clip] = []
    for name in CLASSES:
        of_class = [clip for clip in clips if clip.label == name and clip.fold != tested]
        found += [of_class[k] for k in rng.choice(len(of_class), SHOTS, replace=False)]
    return found


def measured(taught: Clips, tested: Clips, every: Clips, recipe: gan.Recipe, seed: int) -> dict[str, float]:
    """All figures of one draw."""
    found: dict[str, float] = {}
    trained, found["seconds"] = gan.remembered([source_of(clip.file) for clip in taught], recipe, seed, log)
    make, rng = trained.maker(), np.random.default_rng(seed)
    numbers = range(len(CLASSES))
    target = [CLASSES.index(clip.label) for clip in taught]
    real = [example_of(clip, k, group) for group, (clip, k) in enumerate(zip(taught, target, strict=True))]
    plain = [copy_of(clip, target[group], group, rng) for _ in range(COPIES) for group, clip in enumerate(taught)]
    made = [
        Example(k, len(taught) + k * MADE + number, (heard(make(k, PATCHES, rng, ALIKE)),))
        for k in numbers
        for number in range(MADE)
    ]
    for name, more in {"nothing": [], "plain": plain, "gan": made, "both": plain + made}.items():
        found[f"quick {name}"] = quick_way(real + more, tested)
        found[f"lda {name}"] = lda_way(real + more, tested)
        log(f"{name}: quick {found[f'quick {name}']:.1f}, LDA {found[f'lda {name}']:.1f}")
    found["quick only made"], found["lda only made"] = quick_way(made, tested), lda_way(made, tested)
    pool = np.stack([make(k, CNN_MADE, rng) for k in numbers])
    for name, (with_gan, with_plain) in {"nothing": (0, 0), "plain": (0, 1), "gan": (1, 0), "both": (1, 1)}.items():
        found[f"cnn {name}"] = cnn_way(batches(taught, pool if with_gan else None, bool(with_plain)), tested, seed)
        log(f"cnn {name} {found[f'cnn {name}']:.1f}")
    found["cnn only made"] = cnn_way(batches(taught, pool, False, only_made=True), tested, seed)
    return found | quality(pool, taught, tested, every)


def quality(pool: np.ndarray, taught: Clips, tested: Clips, every: Clips) -> dict[str, float]:
    """How made patches (k, n, 96, 64) look to the sound network: GAN-test, spread within a class, how near they are to
    the nearest patch that was taught; each beside real clips of the tested fold, ``real``."""
    judge = judge_of(every)
    figures: dict[str, list[float]] = {}
    for k, name in enumerate(CLASSES):
        learnt, real = (
            np.concatenate([root(clip) for clip in some if clip.label == name]) for some in (taught, tested)
        )
        for kind, rows in {"real": real, "made": roots_of(pool[k])}.items():
            figures.setdefault(f"test {kind}", []).append(100 * float(np.mean(judge.predict(rows) == k)))
            figures.setdefault(f"spread {kind}", []).append(spread(rows) / spread(learnt))
            figures.setdefault(f"near {kind}", []).append(nearest(rows, learnt))
    for name in ("test made", "test real"):
        log(
            f"{name}: " + ", ".join(f"{label} {value:.0f}" for label, value in zip(CLASSES, figures[name], strict=True))
        )
    return {key: float(np.mean(values)) for key, values in figures.items()}


def judge_of(clips: Clips) -> LinearDiscriminantAnalysis:
    """Tells the class of a window, learnt from many real clips."""
    return lda([root(clip) for clip in clips], [CLASSES.index(clip.label) for clip in clips], 0.2)


def lda(rows: list[np.ndarray], targets: list[int], shrinkage: float) -> LinearDiscriminantAnalysis:
    """Tells the class of a window from the roots of its embedding; learnt from those of clips (n, 1024)."""
    judge = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage, priors=[1 / len(CLASSES)] * len(CLASSES))
    return judge.fit(np.concatenate(rows), np.repeat(targets, [len(each) for each in rows]))


def lda_way(examples: list[Example], tested: Clips) -> float:
    """Per cent of clips right by shrinkage LDA of windows; a clip's verdict is the mean over its sounding windows."""
    heard_parts = [example.parts[0] for example in examples]
    sounding_rows = [part.embedding[part.sounding if part.sounding.any() else slice(None)] for part in heard_parts]
    judge = lda([np.sqrt(np.maximum(rows, 0)) for rows in sounding_rows], [each.target for each in examples], SHRUNK)
    told = [CLASSES[judge.predict_log_proba(root(clip)).mean(axis=0).argmax()] for clip in tested]
    return 100 * float(np.mean([name == clip.label for name, clip in zip(told, tested, strict=True)]))


def roots_of(patches: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(registry.sound().look(patches)[1], 0))


def root(clip: esc10.Clip) -> np.ndarray:
    return np.sqrt(np.maximum(clip.embedding[clip.sounding if clip.sounding.any() else slice(None)], 0))


def spread(rows: np.ndarray) -> float:
    """Mean squared distance from the mean."""
    return float(np.mean(np.sum((rows - rows.mean(axis=0)) ** 2, axis=1)))


def nearest(rows: np.ndarray, to: np.ndarray) -> float:
    """Mean cosine to the nearest of the other."""
    unit, other = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (rows, to))
    return float((unit @ other.T).max(axis=1).mean())


def log(line: str) -> None:
    print(f"  {line}", flush=True)


def table(found: list[dict[str, float]]) -> None:
    def shown(key: str, digits: int = 1) -> str:
        values = np.array([each[key] for each in found])
        return f"{values.mean():6.{digits}f} ({values.std(ddof=1) if len(values) > 1 else 0:.{digits}f})"

    rows = {"nothing": "nothing", "plain": "plain augmentation", "gan": "GAN", "both": "both"}
    ways = {"quick": "quick", "lda": "LDA", "cnn": "small CNN"}
    print(
        f"\n{'added; per cent of clips right, mean (deviation)':50s}" + "".join(f"{way:>14s}" for way in ways.values())
    )
    for key, name in {**rows, "only made": "made ones alone (GAN-train)"}.items():
        print(f"{name:50s}" + "".join(f"{shown(f'{way} {key}'):>14s}" for way in ways))
    for way, way_name in ways.items():
        for key in ("plain", "gan", "both"):
            gain = np.array([each[f"{way} {key}"] - each[f"{way} nothing"] for each in found])
            print(f"{way_name}, {rows[key]} less nothing, each draw: {' '.join(f'{value:+.1f}' for value in gain)}")
    print(f"\n{'patches':45s} {'made':>14s} {'real, unseen':>14s}")
    for key, name, digits in (
        ("test", "told right by a judge of 320 clips (GAN-test)", 1),
        ("spread", "spread within a class, of the taught ones", 2),
        ("near", "cosine to the nearest taught patch", 3),
    ):
        print(f"{name:45s} {' '.join(f'{shown(key + kind, digits):>14s}' for kind in (' made', ' real'))}")
    print(f"\ntraining a GAN: {shown('seconds', 0)} s of the clock")


CLASSES: list[str] = []
BY_FILE: dict[str, esc10.Clip] = {}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--steps", type=int, default=gan.Recipe().steps)
    parser.add_argument("--choose", action="store_true")
    asked = parser.parse_args()
    head("A GAN for few clips: ESC-10, 8 a class", "tensorflow", "scikit-learn", "numpy")
    began, clips = time.perf_counter(), esc10.clips()
    CLASSES.extend(sorted({clip.label for clip in clips}))
    BY_FILE.update({clip.file: clip for clip in clips})
    recipe, found = replace(gan.Recipe(), steps=asked.steps), []
    for seed in range(asked.first, asked.first + asked.draws):
        if asked.choose:
            taught_fold, tested_fold = 1 + seed % 2, 2 - seed % 2
            taught = every = [clip for clip in clips if clip.fold == taught_fold]
        else:
            tested_fold = 3 + seed % 3
            taught, every = drawn(clips, tested_fold, seed), [clip for clip in clips if clip.fold != tested_fold]
        tested = [clip for clip in clips if clip.fold == tested_fold]
        found.append(measured(taught, tested, every, recipe, seed))
        log(f"draw {seed}, fold {tested_fold} tested: {json.dumps({k: round(v, 3) for k, v in found[-1].items()})}")
    table(found)
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
