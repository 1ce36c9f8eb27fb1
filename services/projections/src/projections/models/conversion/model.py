"""Conversion by day and currency: checkouts started, checkouts completed, and revenue.

A checkout counts on the day it was started, whenever it ends, so that the rate never exceeds 1. It counts
once its currency is known, which is when its cart is locked: a checkout whose cart cannot be locked (empty,
or locked by another checkout) never counts. Money counts on the day it was captured or refunded.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import cart, checkout, payment
from kernel.projections.counters import CounterModel, Measures, RowDeltas, summed
from kernel.projections.folding import RowKey
from kernel.projections.model import day_of


class Movement(BaseModel):
    """Money captured (positive) or refunded (negative), in minor units."""

    day: date
    currency: str
    amount: int


class Checkout(BaseModel):
    begun: date | None = None
    currency: str | None = None
    total: int | None = None
    """The order's total in minor units, once the checkout is completed."""
    money: list[Movement] = []


KnownFact = checkout.Started | cart.Locked | checkout.Completed | payment.Captured | payment.Refunded


def subject(fact: KnownFact) -> UUID:
    match fact:
        case cart.Locked():
            return fact.process_id
        case payment.Captured() | payment.Refunded():
            return fact.checkout_id
        case _:
            return fact.originator_id


def fold(state: Checkout, fact: KnownFact, occurred_at: datetime) -> None:
    match fact:
        case checkout.Started():
            state.begun = day_of(occurred_at)
        case cart.Locked():
            state.currency = fact.sale.currency
        case checkout.Completed():
            state.currency, state.total = fact.currency, fact.total
        case payment.Captured():
            state.money.append(Movement(day=day_of(occurred_at), currency=fact.currency, amount=fact.amount))
        case payment.Refunded():
            state.money.append(Movement(day=day_of(occurred_at), currency=fact.currency, amount=-fact.amount))
        case _:
            assert_never(fact)


def contributions(state: Checkout) -> RowDeltas:
    parts: list[tuple[RowKey, Measures]] = [
        ((moved.day, moved.currency), (0, 0, 0, moved.amount)) for moved in state.money
    ]
    if state.begun and state.currency:
        completed = state.total is not None
        parts.append(((state.begun, state.currency), (1, int(completed), state.total or 0, 0)))
    return summed(parts)


CONVERSION: CounterModel[Checkout, KnownFact] = CounterModel(
    name="conversion",
    version=1,
    facts=get_args(KnownFact),
    keys={"day": "date", "currency": "text"},
    measures=("checkouts", "completed", "ordered", "revenue"),
    state=Checkout,
    subject=subject,
    fold=fold,
    contributions=contributions,
)
