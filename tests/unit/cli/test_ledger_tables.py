"""The ledger's tables show each amount under its heading."""

from typing import Any

from cli.ledger_tables import balances_table, entries_table
from tests.unit.cli.test_views import drawn

SIDES: dict[str, Any] = {
    "debit": {"amount": 13695, "currency": "USD"},
    "credit": {"amount": 0, "currency": "USD"},
}


def test_balances_show_debit_credit_and_balance() -> None:
    balance = {
        "account": "clearing",
        "currency": "USD",
        **SIDES,
        "balance": {"amount": -5, "currency": "USD"},
    }
    assert drawn(balances_table([balance]))[-1] == ["clearing", "USD", "13,695", "0", "-5"]


def test_entries_show_their_fact_and_one_side() -> None:
    entry = {
        **SIDES,
        "currency": "USD",
        "type": "payment.captured",
        "occurred_at": "2026-03-01T12:00:00.123Z",
        "checkout_id": None,
    }
    assert drawn(entries_table([entry]))[-1] == [
        *("2026-03-01", "12:00:00", "payment.captured", "USD", "13,695")
    ]
