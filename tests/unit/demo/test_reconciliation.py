"""Rules for telling whether goods and money are back after a refused purchase."""

from dataclasses import replace
from typing import Any

import pytest

from demo.reconciliation import Balance, Reconciliation, balance

EVEN = Reconciliation((160, 160), 0, (10, 10), (45_000, 45_000), Balance(45_000, 0, 27_000, 0))


def entry(payment_id: str, status: str, amount: int = 4_500) -> dict[str, Any]:
    return {"payment_id": payment_id, "status": status, "amount": amount}


def test_kept_is_captured_less_refunded() -> None:
    books = balance([entry("a", "authorized"), entry("a", "captured"), entry("a", "refunded", 500)])
    assert (books.kept, books.held) == (4_000, 0)


def test_an_authorization_is_held_until_it_is_captured_or_voided() -> None:
    entries = [entry("a", "authorized"), entry("b", "authorized"), entry("c", "authorized")]
    assert balance(entries).held == 13_500
    entries += [entry("a", "captured"), entry("b", "refused"), entry("b", "voided")]
    assert balance(entries).held == 4_500


def test_declined_payments_count_nothing() -> None:
    assert balance([entry("a", "declined"), entry("b", "requires_action")]) == Balance(0, 0, 0, 0)


def test_an_action_that_is_confirmed_afterwards_is_held_once() -> None:
    assert balance([entry("a", "requires_action"), entry("a", "authorized")]).held == 4_500


@pytest.mark.parametrize(
    "change",
    [
        {"on_hand": (160, 158)},
        {"reserved": 2},
        {"discount_uses": (10, 11)},
        {"money": (45_000, 49_500)},
        {"balance": Balance(45_000, 0, 22_500, 4_500)},
    ],
)
def test_each_difference_is_found(change: dict[str, Any]) -> None:
    assert EVEN.is_even
    assert not replace(EVEN, **change).is_even
