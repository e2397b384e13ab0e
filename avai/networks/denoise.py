"""Noise suppression: DeepFilterNet3 (MIT or Apache 2.0), for speech at 48 kHz.

A short-time Fourier transform of 20 ms each 10 ms goes through two stages: a gain for each of 32 bands as wide as the
ear's (ERB), and, below 4.8 kHz, where the harmonics of a voice are, a complex filter over five frames for each bin.
All states run through the whole sound, so blocks may be of any length and an hour takes no more memory than a second.
Source: Schröter, Rosenkranz, Escalante-B. and Maier, "DeepFilterNet: Perceptually Motivated Real-Time Speech
Enhancement", Interspeech 2023; Rikorose/DeepFilterNet, version 0.5.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import numpy as np

from avai.networks.erb import BANDS, BINS, LOW, Analysis, Balance, Features, Samples, Spectra, Synthesis, hops, widths
from avai.networks.runtime import Arrays, compiled, fill, keras, tf

AHEAD = 2
"""Frames that the network hears beyond the one it judges, and that a filter reaches to either side."""
TAPS, BEFORE, UNITS, CHANNELS = 5, 4, 256, 64
CHUNK = 50
"""Frames a call: half a second."""
OPENING = 4
"""Chunks that are listened to beforehand (benchmarks/denoise.py, opening; chosen on readers that no figure is of)."""


def build() -> Any:
    """The architecture, n sounds at a time. Takes band levels (n, t + 2, 32), low bins (n, t + 2, 96, 2), each with
    the two frames before; the four frames (n, 4, 96, 64) of the filters' path before; five states (n, 256).
    Gives gains (n, t, 32), filters (n, t, 96, 10), and the latter path and states after."""
    layers, ops = keras.layers, keras.ops
    levels, low = keras.Input((None, BANDS)), keras.Input((None, LOW, 2))
    before = keras.Input((BEFORE, LOW, CHANNELS))
    states = [keras.Input((UNITS,)) for _ in range(5)]
    after: list[Any] = []

    def separable(x: Any, name: str, stride: int = 1) -> Any:
        if stride == 2:  # PyTorch pads one on each side; "same" would pad the end only
            x = layers.ZeroPadding2D((0, 1))(x)
        padding = "valid" if stride == 2 else "same"
        x = layers.DepthwiseConv2D((1, 3), (1, stride), padding, use_bias=False, name=f"{name}_each")(x)
        return layers.Conv2D(CHANNELS, 1, activation="relu", name=name)(x)

    def widened(x: Any, name: str) -> Any:
        """Twice as many bands: zeros between, then a convolution."""
        return separable(
            layers.Reshape((-1, 2 * x.shape[2], CHANNELS))(ops.stack([x, ops.zeros_like(x)], axis=3)), name
        )

    def through(x: Any, name: str) -> Any:
        return ops.relu(layers.DepthwiseConv2D(1, name=name)(x))

    def grouped(x: Any, groups: int, width: int, name: str) -> Any:
        x = layers.Reshape((-1, groups, x.shape[-1] // groups))(x)
        x = layers.EinsumDense("btgi,gio->btgo", (None, groups, width // groups), name=name)(x)
        return layers.Reshape((-1, width))(x)

    def recurrent(x: Any, name: str) -> Any:
        gru = layers.GRU(UNITS, return_sequences=True, return_state=True, name=name)
        x, state = gru(x, initial_state=states[len(after)])
        after.append(state)
        return x

    e0 = layers.Conv2D(CHANNELS, 3, activation="relu", name="levels0")(
        layers.ZeroPadding2D(((0, 0), (1, 1)))(ops.expand_dims(levels, -1))
    )
    e1 = separable(e0, "levels1", 2)
    e2 = separable(e1, "levels2", 2)
    e3 = separable(e2, "levels3")
    c0 = layers.Conv2D(CHANNELS, 3, use_bias=False, name="low0_each")(layers.ZeroPadding2D(((0, 0), (1, 1)))(low))
    c0 = layers.Conv2D(CHANNELS, 1, activation="relu", name="low0")(c0)
    c1 = separable(c0, "low1", 2)
    flat = layers.Reshape((-1, LOW // 2 * CHANNELS))(c1)
    x = ops.relu(grouped(flat, 32, 512, "low_in")) + layers.Reshape((-1, 512))(e3)
    x = recurrent(ops.relu(grouped(x, 16, UNITS, "shared_in")), "shared")
    shared = ops.relu(grouped(x, 16, 512, "shared_out"))

    x = ops.relu(grouped(shared, 16, UNITS, "gains_in"))
    x = recurrent(recurrent(x, "gains1"), "gains2")
    x = layers.Reshape((-1, 8, CHANNELS))(ops.relu(grouped(x, 16, 512, "gains_out")))
    x = separable(through(e3, "through3") + x, "up3")
    x = widened(through(e2, "through2") + x, "up2")
    x = widened(through(e1, "through1") + x, "up1")
    x = layers.Conv2D(1, (1, 3), padding="same", activation="sigmoid", name="gains")(through(e0, "through0") + x)
    gains = layers.Reshape((-1, BANDS))(x)

    x = ops.relu(grouped(shared, 8, UNITS, "filters_in"))
    x = recurrent(recurrent(x, "filters1"), "filters2") + grouped(shared, 16, UNITS, "filters_past")
    x = layers.Reshape((-1, LOW, 2 * TAPS))(ops.tanh(grouped(x, 16, LOW * 2 * TAPS, "filters_out")))
    path = ops.concatenate([before, c0], axis=1)
    p = layers.Conv2D(2 * TAPS, (BEFORE + 1, 1), use_bias=False, name="path_each")(path)
    filters = x + layers.Conv2D(2 * TAPS, 1, activation="relu", name="path")(p)
    return keras.Model([levels, low, before, *states], [gains, filters, path[:, -BEFORE:], *after], name="denoise")


class _Memory:
    """What the network has heard so far of ``count`` sounds at once."""

    def __init__(self, count: int) -> None:
        self.levels = np.zeros((count, AHEAD, BANDS), np.float32)
        self.low = np.zeros((count, AHEAD, LOW, 2), np.float32)
        path = np.zeros((count, BEFORE, LOW, CHANNELS), np.float32)
        self.states: tuple[Samples, ...] = (path, *(np.zeros((count, UNITS), np.float32) for _ in range(5)))

    def __len__(self) -> int:
        return len(self.levels)

    def spread(self, count: int) -> None:
        """Let one sound become ``count`` that have been equal until now; those that are several stay so."""
        if len(self) == 1 < count:
            self.levels, self.low = np.repeat(self.levels, count, axis=0), np.repeat(self.low, count, axis=0)
            self.states = tuple(np.repeat(state, count, axis=0) for state in self.states)


class _Stream:
    """What runs on from chunk to chunk of one sound."""

    def __init__(self, channels: int) -> None:
        self.analysis, self.synthesis = Analysis(channels), Synthesis()
        self.features, self.balance = Features(channels), Balance(channels)
        self.memory = _Memory(1)
        self.spectra: Spectra = np.zeros((channels, AHEAD, BINS), np.complex64)
        self.early = AHEAD
        self.given = 0

    def rewind(self) -> None:
        """Begin again with what was learnt of the voices and the noise."""
        self.analysis = Analysis(len(self.spectra))
        self.early = AHEAD


class Denoise:
    """The network with its weights."""

    def __init__(self, arrays: Arrays) -> None:
        model = build()
        fill(model, arrays, "denoise")
        shapes = [(None, BANDS), (None, LOW, 2), (BEFORE, LOW, CHANNELS), *[(UNITS,)] * 5]
        self._run = compiled(model, *(((None, *shape), tf.float32) for shape in shapes))
        self._widths = widths()

    def clean(self, blocks: Iterable[Samples], left: float = 0.0) -> Iterator[Samples]:
        """The same sound with its noise suppressed, sample for sample in its place and as long as what came in.

        ``blocks`` (n, channels) of any length, 48 kHz, in [-1, 1]; what comes out are blocks of about half a second,
        the same however the sound was cut into blocks. ``left`` is the share of the original that is left beside what
        is cleaned, as an amplitude from 0 to 1.

        The first two seconds are listened to twice: without, the network would muffle the first word, knowing neither
        voice nor noise. Every channel is listened to, but one filter goes over all of them, so that nothing moves in
        the stereo image: the mean of what was judged on each, weighed by how much of it is kept. Channels that have
        been equal from the first sample on are listened to once.
        """
        pieces = hops(blocks, CHUNK, AHEAD + 1)
        opening = list(islice(pieces, max(OPENING, 1)))
        if not opening:
            return
        stream = _Stream(len(opening[0][0]))
        for samples, _ in opening[:OPENING]:
            self._listen(stream, stream.analysis.spectra(samples), samples)
        stream.rewind()
        for samples, total in chain(opening, pieces):
            ready = self._cleaned(stream, samples, left)[:, : total - stream.given]
            stream.given += ready.shape[1]
            if ready.size:
                yield np.ascontiguousarray(ready.T)

    def _cleaned(self, stream: _Stream, samples: Samples, left: float) -> Samples:
        """The next whole hops of a stream; what can be said of them: two hops and a half later than what came in."""
        fresh = stream.analysis.spectra(samples)
        stream.spectra = np.concatenate([stream.spectra, fresh], axis=1)
        gains, filters = self._listen(stream, fresh, samples)
        if (count := gains.shape[1]) == 0:
            return samples[:, :0]
        if len(gains) > 1:
            shares = stream.balance.shares(stream.spectra[:, AHEAD : AHEAD + count], gains)
            gains = np.einsum("ct,ctb->tb", shares, gains)[None]
            filters = np.einsum("ct,ctbo->tbo", shares, filters)[None]
        cleaned = self._applied(stream.spectra, gains[0], filters[0], left)
        stream.spectra = stream.spectra[:, count:]
        return stream.synthesis.samples(cleaned)

    def _listen(self, stream: _Stream, spectra: Spectra, samples: Samples) -> tuple[Samples, Samples]:
        """Gains and filters of frames that end two before the last of ``spectra``: of one channel, or of each."""
        levels, low = stream.features.of(spectra)
        early = min(stream.early, levels.shape[1])
        stream.early -= early
        stream.memory.spread(1 if (samples == samples[:1]).all() else len(samples))
        listened = len(stream.memory)
        return self._judge(stream.memory, levels[:listened, early:], low[:listened, early:])

    def judged(self, levels: Samples, low: Samples) -> tuple[Samples, Samples]:
        """Gains (n, t, 32) and filters (n, t, 96, 10) of n sounds from their ``Features``, chunk by chunk."""
        memory = _Memory(len(levels))
        found = [
            self._judge(memory, levels[:, start : start + CHUNK], low[:, start : start + CHUNK])
            for start in range(0, levels.shape[1], CHUNK)
        ]
        gains, filters = zip(*found, strict=True)
        return np.concatenate(gains, axis=1), np.concatenate(filters, axis=1)

    def _judge(self, memory: _Memory, levels: Samples, low: Samples) -> tuple[Samples, Samples]:
        if levels.shape[1] == 0:
            return np.zeros((len(memory), 0, BANDS), np.float32), np.zeros((len(memory), 0, LOW, 2 * TAPS), np.float32)
        levels = np.concatenate([memory.levels, levels], axis=1)
        low = np.concatenate([memory.low, low], axis=1)
        memory.levels, memory.low = levels[:, -AHEAD:], low[:, -AHEAD:]
        gains, filters, *states = self._run(levels, low, *memory.states)
        memory.states = tuple(states)
        return gains, filters

    def _applied(self, spectra: Spectra, gains: Samples, filters: Samples, left: float) -> Spectra:
        """Gains (t, 32) and filters (t, 96, 10) over spectra (channels, t + 4, 481) from two frames before the first
        that is judged to two after the last."""
        count = len(gains)
        noisy = spectra[:, AHEAD : AHEAD + count]
        cleaned = noisy * np.repeat(gains, self._widths, axis=1)
        taps = filters.reshape(count, LOW, TAPS, 2)
        complex_taps = taps[..., 0] + 1j * taps[..., 1]
        cleaned[:, :, :LOW] = sum(spectra[:, tap : tap + count, :LOW] * complex_taps[..., tap] for tap in range(TAPS))
        return np.asarray(left * noisy + (1 - left) * cleaned, np.complex64) if left else cleaned
