"""The parts of a sale as the HTTP interfaces show them: each amount is an object with its currency.

These are dictionaries, which cost little to make; they fit as fields into dictionaries and into models. A
service adds its own fields in a subclass.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from contracts.sale import AppliedDiscount, Sale, SaleLine


@with_config(ConfigDict(extra="forbid"))
class Money(TypedDict):
    """An amount of money in minor units of its currency, by ISO 4217."""

    amount: int
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class TotalsView(TypedDict):
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money


class PricedView(TypedDict):
    """The price of some units of a product. ``total`` is after discount, with tax."""

    name: str
    quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money


class LineView(PricedView):
    line_id: str
    product_id: UUID
    sku: str


class DiscountView(TypedDict):
    """The discount of one promotion."""

    code: str | None
    kind: str
    amount: Money


def money(amount: int, currency: str) -> Money:
    return Money(amount=amount, currency=currency)


def show_totals(sale: Sale) -> TotalsView:
    totals, currency = sale.totals, sale.currency
    return TotalsView(
        subtotal=money(totals.subtotal, currency),
        discount=money(totals.discount, currency),
        shipping=money(totals.shipping, currency),
        tax=money(totals.tax, currency),
        total=money(totals.total, currency),
    )


def show_priced(line: SaleLine, currency: str) -> PricedView:
    return PricedView(
        name=line.name,
        quantity=line.quantity,
        unit_price=money(line.unit_price, currency),
        discount=money(line.discount, currency),
        tax=money(line.tax, currency),
        total=money(line.total, currency),
    )


def show_line(line: SaleLine, currency: str) -> LineView:
    return LineView(
        **show_priced(line, currency), line_id=line.line_id, product_id=line.product_id, sku=line.sku
    )


def show_discount(discount: AppliedDiscount, currency: str) -> DiscountView:
    return DiscountView(code=discount.code, kind=discount.kind, amount=money(discount.amount, currency))
