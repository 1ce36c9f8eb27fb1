"""Whether an offer could be bought now."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import Product
from offer.catalogue.domain.references import course_product_ids
from offer.catalogue.use_cases import for_sale
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
    required = [it.product_id for it in required_products(offer)]
    details = {key: it.details for key, it in (await work.open_many(Product, required)).items()}
    needed = {it: (it, *course_product_ids(details[it])) for it in required}
    wanted = {product_id for products in needed.values() for product_id in products}
    products = await work.open_many(Product, sorted(wanted))
    stocks = await work.open_many(Stock, [stock_id(it) for it in products])
    by_product = {it: stocks[stock_id(it)] for it in products}
    sold = await for_sale(required, work)
    return availability(offer, query.quantity, products, sold.keys(), needed, by_product, work.now)
