"""SQL of the gateway's ledger. Callers open the transactions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from kernel.postgres.service_pool import ServicePool
from simulators.gateway.payment import Outcome, Payment
from simulators.gateway.tokens import PENDING_FOR

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

COLUMNS = """
    o.key, o.operation, o.payment_id, o.status, o.code, o.amount, o.currency, o.reference, o.action_url,
    o.request_hash, o.performed_at, o.number
"""
FIND_OR_CREATE = f"""
    WITH found AS (
        INSERT INTO payment (merchant, payment_id, checkout_id, token, method, expires_at, return_url)
        VALUES ($1, $2, $3, $4, $8, $9, $10)
        ON CONFLICT (merchant, payment_id) DO UPDATE
        SET checkout_id = coalesce(excluded.checkout_id, payment.checkout_id),
            token = coalesce(excluded.token, payment.token),
            method = coalesce(excluded.method, payment.method),
            expires_at = coalesce(excluded.expires_at, payment.expires_at),
            return_url = coalesce(excluded.return_url, payment.return_url)
        RETURNING merchant, payment_id, checkout_id, token, status, currency, authorized, captured, refunded,
            disputed, method, expires_at
    ), operation_row AS (
        INSERT INTO operation AS o (merchant, key, request_hash, operation, payment_id, asked_at)
        SELECT merchant, $5, $6, $7, payment_id, feira_now() FROM found
        ON CONFLICT (merchant, key) DO UPDATE SET key = o.key
        RETURNING {COLUMNS}
    )
    SELECT operation_row.*, found.checkout_id, found.token, found.status AS payment_status,
           found.currency AS payment_currency, found.authorized, found.captured, found.refunded,
           found.disputed, found.method, found.expires_at
    FROM found, operation_row
"""  # noqa: S608  # constants
OPERATION_BY_KEY = f"""
    SELECT {COLUMNS}, p.method, p.expires_at FROM operation o JOIN payment p USING (merchant, payment_id)
    WHERE o.merchant = $1 AND o.key = $2
"""  # noqa: S608  # constants
SETTLE_REFUND = """
    UPDATE operation SET status = 'refunded'
    WHERE merchant = $1 AND key = $2 AND status = 'pending' AND feira_now() >= performed_at + $3::interval
"""
PAYMENT_STATE = f"""
    SELECT {COLUMNS}, p.method, p.expires_at, p.return_url, p.token, p.checkout_id,
           p.status AS payment_status, p.currency AS payment_currency, p.authorized, p.captured, p.refunded
    FROM payment p JOIN operation o USING (merchant, payment_id)
    WHERE p.merchant = $1 AND p.payment_id = $2 AND o.operation = 'authorize' AND o.number IS NOT NULL
    ORDER BY o.number DESC LIMIT 1
"""  # noqa: S608  # constants
COUNT_CALL = """
    INSERT INTO call_count AS c (merchant, checkout_id, operation, calls, first_at)
    VALUES ($1, $2, $3, 1, feira_now())
    ON CONFLICT (merchant, checkout_id, operation) DO UPDATE SET calls = c.calls + 1
    RETURNING calls
"""
TIME_SINCE_FIRST_CALL = """
    SELECT coalesce(feira_now() - min(first_at), '0') FROM call_count
    WHERE merchant = $1 AND checkout_id = $2
"""
RECORD_OUTCOME = f"""
    WITH changed AS (
        UPDATE payment SET status = $3, currency = $4, authorized = $5, captured = $6, refunded = $7
        WHERE merchant = $1 AND payment_id = $2
    )
    UPDATE operation o SET number = nextval('operation_number'), performed_at = feira_now(),
        status = $9, code = $10, amount = $11, currency = $12, reference = $13, action_url = $14
    WHERE merchant = $1 AND key = $8
    RETURNING {COLUMNS}
"""  # noqa: S608  # constants
CONTEXT_OF_KEY = """
    SELECT p.checkout_id, p.token
    FROM operation o JOIN payment p USING (merchant, payment_id) WHERE o.merchant = $1 AND o.key = $2
"""
OPERATION_PAGE = f"""
    SELECT {COLUMNS}, p.checkout_id FROM operation o JOIN payment p USING (merchant, payment_id)
    WHERE o.merchant = $1 AND o.number > $2 AND ($3::uuid IS NULL OR p.checkout_id = $3)
    ORDER BY o.number LIMIT $4
"""  # noqa: S608  # constants


class CallContext(NamedTuple):
    """The checkout of a call, and the token that selects the behaviour."""

    checkout_id: UUID | None
    token: str | None


async def find_or_create(
    connection: Connection,
    merchant: str,
    payment_id: UUID,
    checkout_id: UUID | None,
    token: str | None,
    key: str,
    request_hash: bytes,
    operation: str,
    method: str | None = None,
    expires_at: datetime | None = None,
    return_url: str | None = None,
) -> tuple[CallContext, Payment, Any]:
    """Find or create the payment and the operation of this key, and lock both until the transaction ends.
    A new operation has no status."""
    row: Any = await connection.fetchrow(
        FIND_OR_CREATE,
        merchant,
        payment_id,
        checkout_id,
        token,
        key,
        request_hash,
        operation,
        method,
        expires_at,
        return_url,
    )
    found = Payment(
        row["token"],
        row["payment_status"],
        row["payment_currency"],
        row["authorized"],
        row["captured"],
        row["refunded"],
        row["method"],
        row["disputed"],
    )
    return CallContext(row["checkout_id"], row["token"]), found, row


async def count_call(connection: Connection, merchant: str, checkout_id: UUID, operation: str) -> int:
    calls: int = await connection.fetchval(COUNT_CALL, merchant, checkout_id, operation)
    return calls


async def time_since_first_call(connection: Connection, merchant: str, checkout_id: UUID | None) -> timedelta:
    """Time since the first call of the checkout."""
    found: timedelta = await connection.fetchval(TIME_SINCE_FIRST_CALL, merchant, checkout_id)
    return found


async def context_of(connection: Connection, merchant: str, key: str) -> CallContext:
    row = await connection.fetchrow(CONTEXT_OF_KEY, merchant, key)
    return CallContext(*row) if row else CallContext(None, None)


async def find_operation(connection: Connection, merchant: str, key: str) -> Any:
    return await connection.fetchrow(OPERATION_BY_KEY, merchant, key)


async def settle_refund(connection: Connection, merchant: str, key: str) -> None:
    """End the time for which a refund is undecided, if it is over."""
    await connection.execute(SETTLE_REFUND, merchant, key, PENDING_FOR)


async def find_payment(connection: Connection, merchant: str, payment_id: UUID) -> Any:
    """The authorization of the payment together with the payment's present state; None: it is not known."""
    return await connection.fetchrow(PAYMENT_STATE, merchant, payment_id)


async def record_outcome(
    connection: Connection,
    merchant: str,
    payment_id: UUID,
    key: str,
    outcome: Outcome,
    reference: str,
    action_url: str | None,
) -> Any:
    """Store the operation's outcome and the changed payment."""
    payment = outcome.payment
    changed = payment.status, payment.currency, payment.authorized, payment.captured, payment.refunded
    done = outcome.status, outcome.code, outcome.amount, outcome.currency, reference, action_url
    return await connection.fetchrow(RECORD_OUTCOME, merchant, payment_id, *changed, key, *done)


async def list_operations(
    pool: ServicePool, merchant: str, after: int, checkout_id: UUID | None, limit: int
) -> list[asyncpg.Record]:
    return await pool.fetch_for_tenant(merchant, OPERATION_PAGE, after, checkout_id, limit)
