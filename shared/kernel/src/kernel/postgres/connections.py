"""Connections to PostgreSQL: pools, session settings, and which errors count as an outage."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson
import stamina
import structlog

from kernel.postgres.log_fence import LogFence
from kernel.postgres.service_pool import READ_ONLY_SESSION, ServicePool, TenantConnection, callers_role

log = structlog.get_logger()

STARTUP_TIMEOUT = 60.0
STATEMENT_TIMEOUT = 30.0
CONNECT_TIMEOUT = 10.0
SESSION_SETTINGS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
    # every statement has an index; a plan made while a table was empty must not scan it later
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
    # this process was suspended for so long that the server has ended its session
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.OperatorInterventionError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.InterfaceError,
    # the server has ended the session in the middle of an exchange
    asyncpg.InternalClientError,
)


def is_outage(error: BaseException) -> bool:
    """Whether the database is unavailable or overloaded, rather than a statement wrong."""
    return isinstance(error, _OUTAGES) and not isinstance(error, asyncpg.DataError)


async def create_pool(
    url: str,
    env: str,
    size: int = 10,
    name: str = "feira",
    startup_timeout: float = STARTUP_TIMEOUT,
    statement_timeout: float | None = None,
    *,
    as_itself: bool = False,
) -> ServicePool:
    """A pool of connections, half of them for reads on behalf of callers. Waits ``startup_timeout`` seconds
    for a database that is still starting. ``statement_timeout``: how many seconds the client waits for a
    statement; None: ``STATEMENT_TIMEOUT``. ``as_itself``: a job reads under its own role, which may be an
    administrator's without a callers' role beside it."""
    session = {**SESSION_SETTINGS, "application_name": name, "feira.env": env}
    common: dict[str, Any] = {
        "init": _prepare,
        "reset": _skip_reset,
        "command_timeout": statement_timeout or STATEMENT_TIMEOUT,
        "timeout": CONNECT_TIMEOUT,
    }
    readers = await asyncpg.create_pool(
        url,
        # none is opened before it is needed: a process that serves no callers needs no callers' role
        min_size=0,
        max_size=max(1, size // 2),
        connection_class=TenantConnection,
        server_settings={**session, **READ_ONLY_SESSION} | ({} if as_itself else {"role": callers_role(url)}),
        **common,
    )
    fence = LogFence()

    async def prepare_writer(connection: asyncpg.Connection[asyncpg.Record]) -> None:
        await _prepare(connection)
        await fence.inspect(connection)

    waiting = False
    async for attempt in stamina.retry_context(
        on=is_outage, attempts=None, timeout=startup_timeout, wait_initial=0.1, wait_max=1.0
    ):
        with attempt:
            if attempt.num > 1 and not waiting:
                waiting = True
                log.warning("waiting_for_database", seconds=startup_timeout)
            pool = ServicePool(
                url,
                readers,
                fence,
                min_size=1,
                max_size=max(1, size - size // 2),
                server_settings=session,
                **(common | {"init": prepare_writer}),
            )
            return await pool
    raise AssertionError("unreachable: the last attempt returns or raises")


async def _prepare(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_to_jsonb, decoder=_from_jsonb, format="binary"
    )


async def _skip_reset(_connection: object) -> None:
    """Save the round trip of a reset after each use: no code leaves state in a pooled connection. What needs
    state (LISTEN, locks beyond a transaction) uses a connection of its own, outside the pool."""


def _to_jsonb(value: Any) -> bytes:
    return JSONB_VERSION + orjson.dumps(value)


def _from_jsonb(raw: bytes) -> Any:
    return orjson.loads(raw[len(JSONB_VERSION) :])
