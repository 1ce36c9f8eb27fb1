"""The request for a quote."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

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
    not_yet,
)


class LineBody(Body):
    product_id: Id
    quantity: Int64


class CustomerBody(Body):
    """The id is used for promotions with a limit per customer. Segments are not supported yet: no checkout
    charges prices of a segment."""

    id: OwnerId | None = None
    segment: Annotated[ShortText | None, not_yet()] = None


class DestinationBody(Body):
    country: Country
    region: ShortText | None = None


class QuoteBody(Body):
    """``at``: the time for which promotions are evaluated; default: now."""

    currency: Currency
    lines: Annotated[tuple[LineBody, ...], Field(min_length=1, max_length=100)]
    codes: Annotated[tuple[UntrimmedText, ...], Field(max_length=20)] = ()
    customer: CustomerBody = CustomerBody()
    destination: DestinationBody | None = None
    at: Instant | None = None
