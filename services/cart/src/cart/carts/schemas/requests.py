"""The request bodies of the cart service."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator

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


def _at_most_bytes(limit: int) -> AfterValidator:
    def check(value: dict[str, Any]) -> dict[str, Any]:
        if len(orjson.dumps(value)) > limit:
            raise ValueError(f"The value must be at most {limit} bytes of JSON.")
        return value

    return AfterValidator(check)


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
Metadata = Annotated[dict[str, Any], _at_most_bytes(MAX_METADATA_BYTES), AfterValidator(no_address)]
Options = Annotated[dict[str, Any], _at_most_bytes(MAX_OPTIONS_BYTES), AfterValidator(no_address)]


class NewCart(Body):
    session_id: OwnerId
    customer_id: OwnerId | None = None
    currency: KnownCurrency
    type: CartType = "standard"
    metadata: Metadata = {}


class NewItem(Body):
    product_id: Id
    quantity: Int64
    options: Options = {}


class NewQuantity(Body):
    """0 removes the item."""

    quantity: Int64


class ShippingAddress(Body):
    """A cart keeps only these two fields of an address."""

    country: Country
    region: ShortText | None = None


class NewDiscount(Body):
    code: UntrimmedText
