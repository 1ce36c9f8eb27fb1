"""An answer that records nothing touches only the timer that it answers, not one that was set since."""

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
TAKE = """
    UPDATE timers SET due_at = due_at + interval '30 seconds', attempts = 1
    WHERE subject = $1 RETURNING due_at
"""
TIMERS = "SELECT due_at, payload FROM timers WHERE subject = $1"


async def taken_by_a_call(store: EventStore) -> LeasedTimer:
    """As somebody has set it, and a process has taken it for a while."""
    subject = uuid4()
    await ask(store, subject, 1)
    until = await store.pool.fetchval(TAKE, subject)
    return LeasedTimer(subject, CALL, until)


async def ask(store: EventStore, subject: UUID, number: int) -> None:
    async def act(session: PgUnitOfWork) -> None:
        session.set_timer(CALL, subject, session.now, {"asked": number})

    await store.run(DEMO, act)


async def timer(store: EventStore, subject: UUID) -> dict[str, Any] | None:
    row = await store.pool.fetchrow(TIMERS, subject)
    return dict(row["payload"]) if row else None


async def strike_off(session: PgUnitOfWork, it: LeasedTimer, *, recording: bool = False) -> None:
    if recording:
        (await session.open(Shelf, it.subject)).receive(1)
    session.cancel_timer(it.kind, it.subject)


async def put_off(session: PgUnitOfWork, it: LeasedTimer) -> None:
    session.set_timer(it.kind, it.subject, session.now + timedelta(minutes=1), {"tries": 1})


@pytest.mark.parametrize("answer", [strike_off, put_off])
async def test_what_was_asked_for_again_meanwhile_stays_asked_for(store: EventStore, answer: Any) -> None:
    it = await taken_by_a_call(store)
    await ask(store, it.subject, 2)
    await store.run(DEMO, lambda session: answer(session, it), it)
    assert await timer(store, it.subject) == {"asked": 2}


async def test_what_is_as_it_was_taken_is_struck_off_or_put_off(store: EventStore) -> None:
    it = await taken_by_a_call(store)
    await store.run(DEMO, lambda session: put_off(session, it), it)
    assert await timer(store, it.subject) == {"tries": 1}
    later = await store.pool.fetchval("SELECT due_at FROM timers WHERE subject = $1", it.subject)
    again = it._replace(due_at=later)
    await store.run(DEMO, lambda session: strike_off(session, again), again)
    assert await timer(store, it.subject) is None


async def test_what_is_recorded_is_compared_by_its_version_and_strikes_off_whatever_is_there(
    store: EventStore,
) -> None:
    it = await taken_by_a_call(store)
    await ask(store, it.subject, 2)
    await store.run(DEMO, lambda session: strike_off(session, it, recording=True), it)
    assert await timer(store, it.subject) is None
