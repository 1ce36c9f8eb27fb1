"""Connections to PostgreSQL as every part of this system uses them."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson
import stamina
import structlog

from kernel.service_pool import READ_ONLY_SESSION, ServicePool, TenantConnection, callers_role

log = structlog.get_logger()

CONNECT_TIMEOUT = 60.0
STATEMENT_SECONDS = 30.0
CONNECT_SECONDS = 10.0
SESSION = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
    # every statement here has an index to go by; a plan made while a table was empty must not scan it later
    "enable_seqscan": "off",
}
JSONB_VERSION = b"\x01"

_OUTAGES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    # no space on the disk, no memory, no connection left
    asyncpg.InsufficientResourcesError,
    # a file of the server cannot be written or read
    asyncpg.PostgresSystemError,
    # a standby, or a server that its operator has closed for writing
    asyncpg.ReadOnlySQLTransactionError,
    # this process stood still for so long that the server has ended its session
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.OperatorInterventionError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.InterfaceError,
    # the server has ended the session in the middle of an exchange, and the client has lost the thread
    asyncpg.InternalClientError,
)


def is_outage(problem: BaseException) -> bool:
    """Whether the database is away or overloaded, rather than asked for something wrong."""
    return isinstance(problem, _OUTAGES) and not isinstance(problem, asyncpg.DataError)


async def create_pool(
    url: str, env: str, size: int = 10, name: str = "feira", patience: float = CONNECT_TIMEOUT
) -> ServicePool:
    """A pool of connections, half of them for what callers read; waits a while for a database that is still
    on its way up."""
    session = {**SESSION, "application_name": name, "feira.env": env}
    usual: dict[str, Any] = {
        "init": _prepare,
        "reset": _keep_as_it_is,
        "command_timeout": STATEMENT_SECONDS,
        "timeout": CONNECT_SECONDS,
    }
    readers = await asyncpg.create_pool(
        url,
        # none is opened before it is needed: a pool that serves nobody needs no callers' role
        min_size=0,
        max_size=max(1, size // 2),
        connection_class=TenantConnection,
        server_settings={**session, **READ_ONLY_SESSION, "role": callers_role(url)},
        **usual,
    )
    waiting = False
    async for attempt in stamina.retry_context(
        on=_not_there_yet, attempts=None, timeout=patience, wait_initial=0.1, wait_max=1.0
    ):
        with attempt:
            if attempt.num > 1 and not waiting:
                waiting = True
                log.warning("waiting_for_database", seconds=patience)
            own = ServicePool(
                url, readers, min_size=1, max_size=max(1, size - size // 2), server_settings=session, **usual
            )
            return await own
    raise AssertionError("unreachable: the last attempt returns or raises")


def _not_there_yet(problem: Exception) -> bool:
    return is_outage(problem)


async def _prepare(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_to_jsonb, decoder=_from_jsonb, format="binary"
    )


async def _keep_as_it_is(_connection: object) -> None:
    """Save a round trip per use: nobody leaves anything behind in a session of the pool. What does (LISTEN,
    locks beyond a transaction) has a connection of its own."""


def _to_jsonb(value: Any) -> bytes:
    return JSONB_VERSION + orjson.dumps(value)


def _from_jsonb(raw: bytes) -> Any:
    return orjson.loads(raw[len(JSONB_VERSION) :])
