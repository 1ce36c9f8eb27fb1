"""What the interface shows of offers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.offer import OfferShipping
from offer.catalogue.schemas.media import MediaView
from offer.offers.domain.availability import Availability
from offer.offers.domain.offer import Offer
from offer.offers.schemas.fields import AmountView, OfferType, PriceOfOfferView, show_price

Reason = Literal[
    "OFFER_NOT_PUBLISHED",
    "OFFER_PAUSED",
    "OFFER_ARCHIVED",
    "PRODUCT_NOT_AVAILABLE",
    "ENROLLMENT_LIMIT_REACHED",
    "OUT_OF_STOCK",
]


class ComponentView(BaseModel):
    product_id: UUID
    quantity: int
    required: bool
    position: int


class ShippingOfOfferView(BaseModel):
    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    requires_shipping: bool
    shipping_class: str | None = Field(alias="class")
    free_shipping_threshold: AmountView | None


class OfferView(BaseModel):
    offer_id: UUID
    status: Literal["draft", "published", "paused", "archived"]
    slug: str
    name: str
    type: OfferType
    description: str | None
    media: list[MediaView]
    products: list[ComponentView]
    price: PriceOfOfferView
    automatic_promotions: list[str]
    configuration: dict[str, Any]
    shipping: ShippingOfOfferView
    layout: dict[str, Any]
    version: int


class AvailabilityView(BaseModel):
    available: bool
    reason: Reason | None
    backorder: bool


def show_offer(offer: Offer, _now: datetime) -> OfferView:
    details = offer.details
    return OfferView.model_validate(
        {
            **details.model_dump(),
            "price": show_price(details.price, offer.current),
            "shipping": show_shipping(details.shipping, details.price.currency),
            "offer_id": offer.id,
            "status": offer.status,
            "version": offer.version,
        }
    )


def show_shipping(shipping: OfferShipping, currency: str) -> dict[str, Any]:
    threshold = shipping.free_shipping_threshold
    return {
        **shipping.model_dump(),
        "free_shipping_threshold": (
            None if threshold is None else {"amount": threshold, "currency": currency}
        ),
    }


def show_availability(found: Availability) -> AvailabilityView:
    return AvailabilityView.model_validate(
        {"available": found.available, "reason": found.reason, "backorder": found.backorder}
    )
