"""Makes the calls of a run: one slice of its window at a time, so that each ends within its lease, and a
crash repeats one slice. A repeated slice finds repaired what it has repaired before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from checkout_saga.payments.calls import result_of
from checkout_saga.payments.domain.entries import Entry, NotListed, Window
from checkout_saga.payments.domain.operation import (
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.domain.reversal import as_reversal
from checkout_saga.payments.ports import PaymentProviders
from checkout_saga.reconciliation.domain.run import Counts, Reconciliation
from checkout_saga.reconciliation.ports import RecordedPayments, WebhookEvents
from checkout_saga.reconciliation.use_cases.clearing import report_clearing, resolve_empty_clearing
from checkout_saga.reconciliation.use_cases.comparing import (
    NEITHER,
    Account,
    open_disputes,
    settle,
    unmatched,
)
from checkout_saga.reconciliation.use_cases.giving_back import record_given_back
from checkout_saga.reconciliation.use_cases.missing import listed, record_missing, recorded_of
from checkout_saga.reconciliation.use_cases.running import COMPARE, Progress, end_step, fail_step, find_run
from checkout_saga.reconciliation.use_cases.webhooks import report_webhooks
from kernel.context import Context
from kernel.faults import failpoints
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.outbound_calls import LEASE_SECONDS, Caller
from kernel.scheduling.retries import pause_after
from kernel.scheduling.timers import DueTimer
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

STEP_SECONDS = LEASE_SECONDS * 2 / 3
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=1)
AT_ONCE = 100
"""Entries that are compared by one read of the log."""


class ReconciliationCalls:
    def __init__(
        self,
        store: EventStore,
        providers: PaymentProviders,
        recorded: RecordedPayments,
        webhooks: WebhookEvents,
    ) -> None:
        self._store = store
        self._providers = providers
        self._recorded = recorded
        self._webhooks = webhooks

    def callers(self) -> Mapping[str, Caller]:
        return {COMPARE: self._step}

    async def _step(self, timer: DueTimer) -> CallResult | None:
        progress = Progress.of(timer.payload)
        run = await self._store.run(timer.context, partial(find_run, timer.subject))
        if run.completed_at is not None:
            return None
        until = min(progress.since + progress.length, run.until)
        window = Window(run.gateway, timer.context.tenant, progress.since, until)
        try:
            async with asyncio.timeout(STEP_SECONDS):
                if progress.since == run.since and run.is_long:
                    account = Account(run.account_id, run.gateway)
                    disputes = await self._store.run(timer.context, partial(open_disputes, account))
                    window = window._replace(disputes=disputes)
                counts = await self._compare(timer.context, run, window)
                if until == run.until:
                    counts = counts.plus(await self._report(timer.context, run))
        except NotListed as refused:
            return await self._later(timer, progress, refused.outcome)
        except TimeoutError:
            return await self._later(timer, progress, Unknown("The slice takes too long.", timed_out=True))
        failpoints.active and await failpoints.hit("call.after_call_before_result", timer.kind)
        longer = min(LONGEST, progress.length * 2)
        done = Progress(until, longer, progress.counts.plus(counts))
        await self._store.run(timer.context, partial(end_step, timer.subject, done), timer.lease)
        return CallResult.DONE

    async def _later(self, timer: DueTimer, progress: Progress, outcome: Unknown) -> CallResult:
        """After a time-out, a shorter slice."""
        shorter = max(SHORTEST, progress.length / 2) if outcome.timed_out else progress.length
        again = progress._replace(length=shorter, tries=progress.tries + 1)

        async def act(work: UnitOfWork) -> None:
            due_at = work.now + pause_after(progress.tries, outcome.after)
            await fail_step(timer.subject, again, outcome, due_at, work)

        await self._store.run(timer.context, act, timer.lease)
        return result_of(outcome)

    async def _compare(self, context: Context, run: Reconciliation, window: Window) -> Counts:
        account = Account(run.account_id, run.gateway)
        entries = await self._providers.entries(window)
        counts = await self._theirs(context, account, entries)
        counts = counts.plus(await self._ours(context, account, window, entries))
        references = {it.reference for it in entries}
        await self._webhooks.clear(context.tenant, account.id, references)
        return counts

    async def _report(self, context: Context, run: Reconciliation) -> Counts:
        """What the comparison has not cleared up."""
        account = Account(run.account_id, run.gateway)
        await self._store.run(context, partial(resolve_empty_clearing, account))
        refused = await self._webhooks.refused(context.tenant, account.id)
        events = await self._webhooks.unprocessed(context.tenant, account.id, AT_ONCE)
        counts = await self._store.run(context, partial(report_webhooks, events, refused, account))
        await self._webhooks.note_reported(context.tenant, account.id, [it.event_id for it in events])
        return counts

    async def _theirs(self, context: Context, account: Account, entries: Sequence[Entry]) -> Counts:
        counts = Counts(theirs=len(entries))
        for first in range(0, len(entries), AT_ONCE):
            page = entries[first : first + AT_ONCE]
            left = await self._store.run(context, partial(unmatched, page))
            counts = counts.plus(Counts(matched=len(page) - len(left)))
            for entry in left:
                counts = counts.plus(await self._settled(context, account, entry))
        return counts

    async def _settled(self, context: Context, account: Account, entry: Entry) -> Counts:
        """Money is given back by the key of the checkout's own compensation: however often it is asked for,
        it is given back once. Without a final answer the next run asks again: one payment holds up no run."""
        wanted = await self._store.run(context, partial(settle, entry, account))
        if isinstance(wanted, Counts):
            return wanted
        outcome = await self._give_back(wanted)
        if not isinstance(outcome, Done | Declined):
            return NEITHER
        failpoints.active and await failpoints.hit("reconciliation.after_giving_back")
        return await self._store.run(context, partial(record_given_back, entry, wanted, outcome, account))

    async def _give_back(self, wanted: PaymentRequest) -> Outcome:
        if wanted.operation is Operation.REFUND:
            return as_reversal(await self._providers.perform(wanted, again=True))
        return await self._providers.reverse(wanted, again=True)

    async def _ours(
        self, context: Context, account: Account, window: Window, entries: Sequence[Entry]
    ) -> Counts:
        moved = await self._recorded.moved(window.merchant, window.since, window.until)
        counts, known_there = Counts(), listed(entries)
        for first in range(0, len(moved), AT_ONCE):
            page = moved[first : first + AT_ONCE]
            for one in await self._store.run(context, partial(recorded_of, page, account)):
                counts = counts.plus(Counts(ours=1))
                if one.mark in known_there:
                    continue  # its entry is counted
                known = await self._providers.look_up(one.request)
                missing = partial(record_missing, one, known, account)
                counts = counts.plus(await self._store.run(context, missing))
            counts = counts.plus(await self._store.run(context, partial(report_clearing, page, account)))
        return counts
