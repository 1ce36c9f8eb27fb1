"""An order: what was sold to whom, its fulfilment, refunds and cancellation."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TypedDict, assert_never
from uuid import UUID

from checkout_saga.orders.domain.errors import NotRefundable
from checkout_saga.orders.domain.refund import PAID_TWICE, Refund, RefundSelection
from contracts import order as facts
from contracts.sale import Sale
from kernel.domain import Aggregate
from kernel.ids import derive_id
from pricing.refunds import Remainder, charged


class Owner(TypedDict):
    """Fields of every fact about a paid order, for readers without the order itself."""

    customer_id: str
    number: str


class Order(Aggregate):
    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.status = "none"
        self.refunded = 0
        self.refunds: dict[UUID, Refund] = {}
        self.results: tuple[facts.LineResult, ...] = ()

    def create(
        self,
        checkout_id: UUID,
        cart_id: UUID,
        customer_id: str,
        payment_id: UUID | None,
        gateway: str | None,
        sale: Sale,
    ) -> None:
        self.record(
            facts.Created(
                number=number_of(self.id),
                checkout_id=checkout_id,
                cart_id=cart_id,
                customer_id=customer_id,
                payment_id=payment_id,
                gateway=gateway,
                sale=sale,
            )
        )

    def pay(self) -> None:
        totals = self.sale.totals
        self.record(
            facts.Paid(**self._owner, currency=self.sale.currency, amount=totals.total, totals=totals)
        )

    def fulfill(self) -> None:
        """All lines are fulfilled at once; deferred fulfilment is not implemented."""
        results = tuple(facts.LineResult(line_id=it.line_id, result="successful") for it in self.sale.lines)
        self.record(facts.Fulfilled(**self._owner, results=results))

    @property
    def refundable(self) -> int:
        """What was paid and is neither refunded nor being refunded, in minor units.

        0 before the fulfilment: until then the checkout refunds everything if it fails. A cancelled order may
        have an amount left, if its refund failed.
        """
        return self.remainder.amount if self.results else 0

    def request_refund(self, refund_id: UUID, selection: RefundSelection, reason: str) -> None:
        possible = (selection.amount or 1) <= self.refundable
        shares = selection.shares(self.remainder) if possible else ()
        amount = sum(it.amount for it in shares)
        if not amount:
            raise NotRefundable(
                "The refund is more than is left to be refunded.",
                refundable=self.refundable,
                order_status=self.status,
            )
        units = tuple(
            facts.RefundedUnits(line_id=it.line_id, quantity=it.quantity)
            for it in shares
            if it.line_id is not None and it.quantity
        )
        self.record(
            facts.RefundRequested(
                refund_id=refund_id,
                currency=self.sale.currency,
                amount=amount,
                units=units,
                reason=reason,
                allocation=shares,
            )
        )

    def refund(self, amount: int, reason: str, refund_id: UUID | None = None) -> None:
        """``refund_id`` None: a checkout that fails after the capture refunds everything."""
        shares = self._shares_of(self.refunds[refund_id]) if refund_id else self.remainder.all_shares()
        self.record(
            facts.Refunded(
                **self._owner,
                refund_id=refund_id,
                currency=self.sale.currency,
                amount=amount,
                reason=reason,
                allocation=shares,
            )
        )

    def _shares_of(self, refund: Refund) -> tuple[facts.RefundShare, ...]:
        """As decided at the request; spread over the rest if it failed and others took its shares."""
        if refund.is_pending or self.remainder.covers(refund.allocation):
            return refund.allocation
        return self.remainder.spread(refund.amount)

    def fail_refund(self, refund_id: UUID, code: str, detail: str) -> None:
        self.record(facts.RefundFailed(refund_id=refund_id, code=code, detail=detail))

    def mark_refund_stuck(self, refund_id: UUID, code: str, tries: int) -> None:
        if self.refunds[refund_id].status == "requested":
            self.record(facts.RefundStuck(refund_id=refund_id, code=code, tries=tries))

    def record_duplicate_payment(self, refund_id: UUID, amount: int, reference: str) -> None:
        """Recorded once for each reference of the gateway."""
        if reference not in self.refunds[refund_id].paid_twice:
            self.record(
                facts.RefundPaidTwice(
                    refund_id=refund_id,
                    currency=self.sale.currency,
                    amount=amount,
                    reference=reference,
                )
            )

    def cancel(self, reason: str) -> None:
        if self.status != "cancelled":
            self.record(facts.Cancelled(**self._owner, reason=reason))

    @property
    def _owner(self) -> Owner:
        return {"customer_id": self.customer_id, "number": self.number}

    def evolve(self, fact: facts.OrderFact) -> None:
        match fact:
            case facts.Created():
                self.status = "created"
                self.number, self.sale = fact.number, fact.sale
                self.remainder = Remainder(charged(fact.sale))
                self.checkout_id, self.cart_id = fact.checkout_id, fact.cart_id
                self.customer_id, self.payment_id = fact.customer_id, fact.payment_id
                self.created_at: datetime = fact.timestamp
            case facts.Paid():
                self.status = "paid"
            case facts.Fulfilled(results=results):
                self.status, self.results = "fulfilled", results
            case facts.PartiallyFulfilled(results=results):
                self.status, self.results = "partially_fulfilled", results
            case facts.RefundRequested(refund_id=refund_id):
                shares = fact.allocation or self.remainder.infer_shares(fact.amount, fact.units)
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
                self.status = "cancelled"
            case _:
                assert_never(fact)

    def _refund_failed_or_stuck(self, fact: facts.RefundFailed | facts.RefundStuck) -> None:
        refund = self.refunds[fact.refund_id]
        refund.code, refund.since = fact.code, refund.since or fact.timestamp
        if isinstance(fact, facts.RefundStuck):
            refund.status, refund.tries = "needs_operator", fact.tries
        elif refund.status != "failed":
            refund.status, refund.detail = "failed", fact.detail
            self.remainder.restore(refund.allocation)

    def _reopen_refund(self, refund: Refund) -> None:
        """A failed refund deducts its shares again, which it had restored."""
        if refund.status == "failed":
            refund.status, refund.since = "requested", None
            self.remainder.deduct(refund.allocation)

    def _paid_twice(self, fact: facts.RefundPaidTwice) -> None:
        refund = self.refunds[fact.refund_id]
        refund.paid_twice, refund.settled = (*refund.paid_twice, fact.reference), False
        refund.code, refund.since = PAID_TWICE, fact.timestamp
        refund.detail = f"The gateway has paid {fact.amount} {fact.currency} as well, under {fact.reference}."

    def _refunded(self, fact: facts.Refunded) -> None:
        self.refunded += fact.amount
        if fact.refund_id is None:
            self.remainder.deduct(fact.allocation or self.remainder.infer_shares(fact.amount))
        else:
            refund = self.refunds[fact.refund_id]
            refund.allocation = fact.allocation or refund.allocation
            self._reopen_refund(refund)
            refund.status = "refunded"
        if self.refunded >= self.sale.totals.total and self.status != "cancelled":
            self.status = "refunded"


def order_id_of(checkout_id: UUID) -> UUID:
    """Derived, so that a checkout has one order however often it is computed."""
    return derive_id(checkout_id, "order")


def number_of(order_id: UUID) -> str:
    """A number to read out: 60 bits of the id in base 32, without letters that look like digits."""
    text = base64.b32encode(order_id.bytes[-8:]).decode().translate(_READABLE)[:12]
    return f"F-{text[:4]}-{text[4:8]}-{text[8:]}"


_READABLE = str.maketrans("OI", "89")
