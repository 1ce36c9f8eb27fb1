"""A return: units of goods that a customer sends back, and what was received of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict, assert_never
from uuid import UUID

from checkout_saga.orders.domain.errors import ReturnNotPossible
from contracts import return_ as facts
from contracts.order import RefundedUnits
from contracts.return_ import ReceivedUnits, ReturnedUnits
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID

APPROVED_FOR = timedelta(days=30)
SELLABLE, MISSING = "sellable", "missing"
"""Conditions of received units; the third one is damaged."""


class ReturnStatus(StrEnum):
    NONE = "none"
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    RECEIVED = "received"
    CLOSED = "closed"
    EXPIRED = "expired"


OPEN = {ReturnStatus.REQUESTED, ReturnStatus.APPROVED, ReturnStatus.RECEIVED}


class _Owner(TypedDict):
    order_id: UUID
    customer_id: str


class GoodsReturn(Aggregate):
    CREATED_BY = facts.Requested.TYPE

    def initialise(self) -> None:
        self.status = ReturnStatus.NONE
        self.order_id, self.customer_id = NIL_ID, ""
        self.units: tuple[ReturnedUnits, ...] = ()
        self.received: tuple[ReceivedUnits, ...] = ()
        self.refund_id: UUID | None = None
        self.reason: str | None = None
        """Why it was rejected."""
        self.requested_at = UTC_MIN
        self.expires_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def request(self, order_id: UUID, customer_id: str, units: Sequence[ReturnedUnits]) -> None:
        self.record(facts.Requested(order_id=order_id, customer_id=customer_id, units=tuple(units)))

    def approve(self, now: datetime) -> None:
        """The goods may be sent for 30 days. Raises ``ReturnNotPossible``."""
        self._check(ReturnStatus.REQUESTED)
        self.record(facts.Approved(**self._whose, expires_at=now + APPROVED_FOR))

    def reject(self, reason: str | None) -> None:
        """Raises ``ReturnNotPossible``."""
        self._check(ReturnStatus.REQUESTED)
        self.record(facts.Rejected(**self._whose, reason=reason))

    def receive(self, units: Sequence[ReceivedUnits], refund_id: UUID | None) -> None:
        """``refund_id``: None if nothing is refunded; then it is closed at once."""
        self.record(facts.Received(**self._whose, units=tuple(units), refund_id=refund_id))
        if refund_id is None:
            self.close(None)

    def check_receivable(self, units: Sequence[ReceivedUnits]) -> None:
        """Raises ``ReturnNotPossible`` if it is not approved, or for more units than were announced."""
        self._check(ReturnStatus.APPROVED)
        announced = {it.line_id: it.quantity for it in self.units}
        for line_id in {it.line_id for it in units}:
            received = sum(it.quantity for it in units if it.line_id == line_id)
            if received > announced.get(line_id, 0):
                raise ReturnNotPossible(
                    "More units than the return has.", line_id=line_id, units=announced.get(line_id, 0)
                )

    def close(self, refund_id: UUID | None) -> None:
        """Ignored if it is closed already."""
        if self.status is ReturnStatus.RECEIVED:
            self.record(facts.Closed(**self._whose, refund_id=refund_id))

    def expire(self) -> None:
        """Ignored unless it waits for the goods."""
        if self.status is ReturnStatus.APPROVED:
            self.record(facts.Expired(**self._whose))

    def _check(self, status: ReturnStatus) -> None:
        if self.status is not status:
            raise ReturnNotPossible("The return is in another state.", return_status=self.status)

    @property
    def _whose(self) -> _Owner:
        return {"order_id": self.order_id, "customer_id": self.customer_id}

    def evolve(self, fact: facts.ReturnFact) -> None:
        match fact:
            case facts.Requested():
                self.status, self.requested_at = ReturnStatus.REQUESTED, fact.timestamp
                self.order_id, self.customer_id, self.units = fact.order_id, fact.customer_id, fact.units
            case facts.Approved(expires_at=expires_at):
                self.status, self.expires_at = ReturnStatus.APPROVED, expires_at
            case facts.Rejected(reason=reason):
                self.status, self.reason = ReturnStatus.REJECTED, reason
            case facts.Received(units=units, refund_id=refund_id):
                self.status, self.received, self.refund_id = ReturnStatus.RECEIVED, units, refund_id
            case facts.Closed():
                self.status = ReturnStatus.CLOSED
            case facts.Expired():
                self.status = ReturnStatus.EXPIRED
            case _:
                assert_never(fact)


def units_back(units: Sequence[ReceivedUnits], *conditions: str) -> list[RefundedUnits]:
    """By line: those in one of the conditions, or without any, those that are not missing."""
    found: dict[str, int] = {}
    for it in units:
        if it.condition in conditions if conditions else it.condition != MISSING:
            found[it.line_id] = found.get(it.line_id, 0) + it.quantity
    return [RefundedUnits(line_id=line_id, quantity=quantity) for line_id, quantity in found.items()]
