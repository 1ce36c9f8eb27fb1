"""An invoice: issued once with a number, and paid."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias, assert_never
from uuid import UUID

from billing.invoices.invoice import LineKind
from checkout_saga.subscriptions.domain.sold import Sold
from contracts import invoice as facts
from contracts.billed import BilledPeriod
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID

InvoiceStatus: TypeAlias = Literal["open", "paid"]


class Invoice(Aggregate):
    CREATED_BY = facts.Issued.TYPE
    KEPT_IN_MEMORY = False  # its number is known with the commit: then its facts are read again

    def initialise(self) -> None:
        self.issued: facts.Issued | None = None
        self.issued_at = UTC_MIN
        self.paid_at: datetime | None = None
        self.order_id = NIL_ID
        """Of the order whose payment has paid it."""

    @property
    def status(self) -> InvoiceStatus:
        return "open" if self.paid_at is None else "paid"

    def issue_for_order(
        self, number: str, subscription_id: UUID, plan_id: UUID, period: BilledPeriod, sold: Sold
    ) -> None:
        """Of the first period, as its order has sold it: the prices, taxes and discounts are the order's, and
        its payment pays it. Ignored if it was issued."""
        if self.exists:
            return
        price = sold.price
        amounts = {
            "discount": price.discount,
            "net": price.total - price.tax,
            "tax": price.tax,
            "total": price.total,
        }
        line = facts.InvoiceLine(
            line_id=sold.line_id,
            kind=LineKind.PERIOD.value,
            plan_id=plan_id,
            period=period,
            quantity=price.quantity,
            unit_amount=price.unit_price,
            **amounts,
        )
        self.record(
            facts.Issued(
                number=number,
                subscription_id=subscription_id,
                customer_id=sold.customer_id,
                currency=price.currency,
                period=period,
                lines=(line,),
                totals=facts.InvoiceTotals(subtotal=price.quantity * price.unit_price, **amounts),
                credit_applied=0,
                amount_due=price.total,
            )
        )
        self.record(facts.Paid(order_id=sold.order_id))

    def evolve(self, fact: facts.InvoiceFact) -> None:
        match fact:
            case facts.Issued():
                self.issued, self.issued_at = fact, fact.timestamp
            case facts.Paid(order_id=order_id):
                self.order_id, self.paid_at = order_id, fact.timestamp
            case _:
                assert_never(fact)
