"""How one line of an order is handed over: its tries and their results."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from checkout_saga.fulfillment.domain import results
from checkout_saga.fulfillment.domain.retries import pause_after
from contracts import fulfillment as facts
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID, derive_id


class Status(StrEnum):
    NONE = "none"
    REQUESTED = "requested"
    """A try has begun, or the next one is due: the line has no result yet."""
    SUCCESSFUL = "successful"
    PENDING = "pending"
    FAILED = "failed"
    REVOKED = "revoked"


UNANSWERED = {Status.NONE, Status.REQUESTED}


class Fulfillment(Aggregate):
    CREATED_BY = facts.Requested.TYPE
    KEPT_IN_MEMORY = False

    def initialise(self) -> None:
        self.status = Status.NONE
        self.order_id, self.line_id = NIL_ID, ""
        self.attempt = 0
        self.tries = 0
        """Since it began, or an operator has begun again."""
        self.reference: str | None = None
        self.code: str | None = None
        """Of the last failure."""
        self.detail = ""
        """The same in a sentence."""
        self.needs_attention_since: datetime | None = None
        """When the tries ended without a result; an operator begins again."""
        self.partly = False
        self.dispatched = 0
        """Units in shipments, less those that came back undelivered. 0 also where units are not counted."""
        self.handed_over = 0
        """The most units that were dispatched at a time."""
        self.dispatched_at = UTC_MIN
        """The last time that units left."""
        self.returning: dict[UUID, int] = {}
        """Units that the customer wants to send back, by return."""
        self.returned = 0

    @property
    def is_answered(self) -> bool:
        return self.status not in UNANSWERED

    def request(
        self, order_id: UUID, line_id: str, operator: str | None = None, reason: str | None = None
    ) -> None:
        """Begin the next try."""
        self.record(
            facts.Requested(
                order_id=order_id, line_id=line_id, attempt=self.attempt + 1, operator=operator, reason=reason
            )
        )

    def answer(self, result: results.Result) -> None:
        """Record the result of the try. An unknown one leaves no fact: the next try finds it out."""
        match result:
            case results.Fulfilled(reference=reference, units=units):
                self.record(facts.Succeeded(attempt=self.attempt, reference=reference, units=units))
            case results.Pending(reference=reference):
                self.record(facts.Pending(attempt=self.attempt, reference=reference))
            case results.Failed():
                self._fail(result)
            case results.Unknown():
                pass
            case _:
                assert_never(result)

    def _fail(self, failed: results.Failed) -> None:
        self.record(
            facts.Failed(
                attempt=self.attempt,
                code=failed.code,
                detail=failed.detail,
                final=not failed.retriable or pause_after(self.tries) is None,
                partly=failed.partly,
            )
        )

    def dispatch(self, shipment_id: UUID, units: int, *, is_all: bool) -> None:
        """Units of it have left. ``is_all``: nothing is still to come."""
        kind = facts.Succeeded if is_all else facts.Pending
        self.record(kind(attempt=self.attempt, reference=str(shipment_id), units=units))

    def take_in(self, shipment_id: UUID, units: int) -> None:
        """A shipment of them was not delivered."""
        self.record(facts.UnitsCameBack(shipment_id=shipment_id, units=units))

    def open_return(self, return_id: UUID, units: int) -> None:
        self.record(facts.ReturnOpened(return_id=return_id, units=units))

    def end_return(self, return_id: UUID, returned: int) -> None:
        self.record(facts.ReturnEnded(return_id=return_id, returned=returned))

    def finish(self) -> None:
        """What was not dispatched yet is no longer wanted."""
        if self.status is Status.PENDING and self.dispatched:
            self.record(facts.Succeeded(attempt=self.attempt, reference=self.reference))

    def revoke(self) -> None:
        """It is no longer wanted. Ignored before it began and after it was revoked."""
        if self.status not in {Status.NONE, Status.REVOKED}:
            self.record(facts.Revoked(attempt=self.attempt, reference=self.reference))

    def evolve(self, fact: facts.FulfillmentFact) -> None:
        match fact:
            case facts.Requested():
                self.order_id, self.line_id, self.attempt = fact.order_id, fact.line_id, fact.attempt
                self.tries = 1 if fact.operator else self.tries + 1
                self.status, self.code, self.detail = Status.REQUESTED, None, ""
                self._note_attention(fact, needed=pause_after(self.tries) is None)
            case facts.Succeeded(reference=reference):
                self.status, self.reference = Status.SUCCESSFUL, reference
                self._note_attention(fact, needed=False)
                self._count(fact)
            case facts.Pending(reference=reference):
                self.status, self.reference = Status.PENDING, reference
                self._note_attention(fact, needed=False)
                self._count(fact)
            case facts.Failed(code=code, final=final, partly=partly):
                self.status = Status.FAILED if final else Status.REQUESTED
                self.code, self.detail, self.partly = code, fact.detail, partly
                self._note_attention(fact, needed=final)
            case facts.Revoked():
                self.status = Status.REVOKED
                self._note_attention(fact, needed=False)
            case facts.UnitsCameBack(units=units):
                self.dispatched -= units
            case facts.ReturnOpened(return_id=return_id, units=units):
                self.returning[return_id] = units
            case facts.ReturnEnded(return_id=return_id, returned=returned):
                del self.returning[return_id]
                self.returned += returned
            case _:
                assert_never(fact)

    def _note_attention(self, fact: facts.FulfillmentFact, *, needed: bool) -> None:
        """A line whose last try has had no answer needs an operator as much as one that has failed."""
        since = self.needs_attention_since or fact.timestamp
        self.needs_attention_since = since if needed else None

    def _count(self, fact: facts.Succeeded | facts.Pending) -> None:
        if fact.units:
            self.dispatched += fact.units
            self.handed_over = max(self.handed_over, self.dispatched)
            self.dispatched_at = fact.timestamp


def fulfillment_id(order_id: UUID, line_id: str) -> UUID:
    return derive_id(order_id, f"fulfillment:{line_id}")
