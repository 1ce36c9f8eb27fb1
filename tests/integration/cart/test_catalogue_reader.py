"""What a cart process remembers of the catalogue, and when it looks again; on the real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from cart.adapters.catalogue_news import TELL, CatalogueNews
from cart.adapters.catalogue_reader import CatalogueReader
from cart.adapters.promotion_rows import PromotionRows
from cart.domain.catalogue import Excerpt
from cli.stack.databases import Database
from contracts import promotion
from kernel.database import create_pool
from kernel.health import Heartbeats
from kernel.service_pool import ServicePool
from tests.support.scenario import NOW
from tests.support.served import RunningService
from tests.support.waiting import until

TENANT = "demo"
ENTER = """
    INSERT INTO catalogue_products (tenant, product_id, version, status, details)
    VALUES ($1, $2, 1, 'active', $3)
"""
DETAILS = {
    "sku": "BOOK",
    "name": "Book",
    "type": "physical_product",
    "prices": [{"amount": 1000, "currency": "USD"}],
}
ARCHIVE = "UPDATE catalogue_products SET status = 'archived' WHERE product_id = $1"


@pytest.fixture
async def pool(database: Database, service: RunningService) -> AsyncIterator[ServicePool]:
    async with await create_pool(database.service_url, "test", 4) as it:
        yield it


@pytest.fixture
async def book(pool: ServicePool) -> UUID:
    product_id = uuid4()
    await pool.execute(ENTER, TENANT, product_id, DETAILS)
    return product_id


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[CatalogueNews]:
    news = CatalogueNews(database.service_url, Heartbeats())
    running = asyncio.create_task(news.run())
    try:
        await until(lambda: news.are_heard)
        yield news
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def sold(reader: CatalogueReader, product_id: UUID) -> bool:
    excerpt: Excerpt = await reader.excerpt(TENANT, [product_id], [])
    return excerpt.products[product_id].is_on_sale


async def test_what_was_read_is_not_read_again_before_there_is_news(
    database: Database, pool: ServicePool, book: UUID
) -> None:
    async with listening(database) as news:
        reader = CatalogueReader(pool, news, patience=0)
        assert await sold(reader, book)
        await pool.execute(ARCHIVE, book)  # nobody is told
        assert await sold(reader, book)
        await pool.execute(TELL)

        async def archived() -> bool:
            return not await sold(reader, book)

        await until(archived)


async def test_whoever_would_not_hear_of_a_change_remembers_nothing(
    database: Database, pool: ServicePool, book: UUID
) -> None:
    reader = CatalogueReader(pool, CatalogueNews(database.service_url, Heartbeats()), patience=0)
    assert await sold(reader, book)
    await pool.execute(ARCHIVE, book)
    assert not await sold(reader, book)


async def test_one_tenant_is_never_told_what_was_read_for_another(
    database: Database, pool: ServicePool, book: UUID
) -> None:
    async with listening(database) as news:
        reader = CatalogueReader(pool, news, patience=0)
        assert await sold(reader, book)
        await reader.excerpt("rival", [], [])
        assert book not in (await reader.excerpt("rival", [book], [])).products


async def test_a_new_product_is_found_although_all_the_others_are_remembered(
    database: Database, pool: ServicePool, book: UUID
) -> None:
    async with listening(database) as news:
        reader = CatalogueReader(pool, news, patience=0)
        assert await sold(reader, book)
        fresh = uuid4()
        assert fresh not in (await reader.excerpt(TENANT, [fresh], [])).products
        await pool.execute(ENTER, TENANT, fresh, DETAILS)
        assert await sold(reader, fresh)


async def test_the_uses_of_a_promotion_are_news_only_where_the_last_one_goes_or_comes_back(
    pool: ServicePool,
) -> None:
    promotion_id, version = uuid4(), 0

    async def news_of(*facts: type[promotion.Reserved | promotion.Released]) -> bool:
        nonlocal version
        rows = PromotionRows()
        for kind in facts:
            version += 1
            stamp = {"originator_id": promotion_id, "originator_version": version, "timestamp": NOW}
            rows.note(TENANT, kind(**stamp, checkout_id=uuid4(), customer_id="somebody"))
        async with pool.acquire() as connection:
            return await rows.write(connection)

    rows = PromotionRows()
    version += 1
    terms = promotion.Terms.model_validate(
        {"code": uuid4().hex, "kind": "percentage", "value": "10", "limits": {"total": 2}}
    )
    stamp = {"originator_id": promotion_id, "originator_version": version, "timestamp": NOW}
    rows.note(TENANT, promotion.Created(**stamp, terms=terms))
    async with pool.acquire() as connection:
        assert await rows.write(connection)
    assert not await news_of(promotion.Reserved)
    assert await news_of(promotion.Reserved)
    assert await news_of(promotion.Released)
    assert not await news_of(promotion.Reserved, promotion.Released)
