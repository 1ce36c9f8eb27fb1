"""Change a product's details."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.product import Details
from contracts.text import folded
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import Product
from offer.catalogue.use_cases.create_product import claim_sku, release_sku
from offer.catalogue.use_cases.find_product import find_product
from offer.catalogue.use_cases.if_match import Expect, any_version


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
