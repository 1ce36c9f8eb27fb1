"""The tax of each line and of the shipping, by the tenant's rates for the destination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.checks.sales.catalogue import Json
from verify.checks.sales.catalogue_at import CatalogueAt
from verify.checks.sales.exact import rounded, split
from verify.checks.sales.sale import SHIPPING, Difference, Line, Sale

PER_LINE = "line"


class Taxed(NamedTuple):
    """``net``: after discounts, with the tax where the rate is inclusive; ``sold``: the part of the sale."""

    net: int
    sold: Json
    rate: Json | None


def tax_difference(sale: Sale, lines: Sequence[Line], catalogue: CatalogueAt) -> Difference | None:
    """The first line with another tax than its rate's, or that adds the tax where it is included."""
    rates = catalogue.tax_rates() if sale.destination else {}
    parts = {
        line.line_id: Taxed(
            line.gross - line.sold["discount"],
            line.sold,
            _rate(line.product.get("tax_category"), sale, rates),
        )
        for line in lines
    }
    if sale.shipping:
        net = sale.shipping["price"] - sale.shipping.get("discount", 0)
        parts[SHIPPING] = Taxed(net, sale.shipping, _rate(SHIPPING, sale, rates))
    taxes = _taxes(parts, sale)
    for key, part in parts.items():
        tax, sold = taxes.get(key, 0), part.sold.get("tax", 0)
        if sold != tax:
            return Difference("the tax is not its rate's", key, sold, tax)
        on_top = 0 if part.rate is None or part.rate["inclusive"] else tax
        if part.sold["total"] != part.net + on_top:
            wrong = "tax that is included and added, or neither"
            return Difference(wrong, key, part.sold["total"], part.net + on_top)
    return None


def _rate(category: str | None, sale: Sale, rates: Mapping[tuple[str, str, str], Json]) -> Json | None:
    """The region's before the country's; in each the category's before the general one."""
    if sale.destination is None:
        return None
    country, region = sale.destination["country"], sale.destination.get("region") or ""
    order = ((region, category or ""), (region, ""), ("", category or ""), ("", ""))
    return next((rates[country, *it] for it in order if (country, *it) in rates), None)


def _taxes(parts: Mapping[str, Taxed], sale: Sale) -> dict[str, int]:
    """Rounded for each line, or once for all of one rate and then split over them."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for key, part in parts.items():
        if part.rate is not None:
            alone = key if sale.tax_rounding == PER_LINE else None
            group = alone, part.rate["name"], Fraction(part.rate["rate"]), part.rate["inclusive"]
            groups.setdefault(group, []).append(key)
    taxes: dict[str, int] = {}
    for members in groups.values():
        claims = sorted((key, parts[key].net) for key in members)
        taxes |= split(_tax(sum(net for _, net in claims), parts[members[0]].rate or {}, sale), claims)
    return taxes


def _tax(amount: int, rate: Json, sale: Sale) -> int:
    """In an amount with tax the net is rounded, and the tax is the rest."""
    percent = Fraction(rate["rate"])
    if rate["inclusive"]:
        return amount - rounded(amount / (1 + percent / 100), sale.rounding_mode)
    return rounded(amount * percent / 100, sale.rounding_mode)
