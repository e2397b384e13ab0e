"""The key-frame head: good stills against the same made worse on purpose, tested on sources it has not seen.

make bench ONLY=still
"""

from __future__ import annotations

import numpy as np
from report import head

from avai.networks import registry
from training import stills, train_still


def main() -> None:
    head("Good stills", "tensorflow", "scikit-learn", "opencv-python")
    good = stills.good_stills()
    everything = good + stills.worsened(good, seed=10)
    look = registry.frame().look([still.image for still in everything])
    print("on averages of early stages, what the head uses:")
    for name, value in train_still.evaluate(everything, look.early).items():
        print(f"  {name}: {value}")
    embedding = np.ascontiguousarray(look.embedding[:, : look.early.shape[1]])
    print(f"on as many numbers of the final embedding: auc {train_still.evaluate(everything, embedding)['auc']}")


if __name__ == "__main__":
    main()
