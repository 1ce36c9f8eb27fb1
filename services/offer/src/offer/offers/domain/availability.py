"""Whether a number of offers could be bought now, and if not, why."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.offer import Component
from offer.catalogue.domain.product import Product
from offer.inventory.domain.stock import Stock
from offer.offers.domain.offer import ARCHIVED, DRAFT, PAUSED, Offer

STATUS_REASONS = {DRAFT: "OFFER_NOT_PUBLISHED", PAUSED: "OFFER_PAUSED", ARCHIVED: "OFFER_ARCHIVED"}
NOT_AVAILABLE = "PRODUCT_NOT_AVAILABLE"
NO_SEATS, NO_STOCK = "ENROLLMENT_LIMIT_REACHED", "OUT_OF_STOCK"


@dataclass(frozen=True, slots=True)
class Availability:
    """``backorder``: some product is short, and is sold all the same."""

    reason: str | None = None
    backorder: bool = False

    @property
    def available(self) -> bool:
        return self.reason is None


def required_products(offer: Offer) -> list[Component]:
    """By position."""
    required = [it for it in offer.details.products if it.required]
    return sorted(required, key=lambda it: (it.position, str(it.product_id)))


def availability(
    offer: Offer,
    quantity: int,
    products: Mapping[UUID, Product],
    sold: Collection[UUID],
    needed: Mapping[UUID, Collection[UUID]],
    stocks: Mapping[UUID, Stock],
    now: datetime,
) -> Availability:
    """``sold``: the products that are for sale; ``needed``: by required product, the products of whose stock
    one unit of it takes a unit: itself, and the courses of a bundle. Nothing is reserved."""
    if offer.status in STATUS_REASONS:
        return Availability(STATUS_REASONS[offer.status])
    required = required_products(offer)
    if not all(it.product_id in sold for it in required):
        return Availability(NOT_AVAILABLE)
    units: Counter[UUID] = Counter()
    for component in required:
        for product_id in needed[component.product_id]:
            units[product_id] += quantity * component.quantity
    backorder = False
    for product_id in (it for component in required for it in needed[component.product_id]):
        stock = stocks[product_id]
        if not stock.exists or units[product_id] <= stock.available(now):
            continue
        if not stock.allow_backorders:
            limit = products[product_id].details.enrollment_limit
            return Availability(NO_STOCK if limit is None else NO_SEATS)
        backorder = True
    return Availability(backorder=backorder)
