"""Requests and views of shipping rates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.shipping_rate import ShippingRateDetails
from kernel.http.descriptions import Word
from kernel.http.requests import Amount, Body, Country, Currency, ShortText, Trimmed
from offer.shipping_rates.use_cases import FoundRate

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewShippingRate": Word("A way to ship goods, with its prices by weight."),
        "ShippingRateChange": Word("The fields of a shipping rate that are to change."),
        "ShippingRateView": Word("A way to ship goods, with its prices by weight."),
        "BracketBody": Word("A price up to a weight."),
        "BracketView": Word("A price up to a weight."),
        "rate_id": Word("The shipping rate's id.", "019a2b3c-0006-7000-8000-000000000001"),
        "NewShippingRate.name": Word("What the shopper reads.", "Standard"),
        "ShippingRateChange.name": Word("What the shopper reads.", "Standard"),
        "ShippingRateView.name": Word("What the shopper reads.", "Standard"),
        "countries": Word("The countries of destination by ISO 3166; empty: all.", ["PT", "ES"]),
        "regions": Word("The regions of destination; empty: all.", []),
        "shipping_classes": Word(
            "The classes of goods that it ships; empty: all goods, also those without a class.",
            [],
        ),
        "brackets": Word("The prices, with rising limits of weight.", [{"up_to_grams": 500, "amount": 490}]),
        "up_to_grams": Word("The limit of weight; null, in the last bracket only: any weight.", 500),
        "amount": Word("The price in minor units.", 490),
        "free_from": Word("The value of goods, in minor units, from which it is free; null: never.", 10000),
        "min_days": Word("The fewest days that it takes.", 2),
        "max_days": Word("The most days that it takes.", 4),
        "is_default": Word(
            "Whether its first bracket is charged when the calculation fails: one rate of each currency.",
            False,
        ),
    }
)

Grams = Annotated[int, Field(ge=0, le=10**9)]
ShippingDays = Annotated[int, Field(ge=0, le=365)]
Countries = Annotated[tuple[Country, ...], Field(max_length=250)]
Regions = Annotated[tuple[ShortText, ...], Field(max_length=100)]
Classes = Annotated[tuple[Annotated[str, Trimmed(64)], ...], Field(max_length=20)]


class BracketBody(Body):
    up_to_grams: Grams | None = None
    amount: Amount


Brackets = Annotated[tuple[BracketBody, ...], Field(min_length=1, max_length=50)]


class NewShippingRate(Body):
    name: ShortText
    currency: Currency
    countries: Countries = ()
    regions: Regions = ()
    shipping_classes: Classes = ()
    brackets: Brackets
    free_from: Amount | None = None
    min_days: ShippingDays | None = None
    max_days: ShippingDays | None = None
    is_default: bool = False

    def details(self) -> ShippingRateDetails:
        return ShippingRateDetails.model_validate(self.model_dump())


class ShippingRateChange(Body):
    """A field that is left out keeps its value; null removes an optional value."""

    name: ShortText = ""
    currency: Currency = ""
    countries: Countries = ()
    regions: Regions = ()
    shipping_classes: Classes = ()
    brackets: Brackets = ()
    free_from: Amount | None = None
    min_days: ShippingDays | None = None
    max_days: ShippingDays | None = None
    is_default: bool = False

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class BracketView(BaseModel):
    up_to_grams: int | None
    amount: int


class ShippingRateView(BaseModel):
    """``version`` is that of all rates of the tenant together."""

    rate_id: UUID
    name: str
    currency: str
    countries: list[str]
    regions: list[str]
    shipping_classes: list[str]
    brackets: list[BracketView]
    free_from: int | None
    min_days: int | None
    max_days: int | None
    is_default: bool
    version: int


def show_shipping_rate(rate: FoundRate, _now: datetime) -> ShippingRateView:
    return ShippingRateView.model_validate(
        {**rate.details.model_dump(), "rate_id": rate.rate_id, "version": rate.version}
    )
