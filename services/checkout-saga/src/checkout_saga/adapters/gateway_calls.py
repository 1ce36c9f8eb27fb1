"""Make the calls that checkouts have recorded, and record what came of them."""

from __future__ import annotations

from collections.abc import Mapping

from checkout_saga.application.payments import payment_request, record_outcome
from checkout_saga.application.ports import Gateway
from checkout_saga.domain.steps import Operation
from kernel.store.event_store import EventStore
from kernel.timing.calls import Caller
from kernel.timing.timers import DueTimer
from kernel.work import Work


class GatewayCalls:
    def __init__(self, store: EventStore, gateway: Gateway) -> None:
        self._store = store
        self._gateway = gateway

    def callers(self) -> Mapping[str, Caller]:
        return dict.fromkeys((it.value for it in Operation), self._call)

    async def _call(self, timer: DueTimer) -> None:
        operation = Operation(timer.kind)
        tries = int(timer.payload.get("tries", 0))
        request = await self._store.run(
            timer.context, lambda work: payment_request(timer.subject, operation, work)
        )
        if request is None:
            return
        outcome = await self._gateway.perform(request, again=tries > 0 or timer.attempts > 1)

        async def record(work: Work) -> None:
            await record_outcome(request, outcome, tries, work)

        await self._store.run(timer.context, record)
