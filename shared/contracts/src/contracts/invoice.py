"""The facts of invoices, in a stream for each. An issued invoice never changes."""

from uuid import UUID

from contracts.billed import BilledPeriod
from contracts.envelope import Fact, Part


class InvoiceLine(Part):
    """Minor units. ``unit_amount`` and ``discount`` contain the tax if prices contain it."""

    line_id: str
    kind: str
    """``period``: a whole period of a plan."""
    plan_id: UUID
    period: BilledPeriod
    quantity: int
    unit_amount: int
    discount: int
    net: int
    tax: int
    total: int


class InvoiceTotals(Part):
    """Minor units. ``subtotal`` and ``discount`` contain the taxes of prices that contain them."""

    subtotal: int
    discount: int
    net: int
    tax: int
    total: int


class Issued(Fact):
    """``number``: consecutive in its series and year, in the order of issue."""

    TYPE = "invoice.issued"
    number: str
    subscription_id: UUID
    customer_id: str
    currency: str
    period: BilledPeriod
    lines: tuple[InvoiceLine, ...]
    totals: InvoiceTotals
    credit_applied: int
    amount_due: int


class Paid(Fact):
    """Nothing more is due. ``order_id``: of the order whose payment has paid it."""

    TYPE = "invoice.paid"
    order_id: UUID


InvoiceFact = Issued | Paid
