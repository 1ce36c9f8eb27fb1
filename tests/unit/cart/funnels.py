"""Offers, upsells and funnel steps with defaults, so that a test names only what matters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cart.catalogue.domain.offers import KnownCampaign, KnownOffer, KnownStep, KnownUpsell
from contracts.funnel import FunnelStep, StepConditions
from contracts.offer import Component, OfferDetails, OfferPrice, OfferShipping
from contracts.upsell import Reduction, Trigger, UpsellDetails, Urgency
from pricing.experiments import Assignment
from tests.unit.cart.facts import MUG

KIT, OTHER_KIT = UUID(int=61), UUID(int=62)
BUMP, GIFT_WRAP, DOWNSELL = UUID(int=81), UUID(int=82), UUID(int=83)


def component(
    product_id: UUID = MUG, quantity: int = 1, *, required: bool = True, position: int = 0
) -> Component:
    return Component(product_id=product_id, quantity=quantity, required=required, position=position)


def offer(
    offer_id: UUID = KIT,
    base: int = 7900,
    *components: Component,
    status: str = "published",
    currency: str = "USD",
    experiment: Assignment | None = None,
    campaigns: tuple[KnownCampaign, ...] = (),
    **details: Any,
) -> KnownOffer:
    fields: dict[str, Any] = {"slug": f"kit-{offer_id.int}", "name": "Kit", "type": "physical_product"}
    all_details = OfferDetails(
        **fields | details,
        products=components or (component(),),
        price=OfferPrice(currency=currency, base=base),
        shipping=OfferShipping(requires_shipping=True, free_shipping_threshold=10000),
    )
    return KnownOffer(offer_id, status, all_details, experiment, campaigns)


def upsell(
    upsell_id: UUID,
    product_id: UUID,
    reduction: str = "10",
    *,
    of: UUID = KIT,
    kind: str = "percentage",
    type: str = "upsell",  # noqa: A002  # as the catalogue calls it
    status: str = "active",
    quantity: int = 1,
    auto_add: bool = False,
    priority: int = 0,
    urgency: Urgency | None = None,
    position: str = "after_products",
    **trigger: Any,
) -> KnownUpsell:
    details = UpsellDetails(
        type=type,
        product_id=product_id,
        name=f"Add product {product_id.int}",
        quantity=quantity,
        discount=Reduction(type=kind, value=reduction),
        trigger=Trigger(**trigger),
        auto_add=auto_add,
        position=position,
        priority=priority,
        urgency=urgency,
    )
    return KnownUpsell(upsell_id, of, details, status)


def step(
    upsell_id: UUID,
    trigger: str = "decline",
    after: UUID | None = None,
    conditions: StepConditions | None = None,
    position: int = 0,
) -> KnownStep:
    details = FunnelStep(
        name="step",
        type="downsell",
        trigger=trigger,
        upsell_id=upsell_id,
        after=after,
        position=position,
        conditions=conditions or StepConditions(),
    )
    return KnownStep(UUID(int=90 + position), details)


def names(found: Sequence[Any]) -> list[UUID]:
    """The ids of proposed upsells."""
    return [it.upsell.upsell_id for it in found]
