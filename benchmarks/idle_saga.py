"""A checkout whose eleven steps do nothing, taken by the engine of process managers as the real ones are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.workflow import DEADLINE, VERSIONS
from contracts import checkout as facts
from kernel import ids
from kernel.context import Context
from kernel.process.manager import ProcessManager
from kernel.process.state import Reason
from kernel.process.workflow import Action, Call, Step, Workflow
from kernel.scheduling.outbound_calls import Caller
from kernel.scheduling.timers import DueTimer
from kernel.store.changes import Changes
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

SESSION = timedelta(minutes=30)
CALL = "nothing"


class IdleCheckout(Checkout):
    """The real rules and facts, but its steps yield no data."""

    def completed(self) -> facts.Completed:
        return facts.Completed(
            order_id=self.id, cart_id=self.cart_id, customer_id=self.customer_id, currency="USD", total=0
        )

    def keep(self, step: str, data: Mapping[str, Any]) -> None:
        """There is nothing to keep."""


Do = Callable[[str, IdleCheckout], Action]
"""What a step does, by its name."""


def locally(_: str, __: IdleCheckout) -> Action:
    """A step that the service takes itself: its record and its effect are one commit."""
    return None


def by_call(_: str, __: IdleCheckout) -> Action:
    """An outbound call: the intent is durable before the call, its outcome after it."""
    return Call(CALL)


class Sagas:
    """Begins sagas and waits until the end of each is durable."""

    def __init__(self, store: EventStore, do: Do) -> None:
        self._store = store
        stages = VERSIONS[1]
        steps = tuple(Step(name=step, do=partial(do, step)) for (step,) in stages)
        expired = Reason("EXPIRED", "It took too long.")
        self._workflow = Workflow(IdleCheckout, steps, {1: stages}, deadline_timer=DEADLINE, expired=expired)
        self._manager = ProcessManager(self._workflow)
        self._waiting: dict[UUID, asyncio.Future[None]] = {}
        store.add_commit_hooks(self._after_commit)

    async def run_one(self) -> None:
        """Run one saga from its start to its durable end."""
        key = ids.new_id()
        ended = self._waiting[key] = asyncio.get_running_loop().create_future()

        async def begin(work: UnitOfWork) -> None:
            checkout = work.create(IdleCheckout, key)
            started = work.now
            checkout.start(key, "customer", False, "", "none", "none", "", started, started + SESSION, 1)
            await self._manager.advance(checkout, work)

        await self._store.run(Context("demo", str(key), str(key), "bench"), begin)
        await ended

    def callers(self) -> Mapping[str, Caller]:
        return {CALL: self._call}

    async def _call(self, timer: DueTimer) -> None:
        """The call itself would be made first, outside of any transaction."""

        async def record(work: UnitOfWork) -> None:
            work.cancel_timer(CALL, timer.subject)
            checkout = await work.open(IdleCheckout, timer.subject)
            if step := self._workflow.step_of_call(checkout, CALL):
                await self._manager.complete(checkout, step, {}, work)

        await self._store.run(timer.context, record)

    async def on_reply(self, checkout_id: UUID, step: str, work: UnitOfWork) -> None:
        checkout = await work.open(IdleCheckout, checkout_id)
        if checkout.awaits(step):
            await self._manager.complete(checkout, step, {}, work)

    def _after_commit(self, changes: Changes) -> None:
        for row in changes.rows:
            if row.type == facts.Completed.TYPE:
                self._waiting.pop(row.stream_id).set_result(None)
