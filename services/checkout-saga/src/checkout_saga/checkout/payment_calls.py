"""Makes the outbound calls that checkouts have recorded, and records their outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.attempts import PAYMENT_LOOK
from checkout_saga.checkout.use_cases.payment_outcomes import (
    payment_request,
    payment_to_look_at,
    record_look,
    record_outcome,
    request_for,
)
from checkout_saga.customers.vault import Vault
from checkout_saga.payments.calls import call_provider, look_at_provider
from checkout_saga.payments.domain.operation import ActionNeeded, Done, Operation, Outcome, PaymentRequest
from checkout_saga.payments.ports import PaymentProvider
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.outbound_calls import Caller
from kernel.scheduling.timers import DueTimer
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

AUTHORIZING = {Operation.AUTHORIZE, Operation.CONFIRM}
"""With which the payment records what it is paid with."""


class PaymentCalls:
    def __init__(self, store: EventStore, provider: PaymentProvider, vault: Vault) -> None:
        self._store = store
        self._provider = provider
        self._vault = vault

    def callers(self) -> Mapping[str, Caller]:
        return {**dict.fromkeys((it.value for it in Operation), self._call), PAYMENT_LOOK: self._look}

    async def _call(self, timer: DueTimer) -> CallResult | None:
        operation = Operation(timer.kind)
        request = self._cached_request(timer, operation) or await self._store.run(
            timer.context, lambda work: payment_request(timer.subject, operation, work), timer.lease
        )
        if request is None:
            return None

        async def record(outcome: Outcome, tries: int, work: UnitOfWork) -> None:
            await record_outcome(request, outcome, tries, work)

        return await call_provider(self._store, self._provider, timer, request, record, self._sealed)

    async def _look(self, timer: DueTimer) -> CallResult | None:
        """The subject of the timer is the payment."""
        known = timer.payload.get("checkout_id")
        checkout_id = UUID(known) if known else None
        request = await self._store.run(
            timer.context, lambda work: payment_to_look_at(timer.subject, checkout_id, work), timer.lease
        )
        if request is None:
            return None

        async def record(outcome: Outcome, _tries: int, work: UnitOfWork) -> None:
            await record_look(request, outcome, work)

        return await look_at_provider(self._store, self._provider, timer, request, record, self._sealed)

    async def _sealed(self, request: PaymentRequest, outcome: Outcome) -> Outcome:
        """The outcome with what is personal in it encrypted: so it can be recorded."""
        match outcome:
            case ActionNeeded(data=data) if data and request.customer_id:
                action = {"action": dict(data)}
                (sealed,) = await self._vault.seal(request.merchant, request.customer_id, action)
                return replace(outcome, data=None, sealed=sealed)
            case Done(instrument=instrument) if (
                instrument and instrument.last4 and request.customer_id and request.operation in AUTHORIZING
            ):
                card = {"instrument": {"brand": instrument.brand, "last4": instrument.last4}}
                (sealed,) = await self._vault.seal(request.merchant, request.customer_id, card)
                return replace(outcome, sealed=sealed)
            case _:
                return outcome

    def _cached_request(self, timer: DueTimer, operation: Operation) -> PaymentRequest | None:
        """The request by the cached checkout, which this process has mostly just changed itself. If it is
        stale, the key still makes the call once, and its outcome is checked against the log."""
        known = self._store.peek(timer.context.tenant, Checkout, timer.subject)
        return request_for(known, operation, timer.context.tenant) if known else None
