"""Concurrent units of work share transactions, and each is stored as a whole or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
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


async def decide_everything(store: EventStore, shelf_id: UUID, name: str, key: str) -> PgUnitOfWork:
    """A unit of work with a fact, a command, a timer, a unique key and a response."""
    work = await decided(store, shelf_id)
    work.send(unlock(shelf_id), shelf_id)
    work.set_timer("reminder", shelf_id, work.now + timedelta(hours=1))
    work.claim_key("sku", name, shelf_id)
    work.set_response(answer(work, key))
    return work


async def stored_of(pool: Pool, shelf_id: UUID) -> list[int]:
    """How many facts, commands, timers, unique keys and responses are stored."""
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


async def test_many_concurrent_commits_share_few_transactions(store: EventStore, pool: Pool) -> None:
    shelves = [uuid4() for _ in range(200)]
    units = await asyncio.gather(*(decided(store, it) for it in shelves))

    await asyncio.gather(*(store.commit(it) for it in units))

    assert await pool.fetchval("SELECT count(*) FROM log") == 200
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM log") <= 4


@pytest.mark.parametrize("count", [1, COPY_THRESHOLD, COPY_THRESHOLD + 1, 3 * COPY_THRESHOLD])
async def test_rows_are_stored_once_and_in_their_order_whether_few_or_many(
    store: EventStore, pool: Pool, count: int
) -> None:
    work = await store.begin(replace(DEMO, occurred_at=datetime(1997, 1, 12, tzinfo=UTC)))
    shelf = await work.open(Shelf, uuid4())
    for quantity in range(1, count + 1):
        shelf.receive(quantity)
    changes = work.collect()

    await GroupCommitter(pool).commit(changes)
    with pytest.raises(Conflict):
        await GroupCommitter(pool).commit(changes)

    stored = await pool.fetch(f"SELECT {', '.join(LOG_COLUMNS)} FROM log ORDER BY position")  # noqa: S608
    assert [tuple(row) for row in stored] == changes.rows
    assert [row["version"] for row in stored] == list(range(1, count + 1))


async def test_a_stale_version_is_refused_and_the_rest_of_its_batch_stored(
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


async def test_of_two_commits_of_one_version_in_a_batch_the_first_is_stored(store: EventStore) -> None:
    shelf = uuid4()
    first, second = await decided(store, shelf, 1), await decided(store, shelf, 2)

    outcomes = await asyncio.gather(store.commit(first), store.commit(second), return_exceptions=True)

    assert outcomes[0] is None
    assert isinstance(outcomes[1], Conflict)
    assert await lying_on(store, shelf) == 1


async def test_facts_commands_timers_keys_and_response_are_stored_together(
    store: EventStore, pool: Pool
) -> None:
    shelf = uuid4()

    await store.commit(await decide_everything(store, shelf, "A-1", "key"))

    assert await stored_of(pool, shelf) == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("conflict_in", ["version", "claim", "key"])
async def test_a_conflict_in_one_part_stores_nothing_of_the_unit_of_work(
    store: EventStore, pool: Pool, conflict_in: str
) -> None:
    shelf, taken = uuid4(), uuid4()
    await store.commit(await decide_everything(store, taken, "taken", "taken"))
    late = await decide_everything(
        store,
        shelf,
        "taken" if conflict_in == "claim" else "free",
        "taken" if conflict_in == "key" else "free",
    )
    if conflict_in == "version":
        await put_on_shelf(store, shelf, 1)
    before = await stored_of(pool, shelf)

    with pytest.raises({"version": Conflict, "claim": KeyClaimed, "key": DuplicateRequest}[conflict_in]):
        await store.commit(late)

    assert await stored_of(pool, shelf) == before


async def test_a_unit_of_work_changes_all_of_its_streams_or_none(store: EventStore) -> None:
    one, other = uuid4(), uuid4()
    both = await decided(store, one, 5)
    (await both.open(Shelf, other)).receive(5)
    await put_on_shelf(store, other, 1)

    with pytest.raises(Conflict):
        await store.commit(both)

    assert await lying_on(store, one) == 0
    assert await lying_on(store, other) == 1


async def test_a_unit_of_work_that_the_database_refuses_fails_alone(store: EventStore, pool: Pool) -> None:
    good = [await decided(store, uuid4()) for _ in range(20)]
    bad = await decided(store, uuid4())
    too_large = unlock(uuid4()).model_copy(update={"reason": "x" * TOO_LARGE})
    bad.send(too_large, uuid4())

    outcomes = await asyncio.gather(*map(store.commit, [*good[:10], bad, *good[10:]]), return_exceptions=True)

    assert isinstance(outcomes[10], asyncpg.CheckViolationError)
    assert [it for it in outcomes if it is not None] == [outcomes[10]]
    assert await pool.fetchval("SELECT count(*) FROM log") == 20


async def test_a_cancelled_commit_does_not_affect_the_others_of_its_batch(
    store: EventStore, pool: Pool, database: Database
) -> None:
    units = [await decided(store, uuid4()) for _ in range(10)]
    log = await asyncpg.connect(database.owner_url)
    transaction = log.transaction()
    await transaction.start()
    await log.execute("SELECT pg_advisory_xact_lock(7001)")
    commits = [asyncio.create_task(store.commit(it)) for it in units]
    await until(lambda: _a_backend_waits(pool))

    commits[3].cancel()
    commits[0].cancel()
    await transaction.rollback()
    outcomes = await asyncio.gather(*commits, return_exceptions=True)
    await log.close()

    assert [type(it) for it in outcomes if it is not None] == [asyncio.CancelledError] * 2
    assert await pool.fetchval("SELECT count(*) FROM log") == 10


async def _a_backend_waits(pool: Pool) -> bool:
    waiting = await pool.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return bool(waiting)


async def test_two_processes_on_one_stream_store_each_version_once(database: Database) -> None:
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


async def test_conflicts_are_retried_until_all_units_of_work_are_stored(database: Database) -> None:
    shelf = uuid4()
    async with service_pool(database) as one, service_pool(database) as other:
        stores = [EventStore(one, MESSAGES), EventStore(other, MESSAGES)]

        await asyncio.gather(*(put_on_shelf(stores[it % 2], shelf, 1) for it in range(12)))

        assert await lying_on(stores[0], shelf) == 12


async def test_two_writers_of_timers_in_opposite_order_both_succeed(
    database: Database, store: EventStore
) -> None:
    """PostgreSQL aborts one of two deadlocked transactions, which is tried again."""
    early, late = sorted([uuid4(), uuid4()])
    work = await decided(store, uuid4())
    for subject in (early, late):
        work.set_timer("reminder", subject, work.now + timedelta(hours=1))
    await store.commit(work)
    other = await asyncpg.connect(database.superuser_url, server_settings={"deadlock_timeout": "60s"})
    transaction = other.transaction()
    await transaction.start()
    await other.execute("DELETE FROM timers WHERE subject = $1", late)
    work = await decided(store, uuid4())
    work.cancel_timer("reminder", early)
    work.cancel_timer("reminder", late)

    commit = asyncio.create_task(store.commit(work))
    await until(lambda: _a_backend_waits_for_a_row(other))
    await other.execute("DELETE FROM timers WHERE subject = $1", early)
    await transaction.commit()
    await other.close()

    await commit
    assert await store.pool.fetchval("SELECT count(*) FROM timers") == 0


async def _a_backend_waits_for_a_row(connection: asyncpg.Connection[asyncpg.Record]) -> bool:
    waiting = await connection.fetchval(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"
    )
    return bool(waiting)


async def test_commits_beyond_the_queue_limit_are_refused_and_not_stored(
    store: EventStore, pool: Pool
) -> None:
    committer = GroupCommitter(pool, max_queued=2)
    batch = [(await decided(store, uuid4())).collect() for _ in range(4)]

    # all are queued before the first batch begins
    outcomes = await asyncio.gather(*(committer.commit(it) for it in batch), return_exceptions=True)

    assert [type(it) for it in outcomes] == [type(None), type(None), Overloaded, Overloaded]
    assert await pool.fetchval("SELECT count(*) FROM log") == 2
