"""Aggregates are loaded as they were recorded, and by their own tenant alone."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from contracts import stock
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.errors import Conflict
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.shelf import DEMO, RIVAL, Shelf, lying_on, put_on_shelf
from tests.support.database import Pool, service_pool


class ChangedItsMind(Exception):
    pass


async def test_an_aggregate_is_the_sum_of_its_facts(store: EventStore, pool: Pool) -> None:
    shelf = uuid4()
    for quantity in (1, 2, 3):
        await put_on_shelf(store, shelf, quantity)

    found = await (await EventStore(pool, MESSAGES).begin(DEMO)).open(Shelf, shelf)

    assert (found.on_hand, found.version) == (6, 3)


async def test_an_aggregate_without_facts_is_at_version_0(store: EventStore) -> None:
    found = await (await store.begin(DEMO)).open(Shelf, uuid4())

    assert found.version == 0
    assert not found.exists


async def test_many_aggregates_are_opened_at_once(store: EventStore, pool: Pool) -> None:
    shelves = {uuid4(): quantity for quantity in range(1, 60)}
    await asyncio.gather(*(put_on_shelf(store, it, quantity) for it, quantity in shelves.items()))
    unknown = uuid4()

    work = await EventStore(pool, MESSAGES).begin(DEMO)
    found = await work.open_many(Shelf, (it for it in [*shelves, unknown]))

    assert {it: shelf.on_hand for it, shelf in found.items()} == shelves | {unknown: 0}


async def test_the_same_aggregate_opened_twice_in_one_unit_is_one_object(store: EventStore) -> None:
    work, shelf = await store.begin(DEMO), uuid4()

    assert await work.open(Shelf, shelf) is await work.open(Shelf, shelf)


async def test_another_tenants_aggregate_is_empty_and_cannot_be_written(store: EventStore) -> None:
    shelf = uuid4()
    await put_on_shelf(store, shelf, 5)

    assert await lying_on(store, shelf, RIVAL) == 0
    work = await store.begin(RIVAL)
    (await work.open(Shelf, shelf)).receive(1)
    with pytest.raises(Conflict):
        await store.commit(work)
    assert await lying_on(store, shelf) == 5


async def test_facts_of_another_process_are_seen_at_once(database: Database, store: EventStore) -> None:
    shelf = uuid4()
    await put_on_shelf(store, shelf, 1)
    async with service_pool(database) as other:
        await put_on_shelf(EventStore(other, MESSAGES), shelf, 2)

    assert await lying_on(store, shelf) == 3


async def test_a_failed_commit_leaves_no_trace_in_the_cache(store: EventStore) -> None:
    shelf = uuid4()
    await put_on_shelf(store, shelf, 1)
    stale = await store.begin(DEMO)
    (await stale.open(Shelf, shelf)).receive(100)
    await put_on_shelf(store, shelf, 2)

    with pytest.raises(Conflict):
        await store.commit(stale)

    assert await lying_on(store, shelf) == 3


async def test_an_abandoned_unit_of_work_leaves_no_trace_in_the_cache(store: EventStore) -> None:
    shelf = uuid4()
    await put_on_shelf(store, shelf, 1)

    async def act(work: UnitOfWork) -> None:
        (await work.open(Shelf, shelf)).receive(100)
        raise ChangedItsMind

    with pytest.raises(ChangedItsMind):
        await store.run(DEMO, act)

    assert await lying_on(store, shelf) == 1


async def test_what_was_only_read_is_in_the_cache_again_if_it_was_there_before(
    store: EventStore, pool: Pool
) -> None:
    cached, other = uuid4(), uuid4()
    await put_on_shelf(store, cached, 1)
    await put_on_shelf(EventStore(pool, MESSAGES), other, 1)
    async with pool.acquire() as connection, connection.transaction():
        work = store.begin_within(connection, await store.now(), remember=False)
        work.switch_context(DEMO)
        await work.open_many(Shelf, [cached, other])
        assert store.peek("demo", Shelf, cached) is None
        work.give_back()

    assert store.peek("demo", Shelf, cached) is not None
    assert store.peek("demo", Shelf, other) is None


async def test_a_fact_of_an_older_schema_version_is_upcast(
    store: EventStore, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = uuid4()
    await put_on_shelf(store, shelf, 2)
    monkeypatch.setattr(stock.Received, "SCHEMA_VERSION", 3)
    table = MESSAGES.upcasters
    monkeypatch.setitem(table, ("stock.received", 1), lambda body: body | {"quantity": body["quantity"] * 10})
    monkeypatch.setitem(table, ("stock.received", 2), lambda body: body | {"quantity": body["quantity"] + 1})

    await put_on_shelf(store, shelf, 100)

    assert await lying_on(EventStore(pool, MESSAGES), shelf) == 2 * 10 + 1 + 100
