"""MBG/NBD: like BG/NBD, but a customer may leave after his first order, too.

Batislam, Denizel and Filiztekin, "Empirical validation and comparison of models for customer base analysis",
International Journal of Research in Marketing 24 (3), 2007. So P(alive) is not 1 for those who ordered
once. BG/NBD ranks customers better by their next orders, so that the answers come from it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, expit, gammaln

from projections.statistics.fitting import Floats, maximize
from projections.statistics.order_days import Distinct
from projections.statistics.purchase_model import remaining_orders

START = (1.0, 3.0, 1.0, 3.0)


@dataclass(frozen=True, slots=True)
class MbgNbd:
    r: float
    alpha: float
    a: float
    b: float

    @property
    def parameters(self) -> dict[str, float]:
        return asdict(self)

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, age: ArrayLike) -> Floats:
        x, t_x, age = (np.asarray(it, dtype=np.float64) for it in (x, t_x, age))
        silence = np.log((self.alpha + age) / (self.alpha + t_x))
        result: Floats = expit(-(np.log(self.a / (self.b + x)) + (self.r + x) * silence))
        return result

    def expected_orders(self, x: ArrayLike, t_x: ArrayLike, age: ArrayLike, weeks: float) -> Floats:
        x, age = (np.asarray(it, dtype=np.float64) for it in (x, age))
        orders = remaining_orders(self.r, self.alpha, self.a, self.b + 1, x, age, weeks)
        return self.p_alive(x, t_x, age) * orders


def fit(known: Distinct) -> tuple[MbgNbd, float]:
    """The likeliest model, and its log-likelihood."""
    found = maximize(lambda given: log_likelihood(given, known), START, known.customers)
    return MbgNbd(*found.parameters), found.log_likelihood


def log_likelihood(parameters: Floats, known: Distinct) -> Floats:
    """Of each distinct history."""
    r, alpha, a, b = parameters
    x, n = known.x, known.counts
    of_count = gammaln(r + n) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    stays = betaln(a, b + n + 1)[known.count_of] - (r + x) * np.log(alpha + known.age)
    left = betaln(a + 1, b + n)[known.count_of] - (r + x) * np.log(alpha + known.t_x)
    result: Floats = of_count[known.count_of] + np.logaddexp(stays, left)
    return result
