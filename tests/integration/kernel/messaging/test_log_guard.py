"""A log that lacks what its topics hold takes no writes, and one that lacks nothing is not stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.messaging import log_guard
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.log_guard import LogGuard, TopicsAheadOfLog
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.log import RELAY_TOPICS_AHEAD
from kernel.postgres.log_fence import NOT_COMPARED, TOPICS_AHEAD, History, LogFenced
from kernel.store.event_store import EventStore
from tests.integration.kernel.shelf import put_on_shelf
from tests.support.database import Pool, copied, service_pool
from tests.support.kafka_records import received_stock, send
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.waiting import until


def guard_of(parts: Parts, database: Database, pool: Pool, *, bootstrap: str | None = None) -> LogGuard:
    return LogGuard(
        "offer",
        database.service_url,
        KafkaConnection(bootstrap or parts.kafka_bootstrap),
        MESSAGES,
        pool.fence,
        Heartbeats(),
        on_reopened=lambda: None,
        shares_topics=True,
    )


@asynccontextmanager
async def publishing(parts: Parts, database: Database, pool: Pool) -> AsyncIterator[None]:
    """Run a relay until all of the log is published and noted."""
    guard = guard_of(parts, database, pool)
    relay = Relay("offer", database.service_url, KafkaConnection(parts.kafka_bootstrap), Heartbeats(), guard)
    async with running(relay.run()):
        yield
        await until(lambda: _all_published(pool), limit=30)


async def _all_published(pool: Pool) -> bool:
    return bool(
        await pool.fetchval(
            "SELECT position = (SELECT coalesce(max(position), 0) FROM log) FROM relay_cursor"
        )
    )


async def _published_shelf(parts: Parts, database: Database, pool: Pool, facts: int) -> UUID:
    shelf = uuid4()
    async with publishing(parts, database, pool):
        for _ in range(facts):
            await put_on_shelf(EventStore(pool, MESSAGES), shelf, 1)
    return shelf


async def test_a_restored_log_takes_no_writes_and_publishes_nothing_while_its_topics_hold_more(
    parts: Parts, database: Database, pool: Pool
) -> None:
    shelf = await _published_shelf(parts, database, pool, 2)
    pool.terminate()
    async with copied(database) as restored, service_pool(restored) as its_pool:
        # what the original appends from here on is lost to the copy
        async with service_pool(database) as original, publishing(parts, database, original):
            await put_on_shelf(EventStore(original, MESSAGES), shelf, 1)

        guard = guard_of(parts, restored, its_pool)
        await guard.start()
        store = EventStore(its_pool, MESSAGES)
        relay = Relay(
            "offer", restored.service_url, KafkaConnection(parts.kafka_bootstrap), Heartbeats(), guard
        )
        async with running(relay.run()):
            assert its_pool.fence.reason == TOPICS_AHEAD
            assert RELAY_TOPICS_AHEAD._value.get() == 1
            with pytest.raises(LogFenced):
                await put_on_shelf(store, shelf, 1)
            with pytest.raises(TopicsAheadOfLog):
                await guard.compare()
        connection = await asyncpg.connect(restored.service_url)
        assert await connection.fetchval("SELECT count(*) FROM log") == 2
        assert await connection.fetchval("SELECT epoch FROM relay_cursor") == 1
        await connection.close()


async def test_callers_read_nothing_while_the_fence_is_closed(pool: Pool) -> None:
    assert await pool.fetch_for_tenant("demo", "SELECT $1::text") != []
    pool.fence.close(TOPICS_AHEAD)
    with pytest.raises(LogFenced):
        await pool.fetch_for_tenant("demo", "SELECT $1::text")


async def test_a_crash_between_sending_and_moving_the_cursor_is_no_lost_log(
    parts: Parts, database: Database, pool: Pool
) -> None:
    shelf = await _published_shelf(parts, database, pool, 1)
    [cursor] = await pool.fetch("SELECT position, published FROM relay_cursor")
    async with publishing(parts, database, pool):
        await put_on_shelf(EventStore(pool, MESSAGES), shelf, 1)
    # as after a crash: the broker has the record, and the cursor does not know
    await pool.execute("UPDATE relay_cursor SET position = $1, published = $2", *cursor)

    await guard_of(parts, database, pool).start()

    assert pool.fence.reason is None
    await put_on_shelf(EventStore(pool, MESSAGES), shelf, 1)


async def test_a_higher_generation_and_a_failover_that_lost_nothing_are_no_lost_log(
    parts: Parts, database: Database, pool: Pool
) -> None:
    shelf = await _published_shelf(parts, database, pool, 2)
    guard = guard_of(parts, database, pool)
    # the relay has begun again from the beginning, as after a loss of the broker's data
    await pool.execute("UPDATE relay_cursor SET position = 0, generation = generation + 1")
    async with publishing(parts, database, pool):
        await put_on_shelf(EventStore(pool, MESSAGES), shelf, 1)
    await guard.compare()

    # a promotion gives the server another timeline
    pool.fence.open(History("of another timeline", 0))
    await pool.expire_connections()
    with pytest.raises(LogFenced):
        await put_on_shelf(EventStore(pool, MESSAGES), shelf, 1)
    assert pool.fence.reason == NOT_COMPARED
    async with running(guard.run()):
        await until(lambda: pool.fence.reason is None)
    await put_on_shelf(EventStore(pool, MESSAGES), shelf, 1)


async def test_wal_that_is_shorter_than_it_was_is_another_history(
    parts: Parts, database: Database, pool: Pool
) -> None:
    """A copy of the files that replaces them keeps the timeline."""
    await guard_of(parts, database, pool).start()
    history = pool.fence._compared
    assert history is not None
    pool.fence.open(history._replace(flushed=history.flushed + 1_000_000_000))
    await pool.expire_connections()
    with pytest.raises(LogFenced):
        await pool.fetchval("SELECT 1")


async def test_without_kafka_an_unchanged_database_is_written_to_and_a_restored_one_is_not(
    parts: Parts, database: Database, pool: Pool
) -> None:
    await _published_shelf(parts, database, pool, 1)
    await guard_of(parts, database, pool).compare()
    nowhere = "127.0.0.1:1"

    await guard_of(parts, database, pool, bootstrap=nowhere).start()
    assert pool.fence.reason is None
    pool.terminate()
    # a copy has another id, as a restored database has another timeline
    async with copied(database) as restored, service_pool(restored) as its_pool:
        await guard_of(parts, restored, its_pool, bootstrap=nowhere).start()
        assert its_pool.fence.reason == NOT_COMPARED
        await guard_of(parts, restored, its_pool).start()
        assert its_pool.fence.reason is None


async def test_a_new_service_starts_without_kafka(parts: Parts, database: Database, pool: Pool) -> None:
    await guard_of(parts, database, pool, bootstrap="127.0.0.1:1").start()
    assert pool.fence.reason is None


async def test_an_empty_database_beside_topics_that_hold_its_records_takes_no_writes(
    parts: Parts, database: Database, pool: Pool
) -> None:
    """A database that is lost altogether must not begin anew beside the facts of the old one."""
    await send(parts.kafka_bootstrap, received_stock(uuid4(), 1))
    guard = guard_of(parts, database, pool)
    guard._shares_topics = False
    await guard.start()
    assert pool.fence.reason == TOPICS_AHEAD


async def test_records_of_other_senders_and_without_an_envelope_are_no_lost_log(
    parts: Parts, database: Database, pool: Pool
) -> None:
    await _published_shelf(parts, database, pool, 1)
    foreign = received_stock(uuid4(), 1).with_header("ce_source", b"/elsewhere")
    await send(parts.kafka_bootstrap, foreign, received_stock(uuid4(), 1).without_header("ce_id"))
    await guard_of(parts, database, pool).start()
    assert pool.fence.reason is None


async def test_a_service_whose_database_is_away_at_the_start_waits_for_it(
    parts: Parts, database: Database, pool: Pool
) -> None:
    elsewhere = replace(database, service_url="postgresql://x@127.0.0.1:1/x")
    await guard_of(parts, elsewhere, pool).start()
    assert pool.fence.reason == NOT_COMPARED


async def test_a_start_does_not_wait_for_a_long_comparison(
    parts: Parts, database: Database, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _published_shelf(parts, database, pool, 1)
    await guard_of(parts, database, pool).compare()
    monkeypatch.setattr(log_guard, "START_SECONDS", 0.0)

    await guard_of(parts, database, pool).start()
    assert pool.fence.reason is None

    pool.terminate()
    async with copied(database) as restored, service_pool(restored) as its_pool:
        guard = guard_of(parts, restored, its_pool)
        await guard.start()
        assert its_pool.fence.reason == NOT_COMPARED
        async with running(guard.run()):
            await until(lambda: its_pool.fence.reason is None)
