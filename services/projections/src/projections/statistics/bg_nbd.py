"""BG/NBD: a customer may leave after each order.

Fader, Hardie and Lee, "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
Marketing Science 24 (2), 2005. Fader and Hardie's notes 004 (the likelihood), 021 (P(alive)) and 039 (the
model in a sheet).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, expit, gammaln

from projections.statistics.fitting import Fit, Floats, Ints, maximize
from projections.statistics.order_days import Distinct
from projections.statistics.purchase_model import none_before_leaving, remaining_orders

START = (1.0, 3.0, 1.0, 3.0)


@dataclass(frozen=True, slots=True)
class BgNbd:
    r: float
    alpha: float
    a: float
    b: float

    @property
    def parameters(self) -> dict[str, float]:
        return asdict(self)

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, age: ArrayLike) -> Floats:
        """P(has not left). It is 1 for everyone with one order, who had no occasion to leave: it does
        not tell who will order again. ``probability_of_order`` does."""
        x, t_x, age = _arrays(x, t_x, age)
        odds = _log_left(self.a, self.b, x) + (self.r + x) * np.log((self.alpha + age) / (self.alpha + t_x))
        result: Floats = np.where(x > 0, expit(-odds), 1.0)
        return result

    def probability_of_order(self, x: ArrayLike, t_x: ArrayLike, age: ArrayLike, weeks: float) -> Floats:
        """P(at least one order within the time): P(alive) (1 - ((alpha + T) / (alpha + T + t))^(r + x))."""
        x, t_x, age = _arrays(x, t_x, age)
        return self.p_alive(x, t_x, age) * (1 - none_before_leaving(self.r, self.alpha, x, age, weeks))

    def expected_orders(self, x: ArrayLike, t_x: ArrayLike, age: ArrayLike, weeks: float) -> Floats:
        x, t_x, age = _arrays(x, t_x, age)
        orders = remaining_orders(self.r, self.alpha, self.a, self.b, x, age, weeks)
        return self.p_alive(x, t_x, age) * orders


def fit(known: Distinct) -> tuple[BgNbd, float]:
    """The likeliest model, and its log-likelihood."""
    found: Fit = maximize(lambda given: log_likelihood(given, known), START, known.customers)
    return BgNbd(*found.parameters), found.log_likelihood


def log_likelihood(parameters: Floats, known: Distinct) -> Floats:
    """Of each distinct history; sums of powers as logarithms, so that none overflows."""
    r, alpha, a, b = parameters
    x, n = known.x, known.counts
    of_count = gammaln(r + n) - gammaln(r) + r * np.log(alpha) + betaln(a, b + n) - betaln(a, b)
    stays = -(r + x) * np.log(alpha + known.age)
    left = _log_left(a, b, n)[known.count_of] - (r + x) * np.log(alpha + known.t_x)
    either = np.where(x > 0, np.logaddexp(stays, left), stays)
    result: Floats = of_count[known.count_of] + either
    return result


def _log_left(a: float, b: float, x: Floats | Ints) -> Floats:
    """The logarithm of a / (b + x - 1): left after the last order, against stayed. 0 where x is 0, unused."""
    result: Floats = np.log(a / np.where(x > 0, b + x - 1, a))
    return result


def _arrays(*given: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(it, dtype=np.float64) for it in given)
