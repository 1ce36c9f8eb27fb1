"""The types of values in the bodies of offers and of what belongs to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from contracts.offer import OfferPrice
from kernel.http.requests import Amount, Body, Currency, Instant
from offer.catalogue.schemas.fields import FreeForm
from offer.catalogue.schemas.products import ProductType

Opaque = FreeForm
"""The shop's own JSON, at most 16 KiB: stored and returned unread."""
Position = Annotated[int, Field(ge=0, le=10**6)]
OfferType = Literal[ProductType, "funnel"]


class AmountBody(Body):
    amount: Amount
    currency: Currency


class AmountView(BaseModel):
    amount: int
    currency: str


class PriceOfOfferBody(Body):
    """The discount counts from its start to its end; without them, always."""

    base: AmountBody
    discount: AmountBody | None = None
    discount_starts_at: Instant | None = None
    discount_ends_at: Instant | None = None

    @model_validator(mode="after")
    def _has_one_currency(self) -> Self:
        if self.discount is not None and self.discount.currency != self.base.currency:
            raise ValueError("The discount must be in the currency of the base price.")
        return self

    def price(self) -> OfferPrice:
        return OfferPrice(
            currency=self.base.currency,
            base=self.base.amount,
            discount=self.discount.amount if self.discount else None,
            discount_starts_at=self.discount_starts_at,
            discount_ends_at=self.discount_ends_at,
        )


class PriceOfOfferView(BaseModel):
    base: AmountView
    discount: AmountView | None
    discount_starts_at: datetime | None
    discount_ends_at: datetime | None
    current: AmountView


def show_price(price: OfferPrice, current: int) -> dict[str, Any]:
    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": price.currency}

    return {
        "base": money(price.base),
        "discount": None if price.discount is None else money(price.discount),
        "discount_starts_at": price.discount_starts_at,
        "discount_ends_at": price.discount_ends_at,
        "current": money(current),
    }
