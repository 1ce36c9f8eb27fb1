"""Change what the catalogue says of a product."""

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
    """Of ``Details``; what is not named stays as it is."""


async def change_product(command: ChangeProduct, work: UnitOfWork, expect: Expect = any_version) -> Product:
    product = await find_product(command.product_id, work)
    expect(product)
    old = product.details.sku
    product.change(Details.model_validate({**product.details.model_dump(), **command.fields}))
    if folded(product.details.sku) != folded(old):
        await claim_sku(product.details.sku, product, work)
        await release_sku(old, product, work)
    return product
