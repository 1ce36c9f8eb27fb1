"""A service's connections: under its own role, or under the callers' for what is read on a caller's behalf.

The callers' role may do nothing but read, and row-level security shows it one tenant's rows: those of the
tenant that the connection was last told. It remembers which that was, so telling it costs a round trip only
where the tenant changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import asyncpg

from kernel.fair_queue import FairQueue

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record]
    Reading = PoolConnectionProxy[asyncpg.Record]
else:
    Pool, Connection = asyncpg.Pool, asyncpg.Connection

SET_TENANT = "SELECT set_config('feira.tenant', $1, false)"
READ_ONLY_SESSION = {
    "default_transaction_read_only": "on",
    # planning anew for each value costs twice as much as running these queries
    "plan_cache_mode": "force_generic_plan",
}

POOL_DEFAULTS: dict[str, Any] = {
    "connection_class": asyncpg.Connection,
    "record_class": asyncpg.Record,
    "max_queries": 50_000,
    "max_inactive_connection_lifetime": 300.0,
    "loop": None,
}
"""What ``asyncpg.create_pool`` would add."""


def callers_role(url: str) -> str:
    """The role beside the service's own that sees one tenant at a time."""
    return f"{unquote(urlsplit(url).username or '')}_caller"


class TenantConnection(Connection):
    """Knows whose rows it sees at present; None where that is not certain."""

    tenant: str | None = None

    # failpoint: none needed (read-only)
    async def set_tenant(self, tenant: str) -> None:
        if self.tenant != tenant:
            self.tenant = None
            await self.fetchval(SET_TENANT, tenant)
            self.tenant = tenant


class ServicePool(Pool):
    """Connections under the service's role; what a caller may see is read by ``acquire_for_tenant``."""

    def __init__(self, url: str, readers: Pool, **settings: Any) -> None:
        super().__init__(url, **POOL_DEFAULTS, **settings)
        self._readers = readers
        self._shares = FairQueue(readers.get_max_size())

    @asynccontextmanager
    async def acquire_for_tenant(self, tenant: str) -> AsyncIterator[Reading]:
        """A connection that sees this tenant's rows and can change nothing; tenants share them."""
        async with self._shares.turn(tenant), self._readers.acquire() as connection:
            try:
                await connection.set_tenant(tenant)  # type: ignore[attr-defined]  # a Reader's, behind its proxy
                yield connection
            finally:
                if connection.is_in_transaction():
                    # its end would take the tenant back, unnoticed
                    connection.terminate()

    # failpoint: none needed (read-only)
    async def fetch_for_tenant(self, tenant: str, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """The tenant is the query's first argument, too."""
        async with self.acquire_for_tenant(tenant) as connection:
            return await connection.fetch(query, tenant, *arguments)

    async def close(self) -> None:
        await asyncio.gather(super().close(), self._readers.close())

    def terminate(self) -> None:
        self._readers.terminate()
        super().terminate()
