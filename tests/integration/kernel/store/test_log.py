"""The log is final, and its positions are in commit order."""

from __future__ import annotations

import asyncio
import random
import time
from uuid import uuid4

import asyncpg
import pytest

from devstack.databases import Database
from kernel import ids
from kernel.store.changes import LOG_COLUMNS, LogRow
from kernel.store.event_store import EventStore
from kernel.store.loading import read_log
from kernel.store.writing import Connection
from tests.integration.kernel.shelf import DEMO, Shelf, put_on_shelf, unlock
from tests.support.database import Pool, execute, service_pool

WRITERS = 12
SECONDS = 2.0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET tenant = 'rival'",
        "DELETE FROM log",
        "TRUNCATE log",
        "UPDATE log SET tenant = '' WHERE false",
    ],
)
@pytest.mark.parametrize("role", ["service_url", "owner_url", "superuser_url"])
async def test_no_role_can_change_the_log(
    store: EventStore, database: Database, statement: str, role: str
) -> None:
    await put_on_shelf(store, uuid4(), 1)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(getattr(database, role), statement)

    assert await store.pool.fetchval("SELECT count(*) FROM log WHERE tenant = 'demo'") == 1


async def test_facts_of_a_unit_of_work_come_before_its_commands(store: EventStore) -> None:
    work = await store.begin(DEMO)
    shelf, cart_id = uuid4(), uuid4()
    work.send(unlock(cart_id), cart_id)
    (await work.open(Shelf, shelf)).receive(1)
    await store.commit(work)

    async with store.pool.acquire() as connection:
        rows = await read_log(connection, 0, 10)

    assert [(row["kind"], row["type"], row["topic"], row["key"]) for row in rows] == [
        ("fact", "stock.received", "offer.events", shelf),
        ("command", "cart.unlock", "cart.commands", cart_id),
    ]


async def test_a_page_of_the_log_begins_after_a_position_and_ends_at_its_limit(store: EventStore) -> None:
    for _ in range(5):
        await put_on_shelf(store, uuid4(), 1)

    async with store.pool.acquire() as connection:
        first = await read_log(connection, 0, 3)
        rest = await read_log(connection, first[-1]["position"], 3)

    positions = [row["position"] for row in [*first, *rest]]
    assert len(first) == 3
    assert len(positions) == 5
    assert positions == sorted(set(positions))


async def test_a_reader_that_follows_the_log_misses_nothing(database: Database, pool: Pool) -> None:
    written, missed = await _race(database, pool, "log")

    assert written > WRITERS
    assert missed == 0


async def test_without_the_trigger_the_same_reader_misses_rows(database: Database, pool: Pool) -> None:
    """The control: without missed rows here the race above would prove nothing."""
    await execute(database.owner_url, "CREATE TABLE bare_log (LIKE log INCLUDING ALL)")
    await execute(database.owner_url, f'GRANT SELECT, INSERT ON bare_log TO "{_service_role(database)}"')

    written, missed = await _race(database, pool, "bare_log")

    assert written > WRITERS
    assert missed > 0


def _service_role(database: Database) -> str:
    return database.service_url.partition("://")[2].partition(":")[0]


async def _race(database: Database, reader: Pool, table: str) -> tuple[int, int]:
    """How many rows were written, and how many of them a reader by position did not see."""
    after = f"SELECT position FROM {table} WHERE position > $1 ORDER BY position"  # noqa: S608  # a table of ours
    seen: set[int] = set()
    writing = True

    async def follow() -> None:
        last = 0
        while True:
            finished = not writing
            rows = await reader.fetch(after, last)
            seen.update(row["position"] for row in rows)
            last = rows[-1]["position"] if rows else last
            if finished and not rows:
                return

    async with service_pool(database, size=WRITERS) as writers:
        following = asyncio.create_task(follow())
        end = time.monotonic() + SECONDS
        await asyncio.gather(*(_write_until(end, writers, table, random.Random(it)) for it in range(WRITERS)))
        writing = False
        await following
    written = len(await reader.fetch(after, 0))
    return written, written - len(seen)


async def _write_until(end: float, pool: Pool, table: str, chance: random.Random) -> None:
    async with pool.acquire() as connection:
        while time.monotonic() < end:
            async with connection.transaction():
                # the transaction's number is older than the positions that it will draw
                await connection.execute(
                    "INSERT INTO claims VALUES ('demo', 'race', $1, $2)", str(uuid4()), uuid4()
                )
                await _append(connection, table, chance.randint(1, 3))
                await connection.execute("SELECT pg_sleep($1)", chance.random() * 0.004)


async def _append(connection: Connection, table: str, count: int) -> None:
    now = await connection.fetchval("SELECT now()")
    rows = []
    for _ in range(count):
        it = ids.new_id()
        rows.append(
            LogRow(
                it,
                1,
                it,
                "fact",
                "demo",
                "offer.events",
                it,
                "stock.received",
                1,
                b"{}",
                "",
                "",
                "",
                None,
                now,
                None,
            )
        )
    await connection.copy_records_to_table(table, records=rows, columns=LOG_COLUMNS)
