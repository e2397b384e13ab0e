"""How good a still a frame is: a logistic regression on averages of the frame network's early stages.

Early stages know sharpness and light; the final embedding does not (``benchmarks/still.py``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from avai.errors import Fault
from avai.networks.frame import EARLY

Floats = npt.NDArray[np.float32]


class Still:
    """The trained head, from arrays ``mean``, ``scale`` and ``coef`` (272,) and ``intercept`` (1,)."""

    def __init__(self, arrays: dict[str, Floats]) -> None:
        shapes = {name: array.shape for name, array in arrays.items()}
        if shapes != {"mean": (EARLY,), "scale": (EARLY,), "coef": (EARLY,), "intercept": (1,)}:
            raise Fault("network.damaged", name="still")
        self._mean, self._scale = arrays["mean"], arrays["scale"]
        self._coef, self._intercept = arrays["coef"], arrays["intercept"]

    def good(self, early: Floats) -> Floats:
        """Probability (n,) that frames are good stills, from ``Look.early`` (n, 272): low for blurred, dark, blank,
        burnt-out and half-dissolved ones. Best for comparing frames of one video."""
        return np.asarray(1 / (1 + np.exp(-((early - self._mean) / self._scale @ self._coef + self._intercept))))
