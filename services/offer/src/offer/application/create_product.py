"""Take a product into the catalogue, as a draft."""

from contracts.product import Details
from kernel import ids
from kernel.work import Work
from offer.domain.errors import SkuExists
from offer.domain.product import Product

SKU = "sku"
LISTED = "product"
"""Claimed by every product for itself: what the list of products goes by."""


async def create_product(details: Details, work: Work) -> Product:
    product = await work.open(Product, ids.fresh())
    product.create(details)
    await claim_sku(details.sku, product, work)
    work.claim(LISTED, str(product.id), product.id)
    return product


async def claim_sku(sku: str, product: Product, work: Work) -> None:
    if await work.holder(SKU, sku):
        raise SkuExists(f"Another product has the SKU {sku}.", sku=sku)
    work.claim(SKU, sku, product.id)
