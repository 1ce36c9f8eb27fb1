"""Changed prices are recorded in every open cart, page by page, despite concurrent requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from cart.carts import carts_by_product
from cart.carts import repricing as repricing_module
from cart.carts.carts_by_customer import customers_with_filled_carts
from cart.carts.domain.cart import Cart
from cart.carts.repricing import Repricing
from cart.carts.use_cases.customers import SetCustomer, set_customer
from cart.carts.use_cases.shopping import AddItem, CreateCart, add_item, create_cart
from cart.catalogue.domain.excerpt import Wanted
from cart.catalogue.repository import TransactionalCatalogue
from cart.catalogue.repricing_requests import FIRST_CART
from contracts import customer, pricing_policy, product, promotion, tax_rate
from contracts.product import Details, Dynamic, DynamicRule, Price
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.context import Context
from kernel.observability.health import Heartbeats
from kernel.service.pacing import Pace
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.integration.cart.messages import project, stamp
from tests.integration.cart.test_catalogue_cache import MIGRATIONS, set_price
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.unit.cart.catalogues import USUAL_CATALOGUE
from tests.unit.cart.facts import LAMP, MUG
from tests.unit.cart.policies import DEFAULT_POLICY

CONTEXT = Context("demo", "correlation", "cause", "actor")
REQUEST_REPRICING = """
    INSERT INTO repricing (tenant, product_id, after_cart, correlation_id, causation_id)
    VALUES ('demo', $1, $2, 'correlation', 'cause')
"""
REPRICED = "SELECT count(*) FROM log WHERE type = 'cart.repriced' AND stream_id = ANY($1)"
REASONS = """
    SELECT array_agg(DISTINCT convert_from(body, 'UTF8')::jsonb ->> 'reason')
    FROM log WHERE type = 'cart.repriced' AND stream_id = ANY($1)
"""
VERSIONS = count(10_000)
APPEND = """
    INSERT INTO log (stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
                     correlation_id, causation_id, actor, recorded_at)
    SELECT $1, coalesce(max(version), 0) + 1, gen_random_uuid(), 'fact', 'demo', 'cart.events', $1,
           $2, 1, '{}', 'c', 'c', 'a', now()
    FROM log WHERE stream_id = $1
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


async def filled_cart(
    store: EventStore, product_id: UUID = MUG, customer_id: str | None = None, context: Context = CONTEXT
) -> UUID:
    """A cart with two mugs at 500."""

    async def act(work: PgUnitOfWork) -> UUID:
        command = CreateCart(uuid4().hex, customer_id, "USD", "standard", {})
        priced, _ = await create_cart(command, work, USUAL_CATALOGUE, DEFAULT_POLICY)
        await add_item(AddItem(priced.cart.id, product_id, 2, {}), work, USUAL_CATALOGUE)
        return priced.cart.id

    return await store.run(context, act)


async def price_in(store: EventStore, cart_id: UUID, context: Context = CONTEXT) -> int:
    async def act(work: PgUnitOfWork) -> int:
        (line,) = (await work.open(Cart, cart_id)).lines.values()
        return line.unit_price

    return await store.run(context, act)


async def sell(pool: Pool, product_id: UUID, details: Details, tenant: str = "demo") -> None:
    """Without a change that reaches carts: to the copy the product is new."""
    fact = product.Created(**stamp(product_id, next(VERSIONS)), details=details, status="active")
    await project(pool, fact, tenant=tenant)


async def change(pool: Pool, product_id: UUID, details: Details) -> None:
    await sell(pool, product_id, details)
    await project(pool, product.Changed(**stamp(product_id, next(VERSIONS)), details=details))


async def change_price(pool: Pool, price: int) -> None:
    await change(pool, MUG, mug(Price(amount=price, currency="USD")))


def mug(*prices: Price, dynamic: Dynamic | None = None) -> Details:
    return Details(sku="m", name="Mug", type="physical_product", prices=prices, dynamic=dynamic)


