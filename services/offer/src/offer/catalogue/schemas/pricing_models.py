"""The fields by which the price of a product depends on quantity, customer and time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from contracts.product import Dynamic
from kernel.http.requests import Amount, Body, Currency, Instant, Trimmed
from offer.catalogue.schemas.fields import AmountChange, PercentChange, as_number

PricingModel = Literal["fixed", "tiered", "dynamic", "subscription"]
Short = Annotated[str, Trimmed(64)]
Scope = Short | None
Units = Annotated[int, Field(ge=1, le=1_000_000)]
Amounts = dict[Currency, Amount]


class PriceBody(Body):
    """Without a region the price is for all countries, without a segment for all customers."""

    amount: Amount
    currency: Currency
    region: Scope = None
    segment: Scope = None


class TierBody(PriceBody):
    """The price of every unit from so many units on."""

    min_quantity: Annotated[int, Field(ge=2, le=1_000_000)]


class WhenBody(Body):
    """All conditions must hold. Times of day and days are those of UTC; Monday is 1."""

    segments: Annotated[tuple[Short, ...], Field(max_length=20)] | None = None
    min_quantity: Units | None = None
    days: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(max_length=7)] | None = None
    from_time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    to_time: Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")] | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None


class DynamicRuleBody(Body):
    """``percent`` or ``amount``, one of the two, is added to the price."""

    when: WhenBody = WhenBody()
    percent: PercentChange | None = None
    amount: AmountChange | None = None


class DynamicBody(Body):
    """The first rule that holds changes the price; the result stays between floor and ceiling."""

    rules: Annotated[tuple[DynamicRuleBody, ...], Field(max_length=20)]
    floor: Amounts | None = None
    ceiling: Amounts | None = None


Prices = Annotated[tuple[PriceBody, ...], Field(max_length=200)]
Tiers = Annotated[tuple[TierBody, ...], Field(max_length=100)]


class PriceView(BaseModel):
    amount: int
    currency: str
    region: str | None = None
    segment: str | None = None


class TierView(PriceView):
    min_quantity: int


class WhenView(BaseModel):
    segments: list[str] | None = None
    min_quantity: int | None = None
    days: list[int] | None = None
    from_time: str | None = None
    to_time: str | None = None
    starts_at: str | None = None
    ends_at: str | None = None


class DynamicRuleView(BaseModel):
    when: WhenView
    percent: int | float | None = None
    amount: int | None = None


class DynamicView(BaseModel):
    rules: list[DynamicRuleView]
    floor: dict[str, int] | None = None
    ceiling: dict[str, int] | None = None


def show_dynamic(dynamic: Dynamic) -> DynamicView:
    rules = [
        DynamicRuleView(
            when=WhenView.model_validate(it.when),
            percent=None if it.percent is None else as_number(it.percent),
            amount=it.amount,
        )
        for it in dynamic.rules
    ]
    return DynamicView(rules=rules, floor=dynamic.floor, ceiling=dynamic.ceiling)
