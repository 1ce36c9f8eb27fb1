"""Change a product's details."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.product import Details
from contracts.text import folded
from kernel.unit_of_work import UnitOfWork
from offer.application.create_product import claim_sku, release_sku
from offer.application.find_product import find_product
from offer.application.ports import Expect, any_version
from offer.domain.product import Product


@dataclass(frozen=True, slots=True)
class ChangeProduct:
    product_id: UUID
    fields: Mapping[str, Any]
    """Fields of ``Details``; a field that is left out keeps its value."""


async def change_product(command: ChangeProduct, work: UnitOfWork, expect: Expect = any_version) -> Product:
    product = await find_product(command.product_id, work)
    expect(product)
    old_sku = product.details.sku
    product.change(Details.model_validate({**product.details.model_dump(), **command.fields}))
    if folded(product.details.sku) != folded(old_sku):
        await claim_sku(product.details.sku, product, work)
        await release_sku(old_sku, product, work)
    return product
