"""Payment operations: executed once per key, with the behaviour that the payment's token selects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from kernel import ids
from simulators.gateway import ledger, payment
from simulators.gateway.fees import Fees, charge_operation
from simulators.gateway.ledger import CallContext, Connection
from simulators.gateway.payment import Outcome, Payment, RequestedAmount, act, capture_late
from simulators.gateway.tokens import STATEFUL_TOKENS, Behaviour, base_of, behaviour_of

RULES: Mapping[str, Callable[[Payment, RequestedAmount], Outcome]] = MappingProxyType(
    {
        "authorize": payment.authorize,
        "confirm": payment.confirm,
        "capture": payment.capture,
        "void": payment.void,
        "refund": payment.refund,
    }
)

NO_FEES = Fees()


class KeyReused(Exception):
    """The key was used for another request."""


class PaymentUnknown(Exception):
    """The gateway has not heard of the payment."""


STATES: Mapping[str, tuple[str, str]] = MappingProxyType({"voided": ("declined", "ALREADY_VOIDED")})
"""What a payment's status means for its authorization: the status of an answer, and its code."""


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
    method: str | None = None
    expires_at: datetime | None = None
    return_url: str | None = None


@dataclass(frozen=True, slots=True)
class OperationResult:
    """``row``: the ledger's entry of the key, or None if nothing was done."""

    behaviour: Behaviour
    row: Any = None


class PaymentService:
    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        down_for: timedelta,
        action_link: Callable[[str, UUID], str],
        fees: Fees = NO_FEES,
    ) -> None:
        """``action_link``: the page for the customer of a merchant's payment."""
        self._pool = pool
        self._down_for = down_for
        self._action_link = action_link
        self._fees = fees

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
            request.method,
            request.expires_at,
            request.return_url,
        )
        if row["request_hash"] != request.request_hash:
            raise KeyReused(request.key)
        how, age = await self._behaviour_of(connection, request.merchant, request.operation, context)
        if how in {Behaviour.NOT_ANSWERED, Behaviour.UNAVAILABLE}:
            return OperationResult(how)
        if row["status"] is None:
            rule = (
                partial(capture_late, age=age) if request.operation == "capture" else RULES[request.operation]
            )
            outcome = rule(found, request.asked)
            needs_action = outcome.status == "requires_action"
            action_url = self._action_link(request.merchant, request.payment_id) if needs_action else None
            row = {**row, **await self._record(connection, request, found, outcome, action_url)}
        return OperationResult(how, row)

    async def act(self, merchant: str, payment_id: UUID, do: str, amount: int | None) -> Any:
        """What the customer does at the gateway or at a bank. Returns the ledger's entry; None: that is not
        possible now. Raises ``PaymentUnknown``."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await ledger.find_payment(connection, merchant, payment_id) is None:
                raise PaymentUnknown(payment_id)
            key, operation = f"act:{do}:{payment_id}", "capture" if do == "pay" else "confirm"
            _, found, row = await ledger.find_or_create(
                connection, merchant, payment_id, None, None, key, key.encode(), operation
            )
            if row["status"] is not None:
                return row
            outcome = act(found, do, amount)
            if outcome is None:
                return None
            acted = OperationRequest(operation, merchant, payment_id, key, key.encode())
            return await self._record(connection, acted, found, outcome, None)

    async def _record(
        self,
        connection: Connection,
        request: OperationRequest,
        before: Payment,
        outcome: Outcome,
        action_url: str | None,
    ) -> Any:
        """Store the outcome, and the fee that belongs to it."""
        reference = f"sim_{request.operation}_{ids.new_id().hex}"
        whose = request.merchant, request.payment_id
        done = await ledger.record_outcome(connection, *whose, request.key, outcome, reference, action_url)
        await charge_operation(connection, *whose, before, done, self._fees)
        return done

    async def shown_to_customer(self, merchant: str, payment_id: UUID) -> Any:
        """The payment's authorization, with the status that the payment has by now. Raises
        ``PaymentUnknown``."""
        async with self._pool.acquire() as connection:
            row = await ledger.find_payment(connection, merchant, payment_id)
        if row is None:
            raise PaymentUnknown(payment_id)
        return {**row, "status": row["payment_status"]}

    async def state_of(self, merchant: str, payment_id: UUID) -> OperationResult:
        """The payment's authorization, with the status and the amount that it has by now."""
        async with self._pool.acquire() as connection:
            row = await ledger.find_payment(connection, merchant, payment_id)
            if row is None:
                return OperationResult(Behaviour.ANSWER)
            age = await ledger.time_since_first_call(connection, merchant, row["checkout_id"])
        status, code = STATES.get(row["payment_status"], (row["payment_status"], row["code"]))
        amount = row["captured"] if status == "captured" else row["amount"]
        state = {**row, "status": status, "code": code, "amount": amount}
        return OperationResult(behaviour_of(row["token"], "look_up", 0, age, self._down_for), state)

    async def look_up(self, merchant: str, key: str) -> OperationResult:
        """The operation stored under the key, if there is one."""
        async with self._pool.acquire() as connection:
            context = await ledger.context_of(connection, merchant, key)
            age = await ledger.time_since_first_call(connection, merchant, context.checkout_id)
            await ledger.settle_refund(connection, merchant, key)
            row = await ledger.find_operation(connection, merchant, key)
        done = row if row and row["status"] is not None else None
        return OperationResult(behaviour_of(context.token, "look_up", 0, age, self._down_for), done)

    async def _behaviour_of(
        self, connection: Connection, merchant: str, operation: str, context: CallContext
    ) -> tuple[Behaviour, timedelta]:
        """Also how long ago the checkout's first call was, where that matters."""
        calls, age = 0, timedelta()
        if base_of(context.token) in STATEFUL_TOKENS and context.checkout_id is not None:
            calls = await ledger.count_call(connection, merchant, context.checkout_id, operation)
            age = await ledger.time_since_first_call(connection, merchant, context.checkout_id)
        return behaviour_of(context.token, operation, calls, age, self._down_for), age
