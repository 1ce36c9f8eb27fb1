"""Gauges that are read from the database have its values, and never hold up a scrape."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.messaging import message_gauges
from kernel.observability.health import Heartbeats
from kernel.observability.metrics.declaring import Part, expose
from kernel.postgres import gauges as gauges_module
from kernel.postgres import pool_metrics
from kernel.postgres.connections import create_pool
from kernel.postgres.gauges import DatabaseGauges, Reading
from kernel.scheduling import timer_gauges
from kernel.store.event_store import EventStore
from tests.integration.kernel.shelf import DEMO, RIVAL, put_on_shelf
from tests.support.database import Pool, move_clock
from tests.support.exported import exported
from tests.support.running import running
from tests.support.waiting import until

PARK = """
    INSERT INTO parked
        (grp, topic, part, record_offset, headers, tenant, reason, error, parked_at, resolved_at)
    VALUES ($1, 'cart.events', 0, $2, '[]', $3, $4, 'an error', now() - $5::interval, $6)
"""


@pytest.fixture(autouse=True)
def _all_parts() -> None:
    expose(*Part)


def gauges(pool: Pool, *readings: Reading) -> DatabaseGauges:
    return DatabaseGauges(pool, readings, Heartbeats())


async def test_the_outbox_counts_what_lies_behind_the_cursor(pool: Pool, database: Database) -> None:
    store = EventStore(pool, MESSAGES)
    for _ in range(3):
        await put_on_shelf(store, uuid4(), 1)
    position = await pool.fetchval("SELECT min(position) FROM log")
    await pool.execute("UPDATE relay_cursor SET position = $1, generation = 4", position)
    await move_clock(database, timedelta(seconds=100))
    await gauges(pool, message_gauges.outbox()).read()
    assert exported("feira_outbox_unpublished_messages") == 2
    assert 100 <= (exported("feira_outbox_oldest_unpublished_seconds") or 0) < 130
    assert exported("feira_relay_generation") == 4

    await pool.execute("UPDATE relay_cursor SET position = (SELECT max(position) FROM log)")
    await gauges(pool, message_gauges.outbox()).read()
    assert exported("feira_outbox_unpublished_messages") == 0
    assert exported("feira_outbox_oldest_unpublished_seconds") == 0


async def test_parked_records_of_all_tenants_count_until_they_are_resolved(pool: Pool) -> None:
    rows: list[tuple[str, int, str | None, str, int, datetime | None]] = [
        ("a", 1, "demo", "failed", 10, None),
        ("a", 2, "rival", "failed", 500, None),
        ("b", 3, None, "headers", 20, None),
        ("b", 4, "demo", "gap", 900, datetime.now(UTC)),
    ]
    for group, offset, tenant, reason, age, resolved in rows:
        await pool.execute(PARK, group, offset, tenant, reason, timedelta(seconds=age), resolved)
    reading = gauges(pool, message_gauges.parked())
    await reading.read()
    assert exported("feira_parked_records", group="a", reason="failed") == 2
    assert exported("feira_parked_records", group="b", reason="headers") == 1
    assert exported("feira_parked_records", group="b", reason="gap") is None
    assert 500 <= (exported("feira_parked_oldest_seconds") or 0) < 530

    await pool.execute("UPDATE parked SET resolved_at = now()")
    await reading.read()
    assert exported("feira_parked_records", group="a", reason="failed") is None
    assert exported("feira_parked_oldest_seconds") == 0


async def test_timers_and_calls_count_apart_over_all_tenants(pool: Pool, database: Database) -> None:
    store = EventStore(pool, MESSAGES)
    for context in (DEMO, RIVAL):
        work = await store.begin(context)
        for kind, seconds in (("expiry", 5), ("expiry", 3600), ("call", 5)):
            work.set_timer(kind, uuid4(), work.now + timedelta(seconds=seconds))
        await store.commit(work)
    reading = gauges(pool, timer_gauges.timers({"expiry"}, {"call"}))
    await reading.read()
    assert exported("feira_timers_overdue") == exported("feira_calls_pending") == 0

    await move_clock(database, timedelta(seconds=65))
    await reading.read()
    assert exported("feira_timers_overdue") == 2
    assert 60 <= (exported("feira_timers_overdue_seconds") or 0) < 90
    assert exported("feira_calls_pending") == 2

    # one call is leased, and the other done
    await pool.execute(
        "UPDATE timers SET attempts = 1, due_at = feira_now() + interval '20 s'"
        " WHERE kind = 'call' AND tenant = 'demo'"
    )
    await pool.execute("DELETE FROM timers WHERE kind = 'call' AND tenant = 'rival'")
    await reading.read()
    assert exported("feira_calls_pending") == 1


async def test_a_database_that_does_not_answer_makes_the_gauges_old_and_holds_up_nothing(
    pool: Pool, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauges_module, "INTERVAL_SECONDS", 0.05)
    monkeypatch.setattr(gauges_module, "TIMEOUT_SECONDS", 0.2)
    found: list[object] = []
    blocker = await asyncpg.connect(database.owner_url)
    loop = gauges(pool, Reading("SELECT to_jsonb(position) FROM relay_cursor", found.append))
    async with running(loop.run()):
        await until(lambda: found != [])
        async with blocker.transaction():
            await blocker.execute("LOCK relay_cursor")
            known = len(found)
            await until(lambda: (exported("feira_gauges_age_seconds") or 0) > 1.0)
            assert len(found) <= known + 1
        await until(lambda: (exported("feira_gauges_age_seconds") or 9) < 0.2)
    await blocker.close()


async def test_the_pool_shows_its_connections_in_use_and_counts_waits(database: Database) -> None:
    async with await create_pool(database.service_url, "test", 2) as pool:
        pool_metrics.measure(pool)
        assert exported("feira_db_pool_size", pool="writers") == 1
        before = _waits(pool="writers")
        async with pool.acquire() as connection:
            assert exported("feira_db_pool_in_use", pool="writers") == 1
            waiting = asyncio.create_task(pool.fetchval("SELECT 1"))
            await connection.fetchval("SELECT pg_sleep(0.15)")
        await waiting
        assert exported("feira_db_pool_in_use", pool="writers") == 0
        count, seconds = _waits(pool="writers")
        assert count == before[0] + 2
        assert seconds - before[1] >= 0.15

        readers = _waits(pool="readers")
        await pool.fetch_for_tenant("demo", "SELECT $1::text")
        assert _waits(pool="readers")[0] == readers[0] + 1
        assert exported("feira_db_pool_in_use", pool="readers") == 0


def _waits(**labels: str) -> tuple[float, float]:
    count, seconds = (exported(f"feira_db_pool_wait_seconds_{it}", **labels) for it in ("count", "sum"))
    return count or 0.0, seconds or 0.0
