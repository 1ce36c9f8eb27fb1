"""Import prices by SKU, currency, region, segment and quantity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.product import Details
from contracts.text import folded
from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.details import check_details
from offer.catalogue.domain.errors import ProductNotFound
from offer.catalogue.domain.product import Product
from offer.imports.domain.errors import InvalidLine
from offer.imports.domain.prices import Scope, with_price
from offer.imports.domain.report import LineReport
from offer.imports.groups.lines import ImportLine
from offer.imports.groups.products import owners_of_skus
from offer.imports.line_bodies import PriceLine
from offer.imports.lines import parsed


async def import_prices(lines: Sequence[ImportLine], work: UnitOfWork) -> list[LineReport]:
    """Each product is changed once, by all of its lines together."""
    owners = await owners_of_skus(lines, work)
    products = await work.open_many(Product, owners.values())
    changed: dict[UUID, Details] = {key: it.details for key, it in products.items()}
    report = [_import(line, owners, changed) for line in lines]
    for product_id, details in changed.items():
        products[product_id].change(details)
    return report


def _import(line: ImportLine, owners: dict[str, UUID], changed: dict[UUID, Details]) -> LineReport:
    if line.refused is not None:
        return line.failed(line.refused)
    try:
        price: PriceLine = parsed(PriceLine, {"amount": None, **_without_empty(line.fields)})
        product_id = owners.get(folded(price.sku))
        if product_id is None:
            raise ProductNotFound(f"There is no product with the SKU {price.sku}.", field=("sku",))
        before = changed[product_id]
        scope = Scope(price.currency, price.region, price.segment, price.min_quantity)
        after, outcome = with_price(before, scope, price.amount)
        check_details(after)
        changed[product_id] = after
        return LineReport(line.number, line.key, outcome, product_id)
    except (Refused, InvalidLine) as refused:
        return line.failed(refused)


def _without_empty(fields: Any) -> dict[str, Any]:
    return {name: it for name, it in fields.items() if it is not None or name == "amount"}
