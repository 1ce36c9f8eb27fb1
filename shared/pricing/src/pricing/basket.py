"""The input of pricing: lines with known unit prices."""

from dataclasses import dataclass

SHIPPING = "shipping"
"""Takes the place of a line id where an amount belongs to the shipping."""


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of a basket. A line of an offer has ``units`` of the product in each of its ``quantity``.

    ``price_source`` says where the unit price comes from, for the derivation. ``weight_grams`` is that of one
    unit of the product, None if it is unknown. ``free_shipping_threshold``: the value of goods from which the
    line ships free, if it does.
    """

    line_id: str
    product_id: str
    quantity: int
    unit_price: int
    category: str | None = None
    collections: frozenset[str] = frozenset()
    tax_category: str | None = None
    units: int = 1
    offer_id: str | None = None
    upsell_id: str | None = None
    weight_grams: int | None = None
    requires_shipping: bool = False
    shipping_class: str | None = None
    free_shipping_threshold: int | None = None
    price_source: str = ""

    def __post_init__(self) -> None:
        if self.quantity < 1 or self.unit_price < 0 or self.units < 1:
            raise ValueError(f"line {self.line_id}: {self.quantity} units at {self.unit_price}")
        if self.line_id == SHIPPING:
            raise ValueError(f"no line can have the id {SHIPPING}")

    @property
    def subtotal(self) -> int:
        return self.quantity * self.unit_price

    @property
    def all_units(self) -> int:
        """Units of the product."""
        return self.quantity * self.units


@dataclass(frozen=True, slots=True)
class Basket:
    currency: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if len({line.line_id for line in self.lines}) != len(self.lines):
            raise ValueError("two lines have the same id")
