"""Open the stock of a product; an empty one if the product has no stock record."""

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.use_cases.find_product import find_product
from offer.inventory.domain.stock import Stock, stock_id


async def find_stock(product_id: UUID, work: UnitOfWork) -> Stock:
    await find_product(product_id, work)
    return await work.open(Stock, stock_id(product_id))
