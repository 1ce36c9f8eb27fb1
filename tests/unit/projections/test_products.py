"""What counts as sold, and what a product brought in."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

from projections.read_models.model import Measures, RowKey
from projections.read_models.products import PRODUCTS
from tests.support.purchases import PRODUCTS as IDS
from tests.support.purchases import Purchase
from tests.unit.projections.expected_rows import happened, table

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LINES = (("mug", 2, 2000), ("cap", 1, 1001), ("mug", 1, 999))
SOLD, AFTER = date(2026, 1, 31), date(2026, 2, 1)


def rows(*purchases: Purchase) -> dict[tuple[date, str], Measures]:
    return {_named(cell): figures for cell, figures in table(PRODUCTS, happened(*purchases)).items()}


def _named(cell: RowKey) -> tuple[date, str]:
    _, day, _, product_id, sku, name = cell
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
    it = Purchase(1, NOON, (("pen", 2, 0),)).begin().lock().order().fulfill().complete()
    assert rows(it) == {(SOLD, "pen"): (1, 2, 0)}


def test_an_order_that_could_not_be_fulfilled_was_not_sold_and_its_money_went_back() -> None:
    it = Purchase(1, NOON, LINES).begin().lock().order().capture().later(days=1)
    it.refund(4000).cancel_order()
    assert rows(it) == {
        (SOLD, "mug"): (0, 0, 2999),
        (SOLD, "cap"): (0, 0, 1001),
        (AFTER, "mug"): (0, 0, -2999),
        (AFTER, "cap"): (0, 0, -1001),
    }


def test_a_refund_is_shared_out_by_what_was_charged_and_shipping_bears_its_part() -> None:
    it = Purchase(1, NOON, (("mug", 1, 600), ("cap", 1, 300)), shipping=100).bought()
    it.later(days=1).refund(500)
    assert rows(it) == {
        (SOLD, "mug"): (1, 1, 600),
        (SOLD, "cap"): (1, 1, 300),
        (AFTER, "mug"): (0, 0, -300),
        (AFTER, "cap"): (0, 0, -150),
    }


def test_many_small_refunds_give_back_exactly_what_was_charged() -> None:
    it = Purchase(1, NOON, (("mug", 1, 1), ("cap", 1, 1), ("pen", 1, 1))).bought().later(days=1)
    for _ in range(3):
        it.refund(1)
    given_back = {key: figures[2] for key, figures in rows(it).items() if key[0] == AFTER}
    assert given_back == {(AFTER, "mug"): -1, (AFTER, "cap"): -1, (AFTER, "pen"): -1}


def test_units_that_came_back_count_for_their_product_alone() -> None:
    it = Purchase(1, NOON, (("mug", 3, 1000), ("cap", 1, 500)), shipping=100).bought().later(days=1)
    it.refund(334, {"0": 1}).refund(833, {"0": 1, "1": 1}).refund(433)
    given_back = {key: figures[2] for key, figures in rows(it).items() if key[0] == AFTER}
    assert given_back == {(AFTER, "mug"): -1000, (AFTER, "cap"): -500}


def test_parts_that_were_shared_out_before_do_not_bring_back_more_than_was_charged() -> None:
    it = Purchase(1, NOON, (("mug", 1, 2000), ("cap", 1, 1000))).bought().later(days=1)
    it.refund(1500).refund(1000, {"1": 1}).refund(500)
    assert sum(figures[2] for figures in rows(it).values()) == 0


def revenue(it: Purchase) -> dict[str, int]:
    """What each product brought in, whatever the day."""
    found: Counter[str] = Counter()
    for (_, sku), figures in rows(it).items():
        found[sku] += figures[2]
    return dict(found)


def test_units_of_two_products_that_come_back_together_leave_nothing_of_either() -> None:
    it = Purchase(1, NOON, (("mug", 3, 100), ("cap", 3, 101))).bought().later(days=1)
    for amount in (68, 67, 66):
        it.refund(amount, {"0": 1, "1": 1})
    assert revenue(it) == {"mug": 0, "cap": 0}


def test_an_amount_and_then_units_and_then_the_rest_leave_nothing_of_any_product() -> None:
    it = Purchase(1, NOON, (("mug", 1, 5000), ("cap", 1, 5000))).bought().later(days=1)
    it.refund(1000).refund(5000, {"0": 1}).refund(4000)
    assert revenue(it) == {"mug": 0, "cap": 0}


def test_units_behind_a_large_amount_never_take_more_than_was_charged_for_them() -> None:
    it = Purchase(1, NOON, (("mug", 2, 10000), ("cap", 2, 10000))).bought().later(days=1)
    it.refund(6000).refund(10000, {"0": 2})
    assert revenue(it) == {"mug": 0, "cap": 4000}
    assert revenue(it.refund(4000)) == {"mug": 0, "cap": 0}


def test_shares_that_the_order_has_decided_are_added_and_nothing_else() -> None:
    it = Purchase(1, NOON, (("mug", 2, 1000), ("cap", 1, 500)), shipping=100).bought().later(days=1)
    it.give_back(("0", 1, 7), ("1", 0, 13), (None, 0, 80))
    assert revenue(it) == {"mug": 993, "cap": 487}
