"""What follows from a fact within its service is stored with the fact, once, in the fact's own context."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from contracts import stock
from contracts.envelope import Fact
from kernel.domain import Aggregate
from kernel.ids import derive_id
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.shelf import DEMO, RIVAL, Shelf, put_on_shelf

COUNTER = UUID(int=0xC0)


async def count(fact: Fact, aggregate: Aggregate, work: UnitOfWork) -> None:
    """A receipt makes a new shelf, and is counted on one that all receipts share."""
    assert isinstance(aggregate, Shelf)
    work.create(Shelf, derive_id(fact.originator_id, str(fact.originator_version))).count(aggregate.on_hand)
    (await work.open(Shelf, derive_id(COUNTER, work.context.tenant))).count(1)


@pytest.fixture
def reacting(store: EventStore) -> EventStore:
    store.react({stock.Received.TYPE: count})
    return store


async def rows(store: EventStore) -> list[tuple[UUID, str, str]]:
    found = await store.pool.fetch("SELECT stream_id, tenant, type FROM log ORDER BY position")
    return [tuple(row) for row in found]


async def test_what_follows_is_stored_behind_the_fact(reacting: EventStore) -> None:
    shelf = uuid4()
    await put_on_shelf(reacting, shelf, 5)
    assert await rows(reacting) == [
        (shelf, "demo", stock.Received.TYPE),
        (derive_id(shelf, "1"), "demo", stock.Adjusted.TYPE),
        (derive_id(COUNTER, "demo"), "demo", stock.Adjusted.TYPE),
    ]


async def test_each_fact_of_a_transaction_has_its_reaction_in_its_own_context(reacting: EventStore) -> None:
    one, other = uuid4(), uuid4()
    async with reacting.transaction() as transaction:
        work = reacting.begin_within(transaction.connection, transaction.now)
        for context, shelf in ((DEMO, one), (RIVAL, other)):
            work.switch_context(context)
            (await work.open(Shelf, shelf)).receive(1)
        await reacting.flush(work, transaction.connection)
        transaction.units_of_work.append(work)
    tenants = {stream: tenant for stream, tenant, _ in await rows(reacting)}
    assert tenants[derive_id(one, "1")] == tenants[derive_id(COUNTER, "demo")] == "demo"
    assert tenants[derive_id(other, "1")] == tenants[derive_id(COUNTER, "rival")] == "rival"


async def test_a_unit_of_work_that_runs_again_after_a_conflict_reacts_once(reacting: EventStore) -> None:
    shelves = [uuid4() for _ in range(8)]
    await asyncio.gather(*(put_on_shelf(reacting, it, 1) for it in shelves))
    streams = [stream for stream, _, _ in await rows(reacting)]
    assert streams.count(derive_id(COUNTER, "demo")) == 8
    assert all(streams.count(derive_id(it, "1")) == 1 for it in shelves)


async def test_a_preview_shows_what_follows_and_stores_nothing(reacting: EventStore) -> None:
    shelf = uuid4()

    async def receive(work: UnitOfWork) -> None:
        (await work.open(Shelf, shelf)).receive(5)

    _, changes = await reacting.preview(DEMO, receive)
    assert [(row.stream_id, row.type) for row in changes.rows] == [
        (shelf, stock.Received.TYPE),
        (derive_id(shelf, "1"), stock.Adjusted.TYPE),
        (derive_id(COUNTER, "demo"), stock.Adjusted.TYPE),
    ]
    assert await rows(reacting) == []


async def test_a_reaction_that_fails_leaves_no_fact(store: EventStore) -> None:
    async def fail(_fact: Fact, _aggregate: Aggregate, _work: UnitOfWork) -> None:
        raise LookupError

    store.react({stock.Received.TYPE: fail})
    with pytest.raises(LookupError):
        await put_on_shelf(store, uuid4(), 1)
    assert await rows(store) == []
