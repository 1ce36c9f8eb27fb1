"""An order: what was sold to whom, its fulfilment, refunds and cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from checkout_saga.orders.domain.errors import NotRefundable
from checkout_saga.orders.domain.line_results import kind_of, settled
from checkout_saga.orders.domain.order_state import FINAL, OrderState, OrderStatus
from checkout_saga.orders.domain.refund import (
    BY_HAND,
    UNDECIDED,
    USUAL_TERMS,
    Refund,
    RefundSelection,
    RefundStatus,
    RefundTerms,
    units_of,
)
from contracts import order as facts
from contracts.sale import Sale, SaleLine
from contracts.upsell import Origin
from kernel.ids import derive_id
from pricing.refunds import breakdown, charged


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
        payment_method: str | None = None,
        origin: Origin | None = None,
        *,
        number: str,
    ) -> None:
        """``number``: no other order of the tenant has it. Raises ``RuntimeError`` for an order that exists:
        its use case returns it instead."""
        if self.exists:
            raise RuntimeError(f"the order {self.id} exists already")
        self.record(
            facts.Created(
                number=number,
                checkout_id=checkout_id,
                cart_id=cart_id,
                customer_id=customer_id,
                payment_id=payment_id,
                gateway=gateway,
                payment_method=payment_method,
                sale=sale,
                origin=origin,
            )
        )

    @property
    def awaits_payment(self) -> bool:
        """Not if it is paid already, or cancelled."""
        return self.status is OrderStatus.CREATED

    def pay(self, number_held: int | None = None) -> None:
        """It awaits its payment. ``number_held``: as in the fact."""
        totals = self.sale.totals
        self.record(
            facts.Paid(
                **self._owner,
                currency=self.sale.currency,
                amount=totals.total,
                totals=totals,
                breakdown=breakdown(charged(self.sale)),
                number_held=number_held,
            )
        )

    def record_results(self, results: tuple[facts.LineResult, ...]) -> None:
        """The results of all lines, if any has changed; lines of which no unit is left do not count for the
        status. A free order is not paid before."""
        if results != self.results and self.status not in FINAL:
            self.record(kind_of(results, self.wanted_units)(**self._owner, results=results))

    def fulfill_rest(self) -> None:
        """Once nothing is left to hand over the order is fulfilled, if anything was handed over."""
        results = settled(self.results, self.wanted_units)
        kind = kind_of(results, self.wanted_units)
        if kind is facts.Fulfilled and self.status is not OrderStatus.FULFILLED:
            self.record(facts.Fulfilled(**self._owner, results=results))

    def has_lost_all_units(self, line: SaleLine) -> bool:
        """Whether all of them were cancelled, or all have been refunded."""
        if self.cancelled_units[line.line_id] >= line.quantity:
            return True
        shares = (
            share
            for refund in self.refunds.values()
            if refund.status is RefundStatus.REFUNDED
            for share in refund.allocation
        )
        return sum(it.quantity for it in shares if it.line_id == line.line_id) >= line.quantity

    @property
    def refundable(self) -> int:
        """What was paid and is neither refunded nor being refunded, in minor units.

        0 before the fulfilment: until then the checkout refunds everything if it fails. A cancelled order may
        have an amount left, if its refund failed.
        """
        return self.remainder.amount if self.results else 0

    def refundable_beside(self, disputed: int) -> int:
        """``disputed``: what open and lost disputes of the order's payment keep."""
        return max(0, self.refundable - disputed)

    def request_refund(
        self,
        refund_id: UUID,
        selection: RefundSelection,
        reason: str,
        terms: RefundTerms = USUAL_TERMS,
        *,
        disputed: int = 0,
    ) -> None:
        """``disputed``: as in ``refundable_beside``. A manual refund needs an operator at once, who pays it
        back and resolves it."""
        refundable = self.refundable_beside(disputed)
        possible = (selection.amount or 1) <= refundable
        shares = selection.shares(self.remainder) if possible else ()
        amount = sum(it.amount for it in shares)
        if not 0 < amount <= refundable:
            raise NotRefundable(
                "The refund is more than is left to be refunded.",
                refundable=refundable,
                order_status=self.status,
            )
        self.record(
            facts.RefundRequested(
                refund_id=refund_id,
                currency=self.sale.currency,
                amount=amount,
                units=units_of(shares),
                reason=reason,
                allocation=shares,
                reason_code=terms.reason_code,
                method=terms.method,
                restock=terms.restock,
                return_id=terms.return_id,
            )
        )
        if self.refunds[refund_id].is_manual:
            self.mark_refund_stuck(refund_id, BY_HAND, tries=0)

    def refund(self, refund_id: UUID) -> None:
        """A requested refund has been paid."""
        refund = self.refunds[refund_id]
        if refund.status is not RefundStatus.REFUNDED:
            self._record_refunded(refund_id, refund.amount, refund.reason, self._shares_of(refund))

    def refund_everything(self, reason: str) -> None:
        """The checkout has failed after the capture, and the whole payment has been refunded."""
        if self.paid and not self.refunded:
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

    def await_refund(self, refund_id: UUID, reference: str) -> None:
        """The gateway decides later. Ignored where that is known, or was for too long."""
        refund = self.refunds[refund_id]
        if refund.is_pending and refund.status is not RefundStatus.PENDING and refund.code != UNDECIDED:
            self.record(facts.RefundPending(refund_id=refund_id, reference=reference))

    def reverse_refund(self, refund_id: UUID, code: str, detail: str) -> None:
        """The provider has taken the success of a refund back: its amount is refundable again."""
        if self.refunds[refund_id].status is RefundStatus.REFUNDED:
            self.record(facts.RefundFailed(refund_id=refund_id, code=code, detail=detail))

    def mark_refund_stuck(self, refund_id: UUID, code: str, tries: int) -> None:
        """Recorded once for each code while the refund is pending."""
        refund = self.refunds[refund_id]
        is_new = refund.status is not RefundStatus.NEEDS_OPERATOR or refund.code != code
        if refund.is_pending and is_new:
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

    def cancel_units(self, refund_id: UUID, units: Sequence[facts.RefundedUnits], reason: str) -> None:
        """The caller has checked that they are open."""
        self.record(
            facts.LinesCancelled(**self._owner, refund_id=refund_id, units=tuple(units), reason=reason)
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
