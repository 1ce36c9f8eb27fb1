"""The catalogue is remembered as long as every change of it would be heard of, and not a moment longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from cart.adapters import catalogue_change_listener
from cart.adapters.catalogue_change_listener import NOTIFY, CatalogueChangeListener
from cart.adapters.catalogue_repository import CatalogueRepository
from cart.adapters.product_rows import ProductRows
from cart.adapters.promotion_rows import PromotionRows
from cli.stack.databases import Database
from contracts import product as facts
from contracts import promotion
from contracts.product import Details, Price
from kernel.health import Heartbeats
from tests.support.database import Pool, execute, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.scenario import NOW
from tests.support.waiting import until

MIGRATIONS = Path(__file__).parents[3] / "services/cart/src/cart/adapters/migrations"
END_LISTENERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT 1%' AND datname = $1"
)


@pytest.fixture(scope="module")
async def quiet(parts: Parts) -> Database:
    """Nobody else changes the catalogue here."""
    return await migrated_database("feira_quiet_cart", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture
async def pool(quiet: Database) -> AsyncIterator[Pool]:
    async with service_pool(quiet) as pool:
        yield pool


@pytest.fixture
def news(quiet: Database) -> CatalogueChangeListener:
    return CatalogueChangeListener(quiet.service_url, Heartbeats())


async def priced(pool: Pool, product_id: UUID, price: int, *, told: bool) -> None:
    details = Details(
        sku="m", name="Mug", type="physical_product", prices=(Price(amount=price, currency="USD"),)
    )
    rows = ProductRows()
    stamp: dict[str, Any] = {"originator_id": product_id, "originator_version": price, "timestamp": NOW}
    rows.note("demo", facts.Created(**stamp, details=details, status="active"))
    async with pool.acquire() as connection, connection.transaction():
        await rows.write(connection)
        if told:
            await connection.execute(NOTIFY)


async def heard(pool: Pool, news: CatalogueChangeListener, product_id: UUID, price: int) -> None:
    change = news.next_change
    await priced(pool, product_id, price, told=True)
    await asyncio.wait_for(change.wait(), 30)


async def price(catalogue: CatalogueRepository, product_id: UUID) -> int | None:
    return (await catalogue.excerpt("demo", [product_id], [])).price_of(product_id, "USD")


async def test_what_was_read_is_remembered_until_a_change_is_heard_of(
    pool: Pool, news: CatalogueChangeListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_change_listener, "LISTEN_TIMEOUT", 30.0)  # a slow machine is not deaf
    mug, catalogue = uuid4(), CatalogueRepository(pool, news, patience=0)
    async with running(news.run()):
        await until(lambda: news.is_listening)
        await heard(pool, news, mug, 1)
        assert await price(catalogue, mug) == 1
        await priced(pool, mug, 2, told=False)
        assert await price(catalogue, mug) == 1
        await heard(pool, news, mug, 3)
        assert await price(catalogue, mug) == 3


async def test_where_no_change_would_be_heard_of_nothing_is_remembered(
    pool: Pool, news: CatalogueChangeListener
) -> None:
    mug, catalogue = uuid4(), CatalogueRepository(pool, news, patience=0)
    for amount in (1, 2):
        await priced(pool, mug, amount, told=False)
        assert await price(catalogue, mug) == amount


async def test_what_changed_while_nobody_listened_is_read_anew(
    pool: Pool, news: CatalogueChangeListener, quiet: Database
) -> None:
    mug, catalogue = uuid4(), CatalogueRepository(pool, news, patience=0)
    await priced(pool, mug, 1, told=False)
    async with running(news.run()):
        await until(lambda: news.is_listening)
        assert await price(catalogue, mug) == 1
        await execute(quiet.superuser_url, END_LISTENERS, quiet.name)
        await until(lambda: not news.is_listening)
        await priced(pool, mug, 2, told=True)
        assert await price(catalogue, mug) == 2
        await until(lambda: news.is_listening)
        assert await price(catalogue, mug) == 2


async def test_one_tenant_is_never_told_what_was_read_for_another(
    pool: Pool, news: CatalogueChangeListener
) -> None:
    mug, catalogue = uuid4(), CatalogueRepository(pool, news, patience=0)
    async with running(news.run()):
        await until(lambda: news.is_listening)
        await heard(pool, news, mug, 1)
        assert await price(catalogue, mug) == 1
        await catalogue.excerpt("rival", [], [])
        assert mug not in (await catalogue.excerpt("rival", [mug], [])).products


async def test_a_new_product_is_found_although_all_the_others_are_remembered(
    pool: Pool, news: CatalogueChangeListener
) -> None:
    mug, fresh, catalogue = uuid4(), uuid4(), CatalogueRepository(pool, news, patience=0)
    async with running(news.run()):
        await until(lambda: news.is_listening)
        await heard(pool, news, mug, 1)
        assert await price(catalogue, mug) == 1
        assert fresh not in (await catalogue.excerpt("demo", [fresh], [])).products
        await priced(pool, fresh, 2, told=False)
        assert await price(catalogue, fresh) == 2


async def test_the_uses_of_a_promotion_are_news_only_where_the_last_one_goes_or_comes_back(
    pool: Pool,
) -> None:
    promotion_id, version = uuid4(), 0

    async def news_of(*facts: type[promotion.Reserved | promotion.Released]) -> bool:
        nonlocal version
        rows = PromotionRows()
        for kind in facts:
            version += 1
            stamp: dict[str, Any] = {
                "originator_id": promotion_id,
                "originator_version": version,
                "timestamp": NOW,
            }
            rows.note("demo", kind(**stamp, checkout_id=uuid4(), customer_id="somebody"))
        async with pool.acquire() as connection:
            return await rows.write(connection)

    rows = PromotionRows()
    version += 1
    terms = promotion.Terms.model_validate(
        {"code": uuid4().hex, "kind": "percentage", "value": "10", "limits": {"total": 2}}
    )
    stamp: dict[str, Any] = {"originator_id": promotion_id, "originator_version": version, "timestamp": NOW}
    rows.note("demo", promotion.Created(**stamp, terms=terms))
    async with pool.acquire() as connection:
        assert await rows.write(connection)
    assert not await news_of(promotion.Reserved)
    assert await news_of(promotion.Reserved)
    assert await news_of(promotion.Released)
    assert not await news_of(promotion.Reserved, promotion.Released)
