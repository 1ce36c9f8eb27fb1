"""The view of invoices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.subscriptions.domain.invoice import Invoice
from checkout_saga.subscriptions.schemas.subscriptions import PeriodView, show_period
from contracts.invoice import InvoiceLine
from contracts.views import Money, money
from kernel.http.descriptions import Word, euros


class InvoiceLineView(BaseModel):
    line_id: str
    kind: Literal["period"]
    plan_id: UUID
    period: PeriodView
    quantity: int
    unit_amount: Money
    discount: Money
    net: Money
    tax: Money
    total: Money


class InvoicePaymentView(BaseModel):
    order_id: UUID
    paid_at: datetime


class InvoiceView(BaseModel):
    invoice_id: UUID
    number: str
    status: Literal["open", "paid"]
    subscription_id: UUID
    customer_id: str
    period: PeriodView
    lines: list[InvoiceLineView]
    subtotal: Money
    discount: Money
    net: Money
    tax: Money
    total: Money
    credit_applied: Money
    amount_due: Money
    payments: list[InvoicePaymentView]
    issued_at: datetime
    version: int


def show_invoice(found: Invoice, _now: datetime) -> InvoiceView:
    """Of an invoice that exists."""
    if found.issued is None:
        raise ValueError("an invoice that was not issued cannot be shown")
    issued, totals = found.issued, found.issued.totals
    as_money = partial(money, currency=issued.currency)
    payments = [{"order_id": found.order_id, "paid_at": found.paid_at}] if found.paid_at else []
    return InvoiceView.model_validate(
        {
            "invoice_id": found.id,
            "number": issued.number,
            "status": found.status,
            "subscription_id": issued.subscription_id,
            "customer_id": issued.customer_id,
            "period": show_period(issued.period),
            "lines": [_show_line(it, issued.currency) for it in issued.lines],
            **{name: as_money(amount) for name, amount in totals},
            "credit_applied": as_money(issued.credit_applied),
            "amount_due": as_money(issued.amount_due),
            "payments": payments,
            "issued_at": found.issued_at,
            "version": found.version,
        }
    )


def _show_line(line: InvoiceLine, currency: str) -> dict[str, object]:
    amounts = {name: getattr(line, name) for name in ("unit_amount", "discount", "net", "tax", "total")}
    return {
        "line_id": line.line_id,
        "kind": line.kind,
        "plan_id": line.plan_id,
        "period": show_period(line.period),
        "quantity": line.quantity,
        **{name: money(amount, currency) for name, amount in amounts.items()},
    }


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "InvoiceView": Word("An invoice. It never changes after its issue, but for its status."),
        "list_invoices.status": Word("The status of the invoices.", "paid"),
        "invoice_id": Word("The invoice.", "019a2b3c-0017-5000-8000-000000000001"),
        "InvoiceView.number": Word("Consecutive in its series and year.", "INV-2026-000042"),
        "InvoiceView.status": Word("open or paid.", "paid"),
        "InvoiceView.period": Word("The period that it is for."),
        "InvoiceView.lines": Word("What is charged."),
        "InvoiceView.subtotal": Word("Before discounts, with taxes where prices contain them.", euros(2900)),
        "InvoiceView.discount": Word("What the lines are reduced by.", euros(0)),
        "InvoiceView.net": Word("Without taxes.", euros(2900)),
        "InvoiceView.tax": Word("The taxes of the lines.", euros(551)),
        "InvoiceView.total": Word("With taxes.", euros(3451)),
        "credit_applied": Word("What of the total credit has paid.", euros(0)),
        "amount_due": Word("What of the total was to be paid in money.", euros(3451)),
        "InvoiceView.payments": Word("What has paid it."),
        "InvoiceView.issued_at": Word("When it was issued.", "2026-03-01T09:30:00Z"),
        "InvoicePaymentView": Word("A payment of an invoice."),
        "InvoicePaymentView.order_id": Word(
            "The order whose payment has paid it.", "019a2b3c-0005-7000-8000-000000000001"
        ),
        "InvoicePaymentView.paid_at": Word("When.", "2026-03-01T09:30:00Z"),
        "InvoiceLineView": Word("A line of an invoice."),
        "InvoiceLineView.kind": Word("period: a whole period of a plan.", "period"),
        "InvoiceLineView.plan_id": Word("The plan.", "019a2b3c-0016-7000-8000-000000000001"),
        "InvoiceLineView.period": Word("The time that it is for."),
        "InvoiceLineView.quantity": Word("How many.", 1),
        "unit_amount": Word("The price of one, with the tax where prices contain it.", euros(2900)),
        "InvoiceLineView.discount": Word("What the line is reduced by.", euros(0)),
        "InvoiceLineView.net": Word("Without the tax.", euros(2900)),
        "InvoiceLineView.tax": Word("The tax.", euros(551)),
        "InvoiceLineView.total": Word("With the tax.", euros(3451)),
    }
)
