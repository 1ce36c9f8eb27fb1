"""Whether an offer could be bought now."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import Product
from offer.inventory.domain.stock import Stock, stock_id
from offer.offers.domain.availability import Availability, availability, required_products
from offer.offers.use_cases.offers import find_offer


@dataclass(frozen=True, slots=True)
class CheckAvailability:
    offer_id: UUID
    quantity: int


async def check_availability(query: CheckAvailability, work: UnitOfWork) -> Availability:
    """Raises ``OfferNotFound``."""
    offer = await find_offer(query.offer_id, work)
    wanted = [it.product_id for it in required_products(offer)]
    products = await work.open_many(Product, wanted)
    stocks = await work.open_many(Stock, [stock_id(it) for it in wanted])
    by_product = {it: stocks[stock_id(it)] for it in wanted}
    return availability(offer, query.quantity, products, by_product, work.now)
