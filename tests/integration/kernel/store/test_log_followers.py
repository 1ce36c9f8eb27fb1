"""One loop follows the log for several tables, and begins a transaction only for one that may change."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import asyncpg
import pytest

from contracts import stock
from devstack.databases import Database
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from kernel.store.log_follower import LogFollower, Recorded
from kernel.store.log_followers import LogFollowers
from kernel.store.writing import Connection
from tests.integration.kernel.shelf import DEMO, Shelf, put_on_shelf
from tests.support.database import Pool, execute

PLACES = """
    CREATE TABLE {0} (one boolean PRIMARY KEY DEFAULT true CHECK (one), position bigint NOT NULL DEFAULT 0);
    INSERT INTO {0} DEFAULT VALUES;
    GRANT SELECT, UPDATE ON {0} TO PUBLIC;
"""


class Table:
    """Notes what is written to it."""

    def __init__(self) -> None:
        self.units: list[int] = []

    async def write(self, _connection: Connection, recorded: Sequence[Recorded]) -> None:
        self.units += [it.fact.quantity for it in recorded if isinstance(it.fact, stock.Received)]


@pytest.fixture
async def received(database: Database) -> Table:
    await execute(database.owner_url, PLACES.format("received_place"))
    return Table()


@pytest.fixture
def followers(store: EventStore, pool: Pool, received: Table) -> LogFollowers:
    follower = LogFollower("received_place", [stock.Received], received.write, store)
    return LogFollowers([follower], pool, Heartbeats())


async def count(store: EventStore) -> None:
    """A fact that the table ignores."""
    work = await store.begin(DEMO)
    (await work.open(Shelf, uuid4())).count(1)
    await store.commit(work)


async def place(pool: Pool) -> int:
    found: int = await pool.fetchval("SELECT position FROM received_place")
    return found


async def test_facts_that_change_no_table_cost_no_transaction(
    followers: LogFollowers, received: Table, store: EventStore, pool: Pool
) -> None:
    await put_on_shelf(store, uuid4(), 1)
    await followers.follow()
    before = await place(pool)
    await count(store)
    await followers.follow()
    assert (received.units, await place(pool)) == ([1], before)
    await put_on_shelf(store, uuid4(), 2)
    await followers.follow()
    assert received.units == [1, 2]
    assert await place(pool) == await pool.fetchval("SELECT max(position) FROM log")


async def test_a_table_that_another_replica_is_writing_is_tried_again(
    followers: LogFollowers, received: Table, store: EventStore, database: Database
) -> None:
    await followers.follow()
    await put_on_shelf(store, uuid4(), 3)
    replica = await asyncpg.connect(database.owner_url)
    async with replica.transaction():
        await replica.execute("SELECT FROM received_place FOR UPDATE")
        await followers.follow()
        assert received.units == []
    await replica.close()
    await followers.follow()
    assert received.units == [3]


async def test_after_the_log_was_brought_back_the_tables_are_followed_from_their_places(
    followers: LogFollowers, received: Table, store: EventStore, pool: Pool
) -> None:
    await put_on_shelf(store, uuid4(), 4)
    await followers.follow()
    await pool.execute("UPDATE received_place SET position = 0")
    await followers.follow()
    assert received.units == [4]
    followers.start_again()
    await followers.follow()
    assert received.units == [4, 4]
