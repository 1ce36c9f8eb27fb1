"""Rules for the demo's proof: a single cent, order or day that differs is found."""

from dataclasses import replace
from datetime import date

import pytest

from demo import proof
from demo.dataset import Purchase
from demo.figures import Day, Product
from demo.reconciliation import Balance

FIRST, SECOND = date(1997, 1, 1), date(1997, 1, 2)
PURCHASES = [
    Purchase(1, "00001", FIRST, 1, 1177),
    Purchase(2, "00002", SECOND, 1, 1200),
    Purchase(3, "00002", SECOND, 5, 0),
]
DAYS = {FIRST: Day(1, 1, 1177), SECOND: Day(2, 2, 1200)}
PRODUCTS = [Product(f"CDNOW-{cents}", "", 1, cents) for cents in (1200, 1177, 0)]
BOOKS = Balance(captured=2377, refunded=0, voided=0, held=0)


def failing(
    days: dict[date, Day] = DAYS, products: list[Product] = PRODUCTS, books: Balance = BOOKS
) -> list[str]:
    return [it.what for it in proof.checks(PURCHASES, days, products, books) if not it.holds]


def test_equal_figures_prove_it() -> None:
    assert failing() == []


@pytest.mark.parametrize("cents", [-1, 1])
def test_a_difference_of_one_cent_is_found_in_each_figure(cents: int) -> None:
    assert "revenue of all days (conversion)" in failing({**DAYS, FIRST: Day(1, 1, 1177 + cents)})
    assert failing(products=[replace(PRODUCTS[0], revenue=1200 + cents), *PRODUCTS[1:]]) == [
        "revenue of all products"
    ]
    assert failing(books=replace(BOOKS, captured=2377 + cents)) == ["captured by the gateway, less refunds"]


def test_revenue_on_the_wrong_day_is_found_though_the_sum_is_right() -> None:
    moved = {FIRST: Day(1, 1, 1176), SECOND: Day(2, 2, 1201)}
    assert failing(moved) == ["days whose revenue and orders differ"]
    assert proof.differing_days(PURCHASES, moved) == [FIRST, SECOND]


def test_a_missing_free_order_is_found_though_it_cost_nothing() -> None:
    assert proof.differing_days(PURCHASES, {**DAYS, SECOND: Day(2, 1, 1200)}) == [SECOND]


def test_an_additional_day_is_found() -> None:
    assert proof.differing_days(PURCHASES, {**DAYS, date(2026, 1, 1): Day(1, 1, 0)}) == [date(2026, 1, 1)]
