"""A cart is listed for a while after its end; an open cart is always listed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from cart.carts.domain.cart import Cart
from cart.carts.retention import delete_index_keys_of_ended_carts
from cart.carts.use_cases.expiry import expire_cart
from cart.carts.use_cases.index_keys import CUSTOMER_CART, SESSION_CART, listed_under
from cart.carts.use_cases.merging import MergeCarts, merge_carts
from cart.carts.use_cases.shopping import CreateCart, create_cart
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.observability.health import Heartbeats
from kernel.postgres.retention import Retention
from kernel.store.event_store import EventStore
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork
from tests.integration.cart.test_catalogue_cache import MIGRATIONS
from tests.integration.kernel.shelf import DEMO
from tests.support.database import Pool, migrated_database, move_clock, service_pool
from tests.support.parts import Parts
from tests.unit.cart.catalogues import USUAL_CATALOGUE
from tests.unit.cart.policies import DEFAULT_POLICY, policy

RETENTION = timedelta(days=90)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
async def own(parts: Parts) -> Database:
    """A database whose clock only this test moves."""
    return await migrated_database("feira_forgetful_cart", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture
async def pool(own: Database) -> AsyncIterator[Pool]:
    async with service_pool(own) as pool:
        yield pool


async def new_cart(store: EventStore, lifetime: timedelta) -> UUID:
    async def act(work: UnitOfWork) -> UUID:
        command = CreateCart(f"session of {lifetime}", "ann", "USD", "standard", {})
        priced, _ = await create_cart(command, work, USUAL_CATALOGUE, policy(lifetime=lifetime))
        return priced.cart.id

    return await store.run(DEMO, act)


async def listed(pool: Pool) -> tuple[set[UUID], set[UUID]]:
    """The ids of the carts listed by session, and by customer."""
    by_session = await list_unique_keys(pool, "demo", SESSION_CART, limit=10)
    by_customer = await list_unique_keys(
        pool, "demo", CUSTOMER_CART, prefixes=[listed_under("ann")], limit=10
    )
    return {it.owner for it in by_session}, {it.owner for it in by_customer}


async def test_an_ended_cart_is_listed_for_its_retention_time_and_can_be_read_afterwards(
    own: Database, pool: Pool
) -> None:
    store = EventStore(pool, MESSAGES)
    ended, open_for_years = await new_cart(store, DAY), await new_cart(store, timedelta(days=1000))
    merged = await new_cart(store, timedelta(days=999))
    all_three = {ended, merged, open_for_years}
    retention = Retention(pool, [delete_index_keys_of_ended_carts(RETENTION)], 1, Heartbeats())
    await move_clock(own, 2 * RETENTION)
    async with service_pool(own) as afterwards:  # a pool that reads the moved clock
        await EventStore(afterwards, MESSAGES).run(
            DEMO, lambda work: expire_cart(ended, work, USUAL_CATALOGUE, DEFAULT_POLICY)
        )
        merge = MergeCarts(open_for_years, merged, "merge")
        await EventStore(afterwards, MESSAGES).run(
            DEMO, lambda work: merge_carts(merge, work, USUAL_CATALOGUE, DEFAULT_POLICY)
        )
    await retention.round()
    assert await listed(pool) == (all_three, all_three)  # old, but two have ended just now

    await move_clock(own, RETENTION + DAY)
    await retention.round()
    assert await listed(pool) == ({open_for_years}, {open_for_years})
    work = await store.begin(DEMO)
    assert (await work.open(Cart, ended)).exists
