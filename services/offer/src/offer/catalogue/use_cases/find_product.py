"""Open a product of the tenant, or refuse with ``ProductNotFound``."""

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import ProductNotFound
from offer.catalogue.domain.product import Product


async def find_product(product_id: UUID, work: UnitOfWork) -> Product:
    product = await work.open(Product, product_id)
    if not product.exists:
        raise ProductNotFound("There is no such product.")
    return product
