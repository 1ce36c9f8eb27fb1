"""Payment operations: executed once per key, with the behaviour that the payment's token selects."""

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
    """The key was used for another request."""


class OperationRequest(NamedTuple):
    """A request. ``request_hash``: SHA-256 of the whole request. Only authorizations name checkout and
    token."""

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
    """``row``: the ledger's entry of the key, or None if nothing was done."""

    behaviour: Behaviour
    row: Any = None


class PaymentService:
    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], down_for: timedelta) -> None:
        self._pool = pool
        self._down_for = down_for

    async def perform(self, request: OperationRequest) -> OperationResult:
        """Execute the operation once per key. Raises ``KeyReused``. The key is stored with every
        behaviour."""
        async with self._pool.acquire() as connection, connection.transaction():
            return await self._perform(connection, request)

    async def _perform(self, connection: Connection, request: OperationRequest) -> OperationResult:
        context, found, row = await ledger.find_or_create(
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
        how = await self._behaviour_of(connection, request.merchant, request.operation, context)
        if how in {Behaviour.NOT_ANSWERED, Behaviour.UNAVAILABLE}:
            return OperationResult(how)
        if row["status"] is None:
            outcome = RULES[request.operation](found, request.asked)
            reference = f"sim_{request.operation}_{ids.new_id().hex}"
            action_url = f"{ACTION_PAGE}{request.payment_id}" if outcome.status == "requires_action" else None
            row = await ledger.record_outcome(
                connection, request.merchant, request.payment_id, request.key, outcome, reference, action_url
            )
        return OperationResult(how, row)

    async def look_up(self, merchant: str, key: str) -> OperationResult:
        """The operation stored under the key, if there is one."""
        async with self._pool.acquire() as connection:
            context = await ledger.context_of(connection, merchant, key)
            age = await ledger.time_since_first_call(connection, merchant, context.checkout_id)
            row = await ledger.find_operation(connection, merchant, key)
        done = row if row and row["status"] is not None else None
        return OperationResult(behaviour_of(context.token, "look_up", 0, age, self._down_for), done)

    async def _behaviour_of(
        self, connection: Connection, merchant: str, operation: str, context: CallContext
    ) -> Behaviour:
        calls, age = 0, timedelta()
        if context.token in STATEFUL_TOKENS and context.checkout_id is not None:
            calls = await ledger.count_call(connection, merchant, context.checkout_id, operation)
            age = await ledger.time_since_first_call(connection, merchant, context.checkout_id)
        return behaviour_of(context.token, operation, calls, age, self._down_for)
