"""Conversion by day and currency: checkouts started, checkouts completed, and revenue.

A checkout counts on the day it was started, whenever it ends, so that the rate never exceeds 1. It counts
once its currency is known, which is when its cart is locked: a checkout whose cart cannot be locked (empty,
or locked by another checkout) never counts. Money counts on the day it was captured or refunded.

The day since which each is known is among the keys: a checkout's is the later of its start and its currency,
so that the rate as it was known on any day does not exceed 1 either.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never, get_args
from uuid import UUID

from pydantic import BaseModel

from contracts import cart, checkout, payment
from kernel.projections.counters import CounterModel, CounterTable, Measures, RowDeltas, summed
from kernel.projections.folding import RowKey
from projections.models.dated import Dated, dated


class Movement(BaseModel):
    """Money captured (positive) or refunded (negative), in minor units."""

    at: Dated
    currency: str
    amount: int


class Completion(BaseModel):
    known: date
    total: int
    """The order's, in minor units."""


class Checkout(BaseModel):
    begun: Dated | None = None
    currency: str | None = None
    currency_known: date | None = None
    """The first day on which a fact with the currency was recorded."""
    completed: Completion | None = None
    money: list[Movement] = []

    def in_currency(self, currency: str, known: date) -> None:
        self.currency = currency
        self.currency_known = min(self.currency_known or known, known)


KnownFact = checkout.Started | cart.Locked | checkout.Completed | payment.Captured | payment.Refunded


def subject(fact: KnownFact) -> UUID:
    match fact:
        case cart.Locked():
            return fact.process_id
        case payment.Captured() | payment.Refunded():
            return fact.checkout_id
        case _:
            return fact.originator_id


def fold(state: Checkout, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:
    at = dated(occurred_at, recorded_at)
    match fact:
        case checkout.Started():
            state.begun = at
        case cart.Locked():
            state.in_currency(fact.sale.currency, at.known)
        case checkout.Completed():
            state.in_currency(fact.currency, at.known)
            state.completed = Completion(known=at.known, total=fact.total)
        case payment.Captured():
            state.money.append(Movement(at=at, currency=fact.currency, amount=fact.amount))
        case payment.Refunded():
            state.money.append(Movement(at=at, currency=fact.currency, amount=-fact.amount))
        case _:
            assert_never(fact)


def contributions(state: Checkout) -> RowDeltas:
    parts: list[tuple[RowKey, Measures]] = [
        ((moved.at.day, moved.currency, moved.at.known), (0, 0, 0, moved.amount)) for moved in state.money
    ]
    if state.begun and state.currency and state.currency_known:
        begun, known = state.begun, max(state.begun.known, state.currency_known)
        parts.append(((begun.day, state.currency, known), (1, 0, 0, 0)))
        if done := state.completed:
            completed = begun.day, state.currency, max(known, done.known)
            parts.append((completed, (0, 1, done.total, 0)))
    return summed(parts)


CONVERSION: CounterModel[Checkout, KnownFact] = CounterModel(
    name="conversion",
    version=2,
    facts=get_args(KnownFact),
    state=Checkout,
    subject=subject,
    fold=fold,
    counters=(
        CounterTable(
            name="checkout_conversion",
            keys={"day": "date", "currency": "text", "known": "date"},
            measures=("checkouts", "completed", "ordered", "revenue"),
            contributions=contributions,
        ),
    ),
)