def repricing(store: EventStore, page_size: int = 500) -> Repricing:
    """Without requests beside it."""
    return Repricing("cart", store, Heartbeats(), Pace(lambda: 0), page_size=page_size)


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
        await connection.execute(APPEND, closed, "cart.expired")
        await connection.execute(REQUEST_REPRICING, MUG, FIRST_CART)
    assert await reprice_all(repricing(store, page_size=3)) == 3
    assert {await price_in(store, it) for it in carts} == {650}
    assert await price_in(store, other) == 1999
    assert await pool.fetchval(REPRICED, carts) == 7
    assert await pool.fetchval("SELECT count(*) FROM cart_holding WHERE cart_id = $1", closed) == 0
    async with pool.acquire() as connection:
        await connection.execute(REQUEST_REPRICING, MUG, FIRST_CART)
    await reprice_all(repricing(store))
    assert await pool.fetchval(REPRICED, carts) == 7


async def test_a_change_of_rounding_reaches_all_open_carts_of_its_tenant(
    store: EventStore, pool: Pool
) -> None:
    other = replace(CONTEXT, tenant="other")
    carts = [await filled_cart(store) for _ in range(3)] + [await filled_cart(store, LAMP)]
    foreign = await filled_cart(store, context=other)
    # 10 percent of 105 are 10.5: 11 or 10, by the mode
    reduced = Dynamic(rules=(DynamicRule(percent="-10"),))
    details = mug(Price(amount=105, currency="USD"), dynamic=reduced)
    for product_id in (MUG, LAMP):
        await change(pool, product_id, details)
        await sell(pool, product_id, details, "other")
    await reprice_all(repricing(store))
    assert {await price_in(store, it) for it in carts} == {94}
    policy = pricing_policy.Set(**stamp(uuid4(), 1), rounding_mode="half_even", tax_rounding="line")
    await project(pool, policy)
    await reprice_all(repricing(store, page_size=2))
    assert {await price_in(store, it) for it in carts} == {95}
    assert await price_in(store, foreign, other) == 500
    assert await pool.fetchval(REPRICED, carts) == 2 * len(carts)
    assert await pool.fetchval("SELECT count(*) FROM repricing") == 0


async def test_new_segments_of_a_customer_reach_the_customers_open_carts_alone(
    store: EventStore, pool: Pool
) -> None:
    ann, other = f"ann-{uuid4()}", replace(CONTEXT, tenant="other")
    own = [await filled_cart(store, customer_id=ann) for _ in range(3)]
    another, anonymous = await filled_cart(store, customer_id=f"{ann}-2"), await filled_cart(store)
    foreign = await filled_cart(store, customer_id=ann, context=other)
    prices = Price(amount=600, currency="USD"), Price(amount=300, currency="USD", segment="vip")
    await change(pool, MUG, mug(*prices))
    await sell(pool, MUG, mug(*prices), "other")
    await reprice_all(repricing(store))
    await project(pool, customer.ProfileChanged(**stamp(uuid4(), 1), customer_id=ann, segments=("vip",)))
    await reprice_all(repricing(store, page_size=2))
    assert {await price_in(store, it) for it in own} == {300}
    assert {await price_in(store, it) for it in (another, anonymous)} == {600}
    assert await price_in(store, foreign, other) == 500
    assert await pool.fetchval(REASONS, own) == ["catalogue", "customer"]


async def test_a_customer_without_a_cart_is_no_work(pool: Pool) -> None:
    profile = customer.ProfileChanged(**stamp(uuid4(), 1), customer_id=f"bob-{uuid4()}", segments=("vip",))
    await project(pool, profile)
    assert await pool.fetchval("SELECT count(*) FROM repricing") == 0


