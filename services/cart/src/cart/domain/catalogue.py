"""What a cart has to know of the catalogue: some products, the promotions that may count, the tax rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from contracts.product import Details
from pricing.from_contracts import unit_price
from pricing.promotions import Promotion
from pricing.tax import TaxRate

ON_SALE = "active"
MAX_CACHED_PRICES = 64


@dataclass(frozen=True, slots=True)
class Product:
    product_id: UUID
    status: str
    details: Details
    _prices: dict[tuple[str, str | None], int | None] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """By currency and country, as they have been worked out: a product is asked often, and never changes."""

    @property
    def is_on_sale(self) -> bool:
        return self.status == ON_SALE

    def price_in(self, currency: str, country: str | None = None) -> int | None:
        place = currency, country
        if place not in self._prices:
            if len(self._prices) >= MAX_CACHED_PRICES:
                self._prices.clear()
            self._prices[place] = unit_price(self.details, currency, country)
        return self._prices[place]


@dataclass(frozen=True, slots=True)
class KnownPromotion:
    """``key`` is what its code is looked up by; None for one that applies by itself. ``used_up``: all of its
    uses are held or redeemed; ``spent``: all are redeemed, and none will come back."""

    promotion_id: UUID
    key: str | None
    rule: Promotion
    disabled: bool
    used_up: bool
    spent: bool


@dataclass(frozen=True, slots=True)
class CatalogueSnapshot:
    """The part of the catalogue that one cart is concerned with, as it was read at one moment."""

    products: Mapping[UUID, Product]
    promotions: Mapping[UUID, KnownPromotion]
    taxes: tuple[TaxRate, ...] = ()

    def sells(self, product_id: UUID, currency: str, country: str | None = None) -> bool:
        return self.price_of(product_id, currency, country) is not None

    def with_code(self, key: str | None) -> KnownPromotion | None:
        if key is None:
            return None
        return next((it for it in self.promotions.values() if it.key == key), None)

    def price_of(self, product_id: UUID, currency: str, country: str | None = None) -> int | None:
        """None: it is not sold, or not in this currency there."""
        product = self.products.get(product_id)
        return product.price_in(currency, country) if product and product.is_on_sale else None
