"""The checkout's process manager with eleven steps that do nothing, taken as the real one takes steps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from contracts import checkout as facts
from kernel import ids
from kernel.context import Context
from kernel.scheduling.outbound_calls import Caller
from kernel.scheduling.timers import DueTimer
from kernel.store.changes import Changes
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

SESSION = timedelta(minutes=30)
CALL = "nothing"


class IdleCheckout(Checkout):
    """The real rules and facts, but its steps yield no data."""

    def _completed(self, fact: facts.StepCompleted) -> None:
        self.phase = fact.step
        self._finish(fact.step, "completed", fact.timestamp, fact.data)


TakeStep = Callable[[IdleCheckout, str, UnitOfWork], bool]
"""Begin a step; returns whether it is completed at once."""


def locally(checkout: IdleCheckout, step: str, _: UnitOfWork) -> bool:
    """A step that the service takes itself: its record and its effect are one commit."""
    checkout.complete_step(step)
    return True


def by_call(checkout: IdleCheckout, step: str, work: UnitOfWork) -> bool:
    """An outbound call: the intent is durable before the call, its outcome after it."""
    checkout.start_step(step)
    work.set_timer(CALL, checkout.id, work.now, {"step": step})
    return False


class Sagas:
    """Begins sagas and waits until the end of each is durable."""

    def __init__(self, store: EventStore, take: TakeStep) -> None:
        self._store = store
        self._take = take
        self._waiting: dict[UUID, asyncio.Future[None]] = {}
        store.add_commit_hooks(self._after_commit)

    async def run_one(self) -> None:
        """Run one saga from its start to its durable end."""
        key = ids.new_id()
        ended = self._waiting[key] = asyncio.get_running_loop().create_future()

        async def begin(work: UnitOfWork) -> None:
            checkout = work.create(IdleCheckout, key)
            started = work.now
            checkout.start(key, "customer", False, "", "none", "none", "", started, started + SESSION)
            self._advance(checkout, work)

        await self._store.run(Context("demo", str(key), str(key), "bench"), begin)
        await ended

    def callers(self) -> Mapping[str, Caller]:
        return {CALL: self._call}

    async def _call(self, timer: DueTimer) -> None:
        """The call itself would be made first, outside of any transaction."""

        async def record(work: UnitOfWork) -> None:
            work.cancel_timer(CALL, timer.subject)
            await self.on_reply(timer.subject, timer.payload["step"], work)

        await self._store.run(timer.context, record)

    async def on_reply(self, checkout_id: UUID, step: str, work: UnitOfWork) -> None:
        checkout = await work.open(IdleCheckout, checkout_id)
        if checkout.awaits(step):
            checkout.complete_step(step)
            self._advance(checkout, work)

    def _advance(self, checkout: IdleCheckout, work: UnitOfWork) -> None:
        while step := checkout.next_step():
            if not self._take(checkout, step, work):
                return
        if checkout.all_steps_completed:
            checkout.finish(checkout.id, "USD", 0)

    def _after_commit(self, changes: Changes) -> None:
        for row in changes.rows:
            if row.type == facts.Completed.TYPE:
                self._waiting.pop(row.stream_id).set_result(None)
