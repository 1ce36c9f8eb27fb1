"""Reads on a caller's behalf show one tenant's rows, whatever the query says."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel import ids
from kernel.context import Context
from kernel.store.event_store import EventStore
from tests.integration.kernel.shelf import DEMO, Shelf, put_on_shelf
from tests.support.database import Pool, execute, service_pool

RIVAL = Context("rival", "a chain", "a request", "tester")
EVERYTHING = "SELECT DISTINCT tenant FROM log_for_callers UNION SELECT DISTINCT tenant FROM claims"
SEEN = "SELECT coalesce(string_agg(DISTINCT tenant, ','), '') FROM claims"
TURNS = 600


@pytest.fixture
async def shelves(pool: Pool, database: Database) -> dict[str, UUID]:
    """A shelf of each tenant, and a unique key that each has claimed."""
    store = EventStore(pool, MESSAGES)
    found = {"demo": ids.new_id(), "rival": ids.new_id()}
    for context in (DEMO, RIVAL):
        await put_on_shelf(store, found[context.tenant], 3, context)
        claim = "INSERT INTO claims VALUES ($1, 'shelf', 'mine', $2)"
        await execute(database.service_url, claim, context.tenant, found[context.tenant])
    return found


@pytest.fixture
async def narrow(database: Database) -> AsyncIterator[Pool]:
    """A single connection for all callers."""
    async with service_pool(database, size=2) as pool:
        yield pool


@pytest.mark.parametrize("tenant", ["demo", "rival"])
async def test_a_query_without_a_tenant_shows_only_the_callers_rows(
    pool: Pool, shelves: dict[str, UUID], tenant: str
) -> None:
    async with pool.acquire_for_tenant(tenant) as connection:
        assert [row[0] for row in await connection.fetch(EVERYTHING)] == [tenant]


@pytest.mark.parametrize("tenant", ["", "nobody", "demo' OR true --"])
async def test_an_unknown_tenant_sees_nothing(pool: Pool, shelves: dict[str, UUID], tenant: str) -> None:
    async with pool.acquire_for_tenant(tenant) as connection:
        assert await connection.fetch(EVERYTHING) == []


async def test_a_connection_without_a_tenant_sees_nothing(
    database: Database, shelves: dict[str, UUID]
) -> None:
    role = f"{database.service_url.split('//')[1].split(':')[0]}_caller"
    connection = await asyncpg.connect(database.service_url, server_settings={"role": role})
    try:
        assert await connection.fetch(EVERYTHING) == []
        async with connection.transaction():
            await connection.execute("SET LOCAL feira.tenant = 'demo'")
            assert await connection.fetchval(SEEN) == "demo"
        assert await connection.fetchval(SEEN) == "", "a setting that has ended is empty, not unset"
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM log",
        "SELECT 1 FROM api_keys",
        "SELECT 1 FROM timers",
        "SELECT 1 FROM consumer_offset",
        "INSERT INTO claims VALUES ('demo', 'a', 'b', gen_random_uuid())",
        "DELETE FROM claims",
        "UPDATE idempotency SET status = 200",
        "CREATE TABLE mine (x int)",
    ],
)
async def test_the_callers_role_can_only_read_what_callers_may_see(pool: Pool, statement: str) -> None:
    async with pool.acquire_for_tenant("demo") as connection:
        await connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


async def test_another_tenants_aggregate_is_empty_even_if_it_is_cached(
    pool: Pool, shelves: dict[str, UUID]
) -> None:
    store = EventStore(pool, MESSAGES)
    for warm in (DEMO, RIVAL):
        own = await (await store.begin(warm)).open(Shelf, shelves[warm.tenant])
        assert own.exists
    await store.run(DEMO, lambda work: work.open(Shelf, shelves["demo"]))

    assert store.peek("demo", Shelf, shelves["demo"])
    assert store.peek("rival", Shelf, shelves["demo"]) is None
    foreign = await (await store.begin(RIVAL)).open(Shelf, shelves["demo"])
    assert not foreign.exists


async def test_the_tenant_is_set_only_when_it_changes(narrow: Pool, shelves: dict[str, UUID]) -> None:
    queries: list[str] = []

    def log_query(it: asyncpg.connection.LoggedQuery) -> None:
        queries.append(it.query)

    async def seen(tenant: str) -> str:
        async with narrow.acquire_for_tenant(tenant) as connection:
            connection.add_query_logger(log_query)
            found: str = await connection.fetchval(SEEN)
            return found

    for tenant in ("demo", "demo", "demo", "rival"):
        assert await seen(tenant) == tenant

    assert sum("set_config" in it for it in queries) == 1, "the first was set before the logger was added"


async def test_one_connection_for_all_never_shows_one_tenant_to_another(
    narrow: Pool, shelves: dict[str, UUID]
) -> None:
    """With failures, cancellations at any moment, abandoned transactions and killed sessions in between."""
    chance = random.Random(4)
    wrong: list[tuple[str, str]] = []

    async def turn(tenant: str, trouble: str) -> None:
        async with narrow.acquire_for_tenant(tenant) as connection:
            match trouble:
                case "failure":
                    await connection.fetchval("SELECT 1 / 0")
                case "slow":
                    await connection.fetchval("SELECT pg_sleep(0.01)")
                case "abandoned":
                    await connection.transaction().start()
                    await connection.fetchval(SEEN)
                    raise asyncio.CancelledError
                case "killed":
                    await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                case _:
                    seen = await connection.fetchval(SEEN)
                    if seen != tenant:
                        wrong.append((tenant, seen))

    turns = 0
    while turns < TURNS:
        several = []
        for _ in range(chance.randint(1, 4)):
            troubles = ["failure", "slow", "abandoned", "killed"]
            trouble = chance.choice(troubles) if chance.random() < 0.3 else "none"
            several.append(asyncio.create_task(turn(chance.choice(("demo", "rival")), trouble)))
        for _ in range(chance.randint(0, 3)):
            await asyncio.sleep(0)
        for task in several:
            if chance.random() < 0.3:
                task.cancel()
        await asyncio.gather(*several, return_exceptions=True)
        turns += len(several)

    assert wrong == []
    async with narrow.acquire_for_tenant("demo") as connection:
        assert await connection.fetchval(SEEN) == "demo"


async def test_a_tenant_with_an_odd_name_is_set_unchanged(pool: Pool, database: Database) -> None:
    odd = "ô'; DROP TABLE claims --"
    await execute(database.service_url, "INSERT INTO claims VALUES ($1, 'shelf', 'mine', $2)", odd, uuid4())
    async with pool.acquire_for_tenant(odd) as connection:
        assert await connection.fetchval(SEEN) == odd
