"""Who is left out together in cross-validation."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

Numbers = npt.NDArray[np.int_]

FOLDS, TRIES = 5, 10


def single(target: Numbers, group: Numbers) -> list[int]:
    """The classes (of ``target`` (n,)) whose examples are all of one group, so that they are tested on their own."""
    return [int(each) for each in np.unique(target) if len(np.unique(group[target == each])) == 1]


def dealt(target: Numbers, group: Numbers, seed: int) -> Numbers:
    """The fold (n,) of each of n examples: five, or as many as there are examples of a class or groups. A group stays
    together, and each class is in every fold as far as groups allow.

    Examples of a class that has but one group are dealt one by one: there is no other way to test it. So are all when
    whatever fold is left out takes a class with it.
    """
    alone = np.isin(target, single(target, group))
    apart = np.unique(np.where(alone, group.max() + 1 + np.arange(len(group)), group), return_inverse=True)[1]
    most = int(np.bincount(target).max())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class with fewer groups than folds is in as many as it can be
        for turn in range(TRIES):
            count = min(FOLDS, most, int(apart.max()) + 1)
            folds = np.zeros(len(target), int)
            dealer = StratifiedGroupKFold(count, shuffle=True, random_state=seed * TRIES + turn)
            for number, (_, outside) in enumerate(dealer.split(target, target, apart)):
                folds[outside] = number
            left = [len(np.unique(target[folds != fold])) for fold in np.unique(folds)]
            if len(left) > 1 and min(left) == len(np.unique(target)):
                return folds
        for number, (_, outside) in enumerate(
            StratifiedKFold(min(FOLDS, most), shuffle=True, random_state=seed).split(target, target)
        ):
            folds[outside] = number
    return folds
