"""How well probabilities agree with what has happened."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from projections.statistics.fitting import Floats

DECILES = 10


class Ranking(NamedTuple):
    auc: float | None
    """P(a random customer who ordered was ranked above one who did not); None where all did, or none did."""
    brier: float
    """The mean square of the difference between probability and outcome."""


class Decile(NamedTuple):
    predicted: float
    actual: float


def ranked(probability: Floats, happened: Floats) -> Ranking:
    """``happened``: 1 or 0."""
    return Ranking(auc(probability, happened), float(np.mean((probability - happened) ** 2)))


def auc(score: Floats, happened: Floats) -> float | None:
    """By the ranks, equal scores having the mean of theirs: Mann and Whitney's U."""
    _, group, size = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(size) - (size - 1) / 2)[group]
    yes = happened.sum()
    no = len(happened) - yes
    if not yes or not no:
        return None
    return float((ranks @ happened - yes * (yes + 1) / 2) / (yes * no))


def deciles(probability: Floats, happened: Floats) -> list[Decile]:
    """From the least probable tenth to the most probable one."""
    order = np.argsort(probability, kind="stable")
    return [
        Decile(float(probability[it].mean()), float(happened[it].mean()))
        for it in np.array_split(order, DECILES)
        if len(it)
    ]
