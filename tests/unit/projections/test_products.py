"""Which sales count, and the revenue of a product."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

from kernel.projections.counters import Measures
from kernel.projections.folding import RowKey
from projections.models.orders.model import ORDERS
from tests.support.purchases import PRODUCTS as IDS
from tests.support.purchases import Purchase
from tests.unit.projections.expected_rows import facts_of, table

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LINES = (("mug", 2, 2000), ("cap", 1, 1001), ("mug", 1, 999))
SOLD, AFTER = date(2026, 1, 31), date(2026, 2, 1)


def rows(*purchases: Purchase) -> dict[tuple[date, str], Measures]:
    return {_day_and_sku(key): measures for key, measures in table(ORDERS, facts_of(*purchases)).items()}


def _day_and_sku(key: RowKey) -> tuple[date, str]:
    _, day, _, product_id, sku, name = key
    assert isinstance(day, date)
    assert (product_id, name) == (IDS[str(sku)], str(sku).title())
    return day, str(sku)


def test_each_product_of_a_paid_order_is_sold_once_with_all_its_units() -> None:
    assert rows(Purchase(1, NOON, LINES).bought()) == {
        (SOLD, "mug"): (1, 3, 2999),
        (SOLD, "cap"): (1, 1, 1001),
    }


def test_an_order_that_was_never_paid_does_not_count() -> None:
    assert rows(Purchase(1, NOON, LINES).begin().lock().order().cancel_order()) == {}


def test_a_free_order_counts_when_it_is_fulfilled() -> None:
    purchase = Purchase(1, NOON, (("pen", 2, 0),)).begin().lock().order().fulfill().complete()
    assert rows(purchase) == {(SOLD, "pen"): (1, 2, 0)}


def test_an_order_cancelled_after_payment_is_not_sold_and_its_refund_counts() -> None:
    purchase = Purchase(1, NOON, LINES).begin().lock().order().capture().later(days=1)
    purchase.refund(4000).cancel_order()
    assert rows(purchase) == {
        (SOLD, "mug"): (0, 0, 2999),
        (SOLD, "cap"): (0, 0, 1001),
        (AFTER, "mug"): (0, 0, -2999),
        (AFTER, "cap"): (0, 0, -1001),
    }


def test_a_refund_is_allocated_by_the_charged_amounts_including_shipping() -> None:
    purchase = Purchase(1, NOON, (("mug", 1, 600), ("cap", 1, 300)), shipping=100).bought()
    purchase.later(days=1).refund(500)
    assert rows(purchase) == {
        (SOLD, "mug"): (1, 1, 600),
        (SOLD, "cap"): (1, 1, 300),
        (AFTER, "mug"): (0, 0, -300),
        (AFTER, "cap"): (0, 0, -150),
    }


def test_many_small_refunds_add_up_to_exactly_the_charged_amount() -> None:
    purchase = Purchase(1, NOON, (("mug", 1, 1), ("cap", 1, 1), ("pen", 1, 1))).bought().later(days=1)
    for _ in range(3):
        purchase.refund(1)
    refunded = {key: measures[2] for key, measures in rows(purchase).items() if key[0] == AFTER}
    assert refunded == {(AFTER, "mug"): -1, (AFTER, "cap"): -1, (AFTER, "pen"): -1}


def test_a_refund_of_units_counts_only_for_their_product() -> None:
    purchase = Purchase(1, NOON, (("mug", 3, 1000), ("cap", 1, 500)), shipping=100).bought().later(days=1)
    purchase.refund(334, {"0": 1}).refund(833, {"0": 1, "1": 1}).refund(433)
    refunded = {key: measures[2] for key, measures in rows(purchase).items() if key[0] == AFTER}
    assert refunded == {(AFTER, "mug"): -1000, (AFTER, "cap"): -500}


def test_refunds_after_an_allocated_refund_never_exceed_the_charged_amount() -> None:
    purchase = Purchase(1, NOON, (("mug", 1, 2000), ("cap", 1, 1000))).bought().later(days=1)
    purchase.refund(1500).refund(1000, {"1": 1}).refund(500)
    assert sum(measures[2] for measures in rows(purchase).values()) == 0


def revenue(purchase: Purchase) -> dict[str, int]:
    """Revenue by SKU over all days."""
    sums: Counter[str] = Counter()
    for (_, sku), measures in rows(purchase).items():
        sums[sku] += measures[2]
    return dict(sums)


def test_x43_refunds_of_all_units_of_two_products_leave_no_revenue_of_either() -> None:
    purchase = Purchase(1, NOON, (("mug", 3, 100), ("cap", 3, 101))).bought().later(days=1)
    left = []
    for mug, cap in ((34, 34), (33, 34), (33, 33)):
        purchase.give_back(("0", 1, mug), ("1", 1, cap))
        left.append(revenue(purchase))
    assert left == [{"mug": 66, "cap": 67}, {"mug": 33, "cap": 33}, {"mug": 0, "cap": 0}]


def test_x43_an_amount_then_a_line_then_the_rest_leave_no_revenue() -> None:
    purchase = Purchase(1, NOON, (("mug", 1, 5000), ("cap", 1, 5000))).bought().later(days=1)
    purchase.give_back(("0", 0, 500), ("1", 0, 500)).give_back(("0", 1, 4500)).give_back(("1", 1, 4500))
    assert revenue(purchase) == {"mug": 0, "cap": 0}


def test_older_refunds_of_all_units_of_two_products_leave_no_revenue_of_either() -> None:
    purchase = Purchase(1, NOON, (("mug", 3, 100), ("cap", 3, 101))).bought().later(days=1)
    for amount in (68, 67, 66):
        purchase.refund(amount, {"0": 1, "1": 1})
    assert revenue(purchase) == {"mug": 0, "cap": 0}


def test_older_refunds_of_an_amount_then_units_then_the_rest_leave_no_revenue() -> None:
    purchase = Purchase(1, NOON, (("mug", 1, 5000), ("cap", 1, 5000))).bought().later(days=1)
    purchase.refund(1000).refund(5000, {"0": 1}).refund(4000)
    assert revenue(purchase) == {"mug": 0, "cap": 0}


def test_a_refund_of_units_after_a_large_amount_never_exceeds_their_charge() -> None:
    purchase = Purchase(1, NOON, (("mug", 2, 10000), ("cap", 2, 10000))).bought().later(days=1)
    purchase.refund(6000).refund(10000, {"0": 2})
    assert revenue(purchase) == {"mug": 0, "cap": 4000}
    assert revenue(purchase.refund(4000)) == {"mug": 0, "cap": 0}


def test_an_allocation_recorded_by_the_order_is_used_as_it_is() -> None:
    purchase = Purchase(1, NOON, (("mug", 2, 1000), ("cap", 1, 500)), shipping=100).bought().later(days=1)
    purchase.give_back(("0", 1, 7), ("1", 0, 13), (None, 0, 80))
    assert revenue(purchase) == {"mug": 993, "cap": 487}
