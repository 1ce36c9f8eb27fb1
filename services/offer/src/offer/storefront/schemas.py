"""What a storefront sees of an offer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel

from contracts.experiment import Variant
from kernel.http.descriptions import Word
from offer.catalogue.schemas.media import MediaView
from offer.offers.schemas.fields import OfferType
from offer.offers.schemas.views import ComponentView, ShippingOfOfferView, show_shipping
from offer.storefront.domain.public_offer import PublicOffer
from offer.upsells.schemas.views import UrgencyView


class PublicPriceView(BaseModel):
    """Minor units of the currency."""

    base: int
    current: int
    currency: str
    source: Literal["base", "discount", "campaign"]
    discount_ends_at: datetime | None


class PublicUpsellView(BaseModel):
    upsell_id: UUID
    type: Literal["upsell", "downsell", "cross_sell", "order_bump"]
    name: str
    unit_price: int
    position: str
    design: dict[str, Any]
    urgency: UrgencyView | None


class ShownVariantView(BaseModel):
    experiment_id: UUID
    variant_id: UUID


class PublicOfferView(BaseModel):
    offer_id: UUID
    slug: str
    name: str
    type: OfferType
    description: str | None
    media: list[MediaView]
    products: list[ComponentView]
    price: PublicPriceView
    shipping: ShippingOfOfferView
    layout: dict[str, Any]
    require_immediate_payment: bool
    upsells: list[PublicUpsellView]
    experiment: ShownVariantView | None


def render(offer: PublicOffer, variant: Variant | None, now: datetime) -> bytes:
    """The body of the response, for everybody who sees the variant."""
    details, price = offer.details, offer.price(variant, now)
    changes = variant.changes if variant else None
    configuration = details.configuration
    if changes and changes.configuration is not None:
        configuration = changes.configuration
    shown: dict[str, Any] = {
        "offer_id": offer.offer_id,
        "slug": details.slug,
        "name": changes.name if changes and changes.name is not None else details.name,
        "type": details.type,
        "description": details.description,
        "media": [it.model_dump() for it in details.media],
        "products": [it.model_dump() for it in details.products],
        "price": {
            "base": offer.base(variant),
            "current": price.amount,
            "currency": details.price.currency,
            "source": price.source,
            "discount_ends_at": price.discount_ends_at,
        },
        "shipping": show_shipping(details.shipping, details.price.currency),
        "layout": changes.layout if changes and changes.layout is not None else details.layout,
        "require_immediate_payment": configuration.get("require_immediate_payment") is True,
        "upsells": list(_upsells(offer, now)),
        "experiment": _experiment(offer, variant),
    }
    return orjson.dumps(PublicOfferView.model_validate(shown).model_dump(mode="json"))


def _upsells(offer: PublicOffer, now: datetime) -> Iterator[dict[str, Any]]:
    """Those that have a price in the offer's currency."""
    for it in offer.upsells:
        unit_price = it.price(offer.details.price.currency, now, offer.mode)
        if unit_price is not None:
            shown = it.details.model_dump(include={"type", "name", "position", "design", "urgency"})
            yield {**shown, "upsell_id": it.upsell_id, "unit_price": unit_price}


def _experiment(offer: PublicOffer, variant: Variant | None) -> dict[str, UUID] | None:
    """Only while it runs."""
    experiment = offer.experiment
    if experiment is None or not experiment.is_running or variant is None:
        return None
    return {"experiment_id": experiment.experiment_id, "variant_id": variant.variant_id}


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "PublicOfferView": Word("An offer as a storefront shows it."),
        "PublicOfferView.name": Word("The offer's name.", "Spring kit"),
        "PublicOfferView.type": Word("A type of product, or funnel.", "physical_product"),
        "PublicOfferView.description": Word("What buyers read about the offer.", "All for a balcony."),
        "PublicOfferView.products": Word("The products of the offer."),
        "PublicOfferView.price": Word("What one offer costs now."),
        "PublicOfferView.shipping": Word("How the offer is shipped."),
        "PublicOfferView.upsells": Word("What is proposed beside it, in order."),
        "PublicOfferView.experiment": Word("The variant that the session sees; null: none."),
        "require_immediate_payment": Word("Whether the offer is paid at once.", False),
        "PublicPriceView": Word("What an offer costs now, in minor units."),
        "PublicPriceView.base": Word("The price without a discount, in minor units.", 9900),
        "PublicPriceView.current": Word("What it costs now, in minor units.", 7900),
        "PublicPriceView.source": Word("What gives the price: base, discount or campaign.", "discount"),
        "PublicPriceView.discount_ends_at": Word(
            "When the discount that gives the price ends; null: never.", "2026-03-08T00:00:00Z"
        ),
        "PublicUpsellView": Word("A product that is proposed beside the offer."),
        "PublicUpsellView.type": Word("upsell, downsell, cross_sell or order_bump.", "upsell"),
        "PublicUpsellView.name": Word("What the storefront calls it.", "Watering can"),
        "PublicUpsellView.unit_price": Word("The reduced price of one, in minor units.", 1799),
        "PublicUpsellView.position": Word("Where a storefront shows it.", "after_products"),
        "PublicUpsellView.urgency": Word("The limit of time; null: none."),
        "ShownVariantView": Word("The variant of an experiment that the session sees."),
        "session_id": Word("The session of the storefront. Only with it a variant is shown.", "s-1"),
    }
)
