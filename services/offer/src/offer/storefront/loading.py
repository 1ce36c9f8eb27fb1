"""Read a published offer with everything that a storefront shows of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import Product
from offer.catalogue.use_cases import for_sale, variants_of
from offer.experiments.use_cases.experiments import experiment_on
from offer.offers.domain.errors import OfferNotFound
from offer.offers.domain.offer import PUBLISHED, Offer
from offer.offers.ports import Campaigns
from offer.offers.use_cases.offers import SLUG
from offer.offers.use_cases.price_windows import rounding_mode
from offer.storefront.domain.public_offer import KnownUpsell, PublicOffer
from offer.upsells.domain.upsell import Upsell
from offer.upsells.use_cases.upsells import upsells_of


class Loaded(NamedTuple):
    offer: PublicOffer
    depends_on: frozenset[UUID]
    """The offer, the products that it shows, and their variants, which are sold in place of them."""


async def load_public_offer(slug: str, work: UnitOfWork, campaigns: Campaigns) -> Loaded:
    """Raises ``OfferNotFound`` unless it is published."""
    offer_id = await work.owner_of_key(SLUG, slug)
    offer = None if offer_id is None else await work.open(Offer, offer_id)
    if offer is None or offer.status != PUBLISHED:
        raise OfferNotFound("There is no such offer.")
    upsells = await upsells_of(offer.id, work)
    sold = await for_sale(dict.fromkeys(it.details.product_id for it in upsells), work)
    products = await _with_parents((it.details.product_id for it in upsells), work)
    variants = [
        variant.id
        for key, it in products.items()
        if it.may_have_variants
        for variant in await variants_of(key, work)
    ]
    experiment = await experiment_on(offer.id, work)
    public = PublicOffer(
        offer_id=offer.id,
        version=offer.version,
        details=offer.details,
        mode=await rounding_mode(work),
        experiment=experiment.assignment if experiment else None,
        campaigns=tuple(await campaigns.running_for(offer.id, work)),
        upsells=_shown(upsells, products, sold.keys()),
        campaigns_change_at=await campaigns.next_change_for(offer.id, work),
    )
    return Loaded(public, frozenset({offer.id, *products, *variants}))


async def _with_parents(product_ids: Iterable[UUID], work: UnitOfWork) -> dict[UUID, Product]:
    products = await work.open_many(Product, dict.fromkeys(product_ids))
    parents = [it.details.variant_of for it in products.values() if it.details.variant_of is not None]
    return products | await work.open_many(Product, parents)


def _shown(
    upsells: Iterable[Upsell], products: dict[UUID, Product], sold: Collection[UUID]
) -> list[KnownUpsell]:
    """Those whose products are for sale, by priority and age."""
    shown = []
    for it in sorted(upsells, key=lambda it: (it.details.priority, str(it.id))):
        product = products[it.details.product_id]
        if product.id in sold:
            parent_id = product.details.variant_of
            parent = None if parent_id is None else products[parent_id].details
            shown.append(KnownUpsell(it.id, it.details, product.details, parent))
    return shown
