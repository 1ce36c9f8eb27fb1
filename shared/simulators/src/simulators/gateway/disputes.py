"""Disputes of captured payments: a customer demands money back through the bank, which takes it at once and
gives it back if the merchant wins. Each change is one transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from kernel.domain import NotFound, Refused
from kernel.ids import NIL_ID, derive_id
from simulators.gateway import fees
from simulators.gateway.ledger import Connection
from simulators.gateway.payment_service import KeyReused, PaymentUnknown

TIME_TO_ANSWER = timedelta(days=10)
WON = "won"
COLUMNS = "dispute_id, payment_id, status, amount, currency, reason, opened_at, due_at, request_hash"
FIND = f"SELECT {COLUMNS} FROM dispute WHERE merchant = $1 AND dispute_id = $2"  # noqa: S608  # constants
LOCK_PAYMENT = """
    SELECT status, currency, captured - refunded - disputed AS disputable FROM payment
    WHERE merchant = $1 AND payment_id = $2 FOR UPDATE
"""
OPEN = f"""
    INSERT INTO dispute
        (merchant, dispute_id, request_hash, payment_id, amount, currency, reason, opened_at, due_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, feira_now(), feira_now() + $8)
    ON CONFLICT (merchant, dispute_id) DO NOTHING
    RETURNING {COLUMNS}
"""  # noqa: S608  # constants
CLOSE = f"""
    UPDATE dispute SET status = $3 WHERE merchant = $1 AND dispute_id = $2 AND status = 'open'
    RETURNING {COLUMNS}
"""  # noqa: S608  # constants
CHANGE_DISPUTED = """
    UPDATE payment SET disputed = disputed + $3 WHERE merchant = $1 AND payment_id = $2
"""


class PaymentNotDisputable(Refused):
    """So much was not captured, or it is refunded or disputed already."""

    code = "PAYMENT_NOT_DISPUTABLE"


class DisputeNotFound(NotFound):
    """The gateway has no such dispute."""

    code = "DISPUTE_NOT_FOUND"


class DisputeClosed(Refused):
    """The dispute has ended otherwise."""

    code = "DISPUTE_CLOSED"


class Disputes:
    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], fee: int) -> None:
        """``fee``: minor units, charged when a dispute is opened, and kept however it ends."""
        self._pool = pool
        self._fee = fee

    async def open(
        self, merchant: str, key: str, request_hash: bytes, payment_id: UUID, amount: int | None, reason: str
    ) -> Any:
        """Open a dispute, once per key. ``amount``: minor units; None: all that can be disputed. Returns its
        row. Raises ``KeyReused``, ``PaymentUnknown`` and ``PaymentNotDisputable``."""
        dispute_id = derive_id(NIL_ID, f"dispute:{merchant}:{key}")
        async with self._pool.acquire() as connection, connection.transaction():
            payment: Any = await connection.fetchrow(LOCK_PAYMENT, merchant, payment_id)
            known = await connection.fetchrow(FIND, merchant, dispute_id)
            if known is None and payment is None:
                raise PaymentUnknown(payment_id)
            if known is None:
                disputable = payment["disputable"]
                wanted = disputable if amount is None else amount
                if not 0 < wanted <= disputable:
                    raise PaymentNotDisputable(f"{disputable} of the payment can be disputed.")
                details = request_hash, payment_id, wanted, payment["currency"], reason, TIME_TO_ANSWER
                opened = await connection.fetchrow(OPEN, merchant, dispute_id, *details)
                if opened is None:
                    raise KeyReused(key)  # at the same time, for another payment
                await self._take(connection, merchant, opened)
                return opened
        if known["request_hash"] != request_hash:
            raise KeyReused(key)
        return known

    async def _take(self, connection: Connection, merchant: str, opened: Any) -> None:
        payment_id = opened["payment_id"]
        await connection.execute(CHANGE_DISPUTED, merchant, payment_id, opened["amount"])
        movement = {"reference": str(opened["dispute_id"]), "currency": opened["currency"]}
        await fees.charge(connection, merchant, payment_id, movement, self._fee)

    async def close(self, merchant: str, dispute_id: UUID, outcome: str) -> Any:
        """``outcome``: won or lost, by the merchant. Repeated, it changes nothing. Returns the dispute's row.
        Raises ``DisputeNotFound`` and ``DisputeClosed``."""
        async with self._pool.acquire() as connection, connection.transaction():
            closed = await connection.fetchrow(CLOSE, merchant, dispute_id, outcome)
            if closed is not None and outcome == WON:
                given_back = closed["payment_id"], -closed["amount"]
                await connection.execute(CHANGE_DISPUTED, merchant, *given_back)
            known = closed or await connection.fetchrow(FIND, merchant, dispute_id)
        if known is None:
            raise DisputeNotFound("The gateway has no such dispute.")
        if known["status"] != outcome:
            raise DisputeClosed(f"The dispute is {known['status']} already.")
        return known
