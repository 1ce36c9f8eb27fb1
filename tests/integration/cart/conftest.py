"""A running cart service with its own PostgreSQL and Kafka, and HTTP clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts import tax_rate
from devstack.databases import Database
from kernel.postgres.connections import create_pool
from tests.integration.cart.kafka_client import KafkaClient, connected
from tests.support.parts import Parts, running_parts
from tests.support.single_service import RunningService, created_database, running_service

SELECT_TAX_RATE = "SELECT 1 FROM catalogue_tax_rates WHERE tax_rate_id = $1"


@pytest.fixture(scope="package")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    home: Path = tmp_path_factory.mktemp("cart") / "home"
    async with running_parts(home) as running:
        yield running


@pytest.fixture(scope="package")
async def database(parts: Parts) -> Database:
    return await created_database("feira_cart", parts.postgres_superuser_url)


@pytest.fixture(scope="package")
async def kafka(parts: Parts) -> AsyncIterator[KafkaClient]:
    async with connected(parts.kafka_bootstrap) as client:
        yield client


@pytest.fixture(scope="package")
async def service(parts: Parts, database: Database, kafka: KafkaClient) -> AsyncIterator[RunningService]:
    settings = {
        "FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap,
        "FEIRA_CART_MAX_ORDER_AMOUNT": "100000",
        "FEIRA_CATALOGUE_PATIENCE_SECONDS": "5",
        "FEIRA_CART_STOREFRONTS": '{"demo": "https://shop.example/cart/{cart_id}"}',
    }
    async with running_service("cart", database, settings) as running:
        await wait_for_the_projection(kafka, database)
        yield running


async def wait_for_the_projection(kafka: KafkaClient, database: Database) -> None:
    """A consumer takes some seconds to join its group."""
    tax_rate_id = uuid4()
    await kafka.publish(tax_rate.Set, tax_rate_id, country="PT", rate="23", inclusive=True, name="IVA")
    async with await create_pool(database.service_url, "test", 2) as pool, asyncio.timeout(60):
        while not await pool.fetchval(SELECT_TAX_RATE, tax_rate_id):  # noqa: ASYNC110  # in another process
            await asyncio.sleep(0.1)


@pytest.fixture(scope="package")
async def owner(database: Database, service: RunningService) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    """The database of the running service, with the role that may move its clock."""
    async with await create_pool(database.owner_url, "test", 2) as pool:
        yield pool


@pytest.fixture
async def shop(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": "Bearer demo-storefront"}
    async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=20) as client:
        yield client


@pytest.fixture
async def admin(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=service.url, headers={"Authorization": "Bearer demo-admin"}, timeout=20
    ) as client:
        yield client


@pytest.fixture
async def rival(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=service.url, headers={"Authorization": "Bearer rival-admin"}, timeout=20
    ) as client:
        yield client
