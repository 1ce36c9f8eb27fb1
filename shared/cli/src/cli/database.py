"""Read-only connections to the databases of services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

from cli.errors import StackError
from kernel.postgres.connections import is_outage

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@asynccontextmanager
async def connected(name: str, url: str) -> AsyncIterator[Connection]:
    """A read-only connection. Raises ``StackError`` if the database does not answer."""
    settings = {"application_name": "feira", "default_transaction_read_only": "on"}
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


def _text(trouble: BaseException) -> str:
    return str(trouble).strip() or type(trouble).__name__
