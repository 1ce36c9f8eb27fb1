"""Import counts of stock by SKU."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.text import folded
from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import Invalid, ProductNotFound
from offer.imports.domain.errors import InvalidLine
from offer.imports.domain.report import LineReport, Outcome
from offer.imports.groups.lines import ImportLine
from offer.imports.groups.products import owners_of_skus
from offer.imports.line_bodies import StockLine
from offer.imports.lines import parsed
from offer.inventory.domain.stock import Stock, stock_id


async def import_stock(lines: Sequence[ImportLine], work: UnitOfWork) -> list[LineReport]:
    owners = await owners_of_skus(lines, work)
    stocks = await work.open_many(Stock, [stock_id(it) for it in owners.values()])
    return [_import(line, owners, stocks) for line in lines]


def _import(line: ImportLine, owners: dict[str, UUID], stocks: dict[UUID, Stock]) -> LineReport:
    if line.refused is not None:
        return line.failed(line.refused)
    try:
        counted: StockLine = parsed(StockLine, line.fields)
        product_id = owners.get(folded(counted.sku))
        if product_id is None:
            raise ProductNotFound(f"There is no product with the SKU {counted.sku}.", field=("sku",))
        stock = stocks[stock_id(product_id)]
        return LineReport(line.number, line.key, _count(stock, product_id, counted), product_id)
    except (Refused, InvalidLine) as refused:
        return line.failed(refused)


def _count(stock: Stock, product_id: UUID, counted: StockLine) -> Outcome:
    """What the line leaves out stays as it is."""
    before = stock.version
    if counted.on_hand is None and not stock.exists:
        raise Invalid(("on_hand",), "The product has no stock record, and the line no count.")
    backorders = counted.allow_backorders
    stock.count(
        product_id,
        stock.on_hand if counted.on_hand is None else counted.on_hand,
        allow_backorders=stock.allow_backorders if backorders is None else backorders,
    )
    if stock.version == before:
        return "unchanged"
    return "changed" if before else "created"
