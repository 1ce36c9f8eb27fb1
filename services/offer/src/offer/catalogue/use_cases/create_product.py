"""Create a product, as a draft."""

from contracts.product import Details
from contracts.text import folded
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import SkuExists
from offer.catalogue.domain.product import Product

SKU = "sku"
LISTED = "product"
"""Kind of the unique key that every product claims with its own id; the list of products reads it."""


async def create_product(details: Details, work: UnitOfWork) -> Product:
    product = await work.open(Product, ids.new_id())
    product.create(details)
    await claim_sku(details.sku, product, work)
    work.claim_key(LISTED, str(product.id), product.id)
    return product


async def claim_sku(sku: str, product: Product, work: UnitOfWork) -> None:
    """Raises ``SkuExists``. SKUs that differ only in case or in invisible characters are equal."""
    if await work.owner_of_key(SKU, folded(sku)):
        raise SkuExists(f"Another product has the SKU {sku}.", sku=sku)
    work.claim_key(SKU, folded(sku), product.id)


async def release_sku(sku: str, product: Product, work: UnitOfWork) -> None:
    """Release the folded key if this product owns it, or else the SKU as typed.

    Of several products whose SKUs became equal when SKUs began to be folded, one owns the folded key; the
    others keep a key as typed.
    """
    key = folded(sku)
    work.release_key(SKU, key if await work.owner_of_key(SKU, key) == product.id else sku)
