"""What the interface shows of upsells, order bumps, funnel steps, and offers of one product."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from offer.catalogue.schemas.fields import as_number
from offer.offers.schemas.views import OfferView, show_offer
from offer.upsells.domain.upsell import Upsell
from offer.upsells.schemas.requests import StepTrigger, UpsellType
from offer.upsells.use_cases.from_product import OfferOfProduct
from offer.upsells.use_cases.funnels import FoundStep


class ReductionView(BaseModel):
    type: Literal["percentage", "fixed_amount"]
    value: int | float


class TriggerView(BaseModel):
    minimum_cart_value: int | None
    maximum_cart_value: int | None
    required_products: list[UUID]
    customer_segments: list[str]
    show_after_seconds: int
    hide_after_seconds: int | None


class UrgencyView(BaseModel):
    seconds: int | None
    ends_at: datetime | None


class UpsellView(BaseModel):
    upsell_id: UUID
    offer_id: UUID
    type: Literal["upsell", "downsell", "cross_sell", "order_bump"]
    product_id: UUID
    name: str
    description: str | None
    quantity: int
    discount: ReductionView
    trigger: TriggerView
    auto_add: bool
    position: str
    priority: int
    urgency: UrgencyView | None
    design: dict[str, Any]
    post_purchase: bool
    version: int


class CustomerValueView(BaseModel):
    minimum: int | None
    maximum: int | None


class PurchaseHistoryView(BaseModel):
    bought_any: list[UUID]
    bought_none: list[UUID]
    minimum_orders: int | None
    maximum_orders: int | None


class BehaviorView(BaseModel):
    declined_any: list[UUID]
    minimum_abandoned_carts: int | None


class StepConditionsView(BaseModel):
    customer_value: CustomerValueView | None
    purchase_history: PurchaseHistoryView | None
    behavior: BehaviorView | None


class FunnelStepView(BaseModel):
    """``version`` is that of all steps of the offer together."""

    step_id: UUID
    name: str
    type: UpsellType
    trigger: StepTrigger
    upsell_id: UUID
    after: UUID | None
    position: int
    conditions: StepConditionsView
    presentation: dict[str, Any]
    version: int


class SkippedView(BaseModel):
    product_id: UUID
    reason: Literal["missing", "archived", "too_many"]


class OfferOfProductView(BaseModel):
    offer: OfferView
    cross_sells: list[UpsellView]
    skipped: list[SkippedView]


def show_upsell(upsell: Upsell, _now: datetime) -> UpsellView:
    details = upsell.details.model_dump()
    return UpsellView.model_validate(
        {
            **details,
            "discount": {**details["discount"], "value": as_number(upsell.details.discount.value)},
            "upsell_id": upsell.id,
            "offer_id": upsell.offer_id,
            "version": upsell.version,
        }
    )


def show_step(found: FoundStep, _now: datetime) -> FunnelStepView:
    return FunnelStepView.model_validate(
        {**found.step.model_dump(), "step_id": found.step_id, "version": found.version}
    )


def show_offer_of_product(made: OfferOfProduct, now: datetime) -> OfferOfProductView:
    return OfferOfProductView.model_validate(
        {
            "offer": show_offer(made.offer, now),
            "cross_sells": [show_upsell(it, now) for it in made.cross_sells],
            "skipped": [{"product_id": it.product_id, "reason": it.reason} for it in made.skipped],
        }
    )