async def test_customers_whose_carts_are_all_closed_are_no_work_one_by_one(
    store: EventStore, pool: Pool
) -> None:
    buyers = [f"buyer-{uuid4()}" for _ in range(4)]
    sold = [await filled_cart(store, customer_id=it) for it in buyers[:3]]
    for cart_id in sold:
        await pool.execute(APPEND, cart_id, "cart.expired")
    also_open, only_one = [await filled_cart(store, customer_id=it) for it in buyers[2:]]
    prices = Price(amount=600, currency="USD"), Price(amount=300, currency="USD", segment="new")
    await change(pool, MUG, mug(*prices))
    await reprice_all(repricing(store))
    facts = [customer.ProfileChanged(**stamp(uuid4(), 1), customer_id=it, segments=("new",)) for it in buyers]
    await project(pool, *facts)
    await repricing(store, page_size=1).reprice_next_page()
    left = {row["customer_id"] for row in await pool.fetch("SELECT customer_id FROM repricing")}
    assert left == set(buyers[2:])
    await reprice_all(repricing(store))
    assert await pool.fetchval("SELECT count(*) FROM repricing") == 0
    assert {await price_in(store, it) for it in (also_open, only_one)} == {300}


async def test_a_customer_whose_only_cart_is_locked_is_no_work_until_it_is_unlocked(
    store: EventStore, pool: Pool
) -> None:
    """The cart records the current prices when it is unlocked."""
    buyer = f"buyer-{uuid4()}"
    cart_id = await filled_cart(store, customer_id=buyer)
    await reprice_all(repricing(store))
    await pool.execute(APPEND, cart_id, "cart.locked")
    await project(pool, customer.ProfileChanged(**stamp(uuid4(), 1), customer_id=buyer, segments=("new",)))
    assert not await repricing(store).reprice_next_page()
    assert await pool.fetchval("SELECT count(*) FROM repricing") == 0
    async with pool.acquire() as connection:
        assert not await customers_with_filled_carts(connection, [("demo", buyer)])
        await pool.execute(APPEND, cart_id, "cart.unlocked")
        assert await customers_with_filled_carts(connection, [("demo", buyer)]) == {("demo", buyer)}
    await pool.execute(APPEND, cart_id, "cart.expired")


async def test_a_tax_rate_or_a_promotion_is_no_work_because_it_changes_no_unit_price(pool: Pool) -> None:
    rate = tax_rate.Set(**stamp(uuid4(), 1), country="US", rate="7", inclusive=False, name="Tax")
    await project(pool, rate, promotion.Disabled(**stamp(uuid4(), 1)))
    assert await pool.fetchval("SELECT count(*) FROM repricing") == 0


async def test_another_process_goes_on_where_one_has_stopped_between_two_pages(
    store: EventStore, pool: Pool
) -> None:
    carts = [await filled_cart(store) for _ in range(5)]
    await change_price(pool, 800)
    first = repricing(store, page_size=3)
    assert await first.reprice_next_page()
    done = await pool.fetchval(REPRICED, carts)
    await reprice_all(repricing(EventStore(pool, MESSAGES), page_size=3))
    assert await pool.fetchval(REPRICED, carts) == len(carts) >= done
    assert {await price_in(store, it) for it in carts} == {800}


async def test_a_newer_price_supersedes_one_that_has_reached_some_carts(
    store: EventStore, pool: Pool
) -> None:
    carts = [await filled_cart(store) for _ in range(5)]
    await change_price(pool, 810)
    changing = repricing(store, page_size=2)
    while not await pool.fetchval(REPRICED, carts):
        assert await changing.reprice_next_page()
    reached = await pool.fetchval(REPRICED, carts)
    await change_price(pool, 820)
    await reprice_all(changing)
    assert {await price_in(store, it) for it in carts} == {820}
    assert await pool.fetchval(REPRICED, carts) == reached + len(carts)


async def test_pages_are_smaller_beside_requests(
    store: EventStore, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repricing_module, "PAGE_SIZE_BESIDE_REQUESTS", 2)
    for _ in range(5):
        await filled_cart(store)
    requests = count()
    await change_price(pool, 830)
    beside = Repricing("cart", store, Heartbeats(), Pace(lambda: next(requests), share=1))
    await beside.reprice_next_page()
    await change_price(pool, 840)
    all_carts = await pool.fetchval("SELECT count(*) FROM cart_holding WHERE product_id = $1", MUG)
    assert await reprice_all(beside) >= all_carts // 2
    await change_price(pool, 850)
    assert await reprice_all(repricing(store)) == 1


