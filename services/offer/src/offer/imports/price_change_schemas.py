"""Request and response of a change of many prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from contracts.price_change import PriceRule
from kernel.http.requests import Body, Currency, Id, ShortText
from offer.catalogue.schemas.fields import as_text, percent_change
from offer.catalogue.schemas.pricing_models import Scope
from offer.catalogue.schemas.products import ProductType

MAX_ITEMS = 100
MAX_AMOUNT = 10**12


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("The value must be a number.")
    return Decimal(str(value))


Value = Annotated[
    Decimal,
    PlainValidator(_number),
    PlainSerializer(as_text),
    WithJsonSchema({"type": "number", "minimum": -MAX_AMOUNT, "maximum": MAX_AMOUNT}),
]


class WhereBody(Body):
    """All that are given must hold; one at least is given."""

    product_ids: Annotated[tuple[Id, ...], Field(max_length=500)] = ()
    category: ShortText | None = None
    collection: ShortText | None = None
    brand: ShortText | None = None
    vendor_id: ShortText | None = None
    type: ProductType | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(self.model_dump().values()):
            raise ValueError("Say which products: at least one of the fields.")
        if len(set(self.product_ids)) < len(self.product_ids):
            raise ValueError("A product is named twice.")
        return self


class PriceRuleBody(Body):
    """A percentage is -99.99 to 1000; amounts are minor units, and may be negative."""

    type: Literal["percentage", "fixed_amount", "set_price"]
    value: Value

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.type == "percentage":
            percent_change(self.value)
        elif self.value != int(self.value) or abs(self.value) > MAX_AMOUNT:
            raise ValueError(f"An amount is a whole number from -{MAX_AMOUNT} to {MAX_AMOUNT}.")
        elif self.type == "set_price" and self.value < 0:
            raise ValueError("A price is not negative.")
        return self


class ManyPricesBody(Body):
    where: WhereBody
    currency: Currency
    region: Scope = None
    segment: Scope = None
    change: PriceRuleBody
    round_to: Annotated[int, Field(ge=1, le=100_000)] = 1
    dry_run: bool = False

    def rule(self) -> PriceRule:
        return PriceRule(type=self.change.type, value=as_text(self.change.value))


class ChangedPriceView(BaseModel):
    product_id: UUID
    old: int
    new: int


class ManyPricesView(BaseModel):
    price_change_id: UUID | None
    matched: int
    changed: int
    unchanged: int
    failed: int
    items: list[ChangedPriceView]
