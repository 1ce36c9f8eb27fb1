"""Commit recovery: a commit whose confirmation is lost is reported as it ended."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.errors import CommitOutcomeUnknown, DuplicateRequest
from kernel.faults import failpoints
from kernel.postgres.connections import create_pool
from kernel.store import commit_recovery
from kernel.store.changes import StoredResponse
from kernel.store.event_store import EventStore
from kernel.store.write_batch import WriteBatch
from kernel.store.writing import write
from tests.integration.kernel.shelf import DEMO, Shelf, lying_on
from tests.support.cut_wire import Wire, wired
from tests.support.database import Pool

WAITS = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1"
TERMINATE_WAITING = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_database d ON d.oid = database
    WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
"""


async def commit_one(wire: Wire, store: EventStore, *, with_fact: bool = True) -> object:
    shelf, key = uuid4(), uuid4().hex
    work = await store.begin(DEMO)
    if with_fact:
        (await work.open(Shelf, shelf)).receive(1)
    work.set_response(StoredResponse("demo", "POST /shelves", key, b"hash", None, 201, b"{}", None, work.now))
    wire.cut_after = key.encode()
    wire.hang_up = True
    await store.commit(work)
    return shelf


async def test_an_unconfirmed_commit_that_was_stored_succeeds(database: Database, pool: Pool) -> None:
    async with wired(database.service_url) as wire, await create_pool(wire.url, "test", 2) as through:
        shelf = await commit_one(wire, EventStore(through, MESSAGES))

    assert wire.cut.is_set()
    assert await pool.fetchval("SELECT count(*) FROM log WHERE stream_id = $1", shelf) == 1


async def test_an_unconfirmed_response_without_facts_is_a_duplicate_request(
    database: Database,
) -> None:
    async with wired(database.service_url) as wire, await create_pool(wire.url, "test", 2) as through:
        with pytest.raises(DuplicateRequest):
            await commit_one(wire, EventStore(through, MESSAGES), with_fact=False)


async def test_a_commit_cut_off_before_its_end_is_reported_as_not_stored(
    database: Database, pool: Pool
) -> None:
    async with wired(database.service_url) as wire, await create_pool(wire.url, "test", 2) as through:
        store, shelf = EventStore(through, MESSAGES), uuid4()
        work = await store.begin(DEMO)
        (await work.open(Shelf, shelf)).receive(1)
        async with pool.acquire() as other, other.transaction():
            await other.execute("SELECT pg_advisory_xact_lock(7001)")
            committing = asyncio.create_task(store.commit(work))
            while not await pool.fetchval(TERMINATE_WAITING):  # noqa: ASYNC110  # it waits in another process
                await asyncio.sleep(0.01)
        with pytest.raises(Exception, match="connection") as refused:
            await committing

    assert not isinstance(refused.value, CommitOutcomeUnknown)
    assert await lying_on(EventStore(pool, MESSAGES), shelf) == 0


async def test_what_is_reported_as_not_stored_is_not_stored_later_by_a_waiting_backend(
    database: Database, pool: Pool
) -> None:
    store, shelf = EventStore(pool, MESSAGES), uuid4()
    work = await store.begin(DEMO)
    work.set_timer("reminder", shelf, work.now)
    await store.commit(work)
    work = await store.begin(DEMO)
    (await work.open(Shelf, shelf)).receive(1)
    work.set_timer("reminder", shelf, work.now)
    changes, error = work.collect(), ConnectionError("no answer")

    abandoned = await asyncpg.connect(database.service_url)
    try:
        await abandoned.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=str, format="text")
        async with pool.acquire() as other, other.transaction():
            await other.execute("SELECT FROM timers WHERE subject = $1 FOR UPDATE", shelf)
            writing = asyncio.create_task(write(abandoned, WriteBatch.of([changes])))
            while not await pool.fetchval(WAITS, abandoned.get_server_pid()):  # noqa: ASYNC110  # it waits in another process
                await asyncio.sleep(0.01)
            assert await commit_recovery.find_commit_outcome(
                pool, [changes], error, abandoned.get_server_pid()
            ) == [error]
        with pytest.raises((OSError, asyncpg.PostgresError)):
            await writing
    finally:
        abandoned.terminate()
    assert await lying_on(store, shelf) == 0


async def test_while_the_database_is_unreachable_the_outcome_is_unknown(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_recovery, "RECOVERY_TIMEOUT", 0.3)
    async with wired(database.service_url) as wire:
        through = await create_pool(wire.url, "test", 2)
        wire.for_good = True
        with pytest.raises(CommitOutcomeUnknown):
            await commit_one(wire, EventStore(through, MESSAGES))
        through.terminate()


async def test_the_outcome_of_an_unconfirmed_transaction_is_unknown(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failpoints, "active", None)
    failpoints.enable("transaction.after_commit=exec_then_timeout; transaction.before_commit=raise@2")
    store, shelf = EventStore(pool, MESSAGES), uuid4()

    async def act() -> None:
        async with store.transaction() as transaction:
            work = store.begin_within(transaction.connection, transaction.now)
            work.switch_context(DEMO)
            (await work.open(Shelf, shelf)).receive(1)
            await store.flush(work, transaction.connection)

    with pytest.raises(CommitOutcomeUnknown):
        await act()
    with pytest.raises(failpoints.InjectedFailure):
        await act()

    assert await lying_on(store, shelf) == 1
