"""The state of an order, folded from its facts."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never
from uuid import UUID

from checkout_saga.orders.domain.refund import PAID_TWICE, Refund, RefundStatus
from contracts import order as facts
from contracts.sale import Sale, Totals
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID
from pricing.inferred_refunds import shares_refunded, shares_requested
from pricing.refunds import Remainder, charged

NOTHING_SOLD = Sale(currency="", lines=(), totals=Totals(subtotal=0, discount=0, shipping=0, tax=0, total=0))


class OrderStatus(StrEnum):
    NONE = "none"
    CREATED = "created"
    PAID = "paid"
    FULFILLED = "fulfilled"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class OrderState(Aggregate):
    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.status = OrderStatus.NONE
        self.number = ""
        self.checkout_id = self.cart_id = NIL_ID
        self.customer_id = ""
        self.payment_id: UUID | None = None
        """None for a free order, as is ``gateway``."""
        self.gateway: str | None = None
        self.sale = NOTHING_SOLD
        self.created_at = UTC_MIN
        self.results: tuple[facts.LineResult, ...] = ()
        self.remainder = Remainder(())
        self.refunded = 0
        self.refunds: dict[UUID, Refund] = {}

    def evolve(self, fact: facts.OrderFact) -> None:
        match fact:
            case facts.Created():
                self._created(fact)
            case facts.Paid():
                self.status = OrderStatus.PAID
            case facts.Fulfilled(results=results):
                self.status, self.results = OrderStatus.FULFILLED, results
            case facts.PartiallyFulfilled(results=results):
                self.status, self.results = OrderStatus.PARTIALLY_FULFILLED, results
            case facts.RefundRequested(refund_id=refund_id):
                shares = shares_requested(fact, self.remainder)
                self.refunds[refund_id] = Refund(fact.amount, fact.reason, shares)
                self.remainder.deduct(shares)
            case facts.RefundFailed() | facts.RefundStuck():
                self._refund_failed_or_stuck(fact)
            case facts.RefundRetried(refund_id=refund_id, intent=intent):
                self.refunds[refund_id].intent, self.refunds[refund_id].settled = intent, False
                self._reopen_refund(self.refunds[refund_id])
            case facts.RefundResolved(refund_id=refund_id):
                self.refunds[refund_id].settled = True
            case facts.RefundPaidTwice():
                self._paid_twice(fact)
            case facts.Refunded():
                self._refunded(fact)
            case facts.Cancelled():
                self.status = OrderStatus.CANCELLED
            case _:
                assert_never(fact)

    def _created(self, fact: facts.Created) -> None:
        self.status = OrderStatus.CREATED
        self.number, self.sale, self.created_at = fact.number, fact.sale, fact.timestamp
        self.remainder = Remainder(charged(fact.sale))
        self.checkout_id, self.cart_id, self.customer_id = fact.checkout_id, fact.cart_id, fact.customer_id
        self.payment_id, self.gateway = fact.payment_id, fact.gateway

    def _refund_failed_or_stuck(self, fact: facts.RefundFailed | facts.RefundStuck) -> None:
        refund = self.refunds[fact.refund_id]
        refund.code, refund.since = fact.code, refund.since or fact.timestamp
        if isinstance(fact, facts.RefundStuck):
            refund.status, refund.tries = RefundStatus.NEEDS_OPERATOR, fact.tries
        elif refund.status is not RefundStatus.FAILED:
            refund.status, refund.detail = RefundStatus.FAILED, fact.detail
            self.remainder.restore(refund.allocation)

    def _reopen_refund(self, refund: Refund) -> None:
        """A failed refund deducts its shares again, which it had restored."""
        if refund.status is RefundStatus.FAILED:
            refund.status, refund.since = RefundStatus.REQUESTED, None
            self.remainder.deduct(refund.allocation)

    def _paid_twice(self, fact: facts.RefundPaidTwice) -> None:
        refund = self.refunds[fact.refund_id]
        refund.paid_twice, refund.settled = (*refund.paid_twice, fact.reference), False
        refund.code, refund.since = PAID_TWICE, fact.timestamp
        refund.detail = f"The gateway has paid {fact.amount} {fact.currency} as well, under {fact.reference}."

    def _refunded(self, fact: facts.Refunded) -> None:
        self.refunded += fact.amount
        if fact.refund_id is None:
            self.remainder.deduct(shares_refunded(fact, (), self.remainder))
        else:
            refund = self.refunds[fact.refund_id]
            refund.allocation = shares_refunded(fact, refund.allocation, self.remainder)
            self._reopen_refund(refund)
            refund.status = RefundStatus.REFUNDED
        if self.refunded >= self.sale.totals.total and self.status is not OrderStatus.CANCELLED:
            self.status = OrderStatus.REFUNDED
