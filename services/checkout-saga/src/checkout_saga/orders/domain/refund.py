"""Refunds of an order: what is selected, and the state of each refund."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from checkout_saga.orders.domain.errors import NotRefundable
from contracts.order import RefundedUnits, RefundShare
from pricing.refunds import Remainder


class RefundStatus(StrEnum):
    REQUESTED = "requested"
    PENDING = "pending"
    """The gateway has taken it, and decides later."""
    NEEDS_OPERATOR = "needs_operator"
    REFUNDED = "refunded"
    FAILED = "failed"


NOT_ENDED = {RefundStatus.REQUESTED, RefundStatus.PENDING, RefundStatus.NEEDS_OPERATOR}
"""Statuses of a refund that has not ended: its amount is neither paid back nor free."""
NOT_DONE = "NOT_DONE"
"""Failure code: an operator has resolved the refund as not done."""
PAID_TWICE = "REFUND_PAID_TWICE"
"""Attention code: the gateway has paid a refund that had been paid otherwise."""
UNDECIDED = "REFUND_UNDECIDED"
"""Attention code: the gateway has taken it, and has not decided in time."""
REFUND_REVERSED = "REFUND_REVERSED"
"""Failure code: the provider has taken the success of the refund back."""
MANUAL = "manual"
"""The method of a refund that people pay back, without a call of the gateway."""
BY_HAND = "REFUND_MANUAL"
"""Attention code: it was requested to be paid back by hand."""
FOR_PEOPLE = frozenset({"REFUND_NOT_SUPPORTED", "REFUND_NEEDS_ACTION"})
"""Refusals of a gateway that leave the refund to people: it neither fails nor is requested again."""


def units_of(shares: Iterable[RefundShare]) -> tuple[RefundedUnits, ...]:
    return tuple(
        RefundedUnits(line_id=it.line_id, quantity=it.quantity)
        for it in shares
        if it.line_id is not None and it.quantity
    )


@dataclass(slots=True)
class Refund:
    amount: int
    reason: str
    allocation: tuple[RefundShare, ...]
    status: RefundStatus = RefundStatus.REQUESTED
    intent: int = 1
    """Number of idempotency keys used so far; the gateway has refused all but the last."""
    code: str | None = None
    detail: str = ""
    tries: int = 0
    since: datetime | None = None
    """When it began to need an operator."""
    taken_at: datetime | None = None
    """When the gateway has taken the latest request, to decide later."""
    settled: bool = False
    """An operator has resolved it, or closed the second payment."""
    paid_twice: tuple[str, ...] = ()
    """The gateway's references of payments beyond what the order accounts for."""
    reason_code: str = "other"
    method: str = "original"
    restock: bool = False
    return_id: UUID | None = None
    """The return by which the units came back."""

    @property
    def units(self) -> tuple[RefundedUnits, ...]:
        return units_of(self.allocation)

    @property
    def is_manual(self) -> bool:
        return self.method == MANUAL

    @property
    def is_pending(self) -> bool:
        return self.status in NOT_ENDED

    @property
    def is_for_people(self) -> bool:
        """Pending, and the gateway is not called: an operator resolves it."""
        return self.status is RefundStatus.NEEDS_OPERATOR and (self.is_manual or self.code in FOR_PEOPLE)

    @property
    def needs_attention(self) -> bool:
        ended_badly = self.status is RefundStatus.FAILED or bool(self.paid_twice)
        return self.status is RefundStatus.NEEDS_OPERATOR or (ended_badly and not self.settled)


@dataclass(frozen=True, slots=True)
class RefundPart:
    """Units of a line, or an amount of a line or of the shipping; neither: all that is left of it."""

    line_id: str | None
    """None for the shipping."""
    quantity: int | None = None
    amount: int | None = None

    def share(self, remainder: Remainder) -> RefundShare:
        left = remainder.balance_of(self.line_id)
        if self.line_id is not None and self.quantity is not None:
            if not 0 < self.quantity <= left.units:
                raise self._refusal(remainder, "There is no such line, or it has fewer units left.")
            return remainder.share_of_units(self.line_id, self.quantity)
        if self.amount is None:
            return remainder.share_of_line(self.line_id)
        if self.amount > left.amount:
            raise self._refusal(remainder, "The amount is more than is left of it.")
        return remainder.share_of_amount(self.line_id, self.amount)

    def _refusal(self, remainder: Remainder, detail: str) -> NotRefundable:
        return NotRefundable(detail, line_id=self.line_id, refundable=remainder.amount)


@dataclass(frozen=True, slots=True)
class RefundSelection:
    """An amount of the whole order, or parts of it; neither: all that is left."""

    amount: int | None = None
    parts: tuple[RefundPart, ...] = ()

    def shares(self, remainder: Remainder) -> tuple[RefundShare, ...]:
        if self.parts:
            return tuple(
                it for it in (part.share(remainder) for part in self.parts) if it.quantity or it.amount
            )
        if self.amount is None:
            return remainder.all_shares()
        return remainder.spread(self.amount)


EVERYTHING = RefundSelection()


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """Why and how to refund; the values are those of ``order.refund_requested``."""

    reason_code: str = "other"
    method: str = "original"
    restock: bool = False
    return_id: UUID | None = None


USUAL_TERMS = RefundTerms()
