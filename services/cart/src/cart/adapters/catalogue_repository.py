"""Read our own copy of the catalogue; wait a moment for what has only just been made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from uuid import UUID

import asyncpg
import structlog

from cart.adapters.catalogue_cache import CatalogueCache
from cart.adapters.catalogue_change_listener import CatalogueChangeListener
from cart.domain.catalogue import CatalogueSnapshot, KnownPromotion, Product
from contracts.product import Details
from contracts.promotion import Terms
from contracts.tax_rate import Set
from kernel.service_pool import ServicePool
from kernel.store.writing import Connection
from pricing.from_contracts import promotion_of, tax_rate_of
from pricing.tax import TaxRate

LOG = structlog.get_logger()

EXCERPT = """
    SELECT 'product' AS part, product_id AS id, status, details AS told, NULL AS code, 0 AS uses,
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
    """Fulfils ``cart.application.ports.Catalogue``."""

    def __init__(self, pool: ServicePool, news: CatalogueChangeListener, patience: float) -> None:
        self._pool = pool
        self._news = news
        self._patience = patience
        self._memory = CatalogueCache()
        self._as_of = news.next_change

    async def excerpt(
        self,
        tenant: str,
        products: Collection[UUID],
        promotions: Collection[UUID],
        *,
        code: str | None = None,
        until: Callable[[CatalogueSnapshot], bool] | None = None,
    ) -> CatalogueSnapshot:
        known = self._remembered(tenant, products, promotions, code)
        if known is not None and (until is None or until(known)):
            return known
        deadline = asyncio.get_running_loop().time() + self._patience
        while True:
            change = self._news.next_change
            rows = await self._pool.fetch_for_tenant(tenant, EXCERPT, list(products), list(promotions), code)
            excerpt = _excerpt(rows)
            if change is self._as_of:
                self._memory.keep(tenant, excerpt)
            if until is None or until(excerpt) or asyncio.get_running_loop().time() >= deadline:
                return excerpt
            try:
                async with asyncio.timeout_at(deadline):
                    await change.wait()
            except TimeoutError:
                pass  # one last look, should the news have been lost

    def _remembered(
        self, tenant: str, products: Collection[UUID], promotions: Collection[UUID], code: str | None
    ) -> CatalogueSnapshot | None:
        """Nothing, where the catalogue may have changed unheard of."""
        if self._as_of is not self._news.next_change:
            self._memory.forget()
            self._as_of = self._news.next_change
        return self._memory.excerpt(tenant, products, promotions, code) if self._news.is_listening else None


class TransactionalCatalogue:
    """The catalogue within a transaction: read from the tables, never from memory, which may lag behind what
    the transaction reacts to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def excerpt(
        self,
        tenant: str,
        products: Collection[UUID],
        promotions: Collection[UUID],
        *,
        code: str | None = None,
        until: Callable[[CatalogueSnapshot], bool] | None = None,  # noqa: ARG002  # what is not there yet is not waited for
    ) -> CatalogueSnapshot:
        return _excerpt(await self._connection.fetch(EXCERPT, tenant, list(products), list(promotions), code))


def _excerpt(rows: Iterable[asyncpg.Record]) -> CatalogueSnapshot:
    products: dict[UUID, Product] = {}
    promotions: dict[UUID, KnownPromotion] = {}
    taxes: list[TaxRate] = []
    for row in rows:
        if row["part"] == "product":
            products[row["id"]] = Product(row["id"], row["status"], Details.model_validate(row["told"]))
        elif row["part"] == "tax_rate":
            taxes.append(tax_rate_of(Set.model_construct(**row["told"])))
        elif known := _promotion(row):
            promotions[row["id"]] = known
    return CatalogueSnapshot(products, promotions, tuple(taxes))


def _promotion(row: asyncpg.Record) -> KnownPromotion | None:
    """One that makes no sense to us is left out: it must not keep anybody from buying."""
    terms = Terms.model_validate(row["told"])
    try:
        rule = promotion_of(row["id"], terms)
    except (ValueError, ArithmeticError, TypeError) as wrong:
        LOG.warning("promotion_skipped", promotion_id=str(row["id"]), error=repr(wrong))
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
