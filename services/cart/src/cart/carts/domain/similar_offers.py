"""What a shopper may like in place of an offer that cannot be delivered."""

from __future__ import annotations

from datetime import datetime

from cart.carts.domain.availability import unavailable
from cart.carts.domain.offer_items import components
from cart.carts.domain.prices import price_of_offer
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.offers import KnownOffer

MAX_ALTERNATIVES = 3


def similar(offer: KnownOffer, excerpt: CatalogueExcerpt, at: datetime) -> list[str]:
    """The slugs of available offers of the same type, category and currency, the nearest price first.
    ``excerpt`` holds this offer and those that come into question."""
    wanted, category = offer.details, _category_of(offer, excerpt)
    price = _price_of(offer, excerpt, at)
    found = [
        (abs(_price_of(it, excerpt, at) - price), str(it.offer_id), it.details.slug)
        for it in excerpt.offers.values()
        if it.offer_id != offer.offer_id
        and (it.details.type, it.details.price.currency) == (wanted.type, wanted.price.currency)
        and _category_of(it, excerpt) == category
        and unavailable(it, 1, excerpt) is None
    ]
    return [slug for _, _, slug in sorted(found)[:MAX_ALTERNATIVES]]


def _category_of(offer: KnownOffer, excerpt: CatalogueExcerpt) -> str | None:
    """That of the offer's first product."""
    first = next(iter(components(offer, required=True)), None)
    product = excerpt.products.get(first.product_id) if first else None
    return product.details.category if product else None


def _price_of(offer: KnownOffer, excerpt: CatalogueExcerpt, at: datetime) -> int:
    return price_of_offer(offer, at, excerpt.policy.mode).amount
