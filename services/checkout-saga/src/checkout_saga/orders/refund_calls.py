"""Makes the outbound calls of refunds that orders have recorded, and records their outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from checkout_saga.orders.use_cases.operating import latest_refund_request, record_gateway_check
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER, refund_request
from checkout_saga.orders.use_cases.refunds import record_refund
from checkout_saga.payments.calls import call_provider, result_of
from checkout_saga.payments.domain.operation import Outcome
from checkout_saga.payments.ports import PaymentProvider
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.outbound_calls import Caller
from kernel.scheduling.timers import DueTimer
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork


class RefundCalls:
    def __init__(self, store: EventStore, provider: PaymentProvider) -> None:
        self._store = store
        self._provider = provider

    def callers(self) -> Mapping[str, Caller]:
        return {REFUND_ORDER: self._refund}

    async def _refund(self, timer: DueTimer) -> CallResult | None:
        order_id, refund_id = UUID(timer.payload["order_id"]), timer.subject
        if timer.payload.get("look"):
            return await self._check(timer, order_id)
        request = await self._store.run(
            timer.context, lambda work: refund_request(order_id, refund_id, work), timer.lease
        )
        if request is None:
            return None

        async def record(outcome: Outcome, tries: int, work: UnitOfWork) -> None:
            await record_refund(order_id, refund_id, request, outcome, tries, work)

        return await call_provider(self._store, self._provider, timer, request, record)

    async def _check(self, timer: DueTimer, order_id: UUID) -> CallResult | None:
        """Look up a refund that an operator has resolved."""
        refund_id = timer.subject
        request = await self._store.run(
            timer.context, lambda work: latest_refund_request(order_id, refund_id, work)
        )
        if request is None:
            return None
        known = await self._provider.look_up(request)

        async def record(work: UnitOfWork) -> None:
            await record_gateway_check(order_id, refund_id, request, known, work)

        await self._store.run(timer.context, record, timer.lease)
        return result_of(known)
