"""Put a product on sale."""

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import Product
from offer.catalogue.use_cases.find_product import find_product
from offer.catalogue.use_cases.if_match import Expect, any_version


async def activate_product(product_id: UUID, work: UnitOfWork, expect: Expect = any_version) -> Product:
    product = await find_product(product_id, work)
    expect(product)
    product.activate()
    return product
