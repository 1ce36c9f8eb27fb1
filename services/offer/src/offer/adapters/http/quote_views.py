"""What callers are told of a quote: every amount, and why it is what it is."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from kernel.http.requests import Money
from offer.application.quote import Quote
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
    """By line."""


class RejectionView(BaseModel):
    """``code`` is as it was asked for, null for a promotion that needs none."""

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
    """An amount, how it came about, and the amounts that it is made of."""

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
    """The same for the same amounts."""
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
                    line_id=it.line_id,
                    product_id=it.product_id,
                    sku=it.sku,
                    name=it.name,
                    quantity=it.quantity,
                    unit_price=money(it.unit_price),
                    discount=money(it.discount),
                    tax=money(it.tax),
                    total=money(it.total),
                )
                for it in sale.lines
            ],
            discounts=[
                DiscountView(
                    code=it.code,
                    promotion_id=it.promotion_id,
                    kind=it.kind,
                    amount=money(it.amount),
                    allocation={line: money(share) for line, share in it.allocation.items()},
                )
                for it in sale.discounts
            ],
            rejected=[
                RejectionView(code=it.code, promotion_id=it.promotion_id, reason=it.reason)
                for it in quote.rejected
            ],
            totals=TotalsView(**{name: money(amount) for name, amount in sale.totals.model_dump().items()}),
            digest=digest(quote.priced),
            derivation=DerivationView.of(derive(quote.priced), sale.currency),
        )
