"""An account at a provider whose list is given, and the log beside it, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

from checkout_saga.payments.domain.entries import Entry, EntryKind, EntryState, NotListed, Window
from checkout_saga.payments.domain.operation import (
    Done,
    Instrument,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.reconciliation.calls import ReconciliationCalls
from checkout_saga.reconciliation.domain.run import Reconciliation
from checkout_saga.reconciliation.domain.webhooks import Refused, Unprocessed
from checkout_saga.reconciliation.use_cases.running import COMPARE, start_run
from contracts import reconciliation
from contracts.envelope import Fact
from kernel.context import Context
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.timers import DueTimer
from kernel.store.changes import LeasedTimer
from kernel.store.event_store import EventStore
from tests.support.in_memory_unit_of_work import InMemoryUnitOfWork, TimerSet
from tests.support.scenario import CONTEXT, NOW, Scenario

R = TypeVar("R")
ACCOUNT = UUID(int=0xAC)
SINCE, UNTIL = NOW - timedelta(hours=48), NOW


@dataclass
class Account:
    """``story``: the log; ``listed``: the provider's list; ``known``: its answers to look-ups by key."""

    story: Scenario
    listed: list[Entry] = field(default_factory=list)
    known: dict[str, Outcome] = field(default_factory=dict)
    gives_back: Outcome | None = None
    """How it answers what gives money back; None: it does as it is asked."""
    moved_payments: Sequence[UUID] = ()
    given_back: list[PaymentRequest] = field(default_factory=list)
    cleared: set[str] = field(default_factory=set)
    unprocessed_events: Sequence[Unprocessed] = ()
    refused_webhooks: Refused | None = None
    reported: list[str] = field(default_factory=list)
    is_silent: bool = False
    timers: dict[tuple[UUID, str], TimerSet | None] = field(default_factory=dict)

    async def run(
        self,
        context: Context,
        act: Callable[[InMemoryUnitOfWork], Awaitable[R]],
        _leased: LeasedTimer | None = None,
    ) -> R:
        """As the store runs a use case."""
        work = InMemoryUnitOfWork(self.story.world, context, self.story.now)
        result = await act(work)
        work.commit()
        self.timers.update(work.timers)
        self.story.work = work
        return result

    async def entries(self, window: Window) -> Sequence[Entry]:
        if self.is_silent:
            raise NotListed(Unknown("no answer", timed_out=True))
        return [
            it
            for it in self.listed
            if window.since <= it.at < window.until or it.reference in window.disputes
        ]

    async def reverse(self, void: PaymentRequest, *, again: bool) -> Outcome:
        assert void.operation is Operation.VOID
        return self._gives_back(void, again=again)

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        return self.known.get(request.key)

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        assert request.operation is Operation.REFUND, "a reconciliation charges nothing"
        return self._gives_back(request, again=again)

    def _gives_back(self, request: PaymentRequest, *, again: bool) -> Outcome:
        assert again, "it may have been done before"
        self.given_back.append(request)
        return self.gives_back or Done("back", request.amount)

    async def describe(self, request: PaymentRequest) -> Instrument | None:
        raise AssertionError("a reconciliation asks for no instrument")

    async def moved(self, tenant: str, since: datetime, until: datetime) -> Sequence[UUID]:
        """All of them in the slice that ends last."""
        return self.moved_payments if until == UNTIL else ()

    async def clear(self, tenant: str, account_id: UUID, references: Collection[str]) -> None:
        self.cleared |= set(references)

    async def unprocessed(self, tenant: str, account_id: UUID, limit: int) -> Sequence[Unprocessed]:
        assert (tenant, account_id) == (CONTEXT.tenant, ACCOUNT)
        return [it for it in self.unprocessed_events if it.event_id not in self.reported][:limit]

    async def note_reported(self, tenant: str, account_id: UUID, event_ids: Collection[str]) -> None:
        assert (tenant, account_id) == (CONTEXT.tenant, ACCOUNT)
        self.reported += event_ids

    async def refused(self, tenant: str, account_id: UUID) -> Refused | None:
        assert (tenant, account_id) == (CONTEXT.tenant, ACCOUNT)
        return self.refused_webhooks

    def reconcile(self, since: datetime = SINCE) -> reconciliation.Completed:
        """Run from beginning to end."""
        return asyncio.run(self._reconcile(since))

    async def _reconcile(self, since: datetime) -> reconciliation.Completed:
        run = await self.begin(since)
        while (timer := self.timers.get((run.id, COMPARE))) is not None:
            assert await self.step(timer) is CallResult.DONE
        (completed,) = (it for it in self.facts(run.id) if isinstance(it, reconciliation.Completed))
        return completed

    async def begin(self, since: datetime = SINCE) -> Reconciliation:
        async def start(work: InMemoryUnitOfWork) -> Reconciliation:
            return await start_run(ACCOUNT, "simulated", since, UNTIL, work)

        return await self.run(CONTEXT, start)

    async def step(self, timer: TimerSet) -> CallResult | None:
        calls = ReconciliationCalls(cast("EventStore", self), self, self, self)
        due = DueTimer(timer.subject, COMPARE, timer.due_at, timer.payload, 1, CONTEXT)
        return await calls.callers()[COMPARE](due)

    def facts(self, stream: UUID) -> list[Fact]:
        return self.story.world.past[stream]

    def all_facts(self, kind: type[Fact]) -> list[Any]:
        return [
            it for stream in list(self.story.world.past.values()) for it in stream if isinstance(it, kind)
        ]


def entry(kind: EntryKind, reference: str, amount: int, **more: Any) -> Entry:
    state = EntryState.OPEN if kind in {EntryKind.AUTHORIZATION, EntryKind.DISPUTE} else EntryState.DONE
    fields: dict[str, Any] = {"state": state, "currency": "EUR", "at": NOW - timedelta(hours=2), **more}
    return Entry(kind=kind, reference=reference, amount=amount, **fields)
