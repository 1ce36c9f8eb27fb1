"""An order: what was sold to whom, and what became of it."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts import order as facts
from contracts.sale import Sale
from kernel.domain import Aggregate


class Order(Aggregate):
    def begin(self) -> None:
        self.status = "none"
        self.refunded = 0
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

    def refund(self, amount: int, reason: str) -> None:
        self.trigger_event(facts.Refunded, currency=self.sale.currency, amount=amount, reason=reason)

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
            case facts.Refunded(amount=amount):
                self.refunded += amount
                if self.refunded >= self.sale.totals.total:
                    self.status = "refunded"
            case facts.Cancelled():
                self.status = "cancelled"
            case _:
                assert_never(fact)


def number_of(order_id: UUID) -> str:
    """What people read out on the telephone: 60 of the id's bits, without letters that look like digits."""
    text = base64.b32encode(order_id.bytes[-8:]).decode().translate(_READABLE)[:12]
    return f"F-{text[:4]}-{text[4:8]}-{text[8:]}"


_READABLE = str.maketrans("OI", "89")
