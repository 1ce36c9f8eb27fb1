"""What was read of the catalogue since it last changed, so that most carts need no query for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from cart.domain.catalogue import CatalogueSnapshot, KnownPromotion, Product
from pricing.tax import TaxRate

MAX_ENTRIES = 20_000
"""Products and promotions, of all tenants."""


@dataclass(slots=True)
class _TenantCatalogue:
    """One tenant's part; ``standing`` are the promotions that need no code."""

    products: dict[UUID, Product] = field(default_factory=dict)
    promotions: dict[UUID, KnownPromotion] = field(default_factory=dict)
    ids_of_codes: dict[str, UUID] = field(default_factory=dict)
    standing: dict[UUID, KnownPromotion] = field(default_factory=dict)
    taxes: tuple[TaxRate, ...] = ()


class CatalogueCache:
    """What is not there is not remembered as missing: it may be on its way."""

    def __init__(self, most: int = MAX_ENTRIES) -> None:
        self._most = most
        self._size = 0
        self._tenants: dict[str, _TenantCatalogue] = {}

    def forget(self) -> None:
        self._tenants.clear()
        self._size = 0

    def keep(self, tenant: str, excerpt: CatalogueSnapshot) -> None:
        self._size += len(excerpt.products) + len(excerpt.promotions)
        if self._size > self._most:
            self.forget()
        known = self._tenants.setdefault(tenant, _TenantCatalogue())
        known.products |= excerpt.products
        known.promotions |= excerpt.promotions
        known.ids_of_codes |= {it.key: it.promotion_id for it in excerpt.promotions.values() if it.key}
        known.standing = {it: one for it, one in excerpt.promotions.items() if one.key is None}
        known.taxes = excerpt.taxes

    def excerpt(
        self, tenant: str, products: Collection[UUID], promotions: Collection[UUID], code: str | None
    ) -> CatalogueSnapshot | None:
        """None if any of it has to be read."""
        known = self._tenants.get(tenant)
        if known is None or (code is not None and code not in known.ids_of_codes):
            return None
        coded = [*promotions, known.ids_of_codes[code]] if code is not None else promotions
        try:
            return CatalogueSnapshot(
                {it: known.products[it] for it in products},
                {**known.standing, **{it: known.promotions[it] for it in coded}},
                known.taxes,
            )
        except KeyError:
            return None
