"""The input of pricing: lines with known unit prices."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    line_id: str
    product_id: str
    quantity: int
    unit_price: int
    category: str | None = None
    collections: frozenset[str] = frozenset()
    tax_category: str | None = None

    def __post_init__(self) -> None:
        if self.quantity < 1 or self.unit_price < 0:
            raise ValueError(f"line {self.line_id}: {self.quantity} units at {self.unit_price}")

    @property
    def subtotal(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Basket:
    currency: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if len({line.line_id for line in self.lines}) != len(self.lines):
            raise ValueError("two lines have the same id")
