"""What became of a cart: how far it came on the way to an order, and whether it was abandoned meanwhile."""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from pydantic import BaseModel

from contracts import cart, checkout
from kernel.projections.model import day_of
from projections.models.moments import Moment, moment

STEPS = (
    "cart_created",
    "item_added",
    "checkout_started",
    "customer_and_shipping",
    "payment_asked",
    "completed",
)
"""The way to an order. ``customer_and_shipping``: the cart was locked for a checkout, with its customer,
destination and way of shipping. ``payment_asked``: it is held because money is asked for."""
CREATED, ITEM_ADDED, STARTED, LOCKED, HELD, COMPLETED = range(len(STEPS))


class Completion(Moment):
    checkout_id: UUID
    currency: str
    total: int


class Cart(BaseModel):
    created: date | None = None
    furthest: int = CREATED
    """Index of the furthest step. A cart that is emptied or given back by a checkout stays at it."""
    merged: bool = False
    """Its shopper goes on in another cart."""
    abandoned: Moment | None = None
    """The first time."""
    currency: str = ""
    value: int = 0
    """The total when it was abandoned."""
    messages: dict[int, Moment] = {}
    """The recovery messages that were due, by attempt."""
    completion: Completion | None = None

    def reach(self, step: int) -> None:
        self.furthest = max(self.furthest, step)

    def complete(self, completion: Completion) -> None:
        """By the first order. Later ones with the cart's id are of upsells that were bought after it."""
        known = self.completion
        if known is None or (completion.at, completion.checkout_id) < (known.at, known.checkout_id):
            self.completion = completion


KnownFact = (
    cart.Created
    | cart.ItemAdded
    | checkout.Started
    | cart.Locked
    | cart.Held
    | checkout.Completed
    | cart.Merged
    | cart.Abandoned
    | cart.RecoveryDue
)


def subject(fact: KnownFact) -> UUID:
    match fact:
        case checkout.Started() | checkout.Completed():
            return fact.cart_id
        case _:
            return fact.originator_id


def fold(state: Cart, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:
    match fact:
        case cart.Created():
            state.created = day_of(occurred_at)
        case cart.ItemAdded():
            state.reach(ITEM_ADDED)
        case checkout.Started():
            state.reach(STARTED)
        case cart.Locked():
            state.reach(LOCKED)
        case cart.Held():
            state.reach(HELD)
        case checkout.Completed(originator_id=checkout_id, currency=currency, total=total):
            state.reach(COMPLETED)
            when = moment(occurred_at, recorded_at)
            state.complete(Completion(**dict(when), checkout_id=checkout_id, currency=currency, total=total))
        case cart.Merged():
            state.merged = state.merged or fact.guest_cart_id == fact.originator_id
        case cart.Abandoned() if state.abandoned is None:
            state.abandoned = moment(occurred_at, recorded_at)
            state.currency, state.value = fact.currency, fact.value
        case cart.Abandoned():
            pass
        case cart.RecoveryDue(attempt=attempt):
            state.messages[attempt] = moment(occurred_at, recorded_at)
        case _:
            assert_never(fact)
