"""When the sounds that a person names are heard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avai.contracts import LAYERS
from avai.services.hearing import Hearing
from avai.services.layers import layers_of
from avai.services.moments import STEP
from avai.services.tags import tags
from avai.words import sound_labels


def named(hearing: Hearing, labels: Sequence[str], duration: float) -> tuple[NDArray[np.float32], list[str]]:
    """How surely any of the labels is heard in each ``moments.STEP`` seconds, and those of them that never are."""
    every = sound_labels()
    layers = layers_of(hearing, None, 0.4)
    spans = [each for each in tags(hearing, every, layers, len(every)) if each.label not in LAYERS]
    spans += [each for layer in layers.values() for each in layer]
    value = np.zeros(max(int(np.ceil(duration / STEP)), 1), np.float32)
    for span in spans:
        if span.label in labels:
            here = slice(int(span.start / STEP), max(int(np.ceil(span.end / STEP)), int(span.start / STEP) + 1))
            value[here] = np.maximum(value[here], span.confidence)
    heard = {span.label for span in spans}
    return value, [label for label in labels if label not in heard]
