"""The clock of a stack is moved step by step; what comes due fires once, in the order of its due times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.clock import move as moves
from kernel.clock.move import ClockOutOfReach
from kernel.clock.stack_clock import StackClock
from kernel.clock.state import Question
from kernel.observability.health import Heartbeats
from kernel.scheduling.timers import DueTimer, Timers
from kernel.service.settings import ServiceSettings
from kernel.store.clock import database_now
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.integration.kernel.shelf import DEMO, Shelf
from tests.support.database import Pool, execute, service_pool
from tests.support.running import running
from tests.support.waiting import until

SERVICE = "alone"
HOUR = timedelta(hours=1)
THREE_DAYS = timedelta(hours=72)
REMINDER, RENEWAL = "reminder", "renewal"
MANY = 10_000
DENSE = timedelta(seconds=40)
"""For so many timers that further ones come due while those of a step fire."""
ABOUT = timedelta(seconds=5)
SET_MANY = """
    INSERT INTO timers (subject, kind, tenant, due_at, correlation_id, causation_id)
    SELECT gen_random_uuid(), 'reminder', CASE WHEN n % 3 = 0 THEN 'rival' ELSE 'demo' END,
           feira_now() + n * $2::interval / $1, 'correlation', 'causation'
    FROM generate_series(1, $1::int) AS n
"""


class Fired:
    """Handlers that note what fired: due time, and the time that the handler saw."""

    def __init__(self) -> None:
        self.seen: list[tuple[UUID, datetime, datetime]] = []

    async def remind(self, timer: DueTimer, work: PgUnitOfWork) -> None:
        (await work.open(Shelf, timer.subject)).receive(1)
        self.seen.append((timer.subject, timer.due_at, work.now))

    async def renew(self, timer: DueTimer, work: PgUnitOfWork) -> None:
        await self.remind(timer, work)
        work.set_timer(RENEWAL, timer.subject, timer.due_at + HOUR)

    async def recur(self, timer: DueTimer, work: PgUnitOfWork) -> None:
        await self.remind(timer, work)
        work.set_timer(RENEWAL, timer.subject, work.now + HOUR)

    @property
    def due_times(self) -> list[datetime]:
        return [due_at for _, due_at, _ in self.seen]


@pytest.fixture
def store(pool: Pool) -> EventStore:
    return EventStore(pool, MESSAGES)


def clock_of(store: EventStore, recurring: Collection[str] = ()) -> StackClock:
    settings = ServiceSettings(
        port=1,
        database_url="postgresql://nobody@127.0.0.1/none",
        kafka_bootstrap="127.0.0.1:1",
        clock_urls=f"{SERVICE}=http://127.0.0.1:1",
        clock_secret="a secret for tests",
    )
    return StackClock(SERVICE, settings, store.pool, Heartbeats(), recurring)


@asynccontextmanager
async def serving(
    store: EventStore, fired: Fired, recurring: Collection[str] = (), *, late: bool = False
) -> AsyncIterator[StackClock]:
    """A stack of one service, without a relay. ``late``: what recurs counts from when it has fired."""
    clock = clock_of(store, recurring)
    renew = fired.recur if late else fired.renew
    timers = Timers(SERVICE, {REMINDER: fired.remind, RENEWAL: renew}, store, Heartbeats())
    clock.own.on_move(store.forget_time, timers.wake)
    async with running(timers.run(), *clock.loops()):
        yield clock


async def ask(store: EventStore, *, by: timedelta | None = None, to: datetime | None = None) -> datetime:
    """Record a move; returns the time that it reaches."""
    async with store.transaction() as transaction:
        await moves.record(transaction.connection, by=by, to=to)
    reaches = (await moves.read(store.pool)).reaches
    assert reaches is not None
    return reaches


async def advance(store: EventStore, clock: StackClock, by: timedelta) -> datetime:
    reaches = await ask(store, by=by)
    clock.wake()
    await clock.until_still()
    return reaches


async def test_ten_thousand_timers_fire_once_each_in_the_order_of_their_due_times(store: EventStore) -> None:
    await store.pool.execute(SET_MANY, MANY, THREE_DAYS)
    fired = Fired()

    async with serving(store, fired) as clock:
        await advance(store, clock, THREE_DAYS)

    assert len({subject for subject, _, _ in fired.seen}) == len(fired.seen) == MANY
    assert fired.due_times == sorted(fired.due_times)
    # each of them in a step of the clock that makes a hundredth of them due
    assert max(now - due_at for _, due_at, now in fired.seen) < THREE_DAYS / 90


async def test_timers_that_come_due_faster_than_a_step_takes_do_not_hold_the_clock_to_its_own_pace(
    store: EventStore,
) -> None:
    """Without larger and larger steps they would take as long as in real time."""
    await store.pool.execute(SET_MANY, 3_000, DENSE)
    await store.pool.execute("UPDATE timers SET tenant = 'demo'")  # tenants would fire a backlog in turns
    fired, began = Fired(), time.monotonic()

    async with serving(store, fired) as clock:
        await advance(store, clock, HOUR)

    assert time.monotonic() - began < DENSE.total_seconds() / 2
    assert fired.due_times == sorted(fired.due_times)
    assert len(fired.seen) == 3_000


async def test_a_move_passes_timers_that_recur_and_fires_each_once(store: EventStore) -> None:
    """A quarter of an hour's upkeep would else make a move by a year 35,000 steps."""
    work = await store.begin(DEMO)
    began, upkeep = work.now, uuid4()
    work.set_timer(RENEWAL, upkeep, began + HOUR)
    for hours in (10, 30):
        work.set_timer(REMINDER, uuid4(), began + hours * HOUR)
    await store.commit(work)
    fired = Fired()

    async with serving(store, fired, recurring={RENEWAL}, late=True) as clock:
        reaches = await advance(store, clock, THREE_DAYS)

    recurred = [now for subject, _, now in fired.seen if subject == upkeep]
    wanted = [began + 10 * HOUR, began + 30 * HOUR, reaches]
    assert [abs(now - it) < ABOUT for now, it in zip(recurred, wanted, strict=True)] == [True] * 3


