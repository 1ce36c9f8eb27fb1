"""Saves that come at the same time share transactions, and each is whole or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from cli.stack.databases import Database
from contracts.topics import MESSAGES
from kernel.errors import Conflict, DuplicateRequest, KeyClaimed, Overloaded
from kernel.store.changes import LOG_COLUMNS, StoredResponse
from kernel.store.event_store import EventStore
from kernel.store.group_commit import GroupCommitter
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import COPY_THRESHOLD
from tests.integration.kernel.shelf import DEMO, Shelf, lying_on, put_on_shelf, unlock
from tests.support.database import Pool, service_pool
from tests.support.waiting import until

TOO_LARGE = 1_000_000


async def decided(store: EventStore, shelf_id: UUID, quantity: int = 1) -> PgUnitOfWork:
    work = await store.begin(DEMO)
    (await work.open(Shelf, shelf_id)).receive(quantity)
    return work


def answer(work: PgUnitOfWork, key: str) -> StoredResponse:
    return StoredResponse("demo", "POST /shelves", key, b"hash", None, 201, b"{}", None, work.now)


async def leave_everything(store: EventStore, shelf_id: UUID, name: str, key: str) -> PgUnitOfWork:
    """A unit of work that leaves one of everything that there is."""
    work = await decided(store, shelf_id)
    work.send(unlock(shelf_id), shelf_id)
    work.set_timer("reminder", shelf_id, work.now + timedelta(hours=1))
    work.claim_key("sku", name, shelf_id)
    work.set_response(answer(work, key))
    return work


async def left_by(pool: Pool, shelf_id: UUID) -> list[int]:
    """How many facts, commands, timers, claims and answers there are."""
    counts = await pool.fetchrow(
        """
        SELECT (SELECT count(*) FROM log WHERE stream_id = $1 AND kind = 'fact'),
               (SELECT count(*) FROM log WHERE key = $1 AND kind = 'command'),
               (SELECT count(*) FROM timers WHERE subject = $1),
               (SELECT count(*) FROM claims WHERE holder = $1),
               (SELECT count(*) FROM idempotency)
        """,
        shelf_id,
    )
    assert counts is not None
    return list(counts)


async def test_many_concurrent_saves_share_few_transactions(store: EventStore, pool: Pool) -> None:
    shelves = [uuid4() for _ in range(200)]
    units = await asyncio.gather(*(decided(store, it) for it in shelves))

    await asyncio.gather(*(store.commit(it) for it in units))

    assert await pool.fetchval("SELECT count(*) FROM log") == 200
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM log") <= 4


@pytest.mark.parametrize("count", [1, COPY_THRESHOLD, COPY_THRESHOLD + 1, 3 * COPY_THRESHOLD])
async def test_few_rows_and_many_are_stored_alike_in_their_order_and_once(
    store: EventStore, pool: Pool, count: int
) -> None:
    work = await store.begin(replace(DEMO, occurred_at=datetime(1997, 1, 12, tzinfo=UTC)))
    shelf = await work.open(Shelf, uuid4())
    for quantity in range(1, count + 1):
        shelf.receive(quantity)
    save = work.collect()

    await GroupCommitter(pool).commit(save)
    with pytest.raises(Conflict):
        await GroupCommitter(pool).commit(save)

    stored = await pool.fetch(f"SELECT {', '.join(LOG_COLUMNS)} FROM log ORDER BY position")  # noqa: S608
    assert [tuple(row) for row in stored] == save.rows
    assert [row["version"] for row in stored] == list(range(1, count + 1))


async def test_a_stale_version_is_refused_while_the_others_of_its_batch_go_in(
    store: EventStore, pool: Pool
) -> None:
    contested = uuid4()
    stale = await decided(store, contested, 7)
    await put_on_shelf(store, contested, 1)
    others = [await decided(store, uuid4()) for _ in range(20)]

    outcomes = await asyncio.gather(
        *map(store.commit, [*others[:10], stale, *others[10:]]), return_exceptions=True
    )

    assert [type(it) for it in outcomes if it is not None] == [Conflict]
    assert isinstance(outcomes[10], Conflict)
    assert await pool.fetchval("SELECT count(*) FROM log") == 21
    assert await lying_on(store, contested) == 1


async def test_of_two_saves_of_one_version_in_one_batch_the_first_wins(store: EventStore) -> None:
    shelf = uuid4()
    first, second = await decided(store, shelf, 1), await decided(store, shelf, 2)

    outcomes = await asyncio.gather(store.commit(first), store.commit(second), return_exceptions=True)

    assert outcomes[0] is None
    assert isinstance(outcomes[1], Conflict)
    assert await lying_on(store, shelf) == 1


async def test_a_save_leaves_its_facts_commands_timers_claims_and_answer_together(
    store: EventStore, pool: Pool
) -> None:
    shelf = uuid4()

    await store.commit(await leave_everything(store, shelf, "A-1", "key"))

    assert await left_by(pool, shelf) == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("late_in", ["version", "claim", "key"])
async def test_a_save_that_comes_late_in_one_thing_leaves_nothing_at_all(
    store: EventStore, pool: Pool, late_in: str
) -> None:
    shelf, taken = uuid4(), uuid4()
    await store.commit(await leave_everything(store, taken, "taken", "taken"))
    late = await leave_everything(
        store,
        shelf,
        "taken" if late_in == "claim" else "free",
        "taken" if late_in == "key" else "free",
    )
    if late_in == "version":
        await put_on_shelf(store, shelf, 1)
    before = await left_by(pool, shelf)

    with pytest.raises({"version": Conflict, "claim": KeyClaimed, "key": DuplicateRequest}[late_in]):
        await store.commit(late)

    assert await left_by(pool, shelf) == before


async def test_one_save_may_change_several_streams_and_all_or_none_of_them_change(store: EventStore) -> None:
    one, other = uuid4(), uuid4()
    both = await decided(store, one, 5)
    (await both.open(Shelf, other)).receive(5)
    await put_on_shelf(store, other, 1)

    with pytest.raises(Conflict):
        await store.commit(both)

    assert await lying_on(store, one) == 0
    assert await lying_on(store, other) == 1


async def test_a_save_that_the_database_cannot_take_fails_alone(store: EventStore, pool: Pool) -> None:
    good = [await decided(store, uuid4()) for _ in range(20)]
    bad = await decided(store, uuid4())
    too_large = unlock(uuid4()).model_copy(update={"reason": "x" * TOO_LARGE})
    bad.send(too_large, uuid4())

    outcomes = await asyncio.gather(*map(store.commit, [*good[:10], bad, *good[10:]]), return_exceptions=True)

    assert isinstance(outcomes[10], asyncpg.CheckViolationError)
    assert [it for it in outcomes if it is not None] == [outcomes[10]]
    assert await pool.fetchval("SELECT count(*) FROM log") == 20


async def test_a_caller_that_goes_away_in_the_middle_leaves_the_others_their_answers(
    store: EventStore, pool: Pool, database: Database
) -> None:
    units = [await decided(store, uuid4()) for _ in range(10)]
    log = await asyncpg.connect(database.owner_url)
    transaction = log.transaction()
    await transaction.start()
    await log.execute("SELECT pg_advisory_xact_lock(7001)")
    commits = [asyncio.create_task(store.commit(it)) for it in units]
    await until(lambda: _somebody_waits(pool))

    commits[3].cancel()
    commits[0].cancel()
    await transaction.rollback()
    outcomes = await asyncio.gather(*commits, return_exceptions=True)
    await log.close()

    assert [type(it) for it in outcomes if it is not None] == [asyncio.CancelledError] * 2
    assert await pool.fetchval("SELECT count(*) FROM log") == 10


async def _somebody_waits(pool: Pool) -> bool:
    waiting = await pool.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return bool(waiting)


async def test_two_processes_racing_on_one_stream_give_each_version_one_winner(database: Database) -> None:
    shelf = uuid4()
    async with service_pool(database) as one, service_pool(database) as other:
        stores = [EventStore(one, MESSAGES), EventStore(other, MESSAGES)]

        async def race(store: EventStore) -> int:
            lost = 0
            for _ in range(15):
                work = await decided(store, shelf)
                try:
                    await store.commit(work)
                except Conflict:
                    lost += 1
            return lost

        lost = await asyncio.gather(*(race(stores[it % 2]) for it in range(8)))

        versions = await one.fetch("SELECT version FROM log WHERE stream_id = $1 ORDER BY position", shelf)
        assert sum(lost) > 0
        assert [row["version"] for row in versions] == list(range(1, 8 * 15 - sum(lost) + 1))
        assert await lying_on(stores[0], shelf) == await lying_on(stores[1], shelf) == len(versions)


async def test_whoever_loses_decides_again_until_all_have_got_through(database: Database) -> None:
    shelf = uuid4()
    async with service_pool(database) as one, service_pool(database) as other:
        stores = [EventStore(one, MESSAGES), EventStore(other, MESSAGES)]

        await asyncio.gather(*(put_on_shelf(stores[it % 2], shelf, 1) for it in range(12)))

        assert await lying_on(stores[0], shelf) == 12


async def test_two_writers_who_touch_timers_in_opposite_order_both_succeed(
    database: Database, store: EventStore
) -> None:
    """PostgreSQL breaks the circle; whoever it gave way on is tried again."""
    early, late = sorted([uuid4(), uuid4()])
    work = await decided(store, uuid4())
    for subject in (early, late):
        work.set_timer("reminder", subject, work.now + timedelta(hours=1))
    await store.commit(work)
    stranger = await asyncpg.connect(database.superuser_url, server_settings={"deadlock_timeout": "60s"})
    transaction = stranger.transaction()
    await transaction.start()
    await stranger.execute("DELETE FROM timers WHERE subject = $1", late)
    work = await decided(store, uuid4())
    work.cancel_timer("reminder", early)
    work.cancel_timer("reminder", late)

    commit = asyncio.create_task(store.commit(work))
    await until(lambda: _somebody_waits_for_a_row(stranger))
    await stranger.execute("DELETE FROM timers WHERE subject = $1", early)
    await transaction.commit()
    await stranger.close()

    await commit
    assert await store.pool.fetchval("SELECT count(*) FROM timers") == 0


async def _somebody_waits_for_a_row(connection: asyncpg.Connection[asyncpg.Record]) -> bool:
    waiting = await connection.fetchval(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"
    )
    return bool(waiting)


async def test_what_comes_when_too_much_is_waiting_is_turned_away_and_not_stored(
    store: EventStore, pool: Pool
) -> None:
    committer = GroupCommitter(pool, max_queued=2)
    saves = [(await decided(store, uuid4())).collect() for _ in range(4)]

    # all of them come before the first is taken
    told = await asyncio.gather(*(committer.commit(it) for it in saves), return_exceptions=True)

    assert [type(it) for it in told] == [type(None), type(None), Overloaded, Overloaded]
    assert await pool.fetchval("SELECT count(*) FROM log") == 2
