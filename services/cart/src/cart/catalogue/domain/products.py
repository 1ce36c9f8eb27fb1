"""A product of the copy, with the stock that decides whether it can be delivered."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from contracts.product import Details
from pricing.product_price import PriceContext, ProductPrice, product_price

ON_SALE = "active"
MAX_CACHED_PRICES = 64


@dataclass(frozen=True, slots=True)
class Stock:
    """For availability alone: the offer service decides about every unit."""

    on_hand: int
    reserved: int
    allow_backorders: bool

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class Product:
    """``details`` are complete: what a variant leaves out is its parent's. ``stock``: None if it is
    unlimited. ``has_variants``: there are active ones, which are sold in place of the product. ``courses``:
    those of a bundle that are products."""

    product_id: UUID
    status: str
    details: Details
    stock: Stock | None = None
    has_variants: bool = False
    courses: tuple[UUID, ...] = ()
    _prices: dict[tuple[str, str | None, frozenset[str], int], ProductPrice | None] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """Prices calculated so far, if they do not depend on the time. This object never changes, and is read
    often."""

    @property
    def is_on_sale(self) -> bool:
        return self.status == ON_SALE and not self.has_variants

    @property
    def depends_on_quantity(self) -> bool:
        """Whether the price of one unit may differ with how many are bought."""
        return bool(self.details.tiers) or self.details.dynamic is not None

    def price(self, context: PriceContext, units: int = 1) -> ProductPrice | None:
        """What one unit costs if ``units`` are bought; None if the product has no price for this context."""
        if self.details.dynamic is not None:
            return product_price(self.details, context, units)
        key = context.currency, context.country, context.segments, units if self.details.tiers else 1
        if key not in self._prices:
            if len(self._prices) >= MAX_CACHED_PRICES:
                self._prices.clear()
            self._prices[key] = product_price(self.details, context, units)
        return self._prices[key]
