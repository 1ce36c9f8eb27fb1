"""The balance of credit of a subscription: what is given back goes there, and the next invoices use it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settlement:
    """Minor units: what of a total the credit pays, what is to be charged, what credit is left."""

    applied: int
    due: int
    balance: int


def apply_credit(total: int, balance: int) -> Settlement:
    """Credit comes before money. Raises ``ValueError`` for a negative total or balance."""
    if total < 0 or balance < 0:
        raise ValueError(f"cannot pay {total} out of {balance}")
    applied = min(total, balance)
    return Settlement(applied, total - applied, balance - applied)


def refundable(credit: int, paid_in_money: int) -> int:
    """What of a credit may be paid out when a subscription ends: credit that paid for it stays credit."""
    return min(credit, paid_in_money)
