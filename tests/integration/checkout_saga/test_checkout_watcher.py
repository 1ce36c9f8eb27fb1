"""One read of a checkout serves all requests that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from checkout_saga.checkout.checkout_watcher import ALL_TYPES, CheckoutWatcher
from checkout_saga.checkout.domain.checkout import Checkout
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.context import Context
from kernel.store.event_store import EventStore
from tests.integration.checkout_saga.neighbours import CONTEXT, Neighbours, begin
from tests.support.database import service_pool
from tests.support.running import running
from tests.unit.checkout_saga.examples import PLAIN, cart_locked

MANY = 200


class Counted(CheckoutWatcher):
    reads = 0

    async def _read_cached(self, *arguments: Any, **options: Any) -> Any:
        self.reads += 1
        return await super()._read_cached(*arguments, **options)


@pytest.fixture
async def watcher(database: Database, neighbours: Neighbours) -> AsyncIterator[Counted]:
    """Of a replica beside the one that is asked to begin checkouts."""
    async with service_pool(database) as pool:
        it = Counted(EventStore(pool, MESSAGES), asyncio.Event())
        async with running(it.run()):
            yield it


def wait(watcher: CheckoutWatcher, checkout_id: UUID, seconds: float, context: Context = CONTEXT) -> Any:
    return watcher.wait(
        context, checkout_id, lambda it: it.phase, lambda it: it.phase != "lock_cart", ALL_TYPES, seconds
    )


async def test_many_waiters_of_one_checkout_are_served_by_a_few_reads(
    shop: httpx.AsyncClient, neighbours: Neighbours, watcher: Counted
) -> None:
    checkout_id = await begin(shop)
    waiting = asyncio.gather(*(wait(watcher, UUID(checkout_id), 30) for _ in range(MANY)))
    await asyncio.sleep(0.1)
    await neighbours.answer(checkout_id, cart_locked(PLAIN))
    assert set(await waiting) == {"reserve_stock"}
    assert watcher.reads < 10


async def test_many_waiters_that_time_out_together_share_one_read(
    shop: httpx.AsyncClient, watcher: Counted
) -> None:
    checkout_id = UUID(await begin(shop))
    phases = await asyncio.gather(*(wait(watcher, checkout_id, 0.3) for _ in range(MANY)))
    assert set(phases) == {"lock_cart"}
    assert watcher.reads < MANY / 10


async def test_another_tenant_cannot_watch_a_checkout(shop: httpx.AsyncClient, watcher: Counted) -> None:
    checkout_id = UUID(await begin(shop))
    stranger = Context(tenant="rival", correlation_id="c", causation_id="r", actor="a tester")

    def exists(it: Checkout) -> bool:
        return it.exists

    waits = (
        watcher.wait(whose, checkout_id, exists, exists, ALL_TYPES, 0.3) for whose in (CONTEXT, stranger)
    )
    assert await asyncio.gather(*waits) == [True, False]


async def test_a_stream_beats_while_nothing_changes_and_ends_with_the_checkout(
    shop: httpx.AsyncClient, neighbours: Neighbours, watcher: Counted
) -> None:
    checkout_id = await begin(shop)
    seen: list[int | None] = []
    states = watcher.changes(CONTEXT, UUID(checkout_id), lambda it: it.version, 0, beat=0.2)
    async for it in states:
        seen.append(it)
        if seen.count(None) == 2:
            await neighbours.serve(shop, checkout_id, {"completed"})
    versions = [it for it in seen if it is not None]  # on a slow machine a beat may come before the first
    assert versions == sorted(set(versions))
    assert f'"{versions[-1]}"' == (await shop.get(f"/v1/checkouts/{checkout_id}")).headers["ETag"]


async def test_a_watch_is_removed_with_its_last_waiter(shop: httpx.AsyncClient, watcher: Counted) -> None:
    await wait(watcher, UUID(await begin(shop)), 0.05)
    assert watcher._watches == {}
