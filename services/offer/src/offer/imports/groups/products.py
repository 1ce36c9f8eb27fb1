"""Import products by SKU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.text import folded
from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.product import Product
from offer.catalogue.domain.references import as_id
from offer.catalogue.schemas.products import NewProduct, ProductChange
from offer.catalogue.use_cases import SKU, ChangeProduct, change_product, create_product
from offer.imports.domain.errors import InvalidLine
from offer.imports.domain.report import LineReport
from offer.imports.groups.lines import ImportLine
from offer.imports.lines import parsed
from offer.inventory.domain.stock import Stock, stock_id
from offer.inventory.use_cases.seats import keep_seats
from offer.plans.domain.plan import Plan
from offer.plans.use_cases.joining import PLANS


async def import_products(lines: Sequence[ImportLine], work: UnitOfWork) -> list[LineReport]:
    """Create or change a product for each line. What they need is read at once."""
    owners = await owners_of_skus(lines, work)
    await work.preload(
        (kind, it)
        for product_id in {*owners.values(), *_mentioned(lines)}
        for kind, it in ((Product, product_id), (Stock, stock_id(product_id)))
    )
    await work.preload((Plan, it) for it in sorted(_plans(lines)))
    return [await _import(line, owners, work) for line in lines]


async def owners_of_skus(lines: Sequence[ImportLine], work: UnitOfWork) -> dict[str, UUID]:
    """The products of the lines that exist, by folded SKU."""
    keys = {folded(sku) for it in lines if isinstance(sku := it.fields.get("sku"), str)}
    return await work.owners_of_keys(SKU, keys)


async def _import(line: ImportLine, owners: dict[str, UUID], work: UnitOfWork) -> LineReport:
    if line.refused is not None:
        return line.failed(line.refused)
    try:
        product_id = owners.get(folded(str(line.fields["sku"])))
        if product_id is None:
            new: NewProduct = parsed(NewProduct, line.fields)
            product = await create_product(new.details(), work, keep_seats, PLANS)
            return LineReport(line.number, line.key, "created", product.id)
        return await _change(line, product_id, work)
    except (Refused, InvalidLine) as refused:
        return line.failed(refused)


async def _change(line: ImportLine, product_id: UUID, work: UnitOfWork) -> LineReport:
    product = await work.open(Product, product_id)
    fields = dict(line.fields)
    if fields.pop("type", None) not in {None, product.details.type}:
        raise InvalidLine("INVALID_REQUEST", ("type",), "The type of a product does not change.")
    before = product.version
    change: ProductChange = parsed(ProductChange, fields)
    await change_product(ChangeProduct(product_id, change.fields()), work, keep_seats, PLANS)
    return LineReport(
        line.number, line.key, "unchanged" if product.version == before else "changed", product_id
    )


def _plans(lines: Sequence[ImportLine]) -> set[UUID]:
    ids = (as_id(it) for line in lines if isinstance(it := line.fields.get("plan_id"), str))
    return {it for it in ids if it is not None}


def _mentioned(lines: Sequence[ImportLine]) -> set[UUID]:
    """The products that lines name by id: parents and courses."""
    texts: list[Any] = []
    for line in lines:
        texts.append(line.fields.get("variant_of"))
        courses = line.fields.get("course_ids")
        texts += courses if isinstance(courses, list) else []
    ids = (as_id(it) for it in texts if isinstance(it, str))
    return {it for it in ids if it is not None}
