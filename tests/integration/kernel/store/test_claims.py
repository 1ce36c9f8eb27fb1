"""A unique key has one owner, however many claim it at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.context import Context
from kernel.errors import DuplicateRequest, KeyClaimed
from kernel.store.changes import StoredResponse
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.unique_keys import list_unique_keys
from tests.integration.kernel.shelf import DEMO, RIVAL, Shelf
from tests.support.database import Pool, service_pool


async def take(store: EventStore, name: str, holder: UUID, context: Context = DEMO) -> None:
    work = await store.begin(context)
    (await work.open(Shelf, holder)).receive(1)
    work.claim_key("sku", name, holder)
    await store.commit(work)


async def test_of_concurrent_claims_of_a_key_one_succeeds_and_the_others_get_its_owner(
    database: Database,
) -> None:
    async with service_pool(database) as one, service_pool(database) as other:
        stores = [EventStore(one, MESSAGES), EventStore(other, MESSAGES)]
        holders = [uuid4() for _ in range(20)]

        outcomes = await asyncio.gather(
            *(take(stores[it % 2], "A-1", holder) for it, holder in enumerate(holders)),
            return_exceptions=True,
        )

        winner = holders[outcomes.index(None)]
        refused = [it for it in outcomes if isinstance(it, KeyClaimed)]
        assert len(refused) == 19
        assert {it.holder for it in refused} == {winner}
        assert await one.fetchval("SELECT holder FROM claims WHERE value = 'A-1'") == winner
        assert await one.fetchval("SELECT count(*) FROM log") == 1


async def test_of_concurrent_requests_with_one_idempotency_key_one_is_stored(database: Database) -> None:
    async with service_pool(database) as one, service_pool(database) as other:
        stores = [EventStore(one, MESSAGES), EventStore(other, MESSAGES)]

        async def request(store: EventStore) -> None:
            work = await store.begin(DEMO)
            (await work.open(Shelf, uuid4())).receive(1)
            work.set_response(StoredResponse("demo", "route", "key", b"", None, 200, b"", None, work.now))
            await store.commit(work)

        outcomes = await asyncio.gather(
            *(request(stores[it % 2]) for it in range(20)), return_exceptions=True
        )

        assert outcomes.count(None) == 1
        assert sum(isinstance(it, DuplicateRequest) for it in outcomes) == 19
        assert await one.fetchval("SELECT count(*) FROM log") == 1


async def test_each_tenant_has_its_own_keys(store: EventStore) -> None:
    ours, theirs = uuid4(), uuid4()
    await take(store, "A-1", ours)
    await take(store, "A-1", theirs, RIVAL)

    assert await (await store.begin(DEMO)).owner_of_key("sku", "A-1") == ours
    assert await (await store.begin(RIVAL)).owner_of_key("sku", "A-1") == theirs


async def test_a_released_key_can_be_claimed_again(store: EventStore) -> None:
    first, second = uuid4(), uuid4()
    await take(store, "A-1", first)
    work = await store.begin(DEMO)
    work.release_key("sku", "A-1")
    await store.commit(work)

    await take(store, "A-1", second)

    assert await (await store.begin(DEMO)).owner_of_key("sku", "A-1") == second


async def test_one_unit_of_work_can_release_and_claim_a_key(store: EventStore) -> None:
    first, second = uuid4(), uuid4()
    await take(store, "A-1", first)
    work = await store.begin(DEMO)
    work.release_key("sku", "A-1")
    assert await work.owner_of_key("sku", "A-1") is None
    work.claim_key("sku", "A-1", second)
    await store.commit(work)

    assert await (await store.begin(DEMO)).owner_of_key("sku", "A-1") == second


async def test_a_unit_of_work_sees_its_own_claims(store: EventStore) -> None:
    work, holder = await store.begin(DEMO), uuid4()
    work.claim_key("sku", "A-1", holder)

    assert await work.owner_of_key("sku", "A-1") == holder
    with pytest.raises(KeyClaimed):
        work.claim_key("sku", "A-1", uuid4())


async def test_an_optimistic_claim_has_one_owner_and_later_ones_get_it(
    database: Database,
) -> None:
    async with service_pool(database) as one, service_pool(database) as other:
        stores = [EventStore(one, MESSAGES), EventStore(other, MESSAGES)]
        holders = [uuid4() for _ in range(10)]

        def decide(holder: UUID) -> Callable[[PgUnitOfWork], Awaitable[UUID]]:
            async def act(work: PgUnitOfWork) -> UUID:
                first = await work.try_claim_key("sale", "A-1", holder)
                if first is None:
                    (await work.open(Shelf, holder)).receive(1)
                return first or holder

            return act

        owners = await asyncio.gather(
            *(stores[it % 2].run(DEMO, decide(holder)) for it, holder in enumerate(holders))
        )

        (winner,) = set(owners)
        assert await one.fetchval("SELECT holder FROM claims WHERE value = 'A-1'") == winner
        assert await one.fetchval("SELECT count(*) FROM log") == 1


async def test_a_claim_without_a_read_cannot_release_the_key_of_its_owner(
    store: EventStore, pool: Pool
) -> None:
    await take(store, "A-1", first := uuid4())
    work = await store.begin(DEMO, use_cache=True)
    assert await work.try_claim_key("sku", "A-1", uuid4()) is None
    with pytest.raises(KeyClaimed):
        work.release_key("sku", "A-1")
    assert await pool.fetchval("SELECT holder FROM claims WHERE value = 'A-1'") == first


async def test_keys_are_listed_in_order_and_in_pages(store: EventStore) -> None:
    for name in ("b/2", "a/1", "b/1", "b/3", "c/1"):
        await take(store, name, uuid4())

    first = await list_unique_keys(store.pool, "demo", "sku", prefixes=["b/"], limit=2)
    rest = await list_unique_keys(store.pool, "demo", "sku", prefixes=["b/"], after=first[-1].value, limit=2)

    assert [it.value for it in [*first, *rest]] == ["b/1", "b/2", "b/3"]
    assert await list_unique_keys(store.pool, "rival", "sku", limit=10) == []


async def test_keys_of_several_prefixes_are_listed_in_the_order_of_what_follows_these(
    store: EventStore,
) -> None:
    for name in ("ann/3", "guest/1", "ann/2", "guest/4", "other/0"):
        await take(store, name, uuid4())
    prefixes, seen, after = ["ann/", "guest/"], list[str](), ""

    while page := await list_unique_keys(store.pool, "demo", "sku", prefixes=prefixes, after=after, limit=2):
        seen += (it.value for it in page)
        after = page[-1].value

    assert seen == ["guest/1", "ann/2", "ann/3", "guest/4"]


async def test_a_remembered_owner_that_has_changed_is_found_before_the_commit(store: EventStore) -> None:
    key = DEMO.tenant, "sku", "A-1"
    other = EventStore(store.pool, MESSAGES)
    for owner in (None, uuid4(), uuid4()):
        if owner is not None:
            releasing = await other.begin(DEMO)
            releasing.release_key("sku", "A-1")
            await other.commit(releasing)
            await take(other, "A-1", owner)
            remembering = await store.begin(DEMO, use_cache=True)
            await remembering.preload_keys_for([key])
            assert await remembering.owner_of_key("sku", "A-1") != owner
            assert not await remembering.cache_is_current()
        reading = await store.begin(DEMO)
        await reading.preload_keys_for([key])
        assert await reading.owner_of_key("sku", "A-1") == owner
        remembering = await store.begin(DEMO, use_cache=True)
        await remembering.preload_keys_for([key])
        assert remembering.has_unverified_reads
        assert await remembering.cache_is_current()
