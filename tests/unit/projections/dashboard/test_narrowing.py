"""Links from values: to the same page narrowed, with what it is asked with, or to another page."""

from __future__ import annotations

import pytest

from projections.dashboard.tables import Place, link_to

PLACE = Place("/sales", {"range": "last_month", "currency": "EUR", "compare": "year"})
ROW = {"day": "2026-03-01", "currency": "JPY", "id": "a b/c"}


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("sales?currency={currency}", "/sales?range=last_month&currency=JPY&compare=year"),
        ("sales?from={day}&to={day}", "/sales?currency=EUR&compare=year&from=2026-03-01&to=2026-03-01"),
        ("customers/{id}", "/customers/a%20b%2Fc"),
        ("customers?currency={currency}", "/customers?currency=JPY"),
        ("customers?currency={currency}&{days}", "/customers?currency=JPY&range=last_month"),
    ],
    ids=[
        "another value",
        "days replace a relative range",
        "another page",
        "another list",
        "the same days of another list",
    ],
)
def test_a_link_keeps_what_the_same_page_is_asked_with(target: str, address: str) -> None:
    assert link_to(target, ROW, PLACE) == address


def test_a_page_that_is_asked_without_days_gives_none_to_another() -> None:
    target = "customers?currency={currency}&{days}"
    assert link_to(target, ROW, Place("/sales", {})) == "/customers?currency=JPY"
