"""The checkout's process manager with eleven steps that do nothing, taken as the real one takes steps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from checkout_saga.domain.checkout import Checkout
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
    """The real rules and facts, but its steps bring nothing home."""

    def _completed(self, fact: facts.StepCompleted) -> None:
        self.phase = fact.step
        self._finish(fact.step, "completed", fact.timestamp, fact.data)


TakeStep = Callable[[IdleCheckout, str, UnitOfWork], bool]
"""Begin a step; tells whether it is done already."""


def here(it: IdleCheckout, step: str, _: UnitOfWork) -> bool:
    """What the service does by itself: the record of the step and its effect are one commit."""
    it.complete_step(step)
    return True


def by_call(it: IdleCheckout, step: str, work: UnitOfWork) -> bool:
    """What is asked of the outside: the intent is durable before the call, its outcome behind it."""
    it.start_step(step)
    work.set_timer(CALL, it.id, work.now, {"step": step})
    return False


class Sagas:
    """Begins them, and knows of each when its end is durable."""

    def __init__(self, store: EventStore, take: TakeStep) -> None:
        self._store = store
        self._take = take
        self._waiting: dict[UUID, asyncio.Future[None]] = {}
        store.add_commit_hooks(self._saved)

    async def run_one(self) -> None:
        """From its begin to its durable end."""
        key = ids.new_id()
        ended = self._waiting[key] = asyncio.get_running_loop().create_future()

        async def begin(work: UnitOfWork) -> None:
            it = work.create(IdleCheckout, key)
            started = work.now
            it.start(key, "somebody", False, "", "none", "none", "", started, started + SESSION)
            self._go_on(it, work)

        await self._store.run(Context("demo", str(key), str(key), "bench"), begin)
        await ended

    def callers(self) -> Mapping[str, Caller]:
        return {CALL: self._call}

    async def _call(self, timer: DueTimer) -> None:
        """The call itself would stand here, outside of any transaction."""

        async def record(work: UnitOfWork) -> None:
            work.cancel_timer(CALL, timer.subject)
            await self.on_done(timer.subject, timer.payload["step"], work)

        await self._store.run(timer.context, record)

    async def on_done(self, checkout_id: UUID, step: str, work: UnitOfWork) -> None:
        it = await work.open(IdleCheckout, checkout_id)
        if it.awaits(step):
            it.complete_step(step)
            self._go_on(it, work)

    def _go_on(self, it: IdleCheckout, work: UnitOfWork) -> None:
        while step := it.next_step():
            if not self._take(it, step, work):
                return
        if it.all_steps_completed:
            it.finish(it.id, "USD", 0)

    def _saved(self, save: Changes) -> None:
        for row in save.rows:
            if row.type == facts.Completed.TYPE:
                self._waiting.pop(row.stream_id).set_result(None)
