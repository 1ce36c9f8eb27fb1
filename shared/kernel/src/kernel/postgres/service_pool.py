"""A service's connections: under its own role, or under the callers' role for reads on a caller's behalf.

The callers' role can only read, and row-level security shows it the rows of one tenant: the one last set on
the connection. The connection remembers it, so that setting it costs a round trip only when the tenant
changes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import asyncpg
from asyncpg.pool import PoolAcquireContext

from kernel.limits.fair_queue import FairQueue
from kernel.postgres.log_fence import LogFence

if TYPE_CHECKING:
    from asyncpg.pool import PoolAcquireContext, PoolConnectionProxy

    AcquireContext = PoolAcquireContext[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record]
    ReadConnection = PoolConnectionProxy[asyncpg.Record]
else:
    AcquireContext, Pool, Connection = PoolAcquireContext, asyncpg.Pool, asyncpg.Connection

CLOSE_SECONDS = 2.0
SET_TENANT = "SELECT set_config('feira.tenant', $1, false)"
READ_ONLY_SESSION = {
    "default_transaction_read_only": "on",
    # a new plan for each value costs twice as much as running these queries
    "plan_cache_mode": "force_generic_plan",
}

POOL_DEFAULTS: dict[str, Any] = {
    "connection_class": asyncpg.Connection,
    "record_class": asyncpg.Record,
    "max_queries": 50_000,
    "max_inactive_connection_lifetime": 300.0,
    "loop": None,
}
"""The defaults of ``asyncpg.create_pool``, which a subclass of the pool has to pass itself."""


def callers_role(url: str) -> str:
    """The role beside the service's own that sees one tenant's rows at a time."""
    return f"{unquote(urlsplit(url).username or '')}_caller"


class TenantConnection(Connection):
    """A connection under the callers' role; ``tenant`` is None while it is not certain whose rows it sees."""

    tenant: str | None = None

    # failpoint: none needed (read-only)
    async def set_tenant(self, tenant: str) -> None:
        if self.tenant != tenant:
            self.tenant = None
            await self.fetchval(SET_TENANT, tenant)
            self.tenant = tenant


def _ignore(_seconds: float) -> None:
    pass


class TimedAcquire(AcquireContext):
    """Waits for a connection of the pool, and tells the pool how long."""

    __slots__ = ()

    async def __aenter__(self) -> ReadConnection:
        began = time.perf_counter()
        connection = await super().__aenter__()
        self.pool.note_wait(time.perf_counter() - began)  # type: ignore[attr-defined]  # of a ServicePool
        return connection


class ServicePool(Pool):
    """Connections under the service's role; reads on a caller's behalf go through ``acquire_for_tenant``."""

    def __init__(self, url: str, readers: Pool, fence: LogFence, **settings: Any) -> None:
        super().__init__(url, **POOL_DEFAULTS, **settings)
        self.fence = fence
        self._readers = readers
        self._turns = FairQueue(readers.get_max_size())
        self.note_wait: Callable[[float], None] = _ignore
        self.note_wait_of_readers: Callable[[float], None] = _ignore
        """Get the seconds of each wait for a connection; the metrics, in a process that exports any."""

    @asynccontextmanager
    async def acquire_for_tenant(self, tenant: str) -> AsyncIterator[ReadConnection]:
        """A read-only connection that sees this tenant's rows; tenants share the pool in turns. Raises
        ``LogFenced`` while the log's fence is closed: callers must not see the past."""
        self.fence.check()
        began = time.perf_counter()
        async with self._turns.turn(tenant), self._readers.acquire() as connection:
            self.note_wait_of_readers(time.perf_counter() - began)
            try:
                await connection.set_tenant(tenant)  # type: ignore[attr-defined]  # TenantConnection's, behind its proxy
                yield connection
            finally:
                if connection.is_in_transaction():
                    # a rollback would also undo the tenant's setting, unnoticed
                    connection.terminate()

    def acquire(self, *, timeout: float | None = None) -> AcquireContext:
        """Every other statement of the pool takes its connection from here. Raises ``LogFenced`` while the
        log's fence is closed."""
        self.fence.check()
        return TimedAcquire(self, timeout)

    # failpoint: none needed (read-only)
    async def fetch_for_tenant(self, tenant: str, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """The rows of a query whose first argument is the tenant."""
        async with self.acquire_for_tenant(tenant) as connection:
            return await connection.fetch(query, tenant, *arguments)

    def in_use(self) -> tuple[int, int]:
        """Connections in use: under the service's own role, and on behalf of callers."""
        return (
            self.get_size() - self.get_idle_size(),
            self._readers.get_size() - self._readers.get_idle_size(),
        )

    def sizes(self) -> tuple[int, int]:
        """The largest numbers of these connections."""
        return self.get_max_size(), self._readers.get_max_size()

    async def close(self) -> None:
        """Close all connections once they are released; after ``CLOSE_SECONDS``, or where the server does not
        answer, without a farewell."""
        # a pool whose closing is cancelled terminates its connections
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(super().close(), self._readers.close())

    def terminate(self) -> None:
        self._readers.terminate()
        super().terminate()
