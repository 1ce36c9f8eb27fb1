"""What the models of purchases without a contract share: a customer orders at a rate until he leaves,
unseen.

Each customer's rate of orders comes from a gamma distribution with the shape ``r`` and the *rate* ``alpha``
(in weeks), and his probability to leave after an order from a beta distribution with ``a`` and ``b``. The
models differ in when he may leave.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import hyp2f1

from projections.statistics.fitting import Floats

SINGULAR = 1e-6
"""Around a = 1 the formula of expected orders divides nothing by nothing; it is computed this far beside
it."""


class PurchaseModel(Protocol):
    """``x``, ``t_x``, ``age``: see ``Histories``; ``weeks``: from the end of the history on."""

    @property
    def parameters(self) -> dict[str, float]: ...

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, age: ArrayLike) -> Floats: ...

    def expected_orders(self, x: ArrayLike, t_x: ArrayLike, age: ArrayLike, weeks: float) -> Floats: ...


def none_before_leaving(r: float, alpha: float, x: Floats, age: Floats, weeks: float) -> Floats:
    """P(no order within the time) of a customer who stays: his rate has the shape r + x and the rate
    alpha + T."""
    result: Floats = np.exp((r + x) * np.log((alpha + age) / (alpha + age + weeks)))
    return result


def remaining_orders(
    r: float, alpha: float, a: float, b: float, x: Floats, age: Floats, weeks: float
) -> Floats:
    """Orders expected of a customer who has not left: formula (10) of the BG/NBD paper, where ``b`` is
    one less than in MBG/NBD.

    Euler's transformation of 2F1 takes the large exponents out of it: the paper's form overflows where a
    customer has some hundreds of orders.
    """
    a = a if abs(a - 1) > SINGULAR else 1 + SINGULAR
    total = a + b + x - 1
    z = weeks / (alpha + age + weeks)
    series = hyp2f1(a + b - 1 - r, a - 1, total, z)
    result: Floats = total / (a - 1) * (1 - (1 - z) ** (a - 1) * series)
    return result
