"""Take a product into the catalogue, as a draft."""

from contracts.product import Details
from contracts.text import folded
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.domain.errors import SkuExists
from offer.domain.product import Product

SKU = "sku"
LISTED = "product"
"""Claimed by every product for itself: what the list of products goes by."""


async def create_product(details: Details, work: UnitOfWork) -> Product:
    product = await work.open(Product, ids.new_id())
    product.create(details)
    await claim_sku(details.sku, product, work)
    work.claim_key(LISTED, str(product.id), product.id)
    return product


async def claim_sku(sku: str, product: Product, work: UnitOfWork) -> None:
    """SKUs that differ in case or in what cannot be seen are one."""
    if await work.owner_of_key(SKU, folded(sku)):
        raise SkuExists(f"Another product has the SKU {sku}.", sku=sku)
    work.claim_key(SKU, folded(sku), product.id)


async def release_sku(sku: str, product: Product, work: UnitOfWork) -> None:
    """Of several products that had such a SKU before they were compared like this, one has the claim; the
    others have claimed theirs as it was typed."""
    held = folded(sku)
    work.release_key(SKU, held if await work.owner_of_key(SKU, held) == product.id else sku)
