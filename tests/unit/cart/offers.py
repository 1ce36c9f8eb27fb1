"""Offers and upsells for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cart.catalogue.domain.offers import PUBLISHED, KnownOffer, KnownUpsell
from contracts.offer import Component, OfferDetails, OfferPrice, OfferShipping
from contracts.upsell import Reduction, UpsellDetails
from tests.unit.cart.facts import LAMP, MUG

KIT, MORE = UUID(int=801), UUID(int=802)


def offer(
    offer_id: UUID = KIT,
    base: int = 7900,
    *,
    products: tuple[Component, ...] = (Component(product_id=MUG, position=0),),
    status: str = PUBLISHED,
    currency: str = "USD",
    **known: Any,
) -> KnownOffer:
    """``known``: what stands beside the details."""
    details = OfferDetails(
        slug=f"offer-{offer_id.int}",
        name="Kit",
        type="physical_product",
        products=products,
        price=OfferPrice(currency=currency, base=base),
        shipping=OfferShipping(requires_shipping=True),
    )
    return KnownOffer(offer_id, status, details, **known)


def upsell(
    upsell_id: UUID = MORE,
    offer_id: UUID = KIT,
    product_id: UUID = LAMP,
    *,
    percent: str = "10",
    status: str = "active",
    **details: Any,
) -> KnownUpsell:
    reduction = Reduction(type="percentage", value=percent)
    known: dict[str, Any] = {
        "type": "upsell",
        "product_id": product_id,
        "name": "More",
        "discount": reduction,
    }
    return KnownUpsell(upsell_id, offer_id, UpsellDetails(**known | details), status)
