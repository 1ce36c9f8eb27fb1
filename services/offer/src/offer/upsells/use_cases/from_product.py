"""Make an offer of one product: its price, and its cross-sells as upsells, in one save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from contracts.offer import Component, OfferDetails, OfferPrice
from contracts.product import Details
from contracts.upsell import Reduction, UpsellDetails
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import ARCHIVED, Product
from offer.catalogue.domain.variants import with_inherited
from offer.catalogue.use_cases import find_product, parent_of
from offer.offers.domain.errors import PriceMissing, SlugExists
from offer.offers.domain.offer import Offer
from offer.offers.domain.shipping import ShippingWish, shipping_of
from offer.offers.domain.slugs import candidates, slug_of
from offer.offers.ports import Campaigns
from offer.offers.use_cases.offers import SLUG, save_new
from offer.upsells.domain.upsell import PERCENTAGE, Upsell
from offer.upsells.use_cases.upsells import MAX_UPSELLS, CreateUpsell, add_upsell

CROSS_SELL = "cross_sell"
TEN_PERCENT_OFF = Reduction(type=PERCENTAGE, value="10")
POSITION = "cart_summary"
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class FromProduct:
    product_id: UUID
    slug: str | None = None
    campaign_id: UUID | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A related product that has become no upsell."""

    product_id: UUID
    reason: Literal["missing", "archived", "too_many"]


@dataclass(frozen=True, slots=True)
class OfferOfProduct:
    offer: Offer
    cross_sells: Sequence[Upsell]
    skipped: Sequence[Skipped]

    @property
    def version(self) -> int:
        return self.offer.version


async def make_offer(command: FromProduct, work: UnitOfWork, campaigns: Campaigns) -> OfferOfProduct:
    """Raises ``ProductNotFound``, ``PriceMissing``, ``SlugExists``, ``CampaignNotFound`` and ``Invalid``."""
    product = await find_product(command.product_id, work)
    parent = await parent_of(product, work)
    details = with_inherited(product.details, parent.details if parent else None)
    price = _price(details, command.currency)
    slug = await _free_slug(command.slug, details.name, work)
    offer_details = OfferDetails(
        slug=slug,
        name=details.name,
        type=details.type,
        products=(Component(product_id=product.id, position=0),),
        price=price,
        shipping=shipping_of(ShippingWish(), price.currency, [details]),
    )
    offer = await save_new(offer_details, command.campaign_id, work, campaigns)
    related, skipped = await _related(details, work)
    upsells = [
        add_upsell(CreateUpsell(offer.id, _cross_sell(it)), f"{offer.id}:{number:02d}", work)
        for number, it in enumerate(related)
    ]
    return OfferOfProduct(offer, upsells, skipped)


def _price(details: Details, currency: str | None) -> OfferPrice:
    """The plain price in the currency, or else the first plain price."""
    for price in details.prices:
        if price.region is None and price.segment is None and currency in {None, price.currency}:
            return OfferPrice(currency=price.currency, base=price.amount)
    wanted = f" in {currency}" if currency else ""
    raise PriceMissing(f"{details.sku} has no plain price{wanted}.")


async def _free_slug(wanted: str | None, name: str, work: UnitOfWork) -> str:
    if wanted is not None:
        if await work.owner_of_key(SLUG, wanted):
            raise SlugExists(f"Another offer has the slug {wanted}.", slug=wanted)
        return wanted
    for slug in candidates(slug_of(name)):
        if not await work.owner_of_key(SLUG, slug):
            return slug
    raise AssertionError("unreachable: there is always another candidate")


async def _related(details: Details, work: UnitOfWork) -> tuple[list[Product], list[Skipped]]:
    """The products that are cross-sold, as listed, and those that cannot be."""
    ids = [it.product_id for it in details.related_products if it.relationship == CROSS_SELL]
    found: list[Product] = []
    skipped: list[Skipped] = []
    for product_id, product in (await work.open_many(Product, dict.fromkeys(ids))).items():
        if not product.exists:
            skipped.append(Skipped(product_id, "missing"))
        elif product.status == ARCHIVED:
            skipped.append(Skipped(product_id, "archived"))
        elif len(found) == MAX_UPSELLS:
            skipped.append(Skipped(product_id, "too_many"))
        else:
            found.append(product)
    return found, skipped


def _cross_sell(product: Product) -> UpsellDetails:
    return UpsellDetails(
        type=CROSS_SELL,
        product_id=product.id,
        name=f"Add {product.details.name}"[:MAX_NAME],
        discount=TEN_PERCENT_OFF,
        position=POSITION,
    )
