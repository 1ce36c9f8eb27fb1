"""The catalogue is remembered as long as every change of it would be heard of, and not a moment longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from cart.adapters.catalogue_news import TELL, CatalogueNews
from cart.adapters.catalogue_reader import CatalogueReader
from cart.adapters.product_rows import ProductRows
from cli.stack.databases import Database
from contracts import product as facts
from contracts.product import Details, Price
from kernel.health import Heartbeats
from tests.support.database import Pool, execute, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.running import running
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
def news(quiet: Database) -> CatalogueNews:
    return CatalogueNews(quiet.service_url, Heartbeats())


async def priced(pool: Pool, product_id: UUID, price: int, *, told: bool) -> None:
    details = Details(
        sku="m", name="Mug", type="physical_product", prices=(Price(amount=price, currency="USD"),)
    )
    rows = ProductRows()
    stamp = {"originator_id": product_id, "originator_version": price, "timestamp": datetime.now(UTC)}
    rows.note("demo", facts.Created(**stamp, details=details, status="active"))
    async with pool.acquire() as connection, connection.transaction():
        await rows.write(connection)
        if told:
            await connection.execute(TELL)


async def heard(pool: Pool, news: CatalogueNews, product_id: UUID, price: int) -> None:
    change = news.next_change
    await priced(pool, product_id, price, told=True)
    await asyncio.wait_for(change.wait(), 30)


async def price(catalogue: CatalogueReader, product_id: UUID) -> int | None:
    return (await catalogue.excerpt("demo", [product_id], [])).price_of(product_id, "USD")


async def test_what_was_read_is_remembered_until_a_change_is_heard_of(
    pool: Pool, news: CatalogueNews
) -> None:
    mug, catalogue = uuid4(), CatalogueReader(pool, news, patience=0)
    async with running(news.run()):
        await until(lambda: news.are_heard)
        await heard(pool, news, mug, 1)
        assert await price(catalogue, mug) == 1
        await priced(pool, mug, 2, told=False)
        assert await price(catalogue, mug) == 1
        await heard(pool, news, mug, 3)
        assert await price(catalogue, mug) == 3


async def test_where_no_change_would_be_heard_of_nothing_is_remembered(
    pool: Pool, news: CatalogueNews
) -> None:
    mug, catalogue = uuid4(), CatalogueReader(pool, news, patience=0)
    for amount in (1, 2):
        await priced(pool, mug, amount, told=False)
        assert await price(catalogue, mug) == amount


async def test_what_changed_while_nobody_listened_is_read_anew(
    pool: Pool, news: CatalogueNews, quiet: Database
) -> None:
    mug, catalogue = uuid4(), CatalogueReader(pool, news, patience=0)
    await priced(pool, mug, 1, told=False)
    async with running(news.run()):
        await until(lambda: news.are_heard)
        assert await price(catalogue, mug) == 1
        await execute(quiet.superuser_url, END_LISTENERS, quiet.name)
        await until(lambda: not news.are_heard)
        await priced(pool, mug, 2, told=True)
        assert await price(catalogue, mug) == 2
        await until(lambda: news.are_heard)
        assert await price(catalogue, mug) == 2
