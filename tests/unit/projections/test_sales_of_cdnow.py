"""The published figures of the CDNOW customers follow from the rows of ``sales``."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time
from functools import cache
from typing import TypeAlias

import pytest

from contracts import order
from contracts.sale import Sale
from demo import dataset
from projections.models.orders.model import by_customer
from projections.models.orders.state import Order, fold
from tests.support.purchases import RECORDED, Purchase

FACTS = [event.fact for event in Purchase(1, RECORDED).order().capture().happened]
(CREATED,) = (fact for fact in FACTS if isinstance(fact, order.Created))
(PAID,) = (fact for fact in FACTS if isinstance(fact, order.Paid))
CENTS_BY_MONTH = [
    *(29906017, 37959003, 39315527, 14282449, 10793330, 10839587, 12207888, 8836769, 8194880),
    *(8978077, 11544864, 9557735, 7675678, 7709696, 10897015, 6623152, 7098966, 7610930),
]
"""From January 1997 to June 1998."""
COHORTS = {1: 7846, 2: 8476, 3: 7248}
"""By the month of 1997 of the first order."""
RETURNED = {1: 1157, 2: 1312, 3: 1032}
"""In the month after."""

Sales: TypeAlias = "dict[tuple[str, date], tuple[int, int]]"
"""Orders and gross by customer and day."""


@pytest.fixture(scope="module")
def sales() -> Sales:
    sums: dict[tuple[str, date], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for purchase in dataset.read():
        for (customer_id, _, day, _), measures in by_customer(sold(purchase)).items():
            orders, gross = sums[str(customer_id), purchase.day]
            assert day == purchase.day
            sums[str(customer_id), purchase.day] = orders + measures[0], gross + measures[2]
    return dict(sums)


def test_the_revenue_of_each_month(sales: Sales) -> None:
    months: Counter[tuple[int, int]] = Counter()
    for (_, day), (_, gross) in sales.items():
        months[day.year, day.month] += gross
    assert [months[month] for month in sorted(months)] == CENTS_BY_MONTH
    assert sum(CENTS_BY_MONTH) == 250031563


def test_free_orders_count(sales: Sales) -> None:
    assert sum(orders for orders, _ in sales.values()) == 69659


def test_the_customers_of_each_cohort_and_how_many_came_back(sales: Sales) -> None:
    months: dict[str, set[int]] = defaultdict(set)
    for customer_id, day in sales:
        months[customer_id].add(12 * (day.year - 1997) + day.month)
    cohorts = Counter(min(it) for it in months.values())
    returned = Counter(min(it) for it in months.values() if min(it) + 1 in it)
    assert (cohorts, {it: returned[it] for it in COHORTS}) == (COHORTS, RETURNED)


def sold(purchase: dataset.Purchase) -> Order:
    state, noon = Order(), datetime.combine(purchase.day, time(12), UTC)
    sale = sale_of(purchase.cds, purchase.cents)
    created = CREATED.model_copy(update={"customer_id": purchase.customer_id, "sale": sale})
    for fact in (created, PAID):
        fold(state, fact, noon, RECORDED)
    return state


@cache
def sale_of(cds: int, cents: int) -> Sale:
    """Many purchases are alike."""
    return Purchase(1, RECORDED, (("mug", cds, cents),)).sale
