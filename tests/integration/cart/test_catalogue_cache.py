"""The catalogue is cached only while its changes are listened to, and only until the next change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from cart.catalogue.change_listener import CatalogueChangeListener
from cart.catalogue.domain.excerpt import Wanted
from cart.catalogue.news import News
from cart.catalogue.product_rows import ProductRows
from cart.catalogue.promotion_rows import PromotionRows
from cart.catalogue.repository import CatalogueRepository
from contracts import product as facts
from contracts import promotion
from contracts.product import Details, Price
from devstack.databases import Database
from kernel.observability.health import Heartbeats
from kernel.postgres import notices
from pricing.product_price import PriceContext
from tests.support.database import Pool, execute, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.scenario import NOW
from tests.support.waiting import until

MIGRATIONS = Path(__file__).parents[3] / "services/cart/src/cart/migrations"
END_LISTENERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT 1%' AND datname = $1"
)


@pytest.fixture(scope="module")
async def own_database(parts: Parts) -> Database:
    """A catalogue that only the test changes."""
    return await migrated_database("feira_quiet_cart", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture
async def pool(own_database: Database) -> AsyncIterator[Pool]:
    async with service_pool(own_database) as pool:
        yield pool


@pytest.fixture
def listener(own_database: Database) -> CatalogueChangeListener:
    return CatalogueChangeListener(own_database.service_url, Heartbeats())


async def set_price(pool: Pool, product_id: UUID, price: int, *, notify: bool) -> None:
    details = Details(
        sku="m", name="Mug", type="physical_product", prices=(Price(amount=price, currency="USD"),)
    )
    rows, news = ProductRows(), News()
    stamp: dict[str, Any] = {"originator_id": product_id, "originator_version": price, "timestamp": NOW}
    rows.add("demo", facts.Created(**stamp, details=details, status="active"))
    async with pool.acquire() as connection, connection.transaction():
        await rows.write(connection, news)
        if notify:
            await news.tell(connection)


async def set_price_and_wait(
    pool: Pool, listener: CatalogueChangeListener, product_id: UUID, price: int
) -> None:
    change = listener.next_change
    await set_price(pool, product_id, price, notify=True)
    await asyncio.wait_for(change.wait(), 30)


async def read_price(catalogue: CatalogueRepository, product_id: UUID) -> int | None:
    excerpt = await catalogue.read("demo", Wanted(products=[product_id]))
    price = excerpt.product_price(product_id, PriceContext("USD", None, frozenset(), NOW))
    return price.amount if price else None


async def test_the_catalogue_is_cached_until_a_change_is_notified(
    pool: Pool, listener: CatalogueChangeListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "LISTEN_TIMEOUT", 30.0)  # a slow machine still listens
    mug, catalogue = uuid4(), CatalogueRepository(pool, listener, max_wait=0)
    async with running(listener.run()):
        await until(lambda: listener.is_listening)
        await set_price_and_wait(pool, listener, mug, 1)
        assert await read_price(catalogue, mug) == 1
        await set_price(pool, mug, 2, notify=False)
        assert await read_price(catalogue, mug) == 1
        await set_price_and_wait(pool, listener, mug, 3)
        assert await read_price(catalogue, mug) == 3


async def test_nothing_is_cached_without_a_listener(pool: Pool, listener: CatalogueChangeListener) -> None:
    mug, catalogue = uuid4(), CatalogueRepository(pool, listener, max_wait=0)
    for amount in (1, 2):
        await set_price(pool, mug, amount, notify=False)
        assert await read_price(catalogue, mug) == amount


async def test_a_change_during_a_lost_connection_is_read(
    pool: Pool, listener: CatalogueChangeListener, own_database: Database
) -> None:
    mug, catalogue = uuid4(), CatalogueRepository(pool, listener, max_wait=0)
    await set_price(pool, mug, 1, notify=False)
    async with running(listener.run()):
        await until(lambda: listener.is_listening)
        assert await read_price(catalogue, mug) == 1
        await execute(own_database.superuser_url, END_LISTENERS, own_database.name)
        await until(lambda: not listener.is_listening)
        await set_price(pool, mug, 2, notify=True)
        assert await read_price(catalogue, mug) == 2
        await until(lambda: listener.is_listening)
        assert await read_price(catalogue, mug) == 2


async def test_the_cache_is_separate_for_each_tenant(pool: Pool, listener: CatalogueChangeListener) -> None:
    mug, catalogue = uuid4(), CatalogueRepository(pool, listener, max_wait=0)
    async with running(listener.run()):
        await until(lambda: listener.is_listening)
        await set_price_and_wait(pool, listener, mug, 1)
        assert await read_price(catalogue, mug) == 1
        await catalogue.read("rival", Wanted())
        assert mug not in (await catalogue.read("rival", Wanted(products=[mug]))).products


async def test_a_product_missing_in_the_cache_is_read_from_the_database(
    pool: Pool, listener: CatalogueChangeListener
) -> None:
    mug, new_product, catalogue = uuid4(), uuid4(), CatalogueRepository(pool, listener, max_wait=0)
    async with running(listener.run()):
        await until(lambda: listener.is_listening)
        await set_price_and_wait(pool, listener, mug, 1)
        assert await read_price(catalogue, mug) == 1
        assert new_product not in (await catalogue.read("demo", Wanted(products=[new_product]))).products
        await set_price(pool, new_product, 2, notify=False)
        assert await read_price(catalogue, new_product) == 2


async def test_the_uses_of_a_promotion_are_relevant_only_if_the_last_one_is_taken_or_released(
    pool: Pool,
) -> None:
    promotion_id, version = uuid4(), 0

    async def is_relevant(*facts: type[promotion.Reserved | promotion.Released]) -> bool:
        nonlocal version
        rows = PromotionRows()
        for kind in facts:
            version += 1
            stamp: dict[str, Any] = {
                "originator_id": promotion_id,
                "originator_version": version,
                "timestamp": NOW,
            }
            rows.add("demo", kind(**stamp, checkout_id=uuid4(), customer_id="ann"))
        news = News()
        async with pool.acquire() as connection:
            await rows.write(connection, news)
        return news.notice() != News().notice()

    rows = PromotionRows()
    version += 1
    terms = promotion.Terms.model_validate(
        {"code": uuid4().hex, "kind": "percentage", "value": "10", "limits": {"total": 2}}
    )
    stamp: dict[str, Any] = {"originator_id": promotion_id, "originator_version": version, "timestamp": NOW}
    rows.add("demo", promotion.Created(**stamp, terms=terms))
    async with pool.acquire() as connection:
        await rows.write(connection, News())
    assert not await is_relevant(promotion.Reserved)
    assert await is_relevant(promotion.Reserved)
    assert await is_relevant(promotion.Released)
    assert not await is_relevant(promotion.Reserved, promotion.Released)


async def test_what_many_carts_need_is_read_ahead_with_one_query(
    pool: Pool, listener: CatalogueChangeListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "LISTEN_TIMEOUT", 30.0)  # a slow machine still listens
    product_id = uuid4()
    await set_price(pool, product_id, 500, notify=False)
    queries: list[str] = []
    fetch = pool.fetch_for_tenant

    async def counted(tenant: str, query: str, *arguments: Any) -> list[Any]:
        queries.append(query)
        return await fetch(tenant, query, *arguments)

    monkeypatch.setattr(pool, "fetch_for_tenant", counted)
    async with running(listener.run()):
        await until(lambda: listener.is_listening)
        catalogue = CatalogueRepository(pool, listener, 10.0)
        wanted = [Wanted(products=[product_id], customers=[f"customer-{it}"]) for it in range(50)]
        await catalogue.read_ahead("demo", wanted)
        excerpts = [await catalogue.read("demo", it) for it in wanted]
        assert len(queries) == 1
        assert {key for it in excerpts for key in it.customers} == {f"customer-{it}" for it in range(50)}
