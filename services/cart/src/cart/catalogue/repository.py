"""Read the catalogue's projection, from memory or the tables; wait for what has been created just now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from cart.catalogue.cache import CatalogueCache
from cart.catalogue.change_listener import CatalogueChangeListener
from cart.catalogue.domain.excerpt import CatalogueExcerpt, Wanted
from cart.catalogue.excerpt_rows import to_excerpt
from cart.catalogue.excerpt_statement import (
    SELECT_EXCERPT,
    SELECT_EXCERPT_AS_OF,
    SELECT_PUBLISHED,
    arguments,
)
from kernel import waiting
from kernel.postgres.service_pool import ServicePool
from kernel.store.writing import Connection


class CatalogueRepository:
    """Implements ``cart.catalogue.domain.Catalogue``."""

    def __init__(self, pool: ServicePool, listener: CatalogueChangeListener, max_wait: float) -> None:
        self._pool = pool
        self._listener = listener
        self._max_wait = max_wait
        self._cache = CatalogueCache()
        listener.on_news(self._cache.forget)

    async def read(
        self, tenant: str, wanted: Wanted, *, until: Callable[[CatalogueExcerpt], bool] | None = None
    ) -> CatalogueExcerpt:
        cached = self._cache.get(tenant, wanted) if self._listener.is_listening else None
        if cached is not None and (until is None or until(cached)):
            return cached
        deadline = asyncio.get_running_loop().time() + self._max_wait
        while True:
            change = self._listener.next_change
            rows = await self._pool.fetch_for_tenant(tenant, SELECT_EXCERPT, *arguments(wanted))
            excerpt = to_excerpt(rows)
            if change is self._listener.next_change:
                self._cache.put(tenant, excerpt)
            if until is None or until(excerpt) or asyncio.get_running_loop().time() >= deadline:
                return excerpt
            # one last read after the deadline, in case the notification was lost
            await waiting.wait_at_most(change, deadline - asyncio.get_running_loop().time())

    async def read_ahead(self, tenant: str, wanted: Collection[Wanted]) -> None:
        if self._listener.is_listening:
            missing = [it for it in wanted if self._cache.get(tenant, it) is None]
            if len(missing) > 1:
                await self.read(tenant, Wanted.all_of(missing))

    async def published_offers(self, tenant: str, offer_type: str) -> list[UUID]:
        rows = await self._pool.fetch_for_tenant(tenant, SELECT_PUBLISHED, offer_type)
        return [row["id"] for row in rows]

    async def read_as_of(self, tenant: str, wanted: Wanted, at: datetime) -> CatalogueExcerpt:
        """Implements ``cart.catalogue.domain.excerpt.PastCatalogue``."""
        return to_excerpt(
            await self._pool.fetch_for_tenant(tenant, SELECT_EXCERPT_AS_OF, *arguments(wanted), at)
        )


class TransactionalCatalogue:
    """The catalogue within a transaction: read from the tables and never from the cache, which may lag behind
    the change that the transaction handles."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(
        self,
        tenant: str,
        wanted: Wanted,
        *,
        until: Callable[[CatalogueExcerpt], bool] | None = None,  # noqa: ARG002  # a transaction does not wait
    ) -> CatalogueExcerpt:
        return to_excerpt(await self._connection.fetch(SELECT_EXCERPT, tenant, *arguments(wanted)))

    async def read_ahead(self, tenant: str, wanted: Collection[Wanted]) -> None:
        """Does nothing: a transaction has no memory."""

    async def published_offers(self, tenant: str, offer_type: str) -> list[UUID]:
        return [row["id"] for row in await self._connection.fetch(SELECT_PUBLISHED, tenant, offer_type)]
