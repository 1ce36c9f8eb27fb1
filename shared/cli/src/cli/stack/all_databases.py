"""The same change in the databases of all services, or in none of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg

from cli.stack.errors import StackError

OUTAGE_ERRORS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

Connections = Mapping[str, "asyncpg.Connection[asyncpg.Record]"]


@asynccontextmanager
async def connect_all(databases: Mapping[str, str]) -> AsyncIterator[Connections]:
    """All of them, or one sentence about the one that does not answer: then nothing has been done."""
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
    """Everything is written everywhere before anything is committed anywhere."""
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
                    f"The database of {name} has failed ({type(problem).__name__}) after {_those(done)} had "
                    "the change: run it again; until then it holds in some of them only."
                ) from None
            done.append(name)


def _those(names: list[str]) -> str:
    return "those of " + ", ".join(names) if names else "none"
