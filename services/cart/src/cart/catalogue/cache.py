"""A cache of the catalogue, cleared whenever the catalogue changes, so that most requests need no query for
it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from cart.catalogue.domain import CatalogueExcerpt, KnownPromotion, Product
from pricing.tax import TaxRate

MAX_ENTRIES = 20_000
"""Products and promotions, of all tenants."""


@dataclass(slots=True)
class _TenantCatalogue:
    """``automatic``: the promotions that need no code."""

    products: dict[UUID, Product] = field(default_factory=dict)
    promotions: dict[UUID, KnownPromotion] = field(default_factory=dict)
    ids_of_codes: dict[str, UUID] = field(default_factory=dict)
    automatic: dict[UUID, KnownPromotion] = field(default_factory=dict)
    taxes: tuple[TaxRate, ...] = ()


class CatalogueCache:
    """Missing products and promotions are not cached: they may be on their way.

    Cleared as a whole, never entry by entry: an excerpt must not mix entries from before a change with newer
    ones, and the automatic promotions of a tenant are complete or absent.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._size = 0
        self._tenants: dict[str, _TenantCatalogue] = {}

    def clear(self) -> None:
        self._tenants.clear()
        self._size = 0

    def put(self, tenant: str, excerpt: CatalogueExcerpt) -> None:
        self._size += len(excerpt.products) + len(excerpt.promotions)
        if self._size > self._max_entries:
            self.clear()
        cached = self._tenants.setdefault(tenant, _TenantCatalogue())
        promotions = excerpt.promotions
        cached.products |= excerpt.products
        cached.promotions |= promotions
        cached.ids_of_codes |= {entry.key: entry.promotion_id for entry in promotions.values() if entry.key}
        cached.automatic = {key: entry for key, entry in promotions.items() if entry.key is None}
        cached.taxes = excerpt.taxes

    def get(
        self, tenant: str, products: Collection[UUID], promotions: Collection[UUID], code: str | None
    ) -> CatalogueExcerpt | None:
        """None if any part of it is not cached."""
        cached = self._tenants.get(tenant)
        if cached is None or (code is not None and code not in cached.ids_of_codes):
            return None
        with_code = [*promotions, cached.ids_of_codes[code]] if code is not None else promotions
        try:
            return CatalogueExcerpt(
                {key: cached.products[key] for key in products},
                {**cached.automatic, **{key: cached.promotions[key] for key in with_code}},
                cached.taxes,
            )
        except KeyError:
            return None