async def test_carts_that_no_request_has_used_are_not_put_into_memory(store: EventStore, pool: Pool) -> None:
    used = await filled_cart(store)
    passing = await filled_cart(EventStore(pool, MESSAGES))
    await change_price(pool, 860)
    await reprice_all(repricing(store))
    cached = store.peek("demo", Cart, used)
    assert cached is not None
    assert [it.unit_price for it in cached.lines.values()] == [860]
    assert store.peek("demo", Cart, passing) is None


async def test_the_abandoned_carts_of_a_customer_are_counted_once_each_also_those_that_were_anonymous(
    store: EventStore, pool: Pool
) -> None:
    ann, later, other = f"ann-{uuid4()}", f"later-{uuid4()}", f"other-{uuid4()}"
    mine, anonymous, active = [await filled_cart(store) for _ in range(3)]

    async def belong(cart_id: UUID, customer_id: str) -> None:
        command = SetCustomer(cart_id, customer_id)
        await store.run(CONTEXT, lambda work: set_customer(command, work, USUAL_CATALOGUE))

    async def abandon(cart_id: UUID) -> None:
        async def act(work: PgUnitOfWork) -> None:
            (await work.open(Cart, cart_id)).abandon(1000)

        await store.run(CONTEXT, act)

    await belong(mine, ann)
    await abandon(mine)
    await store.run(CONTEXT, lambda work: add_item(AddItem(mine, MUG, 1, {}), work, USUAL_CATALOGUE))
    await abandon(mine)
    await abandon(anonymous)
    await belong(active, other)
    async with pool.acquire() as connection:
        await carts_by_product.follow_log(connection)
    await belong(anonymous, later)
    async with pool.acquire() as connection:
        await carts_by_product.follow_log(connection)
        seen = await TransactionalCatalogue(connection).read("demo", Wanted(customers=[ann, later, other]))
    assert {key: it.abandoned_carts for key, it in seen.customers.items()} == {
        ann: {mine},
        later: {anonymous},
        other: frozenset(),
    }


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
    await change_price(pool, 700)
    flush, other_store = store.flush, EventStore(pool, MESSAGES)

    async def flush_after_request(unit_of_work: PgUnitOfWork, connection: object) -> None:
        monkeypatch.setattr(store, "flush", flush)
        command = AddItem(busy, MUG, 1, {})
        await other_store.run(CONTEXT, lambda work: add_item(command, work, USUAL_CATALOGUE))
        await flush(unit_of_work, connection)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(store, "flush", flush_after_request)
    await reprice_all(repricing(store))
    assert {await price_in(store, it) for it in (busy, calm)} == {700}


async def test_a_cart_that_cannot_be_read_does_not_prevent_the_repricing_of_the_others(
    store: EventStore, pool: Pool
) -> None:
    carts = [await filled_cart(store) for _ in range(3)]
    await change_price(pool, 750)
    broken = uuid4()
    async with pool.acquire() as connection:
        await connection.execute(APPEND, broken, "cart.created")
        await connection.execute("INSERT INTO cart_holding VALUES ('demo', $1, $2)", MUG, broken)
    await reprice_all(repricing(store))
    assert {await price_in(store, it) for it in carts} == {750}


async def test_carts_filled_just_before_a_change_are_found_even_if_the_first_one_cannot_be_read(
    store: EventStore, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repricing_module, "FOLLOW_SECONDS", 3600)
    changing = repricing(store)
    await reprice_all(changing)
    carts = [await filled_cart(store) for _ in range(3)]
    await change_price(pool, 760)
    async with pool.acquire() as connection:
        unreadable = UUID(int=1)
        await connection.execute(APPEND, unreadable, "cart.created")
        await connection.execute("INSERT INTO cart_holding VALUES ('demo', $1, $2)", MUG, unreadable)
    await reprice_all(changing)
    assert {await price_in(store, it) for it in carts} == {760}
    assert await pool.fetchval("SELECT count(*) FROM repricing") == 0
