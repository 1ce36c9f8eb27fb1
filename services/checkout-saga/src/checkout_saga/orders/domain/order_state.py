"""The state of an order, folded from its facts."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from checkout_saga.orders.domain.line_results import result_of
from checkout_saga.orders.domain.refund import PAID_TWICE, Refund, RefundStatus
from checkout_saga.payments.domain.names import idempotency_key
from contracts import order as facts
from contracts.sale import Sale, Totals
from contracts.upsell import Origin, Proposal
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID
from pricing.inferred_refunds import shares_refunded, shares_requested
from pricing.refunds import Remainder, charged

CARD = "card"
NOTHING_SOLD = Sale(currency="", lines=(), totals=Totals(subtotal=0, discount=0, shipping=0, tax=0, total=0))


class OrderStatus(StrEnum):
    NONE = "none"
    CREATED = "created"
    PAID = "paid"
    FULFILLED = "fulfilled"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    FAILED = "failed"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


FINAL = {OrderStatus.REFUNDED, OrderStatus.CANCELLED}
"""Results of lines no longer count."""

STATUS_BY_RESULTS = {
    facts.Fulfilled: OrderStatus.FULFILLED,
    facts.PartiallyFulfilled: OrderStatus.PARTIALLY_FULFILLED,
    facts.FulfillmentPending: OrderStatus.PAID,
    facts.FulfillmentFailed: OrderStatus.FAILED,
}


class OrderState(Aggregate):
    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.status = OrderStatus.NONE
        self.status_before_refund = OrderStatus.NONE
        """Of a refunded order: the status that it has again if the provider takes a refund back."""
        self.number = ""
        self.checkout_id = self.cart_id = NIL_ID
        self.customer_id = ""
        self.payment_id: UUID | None = None
        """None for a free order, as is ``gateway``."""
        self.gateway: str | None = None
        self.payment_method = CARD
        """Of an order whose fact does not tell: that of all payments before there were others."""
        self.sale = NOTHING_SOLD
        self.created_at = UTC_MIN
        self.paid = False
        """For good, so also after a refund or a cancellation. A free order never is."""
        self.number_held: int | None = None
        """As in ``order.paid``."""
        self.results: tuple[facts.LineResult, ...] = ()
        self.cancelled_units: Counter[str] = Counter()
        """Units by line that will not be handed over."""
        self.remainder = Remainder(())
        self.refunded = 0
        self.refunds: dict[UUID, Refund] = {}
        self.origin: Origin | None = None
        """The upsell of another order that this one is; None: it is of a cart."""
        self.upsells: tuple[Proposal, ...] = ()
        """What the buyer may take after the purchase, before ``upsells_end_at``."""
        self.upsells_end_at = UTC_MIN
        self.upsells_bought: set[UUID] = set()

    @property
    def result_by_line(self) -> dict[str, str]:
        return {it.line_id: it.result for it in self.results}

    def sold_units(self, line_id: str) -> int:
        """0 for a line that the order does not have."""
        return next((it.quantity for it in self.sale.lines if it.line_id == line_id), 0)

    def wanted_units(self, line_id: str) -> int:
        """Units that are neither cancelled nor refunded."""
        left = self.sold_units(line_id) - self.cancelled_units[line_id]
        return min(left, self.remainder.balance_of(line_id).units)

    def open_units(self, line_id: str) -> int:
        """Units that are still to be handed over."""
        result = result_of(self.results, line_id)
        if result and result.result == facts.SUCCESSFUL:
            return 0
        return max(0, self.wanted_units(line_id) - self.handed_over(line_id))

    def handed_over(self, line_id: str) -> int:
        """Units that the customer has: what is counted of a pending line, all of a successful one, less what
        was cancelled before."""
        result = result_of(self.results, line_id)
        if result is None or result.result != facts.SUCCESSFUL:
            return (result.units if result else None) or 0
        return self.sold_units(line_id) - self.cancelled_units[line_id]

    def refund_under(self, key: str | None) -> UUID | None:
        """The refund that was requested under this idempotency key of the provider."""
        for refund_id in self.refunds:
            if key and key.startswith(idempotency_key(self.checkout_id, f"refund:{refund_id}", "")):
                return refund_id
        return None

    def evolve(self, fact: facts.OrderFact) -> None:  # noqa: PLR0912  # one case per fact
        match fact:
            case facts.Created():
                self._created(fact)
            case facts.Paid(number_held=number_held):
                self.status, self.paid, self.number_held = OrderStatus.PAID, True, number_held
            case (
                facts.Fulfilled()
                | facts.PartiallyFulfilled()
                | facts.FulfillmentPending()
                | facts.FulfillmentFailed()
            ):
                self.status, self.results = STATUS_BY_RESULTS[type(fact)], fact.results
            case facts.RefundRequested(refund_id=refund_id):
                shares = shares_requested(fact, self.remainder)
                self.refunds[refund_id] = Refund(
                    fact.amount,
                    fact.reason,
                    shares,
                    reason_code=fact.reason_code,
                    method=fact.method,
                    restock=fact.restock,
                    return_id=fact.return_id,
                )
                self.remainder.deduct(shares)
            case facts.RefundFailed() | facts.RefundStuck():
                self._refund_failed_or_stuck(fact)
            case facts.RefundPending(refund_id=refund_id):
                self._taken(self.refunds[refund_id], fact)
            case facts.RefundRetried(refund_id=refund_id):
                self._retried(self.refunds[refund_id], fact.intent)
            case facts.RefundResolved(refund_id=refund_id):
                self.refunds[refund_id].settled = True
            case facts.RefundPaidTwice():
                self._paid_twice(fact)
            case facts.Refunded():
                self._refunded(fact)
            case facts.LinesCancelled(units=units):
                self.cancelled_units.update({it.line_id: it.quantity for it in units})
            case facts.Cancelled():
                self.status = OrderStatus.CANCELLED
            case facts.UpsellsProposed(upsells=upsells, expires_at=expires_at):
                self.upsells, self.upsells_end_at = upsells, expires_at
            case facts.UpsellBought(upsell_id=upsell_id):
                self.upsells_bought.add(upsell_id)
            case _:
                assert_never(fact)

    def _created(self, fact: facts.Created) -> None:
        self.status = OrderStatus.CREATED
        self.number, self.sale, self.created_at = fact.number, fact.sale, fact.timestamp
        self.remainder = Remainder(charged(fact.sale))
        self.checkout_id, self.cart_id, self.customer_id = fact.checkout_id, fact.cart_id, fact.customer_id
        self.payment_id, self.gateway = fact.payment_id, fact.gateway
        self.payment_method = fact.payment_method or CARD
        self.origin = fact.origin

    def _refund_failed_or_stuck(self, fact: facts.RefundFailed | facts.RefundStuck) -> None:
        refund = self.refunds[fact.refund_id]
        refund.code, refund.since = fact.code, refund.since or fact.timestamp
        if isinstance(fact, facts.RefundStuck):
            refund.status, refund.tries = RefundStatus.NEEDS_OPERATOR, fact.tries
        elif refund.status is not RefundStatus.FAILED:
            if refund.status is RefundStatus.REFUNDED:
                self._take_back(refund.amount)
            refund.status, refund.detail = RefundStatus.FAILED, fact.detail
            self.remainder.restore(refund.allocation)

    def _taken(self, refund: Refund, fact: facts.RefundPending) -> None:
        refund.status, refund.code, refund.since = RefundStatus.PENDING, None, None
        refund.taken_at = refund.taken_at or fact.timestamp

    def _take_back(self, amount: int) -> None:
        """The success of a refund no longer counts."""
        self.refunded -= amount
        if self.status is OrderStatus.REFUNDED:
            self.status = self.status_before_refund

    def _retried(self, refund: Refund, intent: int) -> None:
        if intent != refund.intent:
            refund.taken_at = None
        if refund.is_for_people:
            refund.status, refund.code, refund.since = RefundStatus.REQUESTED, None, None
        refund.intent, refund.settled = intent, False
        self._reopen_refund(refund)

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
        if self.refunded >= self.sale.totals.total and self.status not in FINAL:
            self.status, self.status_before_refund = OrderStatus.REFUNDED, self.status
