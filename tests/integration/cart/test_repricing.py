"""Prices that have changed reach every open cart, page by page, whoever buys meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from cart.adapters import carts_by_product
from cart.adapters.repricing import Repricing
from cart.adapters.repricing_rows import FROM_THE_FIRST_CART
from cart.application.add_item import AddItem, add_item
from cart.application.create_cart import CreateCart, create_cart
from cart.application.policy import Policy
from cart.domain.cart import Cart
from cli.stack.databases import Database
from contracts.topics import MESSAGES
from kernel.context import Context
from kernel.health import Heartbeats
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.integration.cart.test_catalogue_memory import MIGRATIONS, priced
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.unit.cart.facts import LAMP, MUG
from tests.unit.cart.shelf import USUAL

CONTEXT = Context("demo", "correlation", "cause", "somebody")
NOTE = "INSERT INTO repricing VALUES ('demo', $1, $2, 'because', 'of this', NULL, NULL)"
REPRICED = "SELECT count(*) FROM log WHERE type = 'cart.repriced' AND stream_id = ANY($1)"
CLOSE = """
    INSERT INTO log (stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
                     correlation_id, causation_id, actor, recorded_at)
    VALUES ($1, 3, gen_random_uuid(), 'fact', 'demo', 'cart.events', $1,
            'cart.expired', 1, '{}', 'c', 'c', 'a', now())
"""


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    """Nobody else reprices here."""
    return await migrated_database("feira_repriced_cart", parts.postgres_superuser_url, Path(MIGRATIONS))


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool


@pytest.fixture
def store(pool: Pool) -> EventStore:
    return EventStore(pool, MESSAGES)


async def filled(store: EventStore, product_id: UUID = MUG) -> UUID:
    """A cart with two mugs at 500."""

    async def act(work: PgUnitOfWork) -> UUID:
        command = CreateCart(uuid4().hex, None, "USD", "standard", {})
        shown, _ = await create_cart(command, work, USUAL, Policy())
        await add_item(AddItem(shown.cart.id, product_id, 2, {}), work, USUAL)
        return shown.cart.id

    return await store.run(CONTEXT, act)


async def price_in(store: EventStore, cart_id: UUID) -> int:
    async def act(work: PgUnitOfWork) -> int:
        (line,) = (await work.open(Cart, cart_id)).lines.values()
        return line.unit_price

    return await store.run(CONTEXT, act)


async def until_done(repricing: Repricing) -> int:
    turns = 0
    while await repricing.turn():
        turns += 1
    return turns


async def test_all_open_carts_are_repriced_once_in_pages(store: EventStore, pool: Pool) -> None:
    carts = [await filled(store) for _ in range(7)]
    other, closed = await filled(store, LAMP), await filled(store)
    await priced(pool, MUG, 650, told=True)
    await priced(pool, LAMP, 650, told=True)
    async with pool.acquire() as connection:
        await connection.execute(CLOSE, closed)
        await connection.execute(NOTE, MUG, FROM_THE_FIRST_CART)
    assert await until_done(Repricing("cart", store, Heartbeats(), page=3)) == 3
    assert {await price_in(store, it) for it in carts} == {650}
    assert await price_in(store, other) == 1999
    assert await pool.fetchval(REPRICED, carts) == 7
    assert await pool.fetchval("SELECT count(*) FROM cart_holding WHERE cart_id = $1", closed) == 0
    async with pool.acquire() as connection:
        await connection.execute(NOTE, MUG, FROM_THE_FIRST_CART)
    await until_done(Repricing("cart", store, Heartbeats()))
    assert await pool.fetchval(REPRICED, carts) == 7


async def test_a_log_that_grows_is_followed_by_turns_and_not_row_by_row(
    store: EventStore, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carts_by_product, "PAGE", 3)
    carts = [await filled(store) for _ in range(4)]
    async with pool.acquire() as connection:
        while await carts_by_product.follow_log(connection):
            pass
        held = await pool.fetchval("SELECT count(*) FROM cart_holding WHERE cart_id = ANY($1)", carts)
        assert held == len(carts)
        await filled(store)
        # the two rows that have come meanwhile are no full page
        assert not await carts_by_product.follow_log(connection)


async def test_where_a_customer_is_first_the_others_are_repriced_all_the_same(
    store: EventStore, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, calm = await filled(store), await filled(store)
    await priced(pool, MUG, 700, told=True)
    async with pool.acquire() as connection:
        await connection.execute(NOTE, MUG, FROM_THE_FIRST_CART)
    flush, others = store.flush, EventStore(pool, MESSAGES)

    async def too_late(session: PgUnitOfWork, connection: object) -> None:
        monkeypatch.setattr(store, "flush", flush)
        more = AddItem(busy, MUG, 1, {})
        await others.run(CONTEXT, lambda work: add_item(more, work, USUAL))
        await flush(session, connection)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(store, "flush", too_late)
    await until_done(Repricing("cart", store, Heartbeats()))
    assert {await price_in(store, it) for it in (busy, calm)} == {700}


async def test_a_cart_that_cannot_be_read_holds_up_no_other(store: EventStore, pool: Pool) -> None:
    carts = [await filled(store) for _ in range(3)]
    await priced(pool, MUG, 750, told=True)
    broken = uuid4()
    async with pool.acquire() as connection:
        await connection.execute(NOTE, MUG, FROM_THE_FIRST_CART)
        await connection.execute(CLOSE.replace("cart.expired", "cart.created"), broken)
        await connection.execute("INSERT INTO cart_holding VALUES ('demo', $1, $2)", MUG, broken)
    await until_done(Repricing("cart", store, Heartbeats()))
    assert {await price_in(store, it) for it in carts} == {750}
