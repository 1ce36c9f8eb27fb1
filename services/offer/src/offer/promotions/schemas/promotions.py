"""Request and response bodies of promotions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.promotion import Terms
from kernel.http.requests import Amount, Body, Currency, Id, Instant, OwnerId, ShortText, Trimmed
from offer.catalogue.schemas.fields import FreeForm, Names, Number, as_number
from offer.promotions.domain.promotion import Promotion

Kind = Literal[
    "percentage", "fixed_amount", "free_shipping", "volume", "bundle", "buy_x_get_y", "multi_upsell"
]
ValueType = Literal["percentage", "fixed_amount", "fixed_price"]
Code = Annotated[str, Trimmed(64)]
"""The use case checks its characters."""
Name = Annotated[str, Trimmed(200)]
Mode = Literal["exclusive", "best_of", "stackable"]
Uses = Annotated[int, Field(ge=1, le=10**12)]
Priority = Annotated[int, Field(ge=-(10**6), le=10**6)]
Cap = Annotated[int, Field(ge=1, le=10**12)]


class ConditionsBody(Body):
    """All conditions must hold. The minimum is in minor units of the sale's currency."""

    minimum_subtotal: Amount | None = None
    product_ids: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    categories: Names = ()
    collections: Names = ()
    currency: Currency | None = None
    customer_ids: Annotated[tuple[OwnerId, ...], Field(max_length=20)] = ()
    customer_segments: Annotated[tuple[ShortText, ...], Field(max_length=20)] = ()
    first_order: bool = False


class LimitsBody(Body):
    total: Uses | None = None
    per_customer: Uses | None = None


class StackingBody(Body):
    """The smaller priority comes first. The cap is the maximum discount, in minor units."""

    mode: Mode
    priority: Priority = 0
    cap: Cap | None = None


class OptionalTerms(Body):
    """The domain checks the rule, which is the kind's own."""

    code: Code | None = None
    name: Name | None = None
    value_type: ValueType | None = None
    rule: FreeForm = Field(default_factory=dict)
    currency: Currency | None = None
    conditions: ConditionsBody = ConditionsBody()
    limits: LimitsBody = LimitsBody()
    starts_at: Instant | None = None
    ends_at: Instant | None = None

    def fields(self) -> dict[str, Any]:
        return _as_terms(self, self.model_dump(exclude_unset=True))


class NewPromotion(OptionalTerms):
    """A promotion without a code is tried on every sale."""

    kind: Kind
    value: Number = Decimal(0)
    stacking: StackingBody = StackingBody(mode="stackable")

    def terms(self) -> Terms:
        return Terms.model_validate(_as_terms(self, self.model_dump()))


class PromotionChange(OptionalTerms):
    """A field that is left out keeps its value; null removes an optional value."""

    value: Number = Field(default_factory=Decimal)
    stacking: StackingBody = Field(default_factory=lambda: StackingBody(mode="stackable"))


def _as_terms(body: OptionalTerms, fields: dict[str, Any]) -> dict[str, Any]:
    if "conditions" in fields:
        fields["conditions"] = body.conditions.model_dump(mode="json", exclude_defaults=True)
    return fields


class ConditionsView(BaseModel):
    minimum_subtotal: int | None = None
    product_ids: list[UUID] = []
    categories: list[str] = []
    collections: list[str] = []
    currency: str | None = None
    customer_ids: list[str] = []
    customer_segments: list[str] = []
    first_order: bool = False


class LimitsView(BaseModel):
    total: int | None
    per_customer: int | None


class StackingView(BaseModel):
    mode: Mode
    priority: int
    cap: int | None


class PromotionView(BaseModel):
    promotion_id: UUID
    status: Literal["active", "disabled"]
    code: str | None
    name: str | None
    kind: Kind
    value: int | float
    value_type: ValueType | None
    rule: dict[str, Any]
    currency: str | None
    conditions: ConditionsView
    limits: LimitsView
    stacking: StackingView
    starts_at: datetime | None
    ends_at: datetime | None
    uses: int
    """Uses held or redeemed by all customers together."""
    version: int


def show_promotion(promotion: Promotion, _now: datetime) -> PromotionView:
    return PromotionView.model_validate(
        {
            **promotion.terms.model_dump(),
            "value": as_number(promotion.terms.value),
            "promotion_id": promotion.id,
            "status": "disabled" if promotion.disabled else "active",
            "uses": promotion.used,
            "version": promotion.version,
        }
    )
