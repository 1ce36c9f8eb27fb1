"""Churn without a contract: a customer has left when he has not ordered for a number of days."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from projections.statistics.fitting import Ints
from projections.statistics.order_days import OrderDays

SHARE_OF_GAPS = 90
"""Per cent: the default of the silence after which a customer has left is not exceeded by so many gaps."""
NEVER = np.iinfo(np.int64).max


class Churn(NamedTuple):
    """Of one period."""

    customers: int
    """Had ordered, and were not silent for too long, when it began."""
    churned: int
    """Became silent for too long in it."""

    @property
    def rate(self) -> float | None:
        return self.churned / self.customers if self.customers else None


def gaps(orders: OrderDays) -> Ints:
    """Days from each day with an order to the same customer's next one."""
    same = orders.customer[1:] == orders.customer[:-1]
    found: Ints = np.diff(orders.day)[same]
    return found


def silent_days(orders: OrderDays, per_cent: int = SHARE_OF_GAPS) -> int | None:
    """The discrete quantile of the gaps; None where no customer has ordered again."""
    found = np.sort(gaps(orders))
    return int(found[-(-per_cent * len(found) // 100) - 1]) if len(found) else None


def churn(orders: OrderDays, silent: int, periods: list[tuple[int, int]]) -> list[Churn]:
    """``periods``: first day, and first day after. A customer leaves on the ``silent``-th day without an
    order, and comes back by ordering: he may leave several times. A period that is not over is not known."""
    same = np.append(orders.customer[1:] == orders.customer[:-1], False)
    following = np.where(same, np.append(orders.day[1:], NEVER), NEVER)
    ends = orders.day + silent
    leaves = following > ends
    until = np.minimum(following, ends)
    return [
        Churn(
            len(np.unique(orders.customer[(orders.day < first) & (until >= first)])),
            int(np.count_nonzero(leaves & (ends >= first) & (ends < end))),
        )
        for first, end in periods
    ]
