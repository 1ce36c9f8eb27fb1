"""The fact that ends a change of many prices. It is a stream of one fact."""

from typing import Any

from contracts.envelope import Fact, Part


class PriceRule(Part):
    """How each price changes. ``value``: a percentage as a decimal number, or minor units; a string, because
    it is exact."""

    type: str
    """``percentage``, ``fixed_amount`` or ``set_price``."""
    value: str


class Completed(Fact):
    """Counts of products, by outcome."""

    TYPE = "price_change.completed"
    where: dict[str, Any]
    currency: str
    region: str | None = None
    segment: str | None = None
    change: PriceRule
    round_to: int = 1
    matched: int
    changed: int
    failed: int


PriceChangeFact = Completed
