"""A timer fires exactly once, when it is due by the database's clock."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.context import Context
from kernel.observability.health import Heartbeats
from kernel.scheduling.timers import MAX_BATCH, DueTimer, Timers
from kernel.store.clock import database_now
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.integration.kernel.shelf import DEMO, RIVAL, Shelf, lying_on, put_on_shelf
from tests.support.database import move_clock, service_pool
from tests.support.running import running
from tests.support.waiting import until

HOUR = timedelta(hours=1)
REMINDER = "reminder"


async def put_one_on_the_shelf(timer: DueTimer, work: PgUnitOfWork) -> None:
    (await work.open(Shelf, timer.subject)).receive(1)


class HandlerFailed(Exception):
    pass


def timers(store: EventStore) -> Timers:
    return Timers("offer", {REMINDER: put_one_on_the_shelf}, store, Heartbeats())


async def set_timer(
    store: EventStore, subject: UUID, due_in: timedelta, payload: int = 0, context: Context = DEMO
) -> None:
    work = await store.begin(context)
    work.set_timer(REMINDER, subject, work.now + due_in, {"payload": payload})
    await store.commit(work)


async def count_timers(store: EventStore) -> int:
    count: int = await store.pool.fetchval("SELECT count(*) FROM timers")
    return count


async def all_have_fired(store: EventStore) -> bool:
    return await count_timers(store) == 0


async def test_a_timer_fires_once_with_all_that_it_causes(store: EventStore) -> None:
    shelf = uuid4()
    await set_timer(store, shelf, timedelta(0))

    async with running(timers(store).run()):
        await until(lambda: all_have_fired(store))
        await set_timer(store, uuid4(), timedelta(0))
        await until(lambda: all_have_fired(store))

    assert await lying_on(store, shelf) == 1
    row = await store.pool.fetchrow(
        "SELECT tenant, actor, correlation_id FROM log WHERE stream_id = $1", shelf
    )
    assert row is not None
    assert tuple(row) == ("demo", "/feira/offer", "correlation")


async def test_a_timer_does_not_fire_before_it_is_due(store: EventStore, database: Database) -> None:
    early, late = uuid4(), uuid4()
    await set_timer(store, early, HOUR)
    await set_timer(store, late, 2 * HOUR)

    await move_clock(database, HOUR + timedelta(seconds=1))
    async with running(timers(store).run()):
        await until(lambda: _has(store, early))

    assert await lying_on(store, late) == 0
    assert await count_timers(store) == 1


async def _has(store: EventStore, shelf: UUID) -> bool:
    return await lying_on(store, shelf) == 1


async def test_a_timer_that_came_due_while_the_service_was_down_fires_once_at_the_next_start(
    store: EventStore, database: Database
) -> None:
    shelf = uuid4()
    await set_timer(store, shelf, HOUR)
    await move_clock(database, timedelta(hours=72))

    for _ in range(2):
        async with (
            service_pool(database) as restarted,
            running(timers(EventStore(restarted, MESSAGES)).run()),
        ):
            await until(lambda: all_have_fired(store))

    assert await lying_on(store, shelf) == 1


async def test_setting_a_timer_again_moves_it(store: EventStore, database: Database) -> None:
    shelf, other = uuid4(), uuid4()
    await set_timer(store, shelf, HOUR, payload=1)
    await set_timer(store, shelf, 3 * HOUR, payload=2)
    await set_timer(store, other, 2 * HOUR)
    await move_clock(database, 2 * HOUR + timedelta(seconds=1))

    seen: list[int] = []

    async def note_payload(timer: DueTimer, work: PgUnitOfWork) -> None:
        seen.append(timer.payload["payload"])
        await put_one_on_the_shelf(timer, work)

    async with running(Timers("offer", {REMINDER: note_payload}, store, Heartbeats()).run()):
        await until(lambda: _has(store, other))
        assert await lying_on(store, shelf) == 0
        await move_clock(database, HOUR)
        await until(lambda: _has(store, shelf))

    assert seen == [0, 2]


async def test_a_cancelled_timer_does_not_fire(store: EventStore, database: Database) -> None:
    cancelled, other = uuid4(), uuid4()
    await set_timer(store, cancelled, HOUR)
    await set_timer(store, other, HOUR)
    work = await store.begin(DEMO)
    work.cancel_timer(REMINDER, cancelled)
    await store.commit(work)
    await move_clock(database, 2 * HOUR)

    async with running(timers(store).run()):
        await until(lambda: all_have_fired(store))

    assert await lying_on(store, other) == 1
    assert await lying_on(store, cancelled) == 0


@pytest.mark.parametrize(("env", "shifted"), [("test", True), ("local", True), ("production", False)])
async def test_the_clock_moves_for_every_process_but_those_of_production(
    database: Database, env: str, shifted: bool
) -> None:
    async with service_pool(database, env) as pool:
        before = await database_now(pool)
        await move_clock(database, timedelta(hours=72))
        passed: timedelta = (await database_now(pool)) - before

    assert (passed >= timedelta(hours=72)) is shifted


async def test_a_timer_may_set_itself_again(store: EventStore, database: Database) -> None:
    shelf = uuid4()
    fired_at: list[datetime] = []

    async def every_hour(timer: DueTimer, work: PgUnitOfWork) -> None:
        fired_at.append(work.now)
        work.set_timer(REMINDER, timer.subject, work.now + HOUR)

    await set_timer(store, shelf, timedelta(0))
    async with running(Timers("offer", {REMINDER: every_hour}, store, Heartbeats()).run()):
        await until(lambda: len(fired_at) == 1)
        await move_clock(database, HOUR)
        await until(lambda: len(fired_at) == 2)

    assert await count_timers(store) == 1


async def test_timers_that_fail_are_rescheduled_and_the_others_fire(
    store: EventStore, database: Database
) -> None:
    bad, good = [uuid4() for _ in range(20)], [uuid4() for _ in range(5)]
    for shelf in bad:
        await set_timer(store, shelf, -HOUR)
    for shelf in good:
        await set_timer(store, shelf, timedelta(0))
    is_mended = False

    async def fire(timer: DueTimer, work: PgUnitOfWork) -> None:
        await put_one_on_the_shelf(timer, work)
        if timer.subject in bad and not is_mended:
            raise HandlerFailed

    async with running(Timers("offer", {REMINDER: fire}, store, Heartbeats()).run()):
        await until(lambda: _counts(store, good), limit=10)
        rows = await store.pool.fetch(
            "SELECT subject, attempts, due_at > feira_now() AS rescheduled FROM timers"
        )
        assert {row["subject"] for row in rows} == set(bad)
        assert all(row["attempts"] >= 1 for row in rows)
        assert [await lying_on(store, it) for it in bad] == [0] * 20

        is_mended = True
        await move_clock(database, HOUR)
        await until(lambda: _counts(store, bad))

    assert await count_timers(store) == 0


async def _counts(store: EventStore, shelves: list[UUID]) -> bool:
    return [await lying_on(store, it) for it in shelves] == [1] * len(shelves)


async def test_a_timer_whose_commit_conflicts_is_tried_again_and_counted_once(store: EventStore) -> None:
    shelf = uuid4()
    await set_timer(store, shelf, timedelta(0))
    has_conflicted = False
    before = fired_total()

    async def fire(timer: DueTimer, work: PgUnitOfWork) -> None:
        nonlocal has_conflicted
        await put_one_on_the_shelf(timer, work)
        if not has_conflicted:
            has_conflicted = True
            await put_on_shelf(store, shelf, 10)

    async with running(Timers("offer", {REMINDER: fire}, store, Heartbeats()).run()):
        await until(lambda: all_have_fired(store))

    assert await lying_on(store, shelf) == 11
    assert fired_total() == before + 1


def fired_total() -> float:
    return REGISTRY.get_sample_value("feira_timers_fired_total", {"kind": REMINDER}) or 0


async def test_two_runners_share_the_work_and_fire_nothing_twice(
    store: EventStore, database: Database
) -> None:
    shelves = [uuid4() for _ in range(300)]
    work = await store.begin(DEMO)
    for it in shelves:
        work.set_timer(REMINDER, it, work.now)
    await store.commit(work)
    fired: Counter[str] = Counter()

    def runner(name: str, own: EventStore) -> Timers:
        async def fire(timer: DueTimer, work: PgUnitOfWork) -> None:
            fired[name] += 1
            await put_one_on_the_shelf(timer, work)

        return Timers("offer", {REMINDER: fire}, own, Heartbeats())

    async with (
        service_pool(database) as other,
        running(runner("one", store).run(), runner("other", EventStore(other, MESSAGES)).run()),
    ):
        await until(lambda: all_have_fired(store))

    assert fired.total() == 300
    assert len(fired) == 2
    assert await store.pool.fetchval("SELECT count(*) FROM log") == 300


async def test_the_first_batch_holds_a_timer_of_each_tenant_also_if_one_has_a_backlog(
    store: EventStore,
) -> None:
    fired: list[str] = []

    async def note(timer: DueTimer, work: PgUnitOfWork) -> None:
        fired.append(timer.context.tenant)

    work = await store.begin(DEMO)
    for _ in range(3 * MAX_BATCH):
        work.set_timer(REMINDER, uuid4(), work.now - HOUR)
    await store.commit(work)
    await set_timer(store, uuid4(), timedelta(0), context=RIVAL)
    async with running(Timers("offer", {REMINDER: note}, store, Heartbeats()).run()):
        await until(lambda: all_have_fired(store))

    assert RIVAL.tenant in fired[:MAX_BATCH]
    assert len(fired) == 3 * MAX_BATCH + 1
