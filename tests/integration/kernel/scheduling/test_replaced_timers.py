"""A call whose outcome records no facts ends only the timer that it leased, not one that was set since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kernel.store.changes import LeasedTimer
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.integration.kernel.shelf import DEMO, Shelf

CALL = "a call"
LEASE = """
    UPDATE timers SET due_at = due_at + interval '30 seconds', attempts = 1
    WHERE subject = $1 RETURNING due_at
"""
TIMERS = "SELECT due_at, payload FROM timers WHERE subject = $1"


async def leased_by_a_call(store: EventStore) -> LeasedTimer:
    """A timer that was set, and that a process has leased."""
    subject = uuid4()
    await request(store, subject, 1)
    until = await store.pool.fetchval(LEASE, subject)
    return LeasedTimer(subject, CALL, until)


async def request(store: EventStore, subject: UUID, number: int) -> None:
    async def act(work: PgUnitOfWork) -> None:
        work.set_timer(CALL, subject, work.now, {"request": number})

    await store.run(DEMO, act)


async def payload_of(store: EventStore, subject: UUID) -> dict[str, Any] | None:
    row = await store.pool.fetchrow(TIMERS, subject)
    return dict(row["payload"]) if row else None


async def cancel(work: PgUnitOfWork, leased: LeasedTimer, *, recording: bool = False) -> None:
    if recording:
        (await work.open(Shelf, leased.subject)).receive(1)
    work.cancel_timer(leased.kind, leased.subject)


async def reschedule(work: PgUnitOfWork, leased: LeasedTimer) -> None:
    work.set_timer(leased.kind, leased.subject, work.now + timedelta(minutes=1), {"tries": 1})


@pytest.mark.parametrize("end", [cancel, reschedule])
async def test_a_call_that_was_requested_again_meanwhile_stays_requested(store: EventStore, end: Any) -> None:
    leased = await leased_by_a_call(store)
    await request(store, leased.subject, 2)
    await store.run(DEMO, lambda work: end(work, leased), leased)
    assert await payload_of(store, leased.subject) == {"request": 2}


async def test_a_timer_that_is_still_the_leased_one_is_rescheduled_or_cancelled(store: EventStore) -> None:
    leased = await leased_by_a_call(store)
    await store.run(DEMO, lambda work: reschedule(work, leased), leased)
    assert await payload_of(store, leased.subject) == {"tries": 1}
    later = await store.pool.fetchval("SELECT due_at FROM timers WHERE subject = $1", leased.subject)
    again = leased._replace(due_at=later)
    await store.run(DEMO, lambda work: cancel(work, again), again)
    assert await payload_of(store, leased.subject) is None


async def test_an_outcome_with_facts_is_checked_by_its_version_and_cancels_whichever_timer_is_set(
    store: EventStore,
) -> None:
    leased = await leased_by_a_call(store)
    await request(store, leased.subject, 2)
    await store.run(DEMO, lambda work: cancel(work, leased, recording=True), leased)
    assert await payload_of(store, leased.subject) is None
