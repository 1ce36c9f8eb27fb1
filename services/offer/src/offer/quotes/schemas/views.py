"""The response body of a quote: every amount, with its derivation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from contracts import views
from contracts.sale import AppliedDiscount, SaleLine, Shipping
from contracts.views import (
    LineView,
    Money,
    TotalsView,
    money,
    show_discount,
    show_line,
    show_totals,
)
from offer.quotes.use_cases.quote import Quote
from pricing.derivation import Node, derive, digest
from pricing.from_contracts import sale_of


class QuoteLineView(LineView):
    """``units``: of the product in one of the quantity. ``campaign_id``: the campaign that made the price."""

    offer_id: UUID | None
    upsell_id: UUID | None
    campaign_id: UUID | None
    units: int


class ShippingView(BaseModel):
    """``price`` is before the discount, ``total`` after it, with tax."""

    option_id: UUID | None
    name: str
    price: Money
    discount: Money
    tax: Money
    total: Money


class DiscountView(views.DiscountView):
    promotion_id: UUID
    allocation: dict[str, Money]
    """By line id; of a discount on shipping under ``shipping``."""


class RejectionView(BaseModel):
    """``code`` is as in the request; null for a promotion without a code."""

    code: str | None
    promotion_id: UUID | None
    reason: str


class DerivationView(BaseModel):
    """An amount, how it was computed, and the amounts that it is made of."""

    name: str
    amount: Money
    how: str
    children: list[DerivationView]


class QuoteView(BaseModel):
    currency: str
    at: datetime
    lines: list[QuoteLineView]
    shipping: ShippingView | None
    discounts: list[DiscountView]
    rejected: list[RejectionView]
    totals: TotalsView
    digest: str
    """Equal amounts have equal digests."""
    derivation: DerivationView


def show_quote(quote: Quote) -> QuoteView:
    sale = sale_of(quote.priced, quote.items, quote.destination, quote.at)
    return QuoteView(
        currency=sale.currency,
        at=quote.at,
        lines=[_show_line(line, sale.currency) for line in sale.lines],
        shipping=_show_shipping(sale.shipping, sale.currency) if sale.shipping else None,
        discounts=[_show_discount(discount, sale.currency) for discount in sale.discounts],
        rejected=[
            RejectionView(code=rejection.code, promotion_id=rejection.promotion_id, reason=rejection.reason)
            for rejection in quote.rejected
        ],
        totals=show_totals(sale),
        digest=digest(quote.priced),
        derivation=_show_derivation(derive(quote.priced), sale.currency),
    )


def _show_line(line: SaleLine, currency: str) -> QuoteLineView:
    return QuoteLineView(
        **show_line(line, currency),
        offer_id=line.offer_id,
        upsell_id=line.upsell_id,
        campaign_id=line.campaign_id,
        units=line.units,
    )


def _show_shipping(shipping: Shipping, currency: str) -> ShippingView:
    return ShippingView(
        option_id=shipping.option_id,
        name=shipping.name,
        price=money(shipping.price, currency),
        discount=money(shipping.discount, currency),
        tax=money(shipping.tax, currency),
        total=money(shipping.total, currency),
    )


def _show_discount(discount: AppliedDiscount, currency: str) -> DiscountView:
    return DiscountView(
        **show_discount(discount, currency),
        promotion_id=discount.promotion_id,
        allocation={line_id: money(share, currency) for line_id, share in discount.allocation.items()},
    )


def _show_derivation(node: Node, currency: str) -> DerivationView:
    return DerivationView(
        name=node.name,
        amount=money(node.amount, currency),
        how=node.how,
        children=[_show_derivation(child, currency) for child in node.children],
    )
