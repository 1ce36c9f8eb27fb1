"""What a shop does with its products: create, change, put on sale and take off sale.

A use case takes its input and the unit of work, and returns the aggregate that it has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.product import Details
from contracts.text import folded
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import ProductNotFound, SkuExists
from offer.catalogue.domain.product import Product

SKU = "sku"
LISTED = "product"
"""Kind of the unique key that every product claims with its own id; the list of products reads it."""


async def find_product(product_id: UUID, work: UnitOfWork) -> Product:
    """A product of the tenant, whatever its status. Raises ``ProductNotFound``."""
    product = await work.open(Product, product_id)
    if not product.exists:
        raise ProductNotFound("There is no such product.")
    return product


async def create_product(details: Details, work: UnitOfWork) -> Product:
    """A draft, with a SKU of its own. Raises ``SkuExists``."""
    product = await work.open(Product, ids.new_id())
    product.create(details)
    await _claim_sku(details.sku, product, work)
    work.claim_key(LISTED, str(product.id), product.id)
    return product


@dataclass(frozen=True, slots=True)
class ChangeProduct:
    product_id: UUID
    fields: Mapping[str, Any]
    """Fields of ``Details``; a field that is left out keeps its value."""


async def change_product(command: ChangeProduct, work: UnitOfWork) -> Product:
    """Raises ``ProductNotFound`` and ``SkuExists``."""
    product = await find_product(command.product_id, work)
    old_sku = product.details.sku
    product.change(Details.model_validate({**product.details.model_dump(), **command.fields}))
    if folded(product.details.sku) != folded(old_sku):
        await _claim_sku(product.details.sku, product, work)
        await _release_sku(old_sku, product, work)
    return product


async def activate_product(product_id: UUID, work: UnitOfWork) -> Product:
    """Put it on sale. Raises ``ProductNotFound``."""
    product = await find_product(product_id, work)
    product.activate()
    return product


async def archive_product(product_id: UUID, work: UnitOfWork) -> Product:
    """Take it off sale; it can be activated again. Raises ``ProductNotFound``."""
    product = await find_product(product_id, work)
    product.archive()
    return product


async def claim_again(product: Product, work: UnitOfWork) -> None:
    """Claim the keys of a product whose facts have been recovered."""
    sku = product.details.sku
    key = sku if await work.owner_of_key(SKU, sku) == product.id else folded(sku)
    work.claim_key(SKU, key, product.id)
    work.claim_key(LISTED, str(product.id), product.id)


async def _claim_sku(sku: str, product: Product, work: UnitOfWork) -> None:
    """Raises ``SkuExists``. SKUs that differ only in case or in invisible characters are equal."""
    if await work.owner_of_key(SKU, folded(sku)):
        raise SkuExists(f"Another product has the SKU {sku}.", sku=sku)
    work.claim_key(SKU, folded(sku), product.id)


async def _release_sku(sku: str, product: Product, work: UnitOfWork) -> None:
    """Release the folded key if this product owns it, or else the SKU as typed.

    Of several products whose SKUs became equal when SKUs began to be folded, one owns the folded key; the
    others keep a key as typed.
    """
    key = folded(sku)
    work.release_key(SKU, key if await work.owner_of_key(SKU, key) == product.id else sku)
