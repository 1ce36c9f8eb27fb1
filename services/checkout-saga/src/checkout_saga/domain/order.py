"""An order: what was sold to whom, and what became of it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from checkout_saga.domain.errors import NotRefundable
from contracts import order as facts
from contracts.sale import Sale
from kernel.domain import Aggregate
from pricing.allocation import allocate_to_units


@dataclass(slots=True)
class Refund:
    amount: int
    reason: str
    units: dict[str, tuple[int, ...]]
    """By line, which of its units: they differ by a cent where the line's price does not divide."""
    status: str = "requested"


class Order(Aggregate):
    BEGINS_WITH = facts.Created.TYPE

    def begin(self) -> None:
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
        self.trigger_event(
            facts.Created,
            number=number_of(self.id),
            checkout_id=checkout_id,
            cart_id=cart_id,
            customer_id=customer_id,
            payment_id=payment_id,
            gateway=gateway,
            sale=sale,
        )

    def pay(self) -> None:
        self.trigger_event(facts.Paid, currency=self.sale.currency, amount=self.sale.totals.total)

    def fulfill(self) -> None:
        """Everything sold today is handed over on the spot; what is not belongs to row C9."""
        results = tuple(facts.LineResult(line_id=it.line_id, result="successful") for it in self.sale.lines)
        self.trigger_event(facts.Fulfilled, results=results)

    @property
    def refundable(self) -> int:
        """What was paid and is neither given back nor on its way back.

        Before it is handed over an order belongs to its checkout, which gives everything back if it cannot go
        on; of one that is called off afterwards the money may have to be asked for a second time.
        """
        if not self.results:
            return 0
        asked = sum(it.amount for it in self.refunds.values() if it.status != "failed")
        return self.sale.totals.total - asked

    def request_refund(self, refund_id: UUID, amount: int, reason: str, units: Mapping[str, int]) -> None:
        if not 0 < amount <= self.refundable:
            raise NotRefundable(
                "more is asked back than is left", refundable=self.refundable, order_status=self.status
            )
        asked = tuple(facts.RefundedUnits(line_id=it, quantity=units[it]) for it in sorted(units))
        currency = self.sale.currency
        self.trigger_event(
            facts.RefundRequested,
            refund_id=refund_id,
            currency=currency,
            amount=amount,
            units=asked,
            reason=reason,
        )

    def amount_of_units(self, units: Mapping[str, int]) -> int:
        """What these units of these lines were charged at, exactly, after those given back already."""
        lines = {it.line_id: it for it in self.sale.lines}
        amount = 0
        for line_id, quantity in units.items():
            line = lines.get(line_id)
            left = self._units_left(line_id)
            if line is None or not 0 < quantity <= len(left):
                raise NotRefundable("no such line, or more units than are left of it", line_id=line_id)
            prices = allocate_to_units(line.total, line.quantity)
            amount += sum(prices[it] for it in left[:quantity])
        return amount

    def _units_left(self, line_id: str) -> list[int]:
        """Those of a line that are not given back nor on their way back; a refund takes the first of them."""
        units = sum(it.quantity for it in self.sale.lines if it.line_id == line_id)
        asked = [it.units.get(line_id, ()) for it in self.refunds.values() if it.status != "failed"]
        return sorted(set(range(units)).difference(*asked))

    def refund(self, amount: int, reason: str, refund_id: UUID | None = None) -> None:
        self.trigger_event(
            facts.Refunded, refund_id=refund_id, currency=self.sale.currency, amount=amount, reason=reason
        )

    def fail_refund(self, refund_id: UUID, code: str, detail: str) -> None:
        self.trigger_event(facts.RefundFailed, refund_id=refund_id, code=code, detail=detail)

    def cancel(self, reason: str) -> None:
        if self.status != "cancelled":
            self.trigger_event(facts.Cancelled, reason=reason)

    def evolve(self, fact: facts.OrderFact) -> None:
        match fact:
            case facts.Created():
                self.status = "created"
                self.number, self.sale = fact.number, fact.sale
                self.checkout_id, self.cart_id = fact.checkout_id, fact.cart_id
                self.customer_id, self.payment_id = fact.customer_id, fact.payment_id
                self.created_at: datetime = fact.timestamp
            case facts.Paid():
                self.status = "paid"
            case facts.Fulfilled(results=results):
                self.status, self.results = "fulfilled", results
            case facts.PartiallyFulfilled(results=results):
                self.status, self.results = "partially_fulfilled", results
            case facts.RefundRequested(refund_id=refund_id, amount=amount, reason=reason, units=units):
                chosen = {it.line_id: tuple(self._units_left(it.line_id)[: it.quantity]) for it in units}
                self.refunds[refund_id] = Refund(amount, reason, chosen)
            case facts.RefundFailed(refund_id=refund_id):
                self.refunds[refund_id].status = "failed"
            case facts.Refunded():
                self._refunded(fact)
            case facts.Cancelled():
                self.status = "cancelled"
            case _:
                assert_never(fact)

    def _refunded(self, fact: facts.Refunded) -> None:
        self.refunded += fact.amount
        if fact.refund_id is not None:
            self.refunds[fact.refund_id].status = "refunded"
        if self.refunded >= self.sale.totals.total and self.status != "cancelled":
            self.status = "refunded"


def number_of(order_id: UUID) -> str:
    """What people read out on the telephone: 60 of the id's bits, without letters that look like digits."""
    text = base64.b32encode(order_id.bytes[-8:]).decode().translate(_READABLE)[:12]
    return f"F-{text[:4]}-{text[4:8]}-{text[8:]}"


_READABLE = str.maketrans("OI", "89")
