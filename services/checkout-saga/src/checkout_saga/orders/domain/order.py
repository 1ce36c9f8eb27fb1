"""An order: what was sold to whom, its fulfilment, refunds and cancellation."""

from __future__ import annotations

import base64
from typing import TypedDict
from uuid import UUID

from checkout_saga.orders.domain.errors import NotRefundable
from checkout_saga.orders.domain.order_state import OrderState, OrderStatus
from checkout_saga.orders.domain.refund import Refund, RefundSelection, RefundStatus
from contracts import order as facts
from contracts.sale import Sale
from kernel.ids import derive_id


class Owner(TypedDict):
    """Fields of every fact about a paid order, for readers without the order itself."""

    customer_id: str
    number: str


class Order(OrderState):
    """Decisions about an order. Repeated steps of its checkout are ignored."""

    def create(
        self,
        checkout_id: UUID,
        cart_id: UUID,
        customer_id: str,
        payment_id: UUID | None,
        gateway: str | None,
        sale: Sale,
    ) -> None:
        """Raises ``RuntimeError`` for an order that exists: its use case returns it instead."""
        if self.exists:
            raise RuntimeError(f"the order {self.id} exists already")
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
        if self.status is not OrderStatus.CREATED:
            return
        totals = self.sale.totals
        self.record(
            facts.Paid(**self._owner, currency=self.sale.currency, amount=totals.total, totals=totals)
        )

    def fulfill(self) -> None:
        """All lines are fulfilled at once; deferred fulfilment is not implemented. A free order is not paid
        before."""
        if self.status not in {OrderStatus.CREATED, OrderStatus.PAID}:
            return
        results = tuple(
            facts.LineResult(line_id=it.line_id, result=facts.SUCCESSFUL) for it in self.sale.lines
        )
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

    def refund(self, refund_id: UUID) -> None:
        """A requested refund has been paid."""
        refund = self.refunds[refund_id]
        if refund.status is not RefundStatus.REFUNDED:
            self._record_refunded(refund_id, refund.amount, refund.reason, self._shares_of(refund))

    def refund_everything(self, reason: str) -> None:
        """The checkout has failed after the capture, and the whole payment has been refunded."""
        if not self.refunded:
            self._record_refunded(None, self.sale.totals.total, reason, self.remainder.all_shares())

    def _record_refunded(
        self, refund_id: UUID | None, amount: int, reason: str, shares: tuple[facts.RefundShare, ...]
    ) -> None:
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
        if self.refunds[refund_id].is_pending:
            self.record(facts.RefundFailed(refund_id=refund_id, code=code, detail=detail))

    def mark_refund_stuck(self, refund_id: UUID, code: str, tries: int) -> None:
        if self.refunds[refund_id].status is RefundStatus.REQUESTED:
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
        if self.status is not OrderStatus.CANCELLED:
            self.record(facts.Cancelled(**self._owner, reason=reason))

    @property
    def _owner(self) -> Owner:
        return {"customer_id": self.customer_id, "number": self.number}


def order_id_of(checkout_id: UUID) -> UUID:
    """Derived, so that a checkout has one order however often it is computed."""
    return derive_id(checkout_id, "order")


def number_of(order_id: UUID) -> str:
    """A number to read out: 60 bits of the id in base 32, without letters that look like digits."""
    text = base64.b32encode(order_id.bytes[-8:]).decode().translate(_READABLE)[:12]
    return f"F-{text[:4]}-{text[4:8]}-{text[8:]}"


_READABLE = str.maketrans("OI", "89")
