"""Read the catalogue's projection, from the cache or the tables; wait for what has been created just now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from uuid import UUID

import asyncpg
import structlog

from cart.catalogue.cache import CatalogueCache
from cart.catalogue.change_listener import CatalogueChangeListener
from cart.catalogue.domain import CatalogueExcerpt, KnownPromotion, Product
from contracts.product import Details
from contracts.promotion import Terms
from contracts.tax_rate import Set
from kernel import waiting
from kernel.postgres.service_pool import ServicePool
from kernel.store.writing import Connection
from pricing.from_contracts import promotion_of, tax_rate_of
from pricing.tax import TaxRate

LOG = structlog.get_logger()

SELECT_EXCERPT = """
    SELECT 'product' AS part, product_id AS id, status, details AS data, NULL AS code, 0 AS uses,
           0 AS redeemed
    FROM catalogue_products WHERE tenant = $1 AND product_id = ANY($2)
    UNION ALL
    SELECT 'promotion', promotion_id, CASE WHEN disabled THEN 'disabled' END, terms, code, uses, redeemed
    FROM catalogue_promotions
    WHERE tenant = $1 AND (code IS NULL AND NOT disabled OR promotion_id = ANY($3) OR code = $4)
    UNION ALL
    SELECT 'tax_rate', tax_rate_id, NULL, rate, NULL, 0, 0
    FROM catalogue_tax_rates WHERE tenant = $1
"""


class CatalogueRepository:
    """Implements ``cart.catalogue.domain.Catalogue``."""

    def __init__(self, pool: ServicePool, listener: CatalogueChangeListener, max_wait: float) -> None:
        self._pool = pool
        self._listener = listener
        self._max_wait = max_wait
        self._cache = CatalogueCache()
        self._valid_until = listener.next_change

    async def read(
        self,
        tenant: str,
        products: Collection[UUID],
        promotions: Collection[UUID],
        *,
        code: str | None = None,
        until: Callable[[CatalogueExcerpt], bool] | None = None,
    ) -> CatalogueExcerpt:
        cached = self._cached(tenant, products, promotions, code)
        if cached is not None and (until is None or until(cached)):
            return cached
        deadline = asyncio.get_running_loop().time() + self._max_wait
        while True:
            change = self._listener.next_change
            rows = await self._pool.fetch_for_tenant(
                tenant, SELECT_EXCERPT, list(products), list(promotions), code
            )
            excerpt = _to_excerpt(rows)
            if change is self._valid_until:
                self._cache.put(tenant, excerpt)
            if until is None or until(excerpt) or asyncio.get_running_loop().time() >= deadline:
                return excerpt
            # one last read after the deadline, in case the notification was lost
            await waiting.wait_at_most(change, deadline - asyncio.get_running_loop().time())

    def _cached(
        self, tenant: str, products: Collection[UUID], promotions: Collection[UUID], code: str | None
    ) -> CatalogueExcerpt | None:
        """None if the catalogue may have changed without a notification."""
        if self._valid_until is not self._listener.next_change:
            self._cache.clear()
            self._valid_until = self._listener.next_change
        return self._cache.get(tenant, products, promotions, code) if self._listener.is_listening else None


class TransactionalCatalogue:
    """The catalogue within a transaction: read from the tables and never from the cache, which may lag behind
    the change that the transaction handles."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(
        self,
        tenant: str,
        products: Collection[UUID],
        promotions: Collection[UUID],
        *,
        code: str | None = None,
        until: Callable[[CatalogueExcerpt], bool] | None = None,  # noqa: ARG002  # a transaction does not wait
    ) -> CatalogueExcerpt:
        return _to_excerpt(
            await self._connection.fetch(SELECT_EXCERPT, tenant, list(products), list(promotions), code)
        )


def _to_excerpt(rows: Iterable[asyncpg.Record]) -> CatalogueExcerpt:
    products: dict[UUID, Product] = {}
    promotions: dict[UUID, KnownPromotion] = {}
    taxes: list[TaxRate] = []
    for row in rows:
        if row["part"] == "product":
            products[row["id"]] = Product(row["id"], row["status"], Details.read(row["data"]))
        elif row["part"] == "tax_rate":
            taxes.append(tax_rate_of(Set.model_construct(**row["data"])))
        elif promotion := _promotion(row):
            promotions[row["id"]] = promotion
    return CatalogueExcerpt(products, promotions, tuple(taxes))


def _promotion(row: asyncpg.Record) -> KnownPromotion | None:
    """None for a promotion that this code cannot price: it must not prevent a purchase."""
    terms = Terms.read(row["data"])
    try:
        rule = promotion_of(row["id"], terms)
    except (ValueError, ArithmeticError, TypeError) as error:
        LOG.warning("promotion_skipped", promotion_id=str(row["id"]), error=repr(error))
        return None
    total = terms.limits.total
    return KnownPromotion(
        promotion_id=row["id"],
        key=row["code"],
        rule=rule,
        disabled=row["status"] is not None,
        used_up=total is not None and row["uses"] >= total,
        spent=total is not None and min(row["uses"], row["redeemed"]) >= total,
    )
