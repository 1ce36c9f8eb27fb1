"""A day from which all orders were taken away later is no day with an order, from the day on that says so."""

from __future__ import annotations

from datetime import date

import pytest

from devstack.databases import Database
from tests.integration.projections.conftest import Reader
from tests.integration.projections.questions.asking import insert

CANCELLED, LATER = date(2018, 3, 5), date(2018, 4, 9)
KNOWN_ON = date(2018, 3, 20)
CURRENCY = "NOK"


def row(customer_id: str, day: date, known: date, orders: int, gross: int) -> dict[str, object]:
    rest = dict.fromkeys(("units", "refunded", "discount", "tax", "shipping"), 0)
    return {
        "tenant": "demo",
        "customer_id": customer_id,
        "currency": CURRENCY,
        "day": day,
        "known": known,
        "orders": orders,
        "gross": gross,
        **rest,
    }


ROWS = (
    row("took-back", CANCELLED, CANCELLED, 1, 500),
    row("took-back", CANCELLED, KNOWN_ON, -1, -500),
    row("took-back", LATER, LATER, 1, 700),
    # of two orders of a day one is left
    row("kept-one", CANCELLED, CANCELLED, 2, 900),
    row("kept-one", CANCELLED, KNOWN_ON, -1, -400),
)


@pytest.fixture(scope="module")
async def cancelled(database: Database) -> None:
    await insert(database.superuser_url, "sales", *ROWS)


@pytest.mark.usefixtures("cancelled")
@pytest.mark.parametrize(
    ("known", "orders", "first_order"),
    [(KNOWN_ON, 0, None), (LATER, 1, LATER), (date(2018, 3, 19), 1, CANCELLED)],
)
async def test_a_cancelled_day_counts_until_the_cancellation_is_known(
    known: date, orders: int, first_order: date | None, reader: Reader
) -> None:
    found = await reader.items("analytics/customers", currency=CURRENCY, known=str(known))
    (it,) = (it for it in found if it["customer_id"] == "took-back")
    assert (it["orders"], it["first_order"]) == (orders, first_order and str(first_order))


@pytest.mark.usefixtures("cancelled")
async def test_a_day_with_an_order_that_is_left_counts_once(reader: Reader) -> None:
    found = await reader.items("analytics/customers", currency=CURRENCY)
    (it,) = (it for it in found if it["customer_id"] == "kept-one")
    assert (it["orders"], it["revenue"]["amount"]) == (1, 500)
    assert it["first_order"] == it["last_order"] == str(CANCELLED)


@pytest.mark.usefixtures("cancelled")
async def test_the_cohort_is_that_of_the_first_day_that_was_not_cancelled(reader: Reader) -> None:
    found = await reader.items("analytics/cohorts", currency=CURRENCY, periods="1")
    assert [(it["cohort"], it["size"]) for it in found] == [("2018-04-01", 1), ("2018-03-01", 1)]
