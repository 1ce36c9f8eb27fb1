"""What counts as a checkout, and on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime

from projections.read_models.conversion import CONVERSION
from tests.support.purchases import Purchase
from tests.unit.projections.expected_rows import happened, table

EVENING = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 1)


def test_a_purchase_counts_on_the_day_it_was_begun_and_its_money_on_the_day_it_came() -> None:
    it = Purchase(1, EVENING).begin().lock().later(hours=1).order().capture().fulfill().complete()
    assert table(CONVERSION, happened(it)) == {
        ("demo", JANUARY, "USD"): (1, 1, 1000, 0),
        ("demo", FEBRUARY, "USD"): (0, 0, 0, 1000),
    }


def test_a_checkout_that_fails_counts_as_begun_alone() -> None:
    it = Purchase(1, EVENING).begin().lock().fail("authorize_payment", "PAYMENT_DECLINED")
    assert table(CONVERSION, happened(it)) == {("demo", JANUARY, "USD"): (1, 0, 0, 0)}


def test_a_checkout_whose_cart_was_never_locked_does_not_count() -> None:
    assert table(CONVERSION, happened(Purchase(1, EVENING).begin().fail("lock_cart", "EMPTY_CART"))) == {}


def test_a_lock_that_is_answered_twice_counts_once() -> None:
    it = Purchase(1, EVENING).begin().lock().lock()
    assert table(CONVERSION, happened(it)) == {("demo", JANUARY, "USD"): (1, 0, 0, 0)}


def test_money_that_went_back_counts_on_the_day_it_went() -> None:
    it = Purchase(1, EVENING).bought().later(hours=1).refund(300)
    assert table(CONVERSION, happened(it)) == {
        ("demo", JANUARY, "USD"): (1, 1, 1000, 1000),
        ("demo", FEBRUARY, "USD"): (0, 0, 0, -300),
    }


def test_tenants_and_currencies_are_kept_apart() -> None:
    mine, theirs = Purchase(1, EVENING), Purchase(2, EVENING, tenant="rival")
    dear = Purchase(3, EVENING, currency="EUR")
    rows = table(CONVERSION, happened(mine.bought(), theirs.bought(), dear.bought()))
    assert rows == {
        ("demo", JANUARY, "USD"): (1, 1, 1000, 1000),
        ("rival", JANUARY, "USD"): (1, 1, 1000, 1000),
        ("demo", JANUARY, "EUR"): (1, 1, 1000, 1000),
    }
