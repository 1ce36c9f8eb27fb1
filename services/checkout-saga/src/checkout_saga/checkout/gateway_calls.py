"""Makes the outbound calls that checkouts and orders have recorded, and records their outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.payment_operations import payment_request, record_outcome, request_for
from checkout_saga.orders.use_cases.refund_order import REFUND_ORDER, record_refund, refund_request
from checkout_saga.orders.use_cases.resolve_refund import latest_refund_request, record_gateway_check
from checkout_saga.payments.domain.operation import Gateway, Operation, Outcome, PaymentRequest, Unknown
from kernel.faults import failpoints
from kernel.scheduling.outbound_calls import Caller
from kernel.scheduling.timers import DueTimer
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork


class GatewayCalls:
    def __init__(self, store: EventStore, gateway: Gateway) -> None:
        self._store = store
        self._gateway = gateway

    def callers(self) -> Mapping[str, Caller]:
        return {REFUND_ORDER: self._refund} | dict.fromkeys((it.value for it in Operation), self._call)

    async def _call(self, timer: DueTimer) -> bool | None:
        operation = Operation(timer.kind)
        tries = _tries(timer)
        request = self._cached_request(timer, operation) or await self._store.run(
            timer.context, lambda work: payment_request(timer.subject, operation, work), timer.lease
        )
        if request is None:
            return None
        outcome = await self._gateway.perform(request, again=_is_repeat(timer))
        failpoints.active and await failpoints.hit("call.after_call_before_result", timer.kind)

        async def record(work: UnitOfWork) -> None:
            await record_outcome(request, outcome, tries, work)

        await self._store.run(timer.context, record, timer.lease)
        return _was_answered(outcome)

    def _cached_request(self, timer: DueTimer, operation: Operation) -> PaymentRequest | None:
        """The request by the cached checkout, which this process has mostly just changed itself. If it is
        stale, the key still makes the call once, and its outcome is checked against the log."""
        known = self._store.peek(timer.context.tenant, Checkout, timer.subject)
        return request_for(known, operation, timer.context.tenant) if known else None

    async def _refund(self, timer: DueTimer) -> bool | None:
        order_id, refund_id = UUID(timer.payload["order_id"]), timer.subject
        if timer.payload.get("look"):
            return await self._check_gateway(timer, order_id)
        request = await self._store.run(
            timer.context, lambda work: refund_request(order_id, refund_id, work), timer.lease
        )
        if request is None:
            return None
        outcome = await self._gateway.perform(request, again=_is_repeat(timer))
        failpoints.active and await failpoints.hit("call.after_call_before_result", timer.kind)

        async def record(work: UnitOfWork) -> None:
            await record_refund(order_id, refund_id, request, outcome, _tries(timer), work)

        await self._store.run(timer.context, record, timer.lease)
        return _was_answered(outcome)

    async def _check_gateway(self, timer: DueTimer, order_id: UUID) -> bool | None:
        """Look up a refund that an operator has resolved."""
        refund_id = timer.subject
        request = await self._store.run(
            timer.context, lambda work: latest_refund_request(order_id, refund_id, work)
        )
        if request is None:
            return None
        known = await self._gateway.look_up(request)

        async def record(work: UnitOfWork) -> None:
            await record_gateway_check(order_id, refund_id, request, known, work)

        await self._store.run(timer.context, record, timer.lease)
        return known is None or _was_answered(known)


def _was_answered(outcome: Outcome) -> bool:
    """False after a timeout."""
    return not (isinstance(outcome, Unknown) and outcome.timed_out)


def _tries(timer: DueTimer) -> int:
    return int(timer.payload.get("tries", 0))


def _is_repeat(timer: DueTimer) -> bool:
    """Whether the call may have been made before: by an earlier try, or by a process that died."""
    return _tries(timer) > 0 or timer.attempts > 1
