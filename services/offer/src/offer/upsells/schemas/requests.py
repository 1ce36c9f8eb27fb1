"""Request bodies of upsells, order bumps, funnel steps, and offers of one product."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field

from contracts.funnel import FunnelStep
from contracts.upsell import UpsellDetails
from kernel import ids
from kernel.http.requests import Amount, Body, Currency, Id, Instant, ShortText
from offer.catalogue.schemas.fields import LongText, Number, Slug
from offer.offers.schemas.fields import Opaque, Position
from offer.upsells.domain.upsell import ORDER_BUMP

T = TypeVar("T")


def _unique(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise ValueError("The list must not repeat an entry.")
    return values


Ids = Annotated[tuple[Id, ...], Field(max_length=20), AfterValidator(_unique)]
Segments = Annotated[tuple[ShortText, ...], Field(max_length=20), AfterValidator(_unique)]
Seconds = Annotated[int, Field(ge=0, le=604_800)]
UrgentSeconds = Annotated[int, Field(ge=1, le=604_800)]
Quantity = Annotated[int, Field(ge=1, le=10)]
Priority = Annotated[int, Field(ge=-(10**6), le=10**6)]
Count = Annotated[int, Field(ge=0, le=10**6)]
UpsellType = Literal["upsell", "downsell", "cross_sell"]


class ReductionBody(Body):
    """``value``: percent, or minor units of the currency of the cart."""

    type: Literal["percentage", "fixed_amount"]
    value: Number


ANY_REDUCTION = ReductionBody(type="percentage", value=Decimal(1))
"""Stands in a change for a field that is left out."""


class TriggerBody(Body):
    """All conditions must hold. Cart values are goods after discounts, in the offer's currency."""

    minimum_cart_value: Amount | None = None
    maximum_cart_value: Amount | None = None
    required_products: Ids = ()
    customer_segments: Segments = ()
    show_after_seconds: Seconds = 0
    hide_after_seconds: Seconds | None = None


class UrgencyBody(Body):
    seconds: UrgentSeconds | None = None
    ends_at: Instant | None = None


class BumpTexts(Body):
    """The optional fields of an order bump."""

    description: LongText | None = None
    quantity: Quantity = 1
    trigger: TriggerBody = TriggerBody()
    position: ShortText = "after_products"
    priority: Priority = 0
    urgency: UrgencyBody | None = None
    design: Opaque = {}
    post_purchase: bool = False


class NewOrderBump(BumpTexts):
    product_id: Id
    name: ShortText
    discount: ReductionBody
    auto_add: bool = False

    def details(self) -> UpsellDetails:
        return UpsellDetails.model_validate({**self.model_dump(), "type": ORDER_BUMP})


class NewUpsell(BumpTexts):
    type: UpsellType
    product_id: Id
    name: ShortText
    discount: ReductionBody

    def details(self) -> UpsellDetails:
        return UpsellDetails.model_validate(self.model_dump())


class OrderBumpChange(BumpTexts):
    """A field that is left out keeps its value; null removes an optional value."""

    product_id: Id = Field(default_factory=ids.new_id)
    name: ShortText = Field(default_factory=str)
    discount: ReductionBody = Field(default_factory=lambda: ANY_REDUCTION)
    auto_add: bool = False

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class UpsellChange(BumpTexts):
    """A field that is left out keeps its value; null removes an optional value."""

    type: UpsellType = Field(default_factory=lambda: "upsell")
    product_id: Id = Field(default_factory=ids.new_id)
    name: ShortText = Field(default_factory=str)
    discount: ReductionBody = Field(default_factory=lambda: ANY_REDUCTION)

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class CustomerValueBody(Body):
    minimum: Amount | None = None
    maximum: Amount | None = None


class PurchaseHistoryBody(Body):
    bought_any: Ids = ()
    bought_none: Ids = ()
    minimum_orders: Count | None = None
    maximum_orders: Count | None = None


class BehaviorBody(Body):
    declined_any: Ids = ()
    minimum_abandoned_carts: Count | None = None


class StepConditionsBody(Body):
    """All conditions must hold. An unknown customer has paid nothing."""

    customer_value: CustomerValueBody | None = None
    purchase_history: PurchaseHistoryBody | None = None
    behavior: BehaviorBody | None = None


class StepTexts(Body):
    """The optional fields of a funnel step."""

    after: Id | None = None
    conditions: StepConditionsBody = StepConditionsBody()
    presentation: Opaque = {}


StepTrigger = Literal["purchase", "decline", "abandon"]


class NewFunnelStep(StepTexts):
    name: ShortText
    type: UpsellType
    trigger: StepTrigger
    upsell_id: Id
    position: Position

    def step(self) -> FunnelStep:
        return FunnelStep.model_validate(self.model_dump())


class FunnelStepChange(StepTexts):
    """A field that is left out keeps its value; null removes an optional value."""

    name: ShortText = Field(default_factory=str)
    type: UpsellType = Field(default_factory=lambda: "upsell")
    trigger: StepTrigger = Field(default_factory=lambda: "purchase")
    upsell_id: Id = Field(default_factory=ids.new_id)
    position: Position = Field(default_factory=int)

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class OfferFromProduct(Body):
    """Without a slug it is made from the product's name; without a currency the first price counts."""

    product_id: Id
    slug: Slug | None = None
    campaign_id: Id | None = None
    currency: Currency | None = None
