"""Paged reads of a database as it is at one moment (repeatable read)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from cli.database import Connection, connected

PAGE = 5_000


class ConsistentReader:
    """A read transaction: all pages see the same state."""

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
async def consistent_read(name: str, url: str, page: int = PAGE) -> AsyncIterator[ConsistentReader]:
    async with connected(name, url) as connection, connection.transaction(isolation="repeatable_read"):
        yield ConsistentReader(connection, page)
