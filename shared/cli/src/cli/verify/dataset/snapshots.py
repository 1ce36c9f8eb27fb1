"""Paged reads of a database in one snapshot (repeatable read)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

from cli.stack.errors import StackError
from kernel.postgres.connections import is_outage

PAGE = 5_000
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Snapshot:
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
async def connected(name: str, url: str) -> AsyncIterator[Connection]:
    """A read-only connection. Raises ``StackError`` if the database does not answer."""
    settings = {"application_name": "feira verify", "default_transaction_read_only": "on"}
    try:
        connection = await asyncpg.connect(url, timeout=10, server_settings=settings)
    except (OSError, TimeoutError, asyncpg.PostgresError) as trouble:
        raise StackError(f"The database of {name} does not answer ({_text(trouble)}).") from None
    try:
        yield connection
    except Exception as trouble:
        if not is_outage(trouble):
            raise
        raise StackError(f"The database of {name} was lost ({_text(trouble)}).") from None
    finally:
        connection.terminate()


@asynccontextmanager
async def snapshot(name: str, url: str, page: int = PAGE) -> AsyncIterator[Snapshot]:
    async with connected(name, url) as connection, connection.transaction(isolation="repeatable_read"):
        yield Snapshot(connection, page)


def _text(trouble: BaseException) -> str:
    return str(trouble).strip() or type(trouble).__name__
