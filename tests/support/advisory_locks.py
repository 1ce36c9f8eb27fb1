"""Wait until another connection waits for an advisory lock."""

from __future__ import annotations

from typing import Any, Protocol

from tests.support.waiting import until

WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
    WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
"""


class Reader(Protocol):
    async def fetchval(self, query: str, /) -> Any: ...


async def until_locked_out(connection: Reader) -> None:
    """In ``connection``'s database: one connection, or more, waits for a lock that another has."""

    async def waits() -> bool:
        return bool(await connection.fetchval(WAITING))

    await until(waits)
