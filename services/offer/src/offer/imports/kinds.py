"""The kinds of imported files: the columns of each, the key of a line, and how a group of lines is saved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.text import folded
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.schemas.products import NewProduct, ProductChange
from offer.imports.domain.report import LineReport
from offer.imports.groups.lines import ImportLine
from offer.imports.groups.prices import import_prices
from offer.imports.groups.products import import_products
from offer.imports.groups.promotions import import_promotions
from offer.imports.groups.stock import import_stock
from offer.imports.line_bodies import PriceLine, StockLine
from offer.imports.lines import Columns
from offer.promotions.schemas.promotions import NewPromotion, PromotionChange
from pricing.codes import key_of

Key = Callable[[Mapping[str, Any]], str | None]
SaveGroup = Callable[[Sequence[ImportLine], UnitOfWork], Awaitable[list[LineReport]]]


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    columns: Columns
    key: Key
    save: SaveGroup


def _sku(fields: Mapping[str, Any]) -> str | None:
    sku = fields.get("sku")
    return folded(sku) or None if isinstance(sku, str) else None


def _price(fields: Mapping[str, Any]) -> str | None:
    sku = _sku(fields)
    scope = [fields.get(name) or "" for name in ("currency", "region", "segment")]
    return None if sku is None else "|".join([sku, *map(str, scope), str(fields.get("min_quantity") or 1)])


def _code(fields: Mapping[str, Any]) -> str | None:
    code = fields.get("code")
    return key_of(code) or None if isinstance(code, str) else None


KINDS: Mapping[str, Kind] = {
    it.name: it
    for it in (
        Kind("products", Columns(NewProduct, ProductChange), _sku, import_products),
        Kind("stock", Columns(StockLine), _sku, import_stock),
        Kind("prices", Columns(PriceLine), _price, import_prices),
        Kind("promotions", Columns(NewPromotion, PromotionChange), _code, import_promotions),
    )
}
