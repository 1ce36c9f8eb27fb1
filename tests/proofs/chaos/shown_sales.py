"""Sales as carts, quotes, checkouts, orders and customers' own arithmetic show them, made comparable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.proofs.caller import Json

Line = tuple[str, str, str, int, int]
"""Product, offer, upsell, quantity and unit price."""


@dataclass(frozen=True)
class Reasons:
    """What the amounts of a sale follow from, beside the terms that do not change during a run."""

    lines: tuple[Line, ...]
    codes: frozenset[str]
    option_id: str


@dataclass(frozen=True)
class ShownSale:
    reasons: Reasons
    totals: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return dict(self.totals)["total"]

    def contradicts(self, other: ShownSale) -> bool:
        """Whether the same sale has other amounts."""
        return self.reasons == other.reasons and self.totals != other.totals


def shown_in(view: Json, lines: str = "lines") -> ShownSale:
    """``lines``: the member of the view with its lines."""
    discounts = (it for it in view["discounts"] if it["amount"]["amount"])
    return ShownSale(
        Reasons(
            tuple(sorted(map(_line, view[lines]))),
            frozenset(str(it["code"]) for it in discounts),
            str((view.get("shipping") or {}).get("option_id")),
        ),
        totals_of(view["totals"]),
    )


def totals_of(totals: Json) -> tuple[tuple[str, int], ...]:
    return tuple((name, it["amount"]) for name, it in sorted(totals.items()))


def quote_lines(items: list[Json]) -> list[Json]:
    """The lines of a quote for the items of a cart."""
    of_offers: dict[str, Json] = {}
    others: list[Json] = []
    for it in items:
        found: dict[str, Any] = {"quantity": it["quantity"]}
        if upsell_id := it.get("upsell_id"):
            others.append({**found, "upsell_id": upsell_id})
        elif offer_id := it.get("offer_id"):
            of_offers[offer_id] = {**found, "offer_id": offer_id}
        else:
            others.append({**found, "product_id": it["product_id"]})
    return [*of_offers.values(), *others]


def _line(it: Json) -> Line:
    upsell_id = str(it.get("upsell_id"))
    return (
        str(it["product_id"]),
        str(it.get("offer_id")) if upsell_id == "None" else "",
        upsell_id,
        it["quantity"],
        it["unit_price"]["amount"],
    )
