"""Makes the outbound calls that checkouts have recorded, and records their outcomes."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.payment_outcomes import payment_request, record_outcome, request_for
from checkout_saga.payments.calls import call_provider
from checkout_saga.payments.domain.operation import Operation, Outcome, PaymentRequest
from checkout_saga.payments.ports import PaymentProvider
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.outbound_calls import Caller
from kernel.scheduling.timers import DueTimer
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork


class PaymentCalls:
    def __init__(self, store: EventStore, provider: PaymentProvider) -> None:
        self._store = store
        self._provider = provider

    def callers(self) -> Mapping[str, Caller]:
        return dict.fromkeys((it.value for it in Operation), self._call)

    async def _call(self, timer: DueTimer) -> CallResult | None:
        operation = Operation(timer.kind)
        request = self._cached_request(timer, operation) or await self._store.run(
            timer.context, lambda work: payment_request(timer.subject, operation, work), timer.lease
        )
        if request is None:
            return None

        async def record(outcome: Outcome, tries: int, work: UnitOfWork) -> None:
            await record_outcome(request, outcome, tries, work)

        return await call_provider(self._store, self._provider, timer, request, record)

    def _cached_request(self, timer: DueTimer, operation: Operation) -> PaymentRequest | None:
        """The request by the cached checkout, which this process has mostly just changed itself. If it is
        stale, the key still makes the call once, and its outcome is checked against the log."""
        known = self._store.peek(timer.context.tenant, Checkout, timer.subject)
        return request_for(known, operation, timer.context.tenant) if known else None