async def test_a_timer_that_another_one_sets_fires_at_its_own_time(store: EventStore) -> None:
    work = await store.begin(DEMO)
    began = work.now
    work.set_timer(RENEWAL, uuid4(), began + HOUR)
    for hours in (2.5, 10.5, 20.5):
        work.set_timer(REMINDER, uuid4(), began + hours * HOUR)
    await store.commit(work)
    fired = Fired()

    async with serving(store, fired) as clock:
        await advance(store, clock, 24 * HOUR)

    assert len(fired.seen) == 24 + 3
    assert fired.due_times == sorted(fired.due_times)
    assert max(now - due_at for _, due_at, now in fired.seen) < ABOUT


async def test_a_move_that_is_killed_in_the_middle_is_finished_by_the_next_process(
    store: EventStore, database: Database
) -> None:
    await store.pool.execute(SET_MANY, 1_000, THREE_DAYS)
    before, after = Fired(), Fired()
    reaches = await ask(store, by=THREE_DAYS)

    async with serving(store, before):
        await until(lambda: _has_fired(before, 100))
    async with service_pool(database) as restarted, serving(EventStore(restarted, MESSAGES), after) as clock:
        await clock.until_still()
        now = await database_now(restarted)

    subjects = await store.pool.fetch("SELECT stream_id, count(*) FROM log GROUP BY 1")
    assert len(subjects) == 1_000
    assert {it["count"] for it in subjects} == {1}
    assert after.due_times == sorted(after.due_times)
    assert reaches <= now < reaches + 2 * ABOUT


async def _has_fired(fired: Fired, count: int) -> bool:
    return len(fired.seen) >= count


