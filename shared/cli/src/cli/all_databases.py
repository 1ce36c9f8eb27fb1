"""Connections and one transaction each to the databases of all services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg

from cli.errors import StackError

OUTAGE_ERRORS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

Connections = Mapping[str, "asyncpg.Connection[asyncpg.Record]"]


@asynccontextmanager
async def connect_all(databases: Mapping[str, str]) -> AsyncIterator[Connections]:
    """Connect to all databases. Raises ``StackError`` if one does not answer."""
    async with AsyncExitStack() as stack:
        connections: dict[str, asyncpg.Connection[asyncpg.Record]] = {}
        for name, url in databases.items():
            try:
                connections[name] = await asyncpg.connect(url, timeout=5, command_timeout=10)
            except OUTAGE_ERRORS as problem:
                why = type(problem).__name__
                raise StackError(
                    f"The database of {name} does not answer ({why}); nothing was changed: try again."
                ) from None
            stack.push_async_callback(connections[name].close, timeout=5)
        yield connections


@asynccontextmanager
async def transaction_on_all(databases: Mapping[str, str]) -> AsyncIterator[Connections]:
    """One transaction per database; the commits start only after the block has succeeded in all of them.

    Raises ``StackError``. A failure between two commits leaves the change in some databases; run it again
    then.
    """
    async with connect_all(databases) as connections:
        transactions = {name: it.transaction() for name, it in connections.items()}
        try:
            for transaction in transactions.values():
                await transaction.start()
            yield connections
        except OUTAGE_ERRORS as problem:
            why = type(problem).__name__
            raise StackError(f"A database has failed ({why}); nothing was changed: try again.") from None
        done: list[str] = []
        for name, transaction in transactions.items():
            try:
                await transaction.commit()
            except OUTAGE_ERRORS as problem:
                raise StackError(
                    f"The database of {name} has failed ({type(problem).__name__}) after {_listed(done)} "
                    "committed the change: run it again; until then only some databases have it."
                ) from None
            done.append(name)


def _listed(names: list[str]) -> str:
    return "those of " + ", ".join(names) if names else "none"
