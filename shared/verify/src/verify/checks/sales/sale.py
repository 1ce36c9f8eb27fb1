"""A locked sale as it was recorded, with what the catalogue says about its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from verify.checks.sales.catalogue import Json
from verify.checks.sales.catalogue_at import CatalogueAt

SHIPPING = "shipping"
"""Takes the place of a line id where an amount belongs to the shipping."""
PHYSICAL = "physical_product"


class Difference(NamedTuple):
    """``of``: the line, promotion or rate; ``expected``: by the facts, None where there is no one amount."""

    wrong: str
    of: str
    sold: Any = None
    expected: Any = None


@dataclass(frozen=True)
class Line:
    """``offer``: the details of the offer that the line is sold by; an upsell is sold by itself."""

    sold: Json
    product: Json
    offer: Json | None

    @property
    def line_id(self) -> str:
        return str(self.sold["line_id"])

    @property
    def gross(self) -> int:
        return int(self.sold["unit_price"] * self.sold["quantity"])

    @property
    def units(self) -> int:
        """Units of the product."""
        return int(self.sold["quantity"] * self.sold.get("units", 1))

    @property
    def is_part(self) -> bool:
        """Whether the offer's price contains the line's: its optional products have their own."""
        products = self.offer["products"] if self.offer else ()
        return any(
            it["product_id"] == self.sold["product_id"] and it.get("required", True) for it in products
        )

    @property
    def ships(self) -> bool:
        if self.offer:
            return bool(self.offer["shipping"]["requires_shipping"])
        return bool(self.product.get("type") == PHYSICAL)

    @property
    def shipping_class(self) -> str | None:
        of: Json = self.offer["shipping"] if self.offer else self.product
        return of.get("shipping_class")

    def matches(self, selector: Json) -> bool:
        """Whether the line is in each of the selector's sets; an empty one selects all."""
        product_ids, categories = selector.get("product_ids"), selector.get("categories")
        collections = selector.get("collections")
        return (
            (not product_ids or self.sold["product_id"] in product_ids)
            and (not categories or self.product.get("category") in categories)
            and (not collections or not set(collections).isdisjoint(self.product.get("collections") or ()))
        )


@dataclass(frozen=True)
class Sale:
    """``rewards``: of referrals, by the promotion id of the discount, as the checkout applied them; None if
    the checkout is older than this record."""

    body: Json
    rewards: Mapping[str, Json] | None = None

    @property
    def lines(self) -> Sequence[Json]:
        found: Sequence[Json] = self.body["lines"]
        return found

    @property
    def discounts(self) -> Sequence[Json]:
        found: Sequence[Json] = self.body.get("discounts", ())
        return found

    @property
    def shipping(self) -> Json | None:
        return self.body.get("shipping")

    @property
    def currency(self) -> str:
        return str(self.body["currency"])

    @property
    def destination(self) -> Json | None:
        return self.body.get("destination")

    @property
    def rounding_mode(self) -> str:
        """Sales that are older than policies were rounded by the default."""
        return str((self.body.get("policy") or {}).get("rounding_mode", "half_up"))

    @property
    def tax_rounding(self) -> str:
        return str((self.body.get("policy") or {}).get("tax_rounding", "line"))


def lines_of(sale: Sale, catalogue: CatalogueAt) -> list[Line] | Difference:
    """The lines with their products and offers, which must have been for sale."""
    lines: list[Line] = []
    for sold in sale.lines:
        if sold["quantity"] < 1:
            return Difference("a line of nothing", sold["line_id"], sold["quantity"])
        product, offer = catalogue.product(sold["product_id"]), None
        if product is None:
            return Difference("a product that was not for sale", sold["line_id"], sold["product_id"])
        if sold.get("offer_id") and not sold.get("upsell_id"):
            offer = catalogue.offer(sold["offer_id"])
            if offer is None:
                return Difference("an offer that was not published", sold["line_id"], sold["offer_id"])
        lines.append(Line(sold, product, offer))
    return lines
