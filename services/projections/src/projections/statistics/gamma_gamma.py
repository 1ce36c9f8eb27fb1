"""Gamma-Gamma: what an order of a customer is worth, independent of how often he orders.

Fader and Hardie, "The Gamma-Gamma Model of Monetary Value", note 025, 2013; Fader, Hardie and Lee, "RFM and
CLV", Journal of Marketing Research 42 (4), 2005. It needs values above 0, so customers of free orders alone
have no part.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from projections.statistics.fitting import Floats, NotFitted, maximize
from projections.statistics.order_days import Histories

START = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class GammaGamma:
    p: float
    q: float
    gamma: float
    """In the unit of the values."""

    @property
    def parameters(self) -> dict[str, float]:
        return asdict(self)

    def mean(self, x: ArrayLike, mean_value: ArrayLike) -> Floats:
        """The expected value of a customer's orders: between his own mean and that of all, nearer to his own
        the more orders he has."""
        x, mean_value = np.asarray(x, dtype=np.float64), np.asarray(mean_value, dtype=np.float64)
        result: Floats = (self.gamma + mean_value * x) * self.p / (self.p * x + self.q - 1)
        return result

    @property
    def mean_of_all(self) -> float:
        return self.p * self.gamma / (self.q - 1)


def fit(known: Histories, unit: float = 1.0) -> tuple[GammaGamma, float]:
    """The likeliest model of those who ordered again and paid, and its log-likelihood. ``unit``: what
    the values are divided by, for a search that begins at 1."""
    used = known.is_repeater & (known.mean_value > 0)
    x, values = known.x[used].astype(np.float64), known.mean_value[used] / unit
    if not len(x):
        raise NotFitted("no customer has paid for a second order")
    found = maximize(lambda given: log_likelihood(given, x, values), START, np.ones(len(x)))
    p, q, gamma = found.parameters
    if q <= 1:
        raise NotFitted("the values of orders vary so much that they have no mean")
    return GammaGamma(p, q, gamma * unit), found.log_likelihood


def log_likelihood(parameters: Floats, x: Floats, values: Floats) -> Floats:
    p, q, gamma = parameters
    n = p * x
    constant = gammaln(n + q) - gammaln(n) - gammaln(q) + q * np.log(gamma)
    result: Floats = (
        constant + (n - 1) * np.log(values) + n * np.log(x) - (n + q) * np.log(gamma + values * x)
    )
    return result
