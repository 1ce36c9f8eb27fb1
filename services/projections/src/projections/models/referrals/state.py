"""What one attribution, one reward or one referred order came to: each step on its own day."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never
from uuid import UUID

from pydantic import BaseModel

from contracts import order, referral, reward
from contracts import referral_attribution as attribution
from kernel.ids import NIL_ID
from projections.models.moments import Moment, moment

ATTRIBUTED, CONFIRMED, REVOKED = "attributed", "confirmed", "revoked"
REWARDS, GRANTED, REVERSED, ISSUED = "rewards", "granted", "reversed", "issued"


class Step(Moment):
    """Of an attribution or a reward: by ``amount`` more of what is ``counted``."""

    counted: str
    amount: int = 1


class Sale(Moment):
    """The paid order of a referee: the merit of the latest of several attributions. Each program has its
    discount."""

    program_id: UUID
    currency: str
    total: int
    discounts: dict[UUID, int]


class Refund(Moment):
    """``amount`` is negative if the provider has taken its success back."""

    refund_id: UUID | None
    amount: int


class Referral(BaseModel):
    program_id: UUID = NIL_ID
    currency: str = ""
    """Of the reward; an attribution has none."""
    steps: list[Step] = []
    sale: Sale | None = None
    undone: Moment | None = None
    """The checkout was compensated after the payment."""
    refunds: list[Refund] = []

    def add(self, when: Moment, counted: str, amount: int = 1) -> None:
        self.steps.append(Step(at=when.at, known=when.known, counted=counted, amount=amount))

    def refund(self, when: Moment, refund_id: UUID | None, amount: int) -> None:
        self.refunds.append(Refund(at=when.at, known=when.known, refund_id=refund_id, amount=amount))


AttributionFact = attribution.Created | attribution.Confirmed | attribution.Revoked
RewardFact = reward.Granted | reward.Reversed | reward.Issued
OrderFact = referral.Redeemed | referral.Released | order.Refunded | order.RefundFailed
KnownFact = AttributionFact | RewardFact | OrderFact


def subject(fact: KnownFact) -> UUID:
    """What was applied at the payment of an order is about the order."""
    match fact:
        case referral.Redeemed() | referral.Released() if fact.snapshots:
            return fact.snapshots[0].order_id or fact.originator_id
        case _:
            return fact.originator_id


def fold(state: Referral, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:
    when = moment(occurred_at, recorded_at)
    match fact:
        case attribution.Created() | attribution.Confirmed() | attribution.Revoked():
            _attribute(state, fact, when)
        case reward.Granted() | reward.Reversed() | reward.Issued():
            _reward(state, fact, when)
        case referral.Redeemed() | referral.Released() | order.Refunded() | order.RefundFailed():
            _sell(state, fact, when)
        case _:
            assert_never(fact)


def _attribute(state: Referral, fact: AttributionFact, when: Moment) -> None:
    state.program_id = fact.program_id
    match fact:
        case attribution.Created():
            state.add(when, ATTRIBUTED)
        case attribution.Confirmed():
            state.add(when, CONFIRMED)
        case attribution.Revoked():
            state.add(when, REVOKED)
        case _:
            assert_never(fact)


def _reward(state: Referral, fact: RewardFact, when: Moment) -> None:
    match fact:
        case reward.Granted(program_id=program_id, currency=currency, amount=amount):
            state.program_id, state.currency = program_id, currency
            state.add(when, REWARDS)
            state.add(when, GRANTED, amount)
        case reward.Reversed(amount=amount):
            state.add(when, REVERSED, amount)
        case reward.Issued(amount=amount):
            state.add(when, ISSUED, amount)
        case _:
            assert_never(fact)


def _sell(state: Referral, fact: OrderFact, when: Moment) -> None:
    match fact:
        case referral.Redeemed(snapshots=snapshots):
            if snapshots:
                state.sale = _sale(snapshots, when)
        case referral.Released():
            state.undone = when
        case order.Refunded(refund_id=refund_id, amount=amount):
            state.refund(when, refund_id, amount)
        case order.RefundFailed(refund_id=refund_id):
            made = next((it for it in state.refunds if it.refund_id == refund_id), None)
            if made is not None:
                state.refund(when, None, -made.amount)
        case _:
            assert_never(fact)


def _sale(snapshots: tuple[referral.Snapshot, ...], when: Moment) -> Sale:
    latest = max(snapshots, key=lambda it: it.attribution_id)
    discounts: dict[UUID, int] = {}
    for it in snapshots:
        discounts[it.program_id] = discounts.get(it.program_id, 0) + it.total_discount
    return Sale(
        at=when.at,
        known=when.known,
        program_id=latest.program_id,
        currency=latest.currency,
        total=latest.total,
        discounts=discounts,
    )
