"""The request for a quote."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from kernel.http.requests import (
    Body,
    Country,
    Currency,
    Id,
    Instant,
    Int64,
    OwnerId,
    ShortText,
    UntrimmedText,
)


class LineBody(Body):
    """A product, an offer or an upsell."""

    product_id: Id | None = None
    offer_id: Id | None = None
    upsell_id: Id | None = None
    quantity: Int64

    @model_validator(mode="after")
    def names_one_thing(self) -> LineBody:
        if [self.product_id, self.offer_id, self.upsell_id].count(None) != 2:
            raise ValueError("A line has one of product_id, offer_id and upsell_id.")
        return self


class CustomerBody(Body):
    """What is left out is what is known of the customer with this id."""

    id: OwnerId | None = None
    segments: Annotated[tuple[ShortText, ...], Field(max_length=20)] | None = None
    paid_orders: Annotated[int, Field(ge=0, le=10**9)] | None = None


class DestinationBody(Body):
    country: Country
    region: ShortText | None = None


class QuoteBody(Body):
    """``at``: the time for which prices and promotions are judged; default: now. ``session_id``: for the
    variants of experiments."""

    currency: Currency
    lines: Annotated[tuple[LineBody, ...], Field(min_length=1, max_length=100)]
    codes: Annotated[tuple[UntrimmedText, ...], Field(max_length=20)] = ()
    customer: CustomerBody = CustomerBody()
    destination: DestinationBody | None = None
    shipping_option_id: Id | None = None
    session_id: OwnerId | None = None
    at: Instant | None = None
