"""Orders of before the erasure of their customers, which the cart may read after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from cart.catalogue.customer_rows import CustomerRows
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import Wanted
from cart.catalogue.news import News
from cart.catalogue.repository import TransactionalCatalogue
from contracts import customer
from contracts.envelope import Fact
from devstack.databases import Database
from tests.integration.cart.messages import project, stamp
from tests.integration.cart.test_catalogue_cache import MIGRATIONS
from tests.integration.cart.test_copy import bought, paid
from tests.support.advisory_locks import until_locked_out
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.scenario import NOW


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    return await migrated_database("feira_cart_erased", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture(scope="module")
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool


async def known(pool: Pool, customer_id: str) -> KnownCustomer:
    async with pool.acquire() as connection:
        excerpt = await TransactionalCatalogue(connection).read("demo", Wanted(customers=[customer_id]))
    return excerpt.customers[customer_id]


def erased(customer_id: str) -> customer.Erased:
    return customer.Erased(**stamp(UUID(int=1), 2), customer_id=customer_id)


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_an_order_of_before_the_erasure_that_is_read_after_it_leaves_nothing(
    pool: Pool, in_one_batch: bool
) -> None:
    zoe, early, late = f"zoe-{uuid4()}", uuid4(), uuid4()
    after = bought(late, zoe, uuid4(), total=500).model_copy(update={"timestamp": NOW + timedelta(hours=1)})
    facts: list[Fact] = [
        erased(zoe),
        customer.ProfileChanged(**stamp(UUID(int=1), 3), customer_id=zoe, segments=("vip",)),
        bought(early, zoe, uuid4()),
        paid(early),
        after,
        paid(late),
    ]
    for batch in [facts] if in_one_batch else [[it] for it in facts]:
        await project(pool, *batch)
    found = await known(pool, zoe)
    assert (found.paid_orders, found.spent) == (1, {"USD": 500})
    assert found.segments == {"vip"}


async def test_an_order_waits_for_the_erasure_that_is_being_read(pool: Pool) -> None:
    max_, order_id = f"max-{uuid4()}", uuid4()
    erasure, orders = CustomerRows(), CustomerRows()
    erasure.add("demo", erased(max_))
    orders.add("demo", bought(order_id, max_, uuid4()))
    orders.add("demo", paid(order_id))

    async def copy_order() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await orders.write(connection, News())

    async with pool.acquire() as connection:
        async with connection.transaction():
            await erasure.write(connection, News())
            copying = asyncio.create_task(copy_order())
            await until_locked_out(connection)
        await copying
    assert await known(pool, max_) == KnownCustomer(max_)
