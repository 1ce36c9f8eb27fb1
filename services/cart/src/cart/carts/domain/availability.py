"""Whether an offer can be delivered, by the cart's copy of the catalogue: nothing is reserved."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from uuid import UUID

from cart.carts.domain.offer_items import components
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.offers import ARCHIVED, DRAFT, PAUSED, KnownOffer


class Unavailable(StrEnum):
    OFFER_NOT_PUBLISHED = "OFFER_NOT_PUBLISHED"
    OFFER_PAUSED = "OFFER_PAUSED"
    OFFER_ARCHIVED = "OFFER_ARCHIVED"
    PRODUCT_NOT_AVAILABLE = "PRODUCT_NOT_AVAILABLE"
    ENROLLMENT_LIMIT_REACHED = "ENROLLMENT_LIMIT_REACHED"
    OUT_OF_STOCK = "OUT_OF_STOCK"


BY_STATUS = {
    DRAFT: Unavailable.OFFER_NOT_PUBLISHED,
    PAUSED: Unavailable.OFFER_PAUSED,
    ARCHIVED: Unavailable.OFFER_ARCHIVED,
}


def unavailable(offer: KnownOffer, quantity: int, excerpt: CatalogueExcerpt) -> Unavailable | None:
    """The first reason for which so many of the offer cannot be delivered; None if they can."""
    if reason := BY_STATUS.get(offer.status):
        return reason
    required = components(offer, required=True)
    for it in required:
        product = excerpt.products.get(it.product_id)
        if product is None or not product.is_on_sale:
            return Unavailable.PRODUCT_NOT_AVAILABLE
    wanted: Counter[UUID] = Counter()
    for it in required:
        for product_id in (it.product_id, *excerpt.products[it.product_id].courses):
            wanted[product_id] += quantity * it.quantity
    for it in required:
        for product_id in (it.product_id, *excerpt.products[it.product_id].courses):
            if reason := _shortage(product_id, wanted[product_id], excerpt):
                return reason
    return None


def _shortage(product_id: UUID, wanted: int, excerpt: CatalogueExcerpt) -> Unavailable | None:
    product = excerpt.products.get(product_id)
    stock = product.stock if product else None
    if product is None or stock is None or stock.allow_backorders or wanted <= stock.available:
        return None
    is_course = product.details.enrollment_limit is not None
    return Unavailable.ENROLLMENT_LIMIT_REACHED if is_course else Unavailable.OUT_OF_STOCK
