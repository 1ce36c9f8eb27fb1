"""The part of the catalogue that prices a cart: its products, the promotions that may apply, the tax
rates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol
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
    """Prices calculated so far, by currency and country. This object never changes, and is read often."""

    @property
    def is_on_sale(self) -> bool:
        return self.status == ON_SALE

    def price_in(self, currency: str, country: str | None = None) -> int | None:
        key = currency, country
        if key not in self._prices:
            if len(self._prices) >= MAX_CACHED_PRICES:
                self._prices.clear()
            self._prices[key] = unit_price(self.details, currency, country)
        return self._prices[key]


@dataclass(frozen=True, slots=True)
class KnownPromotion:
    """A promotion of the catalogue. ``key`` is its canonical code; None if it applies automatically.
    ``used_up``: all of its uses are reserved or redeemed; ``spent``: all are redeemed. A redeemed use is
    released only if its whole checkout is compensated."""

    promotion_id: UUID
    key: str | None
    rule: Promotion
    disabled: bool
    used_up: bool
    spent: bool


@dataclass(frozen=True, slots=True)
class CatalogueExcerpt:
    """What was read of the catalogue at one moment, for one cart or several."""

    products: Mapping[UUID, Product]
    promotions: Mapping[UUID, KnownPromotion]
    taxes: tuple[TaxRate, ...] = ()

    def sells(self, product_id: UUID, currency: str, country: str | None = None) -> bool:
        """Whether the product is on sale, with a price in this currency for this country."""
        return self.price_of(product_id, currency, country) is not None

    def with_code(self, key: str | None) -> KnownPromotion | None:
        if key is None:
            return None
        return next((promotion for promotion in self.promotions.values() if promotion.key == key), None)

    def price_of(self, product_id: UUID, currency: str, country: str | None = None) -> int | None:
        """Minor units; None if the product is not on sale, or has no price in this currency for this
        country."""
        product = self.products.get(product_id)
        return product.price_in(currency, country) if product and product.is_on_sale else None


class Catalogue(Protocol):
    """The cart service's projection of the catalogue."""

    async def read(
        self,
        tenant: str,
        products: Collection[UUID],
        promotions: Collection[UUID],
        *,
        code: str | None = None,
        until: Callable[[CatalogueExcerpt], bool] | None = None,
    ) -> CatalogueExcerpt:
        """These products, these promotions and the automatic ones, and all tax rates; with ``code``, a
        canonical one, also the promotion that has it.

        The projection lags the catalogue by some milliseconds: until ``until`` holds, the read waits for it,
        for a limited time. So the result may not fulfil ``until``.
        """