async def test_a_unit_of_work_after_a_move_has_the_new_time(store: EventStore) -> None:
    await store.begin(DEMO)

    async with serving(store, Fired()) as clock:
        reaches = await advance(store, clock, HOUR)
        assert (await store.begin(DEMO)).now >= reaches


async def test_two_moves_add_up_and_the_same_time_again_changes_nothing(store: EventStore) -> None:
    first = await ask(store, by=HOUR)

    assert await ask(store, by=HOUR) == first + HOUR
    assert await ask(store, to=first + HOUR) == first + HOUR
    async with serving(store, Fired()) as clock:
        await clock.until_still()
    assert await ask(store, to=first + HOUR) == first + HOUR
    assert (await moves.read(store.pool)).state == "still"


async def test_the_clock_moves_forwards_only(store: EventStore, database: Database) -> None:
    await ask(store, by=HOUR)

    for back in (timedelta(minutes=30), -HOUR, timedelta(days=365 * 200)):
        with pytest.raises(ClockOutOfReach):
            await ask(store, to=await database_now(store.pool) + back)
    await store.pool.execute("SELECT move_clock(1000000)")
    await store.pool.execute("SELECT move_clock(1)")
    assert await store.pool.fetchval("SELECT shift FROM clock") == timedelta(seconds=1)


async def test_only_an_empty_stack_goes_back_to_the_machines_time(store: EventStore) -> None:
    async with serving(store, Fired()) as clock:
        await advance(store, clock, HOUR)
        await _reset(store, clock)
        assert await store.pool.fetchval("SELECT shift FROM clock") == timedelta()

        await advance(store, clock, HOUR)
        work = await store.begin(DEMO)
        work.set_timer(REMINDER, uuid4(), work.now + HOUR)
        await store.commit(work)
        await _reset(store, clock)
        assert await store.pool.fetchval("SELECT shift FROM clock") > timedelta(minutes=59)


async def _reset(store: EventStore, clock: StackClock) -> None:
    async with store.transaction() as transaction:
        await moves.record_reset(transaction.connection)
    clock.wake()
    await clock.until_still()


async def test_production_ignores_a_shift_and_cannot_make_one(database: Database) -> None:
    await execute(database.owner_url, "UPDATE clock SET shift = interval '1 hour'")

    async with service_pool(database, env="production") as pool:
        assert await pool.fetchval("SELECT feira_now() = now()")
        for statement in ("SELECT move_clock(1000000)", "SELECT reset_clock()"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="FEIRA_ENV"):
                await pool.execute(statement)


async def test_a_service_moves_its_clock_by_the_function_alone(pool: Pool) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("UPDATE clock SET shift = interval '1 hour'")


async def test_a_move_waits_for_a_call_that_is_in_progress(store: EventStore) -> None:
    """A lease is machinery: its time is the machine's."""
    await store.pool.execute(SET_MANY, 1, timedelta(seconds=20))
    await store.pool.execute("UPDATE timers SET kind = 'call', attempts = 1")
    await ask(store, by=HOUR)

    async with serving(store, Fired()) as clock:
        ended = asyncio.create_task(clock.until_still())
        for _ in range(20):
            state = await clock.own.state(Question(1, moves.LATEST, moves.LATEST))
            assert (state.shift, state.in_progress, state.due_times) == (0, 1, ())
        await store.pool.execute("DELETE FROM timers")
        await ended


async def test_a_fact_in_memory_has_the_time_of_the_log(store: EventStore) -> None:
    shelf = uuid4()
    async with serving(store, Fired()) as clock:
        await advance(store, clock, HOUR)
        work = await store.begin(DEMO)
        aggregate = await work.open(Shelf, shelf)
        aggregate.receive(1)
        await store.commit(work)

    recorded_at = await store.pool.fetchval("SELECT recorded_at FROM log WHERE stream_id = $1", shelf)
    assert aggregate.modified_on == recorded_at
