"""The request bodies of the cart service."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

import orjson
from pydantic import AfterValidator, Field, model_validator

from kernel.http.requests import (
    Body,
    Country,
    Currency,
    Id,
    Int64,
    OwnerId,
    ShortText,
    UntrimmedText,
    no_address,
)
from pricing.money import is_currency

MAX_METADATA_BYTES = 16 * 1024
MAX_OPTIONS_BYTES = 4 * 1024


def _known_currency(code: str) -> str:
    if not is_currency(code):
        raise ValueError("The value must be a currency in use, by ISO 4217.")
    return code


def at_most_bytes(limit: int) -> AfterValidator:
    def check(value: dict[str, Any]) -> dict[str, Any]:
        if len(orjson.dumps(value)) > limit:
            raise ValueError(f"The value must be at most {limit} bytes of JSON.")
        return value

    return AfterValidator(check)


def distinct(ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
    if len(set(ids)) < len(ids):
        raise ValueError("Each id may be given once.")
    return ids


CartType = Literal[
    "standard",
    "subscription",
    "education",
    "digital",
    "service",
    "ecommerce",
    "funnel",
    "subscription_upgrade",
]
KnownCurrency = Annotated[Currency, AfterValidator(_known_currency)]
Metadata = Annotated[dict[str, Any], at_most_bytes(MAX_METADATA_BYTES), AfterValidator(no_address)]
Options = Annotated[dict[str, Any], at_most_bytes(MAX_OPTIONS_BYTES), AfterValidator(no_address)]

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Include = Annotated[tuple[Id, ...], Field(max_length=20), AfterValidator(distinct)]


class NewCart(Body):
    session_id: OwnerId
    customer_id: OwnerId | None = None
    currency: KnownCurrency
    type: CartType = "standard"
    metadata: Metadata = {}


class NewItem(Body):
    """A product, an offer or an upsell. Only an upsell has a quantity of its own."""

    product_id: Id | None = None
    offer_id: Id | None = None
    upsell_id: Id | None = None
    quantity: Int64 | None = None
    options: Options = {}
    include: Include = ()
    gift_seats: Int64 = 0

    @model_validator(mode="after")
    def _check_alternatives(self) -> Self:
        if sum(it is not None for it in (self.product_id, self.offer_id, self.upsell_id)) != 1:
            raise ValueError("Give a product_id, an offer_id or an upsell_id.")
        if self.quantity is None and self.upsell_id is None:
            raise ValueError("Give a quantity.")
        if self.product_id is None and (self.options or self.gift_seats):
            raise ValueError("Only a product has options and gift_seats.")
        if self.offer_id is None and self.include:
            raise ValueError("Only an offer includes optional products.")
        return self


class OfferForCart(Body):
    slug: Slug
    session_id: OwnerId
    customer_id: OwnerId | None = None
    quantity: Annotated[int, Field(ge=1, le=10)] = 1
    include: Include = ()
    metadata: Metadata = {}


class NewQuantity(Body):
    """0 removes the item."""

    quantity: Int64
    gift_seats: Int64 | None = None


class ShippingAddress(Body):
    """A cart keeps only these two fields of an address."""

    country: Country
    region: ShortText | None = None


class ShippingOptionChoice(Body):
    option_id: Id


class NewCustomer(Body):
    customer_id: OwnerId


class Merge(Body):
    guest_cart_id: Id
    strategy: Literal["merge", "replace", "reject"]


class NewDiscount(Body):
    code: UntrimmedText
