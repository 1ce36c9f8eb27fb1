"""What a shop does with its offers: create, change, price, publish, pause and archive them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.offer import Component, OfferDetails, OfferPrice
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import ProductNotFound
from offer.catalogue.domain.product import Product
from offer.catalogue.use_cases import for_sale
from offer.offers.domain.errors import OfferNotFound, SlugExists
from offer.offers.domain.offer import PUBLISHED, Offer
from offer.offers.domain.offer_rules import check_can_be_published
from offer.offers.domain.shipping import ShippingWish, shipping_of
from offer.offers.ports import Campaigns
from offer.offers.use_cases.price_windows import rounding_mode, set_price_window

LISTED = "offer"
"""Kind of the unique key that every offer claims with its own id; the list of offers reads it."""
SLUG = "offer_slug"


async def find_offer(offer_id: UUID, work: UnitOfWork) -> Offer:
    """An offer of the tenant, in any status. Raises ``OfferNotFound``."""
    offer = await work.open(Offer, offer_id)
    if not offer.exists:
        raise OfferNotFound("There is no such offer.")
    return offer


@dataclass(frozen=True, slots=True)
class CreateOffer:
    fields: Mapping[str, Any]
    """Those of ``OfferDetails``, without shipping."""
    shipping: ShippingWish
    campaign_id: UUID | None = None


async def create_offer(command: CreateOffer, work: UnitOfWork, campaigns: Campaigns) -> Offer:
    """A draft. Raises ``SlugExists``, ``ProductNotFound``, ``CampaignNotFound`` and ``Invalid``."""
    slug, price = command.fields["slug"], command.fields["price"]
    products = await products_of(command.fields["products"], work)
    if await work.owner_of_key(SLUG, slug):
        raise _slug_exists(slug)
    shipping = shipping_of(command.shipping, price.currency, (it.details for it in products.values()))
    details = OfferDetails.model_validate({**command.fields, "shipping": shipping})
    return await save_new(details, command.campaign_id, work, campaigns)


async def save_new(
    details: OfferDetails, campaign_id: UUID | None, work: UnitOfWork, campaigns: Campaigns
) -> Offer:
    """The offer with its keys, its timer and its campaign; the slug is known to be free."""
    offer = work.create(Offer, ids.new_id())
    offer.create(details)
    set_price_window(offer, work)
    if campaign_id is not None:
        await campaigns.add_offer(campaign_id, offer, work)
    work.claim_key(SLUG, details.slug, offer.id)
    work.claim_key(LISTED, str(offer.id), offer.id)
    return offer


@dataclass(frozen=True, slots=True)
class ChangeOffer:
    offer_id: UUID
    fields: Mapping[str, Any]
    """Those of ``OfferDetails`` without shipping; a field that is left out keeps its value."""
    shipping: ShippingWish | None = None


async def change_offer(command: ChangeOffer, work: UnitOfWork) -> Offer:
    """Raises ``OfferNotFound``, ``OfferStatusConflict``, ``SlugExists``, ``ProductNotFound`` and
    ``Invalid``."""
    offer = await find_offer(command.offer_id, work)
    old = offer.details
    new = OfferDetails.model_validate({**old.model_dump(), **command.fields})
    if new.slug != old.slug and await work.owner_of_key(SLUG, new.slug):
        raise _slug_exists(new.slug)
    if new.products != old.products or command.shipping:
        products = [it.details for it in (await products_of(new.products, work)).values()]
        if command.shipping:
            shipping = shipping_of(command.shipping, new.price.currency, products)
            new = new.model_copy(update={"shipping": shipping})
    offer.change(new)
    if offer.status == PUBLISHED and new.type != old.type:
        await _check_can_be_published(offer, work)
    if new.slug != old.slug:
        work.release_key(SLUG, old.slug)
        work.claim_key(SLUG, new.slug, offer.id)
    return offer


@dataclass(frozen=True, slots=True)
class ChangePrice:
    offer_id: UUID
    price: OfferPrice


async def change_price(command: ChangePrice, work: UnitOfWork, campaigns: Campaigns) -> Offer:
    """Raises ``OfferNotFound``, ``OfferStatusConflict`` and ``Invalid``."""
    offer = await find_offer(command.offer_id, work)
    running = await campaigns.running_for(offer.id, work)
    offer.change_price(command.price, running, await rounding_mode(work), work.now)
    set_price_window(offer, work)
    return offer


async def publish_offer(offer_id: UUID, work: UnitOfWork) -> Offer:
    """Put it on sale. Raises ``OfferNotFound``, ``OfferStatusConflict`` and ``Invalid``."""
    offer = await find_offer(offer_id, work)
    if offer.status != PUBLISHED:
        offer.publish()
        await _check_can_be_published(offer, work)
        set_price_window(offer, work)
    return offer


async def pause_offer(offer_id: UUID, work: UnitOfWork) -> Offer:
    """Take it off sale; it can be published again. Raises ``OfferNotFound`` and ``OfferStatusConflict``."""
    offer = await find_offer(offer_id, work)
    offer.pause()
    return offer


async def archive_offer(offer_id: UUID, work: UnitOfWork) -> Offer:
    """Take it off sale for good. Raises ``OfferNotFound``."""
    offer = await find_offer(offer_id, work)
    offer.archive()
    set_price_window(offer, work)
    return offer


async def claim_again(offer: Offer, work: UnitOfWork) -> None:
    """Claim the keys and set the timer of an offer whose facts have been recovered."""
    work.claim_key(SLUG, offer.details.slug, offer.id)
    work.claim_key(LISTED, str(offer.id), offer.id)
    set_price_window(offer, work)


async def products_of(components: Iterable[Component], work: UnitOfWork) -> Mapping[UUID, Product]:
    """The products, by id. Raises ``ProductNotFound`` if the tenant has not all of them."""
    products = await work.open_many(Product, [it.product_id for it in components])
    for product_id, product in products.items():
        if not product.exists:
            raise ProductNotFound("There is no such product.", product_id=str(product_id))
    return products


async def _check_can_be_published(offer: Offer, work: UnitOfWork) -> None:
    products = await products_of(offer.details.products, work)
    sold = await for_sale(products, work)
    check_can_be_published(offer.details, {key: it.details for key, it in products.items()}, sold.keys())


def _slug_exists(slug: str) -> SlugExists:
    return SlugExists(f"Another offer has the slug {slug}.", slug=slug)
