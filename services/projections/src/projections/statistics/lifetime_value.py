"""What a customer is worth in the months to come, discounted.

CLV(n, d) = sum over the months i of (E[Y(i)] - E[Y(i - 1)]) E[M] / (1 + d)^i, where E[Y(i)] are the
orders expected until the end of month i and E[M] the expected value of one: Fader, Hardie and Lee 2005.
"""

from __future__ import annotations

import numpy as np

from projections.statistics.fitting import Floats
from projections.statistics.gamma_gamma import GammaGamma
from projections.statistics.order_days import Histories
from projections.statistics.purchase_model import PurchaseModel

WEEKS_A_MONTH = 365.25 / 12 / 7
DISCOUNT_A_MONTH = 0.01


def lifetime_value(
    purchases: PurchaseModel,
    spending: GammaGamma,
    known: Histories,
    months: int = 12,
    discount: float = DISCOUNT_A_MONTH,
    weeks_a_month: float = WEEKS_A_MONTH,
) -> Floats:
    """Of each customer, in the unit of the values."""
    value = np.zeros(len(known.x))
    before = np.zeros(len(known.x))
    for month in range(1, months + 1):
        until = purchases.expected_orders(known.x, known.t_x, known.age, month * weeks_a_month)
        value += (until - before) / (1 + discount) ** month
        before = until
    return value * spending.mean(known.x, known.mean_value)
