"""Retention deletes what nothing needs any more, in batches and by the database's clock, and nothing else."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from uuid import UUID, uuid4

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel import ids
from kernel.observability.health import Heartbeats
from kernel.postgres import retention
from kernel.postgres.retention import MAX_ROWS, TRY_LOCK, Retention, Rule
from kernel.store.changes import StoredResponse
from kernel.store.event_store import EventStore
from tests.integration.kernel.shelf import DEMO, put_on_shelf
from tests.support.database import Pool, move_clock, service_pool

TWO_DAYS = timedelta(days=2)
GROUP = "offer"
SUBJECT = uuid4()


async def store_response(pool: Pool, key: str) -> None:
    store = EventStore(pool, MESSAGES)
    work = await store.begin(DEMO)
    work.set_response(StoredResponse("demo", "POST /carts", key, b"", None, 201, b"{}", None, work.now))
    await store.commit(work)


async def apply(pool: Pool, *rules: Rule) -> None:
    await Retention(pool, rules, 1, Heartbeats()).round()


def id_made(ago: timedelta) -> UUID:
    """A UUIDv7 of an earlier time."""
    milliseconds = int((time.time() - ago.total_seconds()) * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62)


async def stored_keys(pool: Pool) -> list[str]:
    return [row["key"] for row in await pool.fetch("SELECT key FROM idempotency ORDER BY key")]


async def test_stored_responses_are_deleted_after_their_time_by_the_databases_clock(
    database: Database, pool: Pool
) -> None:
    await store_response(pool, "old")
    await move_clock(database, TWO_DAYS - timedelta(minutes=1))
    await apply(pool, retention.responses(TWO_DAYS))
    assert await stored_keys(pool) == ["old"]

    await move_clock(database, timedelta(minutes=2))
    async with service_pool(database) as afterwards:  # its clock is read anew
        await store_response(afterwards, "new")
    await apply(pool, retention.responses(TWO_DAYS))
    assert await stored_keys(pool) == ["new"]


async def test_keys_that_are_kept_for_ever_lose_the_bodies_of_their_responses_alone(pool: Pool) -> None:
    await pool.executemany(
        """INSERT INTO idempotency
               (tenant, route, key, request_hash, subject, status, body, etag, recorded_at)
           VALUES ('demo', $1, $2, 'hash', $3, $4, $5, 'etag', feira_now() - $6::interval)""",
        [
            ("POST /pay", "old", SUBJECT, 202, b"{}", timedelta(days=91)),
            ("POST /pay", "refused", SUBJECT, 409, b"{}", timedelta(days=91)),
            ("POST /pay", "pending", SUBJECT, None, None, timedelta(days=91)),
            ("POST /pay", "new", SUBJECT, 202, b"{}", timedelta(days=89)),
            ("POST /name", "ordinary", None, 200, b"{}", timedelta(days=3)),
            ("POST /name", "never answered", SUBJECT, None, None, timedelta(days=3)),
        ],
    )
    await apply(pool, retention.responses(TWO_DAYS, but_for={"POST /pay"}), retention.bodies({"POST /pay"}))
    rows = await pool.fetch("SELECT key, request_hash, subject, status, body, etag FROM idempotency")
    assert {it["key"]: tuple(it)[1:] for it in rows} == {
        "old": (b"hash", SUBJECT, 202, None, None),
        "refused": (b"hash", SUBJECT, 409, b"{}", "etag"),
        "pending": (b"hash", SUBJECT, None, None, "etag"),
        "new": (b"hash", SUBJECT, 202, b"{}", "etag"),
    }


async def test_more_rows_than_a_batch_are_deleted_in_several_transactions(pool: Pool) -> None:
    many = 2 * MAX_ROWS + 1
    await pool.execute(
        """INSERT INTO idempotency (tenant, route, key, request_hash, recorded_at)
           SELECT 'demo', 'POST /carts', n::text, '', feira_now() - interval '3 days'
           FROM generate_series(1, $1) AS n""",
        many,
    )
    await apply(pool, retention.responses(TWO_DAYS))
    assert await stored_keys(pool) == []


async def test_one_replica_deletes_at_a_time_and_the_others_do_not_wait(
    database: Database, pool: Pool
) -> None:
    await store_response(pool, "old")
    await move_clock(database, TWO_DAYS + timedelta(minutes=1))
    async with service_pool(database) as other, other.acquire() as connection:
        async with connection.transaction():
            assert await connection.fetchval(TRY_LOCK)
            async with asyncio.timeout(5):
                await apply(pool, retention.responses(TWO_DAYS))
            assert await stored_keys(pool) == ["old"]
        await apply(pool, retention.responses(TWO_DAYS))
    assert await stored_keys(pool) == []


async def test_a_failing_rule_does_not_stop_the_others(database: Database, pool: Pool) -> None:
    await store_response(pool, "old")
    await move_clock(database, TWO_DAYS + timedelta(minutes=1))
    broken = Rule("nothing", TWO_DAYS, "DELETE FROM no_table WHERE $1::interval IS NULL AND $2 > 0")
    await apply(pool, broken, retention.responses(TWO_DAYS))
    assert await stored_keys(pool) == []


async def test_seen_commands_are_deleted_and_seen_versions_of_facts_are_kept(
    database: Database, pool: Pool
) -> None:
    shelf, command, foreign = uuid4(), id_made(timedelta(days=397)), uuid4()
    await put_on_shelf(EventStore(pool, MESSAGES), shelf, 1)
    seen: list[tuple[str, UUID]] = [(GROUP, command), (GROUP, foreign), ("cart.catalogue", ids.new_id())]
    await pool.executemany("INSERT INTO consumer_seen (grp, stream_id, version) VALUES ($1, $2, 1)", seen)
    await move_clock(database, timedelta(days=2))
    await apply(pool, retention.commands(GROUP, timedelta(days=398)))
    assert len(await pool.fetch("SELECT FROM consumer_seen")) == 3, "ids have the machine's time"

    await apply(pool, retention.commands(GROUP, timedelta(days=396)))
    left = {(it["grp"], it["stream_id"]) for it in await pool.fetch("SELECT * FROM consumer_seen")}
    assert left == set(seen[1:])
    assert await pool.fetchval("SELECT count(*) FROM log WHERE stream_id = $1", shelf) == 1
