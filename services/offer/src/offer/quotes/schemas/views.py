"""The response body of a quote: every amount, with its derivation."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from kernel.http.requests import Money
from offer.quotes.use_cases.quote import Quote
from pricing.derivation import Node, derive, digest
from pricing.from_contracts import sale_of


class LineView(BaseModel):
    line_id: str
    product_id: UUID
    sku: str
    name: str
    quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money


class DiscountView(BaseModel):
    code: str | None
    promotion_id: UUID
    kind: str
    amount: Money
    allocation: dict[str, Money]
    """By line id."""


class RejectionView(BaseModel):
    """``code`` is as in the request; null for a promotion without a code."""

    code: str | None
    promotion_id: UUID | None
    reason: str


class TotalsView(BaseModel):
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money


class DerivationView(BaseModel):
    """An amount, how it was computed, and the amounts that it is made of."""

    name: str
    amount: Money
    how: str
    children: list[DerivationView]

    @classmethod
    def of(cls, node: Node, currency: str) -> Self:
        return cls(
            name=node.name,
            amount=Money(amount=node.amount, currency=currency),
            how=node.how,
            children=[cls.of(child, currency) for child in node.children],
        )


class QuoteView(BaseModel):
    currency: str
    at: datetime
    lines: list[LineView]
    discounts: list[DiscountView]
    rejected: list[RejectionView]
    totals: TotalsView
    digest: str
    """Equal amounts have equal digests."""
    derivation: DerivationView

    @classmethod
    def of(cls, quote: Quote) -> Self:
        sale = sale_of(quote.priced, quote.items)

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=sale.currency)

        return cls(
            currency=sale.currency,
            at=quote.at,
            lines=[
                LineView(
                    line_id=line.line_id,
                    product_id=line.product_id,
                    sku=line.sku,
                    name=line.name,
                    quantity=line.quantity,
                    unit_price=money(line.unit_price),
                    discount=money(line.discount),
                    tax=money(line.tax),
                    total=money(line.total),
                )
                for line in sale.lines
            ],
            discounts=[
                DiscountView(
                    code=discount.code,
                    promotion_id=discount.promotion_id,
                    kind=discount.kind,
                    amount=money(discount.amount),
                    allocation={line_id: money(share) for line_id, share in discount.allocation.items()},
                )
                for discount in sale.discounts
            ],
            rejected=[
                RejectionView(
                    code=rejection.code, promotion_id=rejection.promotion_id, reason=rejection.reason
                )
                for rejection in quote.rejected
            ],
            totals=TotalsView(**{name: money(amount) for name, amount in sale.totals.model_dump().items()}),
            digest=digest(quote.priced),
            derivation=DerivationView.of(derive(quote.priced), sale.currency),
        )
