"""Shifted beta-geometric: how long customers keep a contract that they may end each period.

Fader and Hardie, "How to Project Customer Retention", Journal of Interactive Marketing 21 (1), 2007.
Each customer ends with a probability of his own, from a beta distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from projections.statistics.fitting import Floats, NotFitted, maximize


@dataclass(frozen=True, slots=True)
class ShiftedBetaGeometric:
    alpha: float
    beta: float

    def survival(self, periods: int) -> Floats:
        """The share that is left after 0, 1, ... ``periods`` periods."""
        t = np.arange(periods + 1)
        result: Floats = np.exp(betaln(self.alpha, self.beta + t) - betaln(self.alpha, self.beta))
        return result

    def retention(self, periods: int) -> Floats:
        """The share of those left after t - 1 periods that stays for period t = 1, 2, ..., which grows: those
        who stay are those who leave seldom."""
        t = np.arange(1, periods + 1)
        result: Floats = (self.beta + t - 1) / (self.alpha + self.beta + t - 1)
        return result


def fit(survivors: Sequence[int]) -> ShiftedBetaGeometric:
    """``survivors``: how many are left after 0, 1, 2, ... periods."""
    left = np.asarray(survivors, dtype=np.float64)
    lost = -np.diff(left)
    if len(left) < 3 or (lost < 0).any() or lost.sum() <= 0:
        raise NotFitted("a cohort shrinks, and is seen for two periods or more")
    t = np.arange(1, len(left))

    def log_likelihood(given: Floats) -> Floats:
        alpha, beta = given
        lost_at = betaln(alpha + 1, beta + t - 1)
        result: Floats = np.append(lost_at, betaln(alpha, beta + t[-1])) - betaln(alpha, beta)
        return result

    found = maximize(log_likelihood, (1.0, 1.0), np.append(lost, left[-1]))
    return ShiftedBetaGeometric(*found.parameters)
