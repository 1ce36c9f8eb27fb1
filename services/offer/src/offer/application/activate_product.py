"""Put a product on sale."""

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.application.find_product import find_product
from offer.application.ports import Expect, any_version
from offer.domain.product import Product


async def activate_product(product_id: UUID, work: UnitOfWork, expect: Expect = any_version) -> Product:
    product = await find_product(product_id, work)
    expect(product)
    product.activate()
    return product
