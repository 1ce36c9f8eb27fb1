"""Which checkouts and amounts count, and on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime

from projections.models.conversion.model import CONVERSION
from tests.support.purchases import Purchase
from tests.unit.projections.expected_rows import facts_of, table

EVENING = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 1)


def test_a_checkout_counts_on_the_day_of_its_start_and_money_on_the_day_of_its_capture() -> None:
    purchase = Purchase(1, EVENING).begin().lock().later(hours=1).order().capture().fulfill().complete()
    assert table(CONVERSION, facts_of(purchase)) == {
        ("demo", JANUARY, "USD"): (1, 1, 1000, 0),
        ("demo", FEBRUARY, "USD"): (0, 0, 0, 1000),
    }


def test_a_failed_checkout_counts_as_started_and_not_as_completed() -> None:
    purchase = Purchase(1, EVENING).begin().lock().fail("authorize_payment", "PAYMENT_DECLINED")
    assert table(CONVERSION, facts_of(purchase)) == {("demo", JANUARY, "USD"): (1, 0, 0, 0)}


def test_a_checkout_whose_cart_was_never_locked_does_not_count() -> None:
    assert table(CONVERSION, facts_of(Purchase(1, EVENING).begin().fail("lock_cart", "EMPTY_CART"))) == {}


def test_a_repeated_cart_lock_counts_once() -> None:
    purchase = Purchase(1, EVENING).begin().lock().lock()
    assert table(CONVERSION, facts_of(purchase)) == {("demo", JANUARY, "USD"): (1, 0, 0, 0)}


def test_a_refund_counts_on_the_day_it_was_made() -> None:
    purchase = Purchase(1, EVENING).bought().later(hours=1).refund(300)
    assert table(CONVERSION, facts_of(purchase)) == {
        ("demo", JANUARY, "USD"): (1, 1, 1000, 1000),
        ("demo", FEBRUARY, "USD"): (0, 0, 0, -300),
    }


def test_tenants_and_currencies_are_counted_separately() -> None:
    demo, rival = Purchase(1, EVENING), Purchase(2, EVENING, tenant="rival")
    euros = Purchase(3, EVENING, currency="EUR")
    rows = table(CONVERSION, facts_of(demo.bought(), rival.bought(), euros.bought()))
    assert rows == {
        ("demo", JANUARY, "USD"): (1, 1, 1000, 1000),
        ("rival", JANUARY, "USD"): (1, 1, 1000, 1000),
        ("demo", JANUARY, "EUR"): (1, 1, 1000, 1000),
    }
