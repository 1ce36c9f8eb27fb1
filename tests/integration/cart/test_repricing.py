"""Changed prices are recorded in every open cart, page by page, despite concurrent requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from cart.carts import carts_by_product
from cart.carts.domain.cart import Cart
from cart.carts.repricing import Repricing
from cart.carts.use_cases.shopping import AddItem, CreateCart, add_item, create_cart
from cart.catalogue.repricing_requests import FIRST_CART
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.context import Context
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.integration.cart.test_catalogue_cache import MIGRATIONS, set_price
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.unit.cart.catalogues import USUAL_CATALOGUE
from tests.unit.cart.facts import LAMP, MUG
from tests.unit.cart.policies import DEFAULT_POLICY

CONTEXT = Context("demo", "correlation", "cause", "actor")
REQUEST_REPRICING = "INSERT INTO repricing VALUES ('demo', $1, $2, 'correlation', 'cause', NULL, NULL)"
REPRICED = "SELECT count(*) FROM log WHERE type = 'cart.repriced' AND stream_id = ANY($1)"
CLOSE = """
    INSERT INTO log (stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
                     correlation_id, causation_id, actor, recorded_at)
    VALUES ($1, 3, gen_random_uuid(), 'fact', 'demo', 'cart.events', $1,
            'cart.expired', 1, '{}', 'c', 'c', 'a', now())
"""


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    """A database in which only the test reprices."""
    return await migrated_database("feira_repriced_cart", parts.postgres_superuser_url, Path(MIGRATIONS))


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool


@pytest.fixture
def store(pool: Pool) -> EventStore:
    return EventStore(pool, MESSAGES)


async def filled_cart(store: EventStore, product_id: UUID = MUG) -> UUID:
    """A cart with two mugs at 500."""

    async def act(work: PgUnitOfWork) -> UUID:
        command = CreateCart(uuid4().hex, None, "USD", "standard", {})
        priced, _ = await create_cart(command, work, USUAL_CATALOGUE, DEFAULT_POLICY)
        await add_item(AddItem(priced.cart.id, product_id, 2, {}), work, USUAL_CATALOGUE)
        return priced.cart.id

    return await store.run(CONTEXT, act)


async def price_in(store: EventStore, cart_id: UUID) -> int:
    async def act(work: PgUnitOfWork) -> int:
        (line,) = (await work.open(Cart, cart_id)).lines.values()
        return line.unit_price

    return await store.run(CONTEXT, act)


async def reprice_all(repricing: Repricing) -> int:
    """The number of pages."""
    pages = 0
    while await repricing.reprice_next_page():
        pages += 1
    return pages


async def test_all_open_carts_are_repriced_once_page_by_page(store: EventStore, pool: Pool) -> None:
    carts = [await filled_cart(store) for _ in range(7)]
    other, closed = await filled_cart(store, LAMP), await filled_cart(store)
    await set_price(pool, MUG, 650, notify=True)
    await set_price(pool, LAMP, 650, notify=True)
    async with pool.acquire() as connection:
        await connection.execute(CLOSE, closed)
        await connection.execute(REQUEST_REPRICING, MUG, FIRST_CART)
    assert await reprice_all(Repricing("cart", store, Heartbeats(), page_size=3)) == 3
    assert {await price_in(store, it) for it in carts} == {650}
    assert await price_in(store, other) == 1999
    assert await pool.fetchval(REPRICED, carts) == 7
    assert await pool.fetchval("SELECT count(*) FROM cart_holding WHERE cart_id = $1", closed) == 0
    async with pool.acquire() as connection:
        await connection.execute(REQUEST_REPRICING, MUG, FIRST_CART)
    await reprice_all(Repricing("cart", store, Heartbeats()))
    assert await pool.fetchval(REPRICED, carts) == 7


async def test_a_growing_log_is_indexed_in_full_pages(
    store: EventStore, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carts_by_product, "PAGE_SIZE", 3)
    carts = [await filled_cart(store) for _ in range(4)]
    async with pool.acquire() as connection:
        while await carts_by_product.follow_log(connection):
            pass
        held = await pool.fetchval("SELECT count(*) FROM cart_holding WHERE cart_id = ANY($1)", carts)
        assert held == len(carts)
        await filled_cart(store)
        # the two new rows are not a full page
        assert not await carts_by_product.follow_log(connection)


async def test_a_cart_changed_by_a_request_does_not_prevent_the_repricing_of_the_others(
    store: EventStore, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, calm = await filled_cart(store), await filled_cart(store)
    await set_price(pool, MUG, 700, notify=True)
    async with pool.acquire() as connection:
        await connection.execute(REQUEST_REPRICING, MUG, FIRST_CART)
    flush, other_store = store.flush, EventStore(pool, MESSAGES)

    async def flush_after_request(unit_of_work: PgUnitOfWork, connection: object) -> None:
        monkeypatch.setattr(store, "flush", flush)
        command = AddItem(busy, MUG, 1, {})
        await other_store.run(CONTEXT, lambda work: add_item(command, work, USUAL_CATALOGUE))
        await flush(unit_of_work, connection)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(store, "flush", flush_after_request)
    await reprice_all(Repricing("cart", store, Heartbeats()))
    assert {await price_in(store, it) for it in (busy, calm)} == {700}


async def test_a_cart_that_cannot_be_read_does_not_prevent_the_repricing_of_the_others(
    store: EventStore, pool: Pool
) -> None:
    carts = [await filled_cart(store) for _ in range(3)]
    await set_price(pool, MUG, 750, notify=True)
    broken = uuid4()
    async with pool.acquire() as connection:
        await connection.execute(REQUEST_REPRICING, MUG, FIRST_CART)
        await connection.execute(CLOSE.replace("cart.expired", "cart.created"), broken)
        await connection.execute("INSERT INTO cart_holding VALUES ('demo', $1, $2)", MUG, broken)
    await reprice_all(Repricing("cart", store, Heartbeats()))
    assert {await price_in(store, it) for it in carts} == {750}
