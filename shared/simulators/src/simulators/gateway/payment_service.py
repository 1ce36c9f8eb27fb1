"""Do what a merchant asks, once per key, in the manner that the payment's token demands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from kernel import ids
from simulators.gateway import ledger, payment
from simulators.gateway.ledger import CallContext, Connection
from simulators.gateway.payment import Outcome, Payment, RequestedAmount
from simulators.gateway.tokens import STATEFUL_TOKENS, Behaviour, behaviour_of

ACTION_PAGE = "https://simulated-gateway.example/actions/"

RULES: Mapping[str, Callable[[Payment, RequestedAmount], Outcome]] = MappingProxyType(
    {
        "authorize": payment.authorize,
        "confirm": payment.confirm,
        "capture": payment.capture,
        "void": payment.void,
        "refund": payment.refund,
    }
)


class KeyReused(Exception):
    """The key has been used for another request."""


class OperationRequest(NamedTuple):
    """``request_hash`` is over everything the caller said. Only an authorization names checkout and token."""

    operation: str
    merchant: str
    payment_id: UUID
    key: str
    request_hash: bytes
    asked: RequestedAmount = RequestedAmount()
    checkout_id: UUID | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class OperationResult:
    """``row`` is what the ledger holds under the key, if anything was done."""

    behaviour: Behaviour
    row: Any = None


class PaymentService:
    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], down_for: timedelta) -> None:
        self._pool = pool
        self._down_for = down_for

    async def perform(self, request: OperationRequest) -> OperationResult:
        """Raises ``KeyReused``. Whatever the manner, the key is on record afterwards."""
        async with self._pool.acquire() as connection, connection.transaction():
            return await self._perform(connection, request)

    async def _perform(self, connection: Connection, request: OperationRequest) -> OperationResult:
        whose, found, row = await ledger.find_or_create(
            connection,
            request.merchant,
            request.payment_id,
            request.checkout_id,
            request.token,
            request.key,
            request.request_hash,
            request.operation,
        )
        if row["request_hash"] != request.request_hash:
            raise KeyReused(request.key)
        how = await self._behaviour_of(connection, request.merchant, request.operation, whose)
        if how in {Behaviour.NOT_ANSWERED, Behaviour.UNAVAILABLE}:
            return OperationResult(how)
        if row["status"] is None:
            outcome = RULES[request.operation](found, request.asked)
            reference = f"sim_{request.operation}_{ids.fresh().hex}"
            action_url = f"{ACTION_PAGE}{request.payment_id}" if outcome.status == "requires_action" else None
            row = await ledger.record_outcome(
                connection, request.merchant, request.payment_id, request.key, outcome, reference, action_url
            )
        return OperationResult(how, row)

    async def look_up(self, merchant: str, key: str) -> OperationResult:
        """What was done under the key; nothing may have been."""
        async with self._pool.acquire() as connection:
            whose = await ledger.context_of(connection, merchant, key)
            age = await ledger.time_since_first_call(connection, merchant, whose.checkout_id)
            row = await ledger.find_operation(connection, merchant, key)
        done = row if row and row["status"] is not None else None
        return OperationResult(behaviour_of(whose.token, "look_up", 0, age, self._down_for), done)

    async def _behaviour_of(
        self, connection: Connection, merchant: str, operation: str, whose: CallContext
    ) -> Behaviour:
        calls, age = 0, timedelta()
        if whose.token in STATEFUL_TOKENS and whose.checkout_id is not None:
            calls = await ledger.count_call(connection, merchant, whose.checkout_id, operation)
            age = await ledger.time_since_first_call(connection, merchant, whose.checkout_id)
        return behaviour_of(whose.token, operation, calls, age, self._down_for)
