"""Read a database as it was at one moment, a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

from cli.stack.errors import StackError
from kernel.database import is_outage

PAGE = 5_000
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Snapshot:
    """All pages come from the same moment, whatever is written meanwhile."""

    def __init__(self, connection: Connection, page: int) -> None:
        self.connection = connection
        self._page = page

    async def pages(self, query: str, *arguments: Any) -> AsyncIterator[Sequence[asyncpg.Record]]:
        cursor = await self.connection.cursor(query, *arguments)
        while rows := await cursor.fetch(self._page):
            yield rows

    async def value(self, query: str, *arguments: Any) -> Any:
        return await self.connection.fetchval(query, *arguments)

    async def has(self, table: str) -> bool:
        return bool(await self.value("SELECT to_regclass($1) IS NOT NULL", table))


@asynccontextmanager
async def connected(name: str, url: str) -> AsyncIterator[Connection]:
    """A connection that changes nothing; one sentence where there is no database."""
    told = {"application_name": "feira verify", "default_transaction_read_only": "on"}
    try:
        connection = await asyncpg.connect(url, timeout=10, server_settings=told)
    except (OSError, TimeoutError, asyncpg.PostgresError) as trouble:
        raise StackError(f"The database of {name} does not answer ({_told(trouble)}).") from None
    try:
        yield connection
    except Exception as trouble:
        if not is_outage(trouble):
            raise
        raise StackError(f"The database of {name} has gone away ({_told(trouble)}).") from None
    finally:
        connection.terminate()


@asynccontextmanager
async def snapshot(name: str, url: str, page: int = PAGE) -> AsyncIterator[Snapshot]:
    async with connected(name, url) as connection, connection.transaction(isolation="repeatable_read"):
        yield Snapshot(connection, page)


def _told(trouble: BaseException) -> str:
    return str(trouble).strip() or type(trouble).__name__
